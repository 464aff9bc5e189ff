// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A set says of every line what each of its patterns alone would say, however the text is cut.
#include <ovrseer/pattern/pattern_set.hpp>

#include <catch.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace t_pattern_set {

using namespace ovrseer;

pattern<> compiled(std::string_view text, pattern_flags flags = {}) {
  auto made = pattern<>::compile(text, flags);
  INFO((made ? std::string() : made.reason().message()));
  REQUIRE(made);
  return *made;
}

std::vector<std::size_t> slots_of(const pattern_hits& hits) { return {hits.begin(), hits.end()}; }

std::vector<std::size_t> hits_on(pattern_set& set, std::string_view line) {
  pattern_hits hits;
  set.match(line, hits);
  return slots_of(hits);
}

struct seen_line {
  std::string text;
  std::vector<std::size_t> hits;
  friend bool operator==(const seen_line&, const seen_line&) = default;
};

// Feeds the text in pieces, as a reader does: what is not consumed comes again with the next piece.
std::vector<seen_line> scan_in_pieces(pattern_set& set, std::string_view text, std::size_t piece) {
  std::vector<seen_line> seen;
  std::string pending;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    pending += text.substr(at, piece);
    const std::size_t used = set.scan(pending, [&](std::string_view line, const pattern_hits& hits) {
      seen.push_back({std::string(line), slots_of(hits)});
    });
    REQUIRE(used <= pending.size());
    pending.erase(0, used);
    REQUIRE(pending.find('\n') == std::string::npos);
  }
  return seen;
}

TEST_CASE("a set tells which of its patterns match a line", "[pattern]") {
  pattern_set set;
  const auto error = set.add(pattern<"error|fatal", icase>());
  const auto query = set.add(compiled("query took (\\d+)ms"));
  const auto blank = set.add(compiled("^\\s*$"));
  CHECK(set.size() == 3);
  CHECK(hits_on(set, "an ERROR: query took 5ms") == std::vector{error, query});
  CHECK(hits_on(set, "query took ms").empty());
  CHECK(hits_on(set, "") == std::vector{blank});
  CHECK(hits_on(set, "  ") == std::vector{blank});
  CHECK(set.at(query).text() == "query took (\\d+)ms");
}

TEST_CASE("hits are iterable and searchable", "[pattern]") {
  pattern_hits hits;
  CHECK_FALSE(hits.any());
  CHECK(hits.begin() == hits.end());
  hits.insert(200);
  hits.insert(3);
  hits.insert(3);
  CHECK(hits.any());
  CHECK(hits.size() == 2);
  CHECK(hits.contains(3));
  CHECK_FALSE(hits.contains(4));
  CHECK_FALSE(hits.contains(100'000));
  CHECK(slots_of(hits) == std::vector<std::size_t>{3, 200});
  hits.clear();
  CHECK_FALSE(hits.contains(200));
  CHECK(hits.begin() == hits.end());
}

TEST_CASE("a slot stays its pattern's own until the pattern is removed", "[pattern]") {
  pattern_set set;
  const auto a = set.add(pattern<"aaa">());
  const auto b = set.add(pattern<"bbb">());
  const auto c = set.add(pattern<"ccc">());
  set.remove(b);
  CHECK(set.size() == 2);
  CHECK_FALSE(set.contains(b));
  CHECK(hits_on(set, "aaa bbb ccc") == std::vector{a, c});
  const auto d = set.add(pattern<"ddd">());
  CHECK(d == b);
  CHECK(hits_on(set, "aaa bbb ccc ddd") == std::vector{a, d, c});
  set.remove(a);
  set.remove(a);
  set.remove(99);
  CHECK(hits_on(set, "aaa bbb ccc ddd") == std::vector{d, c});
  set.remove(c);
  set.remove(d);
  CHECK(set.empty());
  CHECK(hits_on(set, "aaa").empty());
}

TEST_CASE("a pattern that was just searched for may be removed", "[pattern]") {
  pattern_set set;
  const auto undecided = set.add(compiled("took \\d+ms"));
  CHECK(hits_on(set, "took 12 hours").empty());
  set.remove(undecided);
  CHECK(hits_on(set, "took 12ms").empty());
  CHECK(set.add(compiled("\\d+ms\\b")) == undecided);
  CHECK(hits_on(set, "took 12ms") == std::vector{undecided});
}

TEST_CASE("a set keeps alive what it was given to own", "[pattern]") {
  pattern_set set;
  {
    const auto owned = compiled("owned by (the set)?");
    set.add(owned);
  }
  CHECK(hits_on(set, "owned by nobody").size() == 1);
}

TEST_CASE("a scan gives every ended line once and leaves the rest", "[pattern]") {
  pattern_set set;
  const auto x = set.add(pattern<"x">());
  std::vector<seen_line> seen;
  const auto sink = [&](std::string_view line, const pattern_hits& hits) {
    seen.push_back({std::string(line), slots_of(hits)});
  };
  CHECK(set.scan("a\nx\n\nxy\r\nrest x", sink) == 9);
  const std::vector<seen_line> expected{{"a", {}}, {"x", {x}}, {"", {}}, {"xy\r", {x}}};
  CHECK(seen == expected);
  CHECK(set.scan("no line", sink) == 0);
  CHECK(set.scan("", sink) == 0);
  CHECK(seen.size() == 4);
}

TEST_CASE("an empty set still splits lines", "[pattern]") {
  pattern_set set;
  std::size_t lines = 0;
  CHECK(set.scan("a\nb\n", [&](std::string_view, const pattern_hits& hits) { lines += hits.any() ? 0 : 1; }) == 4);
  CHECK(lines == 2);
}

TEST_CASE("a match never crosses the end of a line", "[pattern]") {
  pattern_set set;
  set.add(compiled("one\\s+two"));
  set.add(compiled("[^x]{3}end"));
  set.add(compiled("a\\nb"));
  set.add(compiled("begin[^]end", dotall));
  CHECK(scan_in_pieces(set, "one\ntwo\nab\nend\na\nb\nbegin\nend\n", 1000) ==
        std::vector<seen_line>{
            {"one", {}}, {"two", {}}, {"ab", {}}, {"end", {}}, {"a", {}}, {"b", {}}, {"begin", {}}, {"end", {}}});
}

TEST_CASE("how the text is cut makes no difference", "[pattern]") {
  pattern_set set;
  set.add(pattern<"error|exception|fatal", icase>());
  set.add(pattern<"(?:password|token)=\\S+", icase>());
  set.add(pattern<"\\b(?:\\d{1,3}\\.){3}\\d{1,3}\\b">());
  set.add(pattern<"^start">());
  set.add(pattern<"end$">());
  std::string text;
  for (int i = 0; i != 60; ++i) {
    text += std::string(static_cast<std::size_t>(i), '.') + "Error\n";
    text += "start token=" + std::string(static_cast<std::size_t>(i), 'x') + "\n";
    text += std::string(static_cast<std::size_t>(i), 'a') + " 10.0.0." + std::to_string(i) + " end\n\n";
  }
  const auto whole = scan_in_pieces(set, text, text.size());
  for (std::size_t piece = 1; piece < 140; ++piece) {
    if (scan_in_pieces(set, text, piece) != whole) FAIL("pieces of " << piece);
  }
  for (const seen_line& line : whole) {
    if (hits_on(set, line.text) != line.hits) FAIL(line.text);
  }
}

TEST_CASE("what stands anywhere in a line of any length is found", "[pattern]") {
  pattern_set set;
  const auto needle = set.add(pattern<"needle">());
  const auto wide = set.add(pattern<"=[^a]">());
  for (std::size_t size = 0; size != 200; ++size) {
    for (std::size_t at = 0; at + 6 <= size; ++at) {
      std::string line(size, 'n');
      line.replace(at, 6, "needle");
      if (hits_on(set, line) != std::vector{needle}) FAIL("at " << at << " of " << size);
    }
    // The line ends exactly behind the view: nothing past it may be read or counted.
    const std::string longer = std::string(size, 'n') + "needle";
    CHECK(hits_on(set, std::string_view(longer).substr(0, size + 5)).empty());
    const std::string end = std::string(size, 'n') + "=";
    CHECK(hits_on(set, end).empty());
    CHECK(hits_on(set, end + "\xff") == std::vector{wide});
  }
}

TEST_CASE("a set has room for any number of patterns", "[pattern]") {
  pattern_set set;
  std::vector<pattern<>> patterns;
  for (int i = 0; i != 500; ++i) {
    patterns.push_back(compiled("key" + std::to_string(i) + "\\b"));
    CHECK(set.add(patterns.back()) == static_cast<std::size_t>(i));
  }
  for (const int i : {0, 7, 63, 64, 65, 128, 255, 499}) {
    const std::string line = "some key" + std::to_string(i) + " there";
    CHECK(hits_on(set, line) == std::vector{static_cast<std::size_t>(i)});
    CHECK(scan_in_pieces(set, line + "\n", 7) == std::vector<seen_line>{{line, {static_cast<std::size_t>(i)}}});
  }
  std::string all;
  for (int i = 0; i != 500; ++i) all += "key" + std::to_string(i) + " ";
  CHECK(hits_on(set, all).size() == 500);
}

TEST_CASE("patterns that need the same text do not hide each other", "[pattern]") {
  pattern_set set;
  set.add(pattern<"fatal">());
  set.add(pattern<"fatal|error", icase>());
  set.add(pattern<"fatal: \\d+">());
  set.add(pattern<"fatal$">());
  set.add(pattern<"fatal">());
  CHECK(hits_on(set, "fatal: 12") == std::vector<std::size_t>{0, 1, 2, 4});
  CHECK(hits_on(set, "fatal: x fatal") == std::vector<std::size_t>{0, 1, 3, 4});
  CHECK(hits_on(set, "fatal: x fatal: 1") == std::vector<std::size_t>{0, 1, 2, 4});
  CHECK(hits_on(set, "FATAL") == std::vector<std::size_t>{1});
}

TEST_CASE("on random patterns and lines a set agrees with each pattern alone", "[pattern]") {
  const char* chosen = std::getenv("OVRSEER_TEST_SEED");
  const unsigned seed =
      chosen != nullptr ? static_cast<unsigned>(std::strtoul(chosen, nullptr, 10)) : std::random_device{}();
  INFO("OVRSEER_TEST_SEED=" << seed);
  std::mt19937 engine(seed);
  const auto random = [&] { return static_cast<unsigned>(engine()); };
  const auto pick = [&](const auto& list) { return list[random() % std::size(list)]; };
  static constexpr const char* atoms[] = {"err", "warn", "abc",  "a", "b",   ".",        "[ab]", "[^a]", "\\d",
                                          "\\w", "\\S",  "\\s",  "é", "日",  "[é日]",    "[^é]", "\\b",  "^",
                                          "$",   "=",    "x{2}", "1", "\\.", "[0-9a-f]", "ERR",  "\\B"};
  static constexpr const char* ends[] = {"", "", "", "", "*", "+", "?", "{2}", "{1,2}", "{2,}", "{0,2}"};
  static constexpr const char* words[] = {"err", "ERR",  "warn", "abc",    "a",          "b",        "ab", "é",
                                          "日",  "\xff", "\x80", "=",      "xx",         "1",        "12", ".",
                                          " ",   "\t",   "\r",   "\u2028", "zzzzzzzzzz", "deadbeef", "0"};
  const auto make_pattern = [&] {
    std::string text;
    for (unsigned n = random() % 5 + 1; n != 0; --n) {
      const bool grouped = random() % 4 == 0;
      const std::string atom = pick(atoms);
      const bool is_place = atom == "^" || atom == "$" || atom == "\\b" || atom == "\\B";
      std::string part = grouped ? "(?:" + atom + pick(atoms) + "|" + pick(atoms) + ")" : atom;
      if (!is_place || grouped) part += pick(ends);
      text += part;
      if (random() % 12 == 0) text += "|";
    }
    return text;
  };
  for (int round = 0; round != 120; ++round) {
    pattern_set set;
    std::vector<pattern<>> patterns;
    for (unsigned n = random() % 12 + 1; n != 0; --n) {
      const std::string text = make_pattern();
      auto made = pattern<>::compile(text, static_cast<pattern_flags>(random() % 8));
      INFO(text);
      if (!made) continue;
      patterns.push_back(*made);
      set.add(*made);
    }
    std::string text;
    std::vector<std::string> lines;
    for (int n = 0; n != 40; ++n) {
      std::string line;
      for (unsigned words_left = random() % 12; words_left != 0; --words_left) line += pick(words);
      text += line + "\n";
      lines.push_back(std::move(line));
    }
    const auto scanned = scan_in_pieces(set, text, random() % 100 + 1);
    REQUIRE(scanned.size() == lines.size());
    for (std::size_t i = 0; i != lines.size(); ++i) {
      std::vector<std::size_t> alone;
      for (std::size_t slot = 0; slot != patterns.size(); ++slot) {
        if (patterns[slot].find(lines[i])) alone.push_back(slot);
      }
      const auto matched = hits_on(set, lines[i]);
      if (scanned[i].text == lines[i] && scanned[i].hits == alone && matched == alone) continue;
      std::string told;
      for (const auto& one : patterns) told += to_text(one) + " ";
      const auto listed = [](const std::vector<std::size_t>& slots) {
        std::string made;
        for (const std::size_t one : slots) made += " " + std::to_string(one);
        return made;
      };
      FAIL("patterns " << told << "on '" << lines[i] << "': alone" << listed(alone) << ", match" << listed(matched)
                       << ", scan" << listed(scanned[i].hits));
    }
  }
}

TEST_CASE("every form of the scan finds the same places", "[pattern]") {
  using namespace pattern_detail;
  std::mt19937 random(7);
  std::vector<unsigned char> text(bytes_before + block_size * 8);
  for (unsigned char& byte : text) byte = random() % 9 == 0 ? '\n' : static_cast<unsigned char>(random() % 256);
  const unsigned char* const data = text.data() + bytes_before;
  for (int round = 0; round != 50; ++round) {
    scan_tables tables;
    tables.has_both = round % 2 == 1;
    for (int window = 0; window != (tables.has_both ? 30 : 8); ++window) {
      const auto set = static_cast<unsigned>(random() % 8);
      for (std::size_t k = 0; k != scanned_bytes; ++k) {
        for (auto n = random() % 40; n != 0; --n) {
          tables.sets[tables.has_both ? random() % 2 : 0].add(k, static_cast<unsigned>(random() % 256), set);
        }
      }
    }
    // What a place of the text should be told: by halves of bytes, or by whole ones.
    const auto window_at = [&](const unsigned char* at, std::size_t before, bool by_halves) {
      for (const scan_sets& sets : tables.sets) {
        unsigned ruled_out = 0;
        for (std::size_t k = 0; k != scanned_bytes; ++k) {
          const std::size_t back = scanned_bytes - 1 - k;
          const unsigned byte = back <= before ? *(at - back) : 0U;
          ruled_out |= by_halves ? sets.ruled_out(k, byte) : unsigned{sets.whole[k][byte & 127U]};
        }
        if (ruled_out != 0xFF) return true;
      }
      return false;
    };
    const auto check = [&](const scan_functions& scan, bool by_halves) {
      // The first blocks are those of another call, as if they had been copied.
      event_lists found;
      scan.blocks(tables, data, 0, 3, found);
      scan.blocks(tables, data + 3 * block_size, 3, 5, found);
      const std::size_t end = 8 * block_size - random() % 100;
      found.end_at(end);
      std::size_t window = 0;
      std::size_t newline = 0;
      for (std::size_t i = 0; i != end; ++i) {
        const bool is_window = found.windows[window] == i;
        const bool is_newline = newline != found.newline_count && found.newlines[newline] == i;
        window += is_window ? 1 : 0;
        newline += is_newline ? 1 : 0;
        if (is_window != window_at(data + i, 9, by_halves) || is_newline != (data[i] == '\n')) FAIL("at " << i);
      }
      CHECK(window == found.window_count);
      CHECK(newline == found.newline_count);
      CHECK(found.windows[window] == event_lists::sentinel);
      for (std::size_t size = 1; size != 200; ++size) {
        // A line of its own memory: nothing around it may be read.
        const std::vector<unsigned char> line(data + size, data + 2 * size);
        const std::size_t blocks = (size + block_size - 1) / block_size;
        std::vector<std::uint64_t> words(std::max<std::size_t>(blocks, 2), 7);
        bool any = false;
        const bool told = scan.line(tables, line.data(), size, words.data());
        for (std::size_t i = 0; i != blocks * block_size; ++i) {
          const bool is_window = ((words[i / block_size] >> (i % block_size)) & 1U) != 0;
          any = any || is_window;
          if (is_window != (i < size && window_at(line.data() + i, i, by_halves))) FAIL("at " << i << " of " << size);
        }
        CHECK(told == any);
      }
    };
    check(portable_scan, true);
#if defined(__x86_64__)
    if (__builtin_cpu_supports("ssse3")) check(ssse3_scan, true);
    if (has_avx2()) check(avx2_scan, true);
    if (has_vbmi()) check(vbmi_scan, false);
#endif
#if defined(OVRSEER_PATTERN_HAS_NEON)
    check(neon_scan, true);
#endif
  }
}

TEST_CASE("the place where a search begins leaves no match out", "[pattern]") {
  // What stands before the looked-for part has any length up to a bound, and matches overlap candidates that fail.
  pattern_set set;
  std::vector<pattern<>> patterns;
  for (const char* text : {"a{0,3}zq\\d", "[^a]{1,3}zq1", "(?:é|ab)?zq[^b]x", "\\bzq.{2}zq", "(?:zq|xzqy){2}1",
                           "x?zq(?:a|zq)*!", "(?:x|)zq\\b1", "b.?zq2|aazq1"}) {
    patterns.push_back(compiled(text));
    set.add(patterns.back());
  }
  std::mt19937 random(11);
  const std::vector<std::string> parts{"zq", "a", "b", "x", "1", "2", "é", "y", "!", " ", "\xa9", "日"};
  for (int round = 0; round != 20'000; ++round) {
    std::string line;
    for (auto n = random() % 14; n != 0; --n) line += parts[random() % 3 == 0 ? 0 : random() % parts.size()];
    const auto found = hits_on(set, line);
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i != patterns.size(); ++i) {
      if (patterns[i].find(line)) expected.push_back(i);
    }
    if (found != expected) FAIL("'" << line << "'");
  }
}

TEST_CASE("windows of one pattern that reach differently far back hide no match from each other", "[pattern]") {
  pattern_set set;
  const auto slot = set.add(compiled("(?:\\b\\b|\\S)x{2}\\b"));
  CHECK(hits_on(set, "2xx=x") == std::vector{slot});
  CHECK(hits_on(set, "112xx\xa9") == std::vector{slot});

  // Between two searches for the one that reaches less far stands what the other reaches.
  pattern_set apart;
  const auto other = apart.add(compiled("[é日][ab]{2}|$a+", multiline));
  CHECK(hits_on(apart, "warn\r\xffwarnéabc") == std::vector{other});
}

TEST_CASE("patterns come and go between chunks and the others go on", "[pattern]") {
  std::mt19937 random(17);
  const std::vector<std::string> words{"error", "took", "12ms", "a=1", "\t", "zq", "é", "10.0.0.1", "eyJ", "x"};
  const std::vector<pattern<>> known{
      compiled("error", icase), compiled("took \\d+ms"), compiled("^\\s*$"),      compiled("(?:\\d+\\.){3}\\d+"),
      compiled("zq.*zq"),       compiled("[^a]{2,5}$"),  compiled("eyJ\\w{3,}x"), compiled("a.{0,200}b.{0,200}x")};
  std::vector<pattern<>> many(known);  // so that they fill more than one group of windows
  for (int i = 0; i != 80; ++i) many.push_back(compiled("needle" + std::to_string(i) + "|took" + std::to_string(i)));
  pattern_set set;
  std::vector<std::pair<std::size_t, pattern<>>> present;  // slots
  std::string pending;
  for (int round = 0; round != 400; ++round) {
    if (present.empty() || random() % 3 != 0) {
      const pattern<>& added = random() % 2 == 0 ? known[random() % known.size()] : many[random() % many.size()];
      present.emplace_back(set.add(added), added);
    } else {
      const auto gone = present.begin() + static_cast<std::ptrdiff_t>(random() % present.size());
      set.remove(gone->first);
      present.erase(gone);
    }
    for (int n = 0; n != 6; ++n) {
      for (auto k = random() % 8; k != 0; --k)
        pending += words[random() % words.size()] + (random() % 2 == 0 ? " " : "");
      if (n != 5) pending += random() % 5 == 0 ? "needle" + std::to_string(random() % 80) + "\n" : "\n";
    }
    const std::size_t used = set.scan(pending, [&](std::string_view line, const pattern_hits& hits) {
      std::size_t expected = 0;
      for (const auto& [slot, alone] : present) {
        expected += alone.matches(line) ? 1 : 0;
        if (hits.contains(slot) != alone.matches(line)) FAIL(to_text(alone) << " on '" << line << "'");
      }
      CHECK(hits.size() == expected);
    });
    pending.erase(0, used);
  }
}

}  // namespace t_pattern_set
