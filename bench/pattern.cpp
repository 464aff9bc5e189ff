// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Pattern sets on real log lines: line by line and in chunks of 64 KiB with the splitting included, beside other
// engines and beside what the machine can do at all. All in one process, in turn; every engine must find the same
// (line, pattern) pairs, or the table says so and the program fails. Engines that are not installed are left out.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_set.hpp>

#if OVRSEER_HAS_RE2
#include <re2/re2.h>
#include <re2/set.h>
#endif
#if OVRSEER_HAS_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif
#if OVRSEER_HAS_HS
#include <hs.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "measure.hpp"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t chunk_size = 64 * 1024;

struct one_pattern {
  std::string text;
  bool icase = false;
};
using patterns = std::vector<one_pattern>;

/// The lines, and the buffer in which they follow each other, each with its newline.
struct corpus {
  std::string text;
  std::vector<std::string_view> lines;

  corpus first_part(std::size_t divisor) const {
    const std::size_t cut = lines[lines.size() / divisor].data() - text.data();
    return make(text.substr(0, cut));
  }
  static corpus make(std::string text) {
    corpus made;
    made.text = std::move(text);
    for (std::size_t at = 0; at < made.text.size();) {
      const std::size_t end = made.text.find('\n', at);
      made.lines.push_back(std::string_view(made.text).substr(at, end - at));
      at = end + 1;
    }
    return made;
  }
};

/// What an engine found: how many pairs of line and pattern, and which, whatever their order.
struct tally {
  std::uint64_t count = 0;
  std::uint64_t hash = 0;

  void add(std::size_t line, std::size_t pattern) {
    ++count;
    std::uint64_t mixed = (line * 64 + pattern + 1) * 0x9E3779B97F4A7C15U;
    mixed ^= mixed >> 29U;
    hash += mixed * 0xBF58476D1CE4E5B9U;
  }
  friend bool operator==(const tally&, const tally&) = default;
};

enum class mode : unsigned char { limit, line, chunk };

struct engine {
  std::string name;
  mode how = mode::line;
  std::function<tally(const corpus&)> run;
  std::size_t part = 1;  // of the corpus: slow ones see its first 1/part
  bench::seconds time{};
  tally found{};
};

constexpr const char* name_of(mode how) {
  switch (how) {
    case mode::limit: return "limit";
    case mode::line: return "line";
    case mode::chunk: return "chunk";
  }
  return "?";
}

// ---- what the machine can do

#if defined(__x86_64__)
__attribute__((target("avx2"))) std::size_t split_avx2(std::string_view text, std::uint32_t* out) {
  const std::uint32_t* const begin = out;
  const __m256i newline = _mm256_set1_epi8('\n');
  std::size_t at = 0;
  for (; at + 64 <= text.size(); at += 64) {
    const auto* data = reinterpret_cast<const __m256i*>(text.data() + at);
    const auto low =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(data), newline)));
    const auto high =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(data + 1), newline)));
    for (std::uint64_t ends = std::uint64_t{high} << 32U | low; ends != 0; ends &= ends - 1) {
      *out++ = static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(__builtin_ctzll(ends));
    }
  }
  for (; at < text.size(); ++at) {
    if (text[at] == '\n') *out++ = static_cast<std::uint32_t>(at);
  }
  return static_cast<std::size_t>(out - begin);
}
#endif

void add_limits(std::vector<engine>& all) {
  all.push_back({"memcpy", mode::limit, [copy = std::string()](const corpus& on) mutable {
                   copy.resize(on.text.size());
                   std::memcpy(copy.data(), on.text.data(), on.text.size());
                   return tally{static_cast<std::uint64_t>(copy[copy.size() / 2]), 0};
                 }});
  all.push_back({"memchr splitting", mode::limit, [](const corpus& on) {
                   tally found;
                   const char* at = on.text.data();
                   const char* const end = at + on.text.size();
                   while (at != end) {
                     const auto* const newline =
                         static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
                     found.hash += static_cast<std::uint64_t>(newline - at);
                     ++found.count;
                     at = newline + 1;
                   }
                   return found;
                 }});
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    all.push_back(
        {"AVX2 splitting", mode::limit, [ends = std::vector<std::uint32_t>(chunk_size)](const corpus& on) mutable {
           tally found;
           for (std::size_t at = 0; at < on.text.size(); at += chunk_size) {
             const auto chunk = std::string_view(on.text).substr(at, chunk_size);
             found.count += split_avx2(chunk, ends.data());
           }
           return found;
         }});
  }
#endif
}

// ---- ours

ovrseer::pattern<> compiled(const one_pattern& from) {
  auto made = ovrseer::pattern<>::compile(from.text, from.icase ? ovrseer::icase : ovrseer::pattern_flags{});
  if (!made) {
    fmt::print(stderr, "{}\n", made.reason().message());
    std::exit(1);
  }
  return *made;
}

std::shared_ptr<ovrseer::pattern_set> set_of(const patterns& from) {
  auto set = std::make_shared<ovrseer::pattern_set>();
  for (const one_pattern& one : from) set->add(compiled(one));
  return set;
}

void add_ours(std::vector<engine>& all, const patterns& from) {
  all.push_back({"ovrseer", mode::line, [set = set_of(from)](const corpus& on) {
                   tally found;
                   ovrseer::pattern_hits hits;
                   for (std::size_t i = 0; i != on.lines.size(); ++i) {
                     set->match(on.lines[i], hits);
                     if (!hits.any()) continue;
                     for (const std::size_t slot : hits) found.add(i, slot);
                   }
                   return found;
                 }});
  all.push_back({"ovrseer", mode::chunk, [set = set_of(from)](const corpus& on) {
                   tally found;
                   std::size_t line = 0;
                   for (std::size_t at = 0; at < on.text.size();) {
                     const auto chunk = std::string_view(on.text).substr(at, chunk_size);
                     at += set->scan(chunk, [&](std::string_view, const ovrseer::pattern_hits& hits) {
                       if (hits.any()) {
                         for (const std::size_t slot : hits) found.add(line, slot);
                       }
                       ++line;
                     });
                   }
                   return found;
                 }});
}

// ---- the others

#if OVRSEER_HAS_RE2
re2::RE2::Options options_of(const one_pattern& from) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_case_sensitive(!from.icase);
  options.set_log_errors(true);
  return options;
}

void add_re2(std::vector<engine>& all, const patterns& from) {
  auto each = std::make_shared<std::vector<std::unique_ptr<re2::RE2>>>();
  for (const one_pattern& one : from) each->push_back(std::make_unique<re2::RE2>(one.text, options_of(one)));
  all.push_back({"RE2 each", mode::line,
                 [each](const corpus& on) {
                   tally found;
                   for (std::size_t i = 0; i != on.lines.size(); ++i) {
                     const re2::StringPiece line(on.lines[i].data(), on.lines[i].size());
                     for (std::size_t p = 0; p != each->size(); ++p) {
                       if (re2::RE2::PartialMatch(line, *(*each)[p])) found.add(i, p);
                     }
                   }
                   return found;
                 },
                 from.size() > 16 ? 16U : 4U});
  one_pattern common;
  auto set = std::make_shared<re2::RE2::Set>(options_of(common), re2::RE2::UNANCHORED);
  for (const one_pattern& one : from) {
    std::string why;
    if (set->Add((one.icase ? "(?i)" : "") + one.text, &why) < 0) fmt::print(stderr, "RE2: {}\n", why);
  }
  set->Compile();
  all.push_back({"RE2::Set", mode::line, [set, hits = std::vector<int>()](const corpus& on) mutable {
                   tally found;
                   for (std::size_t i = 0; i != on.lines.size(); ++i) {
                     const re2::StringPiece line(on.lines[i].data(), on.lines[i].size());
                     if (!set->Match(line, &hits)) continue;
                     for (const int p : hits) found.add(i, static_cast<std::size_t>(p));
                   }
                   return found;
                 }});
}
#endif

#if OVRSEER_HAS_PCRE2
struct pcre {
  explicit pcre(const one_pattern& from) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(from.text.c_str()), PCRE2_ZERO_TERMINATED,
                         from.icase ? PCRE2_CASELESS : 0, &error, &offset, nullptr);
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    data = pcre2_match_data_create_from_pattern(code, nullptr);
  }
  pcre(const pcre&) = delete;
  pcre& operator=(const pcre&) = delete;
  ~pcre() {
    pcre2_match_data_free(data);
    pcre2_code_free(code);
  }
  bool matches(std::string_view line) const {
    return pcre2_jit_match(code, reinterpret_cast<PCRE2_SPTR>(line.data()), line.size(), 0, 0, data, nullptr) >= 0;
  }
  pcre2_code* code = nullptr;
  pcre2_match_data* data = nullptr;
};

void add_pcre2(std::vector<engine>& all, const patterns& from) {
  auto each = std::make_shared<std::vector<std::unique_ptr<pcre>>>();
  for (const one_pattern& one : from) each->push_back(std::make_unique<pcre>(one));
  all.push_back({"PCRE2-JIT each", mode::line,
                 [each](const corpus& on) {
                   tally found;
                   for (std::size_t i = 0; i != on.lines.size(); ++i) {
                     for (std::size_t p = 0; p != each->size(); ++p) {
                       if ((*each)[p]->matches(on.lines[i])) found.add(i, p);
                     }
                   }
                   return found;
                 },
                 from.size() > 16 ? 16U : 4U});
}
#endif

#if OVRSEER_HAS_HS
struct scanner {
  scanner(const patterns& from, unsigned flags) {
    std::vector<const char*> texts;
    std::vector<unsigned> each;
    std::vector<unsigned> ids;
    for (const one_pattern& one : from) {
      texts.push_back(one.text.c_str());
      each.push_back(flags | (one.icase ? HS_FLAG_CASELESS : 0U));
      ids.push_back(static_cast<unsigned>(ids.size()));
    }
    hs_compile_error_t* why = nullptr;
    if (hs_compile_multi(texts.data(), each.data(), ids.data(), static_cast<unsigned>(ids.size()), HS_MODE_BLOCK,
                         nullptr, &base, &why) != HS_SUCCESS) {
      fmt::print(stderr, "Vectorscan: {}\n", why->message);
      std::exit(1);
    }
    hs_alloc_scratch(base, &scratch);
  }
  scanner(const scanner&) = delete;
  scanner& operator=(const scanner&) = delete;
  ~scanner() {
    hs_free_scratch(scratch);
    hs_free_database(base);
  }
  template <class OnMatch>
  void scan(std::string_view text, OnMatch& on_match) const {
    const auto call = [](unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
      (*static_cast<OnMatch*>(context))(id, static_cast<std::size_t>(to));
      return 0;
    };
    hs_scan(base, text.data(), static_cast<unsigned>(text.size()), 0, scratch, call, &on_match);
  }
  hs_database_t* base = nullptr;
  hs_scratch_t* scratch = nullptr;
};

void add_vectorscan(std::vector<engine>& all, const patterns& from) {
  all.push_back(
      {"Vectorscan", mode::line, [hs = std::make_shared<scanner>(from, HS_FLAG_SINGLEMATCH)](const corpus& on) {
         tally found;
         std::size_t line = 0;
         auto on_match = [&](unsigned id, std::size_t) { found.add(line, id); };
         for (; line != on.lines.size(); ++line) hs->scan(on.lines[line], on_match);
         return found;
       }});
  all.push_back(
      {"Vectorscan", mode::chunk, [hs = std::make_shared<scanner>(from, HS_FLAG_MULTILINE)](const corpus& on) {
         tally found;
         std::size_t line = 0;  // at `line_end` ends the line of this number
         for (std::size_t at = 0; at < on.text.size();) {
           std::string_view chunk = std::string_view(on.text).substr(at, chunk_size);
           chunk = chunk.substr(0, chunk.rfind('\n') + 1);
           std::size_t line_begin = 0;
           std::size_t line_end = chunk.find('\n');
           std::uint64_t seen = 0;  // patterns of this line
           auto on_match = [&](unsigned id, std::size_t to) {
             // What ends where the newline stands belongs to the line before it.
             while (to > line_end) {
               line_begin = line_end + 1;
               line_end = static_cast<std::size_t>(
                   static_cast<const char*>(std::memchr(chunk.data() + line_begin, '\n', chunk.size() - line_begin)) -
                   chunk.data());
               ++line;
               seen = 0;
             }
             if (((seen >> id) & 1U) == 0) found.add(line, id);
             seen |= std::uint64_t{1} << id;
           };
           hs->scan(chunk, on_match);
           for (; line_end + 1 != chunk.size(); ++line) line_end = chunk.find('\n', line_end + 1);
           ++line;
           at += chunk.size();
         }
         return found;
       }});
}
#endif

void add_std(std::vector<engine>& all, const patterns& from) {
  auto each = std::make_shared<std::vector<std::regex>>();
  for (const one_pattern& one : from) {
    each->emplace_back(one.text, std::regex::ECMAScript | std::regex::optimize |
                                     (one.icase ? std::regex::icase : std::regex::flag_type{}));
  }
  all.push_back({"std::regex each", mode::line,
                 [each](const corpus& on) {
                   tally found;
                   for (std::size_t i = 0; i != on.lines.size(); ++i) {
                     for (std::size_t p = 0; p != each->size(); ++p) {
                       if (std::regex_search(on.lines[i].begin(), on.lines[i].end(), (*each)[p])) found.add(i, p);
                     }
                   }
                   return found;
                 },
                 128});
}

// ---- a set

/// What a ratio of ours to another engine should reach.
struct goal {
  const char* other;
  mode how;
  double least;
};

/// False when an engine of ours found something else than the reference did.
bool run_set(std::string_view name, const patterns& from, const corpus& whole, const std::vector<goal>& goals) {
  std::vector<engine> all;
  add_limits(all);
  add_ours(all, from);
#if OVRSEER_HAS_RE2
  add_re2(all, from);
#endif
#if OVRSEER_HAS_PCRE2
  add_pcre2(all, from);
#endif
#if OVRSEER_HAS_HS
  add_vectorscan(all, from);
#endif
  add_std(all, from);
  std::vector<std::vector<bench::seconds>> times(all.size());
  std::vector<corpus> parts;
  for (engine& one : all) parts.push_back(one.part == 1 ? corpus{} : whole.first_part(one.part));
  const auto corpus_of = [&](std::size_t i) -> const corpus& { return all[i].part == 1 ? whole : parts[i]; };
  for (std::size_t round = 0; round <= bench::rounds(41); ++round) {
    for (std::size_t i = 0; i != all.size(); ++i) {
      if (all[i].part > 1 && round > 2) continue;
      const auto took = bench::time_of([&] { all[i].found = all[i].run(corpus_of(i)); });
      if (round != 0) times[i].push_back(took);
    }
  }
  for (std::size_t i = 0; i != all.size(); ++i) all[i].time = bench::median(times[i]);
  const auto ns_per_line = [&](std::size_t i) {
    return all[i].time.count() * 1e9 / static_cast<double>(corpus_of(i).lines.size());
  };
  const auto find = [&](std::string_view wanted, mode how) {
    for (std::size_t i = 0; i != all.size(); ++i) {
      if (all[i].name == wanted && all[i].how == how) return i;
    }
    return all.size();
  };
  bench::heading(fmt::format("set {}: {} patterns, {} lines of {:.0f} bytes", name, from.size(), whole.lines.size(),
                             static_cast<double>(whole.text.size()) / static_cast<double>(whole.lines.size())));
  const std::size_t reference = find("RE2::Set", mode::line);
  bool agrees = true;
  for (std::size_t i = 0; i != all.size(); ++i) {
    const char* verdict = "";
    if (all[i].how != mode::limit && reference != all.size() && all[i].part == 1) {
      const bool same = all[i].found == all[reference].found;
      if (all[i].name == "ovrseer") agrees = agrees && same;
      verdict = same ? "same hits" : "OTHER HITS";
    }
    fmt::print("  {:<18} {:<5} {:>8.2f} GB/s {:>10.1f} ns/line {:>8} pairs  {}\n", all[i].name, name_of(all[i].how),
               static_cast<double>(corpus_of(i).text.size()) / all[i].time.count() / 1e9, ns_per_line(i),
               all[i].how == mode::limit ? 0 : all[i].found.count, verdict);
  }
  for (const goal& wanted : goals) {
    const std::size_t ours = find("ovrseer", wanted.how == mode::limit ? mode::chunk : wanted.how);
    const std::size_t other = find(wanted.other, wanted.how);
    if (other == all.size()) continue;
    bench::row(fmt::format("{}, against {}", name_of(all[ours].how), wanted.other),
               fmt::format("{:.1f} ns", ns_per_line(ours)), fmt::format("{:.1f} ns", ns_per_line(other)),
               bench::median_ratio(times[other], times[ours]), wanted.least, bench::better::higher);
  }
  return agrees;
}

// ---- what is made to be slow

std::string repeated(std::string_view what, std::size_t size) {
  std::string made;
  while (made.size() < size) made += what;
  return made;
}

void run_hostile(const corpus& whole) {
  constexpr std::size_t size = 64 * 1024;
  std::string log = whole.text.substr(0, size);
  std::replace(log.begin(), log.end(), '\n', ' ');
  struct hostile {
    const char* pattern;
    const char* what;
    std::string text;
  };
  const std::array<hostile, 12> all{{
      {"(a+)+b", "a*30 c", repeated("a", 30) + "c"},
      {"(a+)+b", "a*64K", repeated("a", size)},
      {"(x+x+)+y", "x*30", repeated("x", 30)},
      {"(x+x+)+y", "x*64K", repeated("x", size)},
      {"(a|aa)+$", "a*30 c", repeated("a", 30) + "c"},
      {"^(\\w+ ?)*$", "word*13K !", repeated("word ", size) + "!"},
      {"(?:.*,){11}P", "one line of log text", log},
      {"error.*refused.*zzz", "one line of log text", log},
      {"[a-z]+zzq", "a*64K", repeated("a", size)},
      {"\\d+ms", "one line of log text", log},
      {"(?:password|token|secret|key)=\\S+", "one line of log text", log},
      {"(?:[a-z]+ )+[0-9]{9}", "one line of log text", log},
  }};
  bench::heading("set d: made to be slow (one pattern in a set, and alone)");
  for (const hostile& one : all) {
    ovrseer::pattern_set set;
    const auto alone = compiled({one.pattern, false});
    set.add(alone);
    ovrseer::pattern_hits hits;
    std::vector<bench::seconds> in_set;
    std::vector<bench::seconds> by_itself;
    const std::size_t times = one.text.size() < 1000 ? 1000 : 1;
    for (std::size_t i = 0; i <= bench::rounds(15); ++i) {
      const auto a = bench::time_of([&] {
        for (std::size_t n = 0; n != times; ++n) set.match(one.text, hits);
      });
      bool matches = false;
      const auto b = bench::time_of([&] {
        for (std::size_t n = 0; n != times; ++n) matches = alone.matches(one.text);
      });
      if (matches != hits.any()) fmt::print("  DIFFERS: {}\n", one.pattern);
      if (i == 0) continue;
      in_set.push_back(a / times);
      by_itself.push_back(b / times);
    }
    const auto per_byte = [&](std::vector<bench::seconds>& from) {
      return bench::median(from).count() * 1e9 / static_cast<double>(one.text.size());
    };
    const double set_cost = per_byte(in_set);
    const double alone_cost = per_byte(by_itself);
    bench::row(fmt::format("{} on {}", one.pattern, one.what), fmt::format("{:.2f} ns/B", set_cost),
               fmt::format("{:.2f} ns/B", alone_cost), std::max(set_cost, alone_cost) / 3.0, 1.0);
  }
}

// ---- captures

void run_captures() {
  const std::string line =
      "Dec 10 07:11:42 LabSZ sshd[24224]: Failed password for root from 112.95.230.3 port 45378 ssh2 (preauth)";
  const auto ours = compiled({"from (\\d+\\.\\d+\\.\\d+\\.\\d+) port (\\d+)", false});
  constexpr std::size_t times = 20'000;
  std::size_t sum = 0;
  const auto each = [&](auto work) {
    return [&sum, work] {
      for (std::size_t i = 0; i != times; ++i) sum += work();
    };
  };
  const auto find = each([&] {
    const auto found = ours.find(line);
    return found->group(1)->size() + found->group(2)->size();
  });
  bench::heading("captures on a matched line of 100 bytes");
#if OVRSEER_HAS_PCRE2
  const pcre other({"from (\\d+\\.\\d+\\.\\d+\\.\\d+) port (\\d+)", false});
  const auto pair = bench::in_turn(bench::rounds(9), find, each([&] {
                                     other.matches(line);
                                     const PCRE2_SIZE* const at = pcre2_get_ovector_pointer(other.data);
                                     return at[3] - at[2] + at[5] - at[4];
                                   }));
  const double own = pair.ours.count() * 1e9 / times;
  bench::row("both groups, against PCRE2-JIT; goal 60 ns", fmt::format("{:.0f} ns", own),
             fmt::format("{:.0f} ns", pair.theirs.count() * 1e9 / times), own / 60, 1.0);
#else
  find();
  const double own = bench::time_of(find).count() * 1e9 / times;
  bench::row("both groups; goal 60 ns", fmt::format("{:.0f} ns", own), "-", own / 60, 1.0);
#endif
  if (sum == 0) fmt::print("nothing was found\n");
}

std::string decompressed(const fs::path& file) {
  const std::string command = fmt::format("xz -dc '{}'", file.string());
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  std::string text;
  std::array<char, 65'536> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) != 0;) text.append(buffer.data(), n);
  ::pclose(pipe);
  while (!text.empty() && text.back() != '\n') text.pop_back();
  return text;
}

}  // namespace

int main() {
  const char* const given = std::getenv("OVRSEER_BENCH_DATA");
  const fs::path data =
      given != nullptr ? fs::path(given) : fs::path(OVRSEER_SOURCE_DIR) / ".." / "shared" / "data" / "bench";
  std::ifstream sets_file(data / "sets.json");
  if (!sets_file) {
    fmt::print("skipped: there is no {} (OVRSEER_BENCH_DATA says where else)\n", (data / "sets.json").string());
    return 0;
  }
  const auto sets = nlohmann::json::parse(sets_file);
  corpus whole = corpus::make(decompressed(data / "logs.log.xz"));
  if (std::getenv("OVRSEER_BENCH_SMOKE") != nullptr) whole = whole.first_part(16);
  const std::array<std::pair<const char*, std::vector<goal>>, 4> goals{{
      {"a",
       {{"Vectorscan", mode::line, 4.0}, {"memchr splitting", mode::limit, 0.8}, {"AVX2 splitting", mode::limit, 0.4}}},
      {"b", {{"Vectorscan", mode::line, 4.5}, {"RE2::Set", mode::line, 12.0}, {"Vectorscan", mode::chunk, 1.6}}},
      {"b_poor", {{"RE2::Set", mode::line, 5.5}, {"Vectorscan", mode::chunk, 2.3}}},
      {"c", {{"RE2::Set", mode::line, 3.0}, {"Vectorscan", mode::line, 3.3}}},
  }};
  const char* const only = std::getenv("OVRSEER_BENCH_SET");
  bool agrees = true;
  for (const auto& [name, wanted] : goals) {
    if (only != nullptr && std::string_view(only) != name) continue;
    patterns from;
    for (const auto& one : sets.at(name)) from.push_back({one.at("pattern"), one.at("icase")});
    agrees = run_set(name, from, whole, wanted) && agrees;
  }
  if (only == nullptr || std::string_view(only) == "d") run_hostile(whole);
  if (only == nullptr || std::string_view(only) == "captures") run_captures();
  if (!agrees) fmt::print("\novrseer's hits are not those of RE2::Set\n");
  return agrees ? 0 : 1;
}
