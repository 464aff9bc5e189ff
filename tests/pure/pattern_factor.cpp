// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which byte sequences a match must contain: what is found for the patterns that people write, and that
// nothing is ever left out.
#include <ovrseer/pattern/detail/factor.hpp>
#include <ovrseer/pattern/detail/parser.hpp>
#include <ovrseer/pattern/pattern.hpp>

#include <catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace t_pattern_factor {

using namespace ovrseer;
using namespace ovrseer::pattern_detail;

// One byte as itself, a letter in both cases as its capital, every other class as '?'.
std::string shown(const byte_sequence& sequence) {
  std::string text;
  for (const byte_set& set : sequence.bytes) {
    std::vector<unsigned> bytes;
    for (unsigned byte = 0; byte != 256; ++byte) {
      if (set.contains(byte)) bytes.push_back(byte);
    }
    const bool is_folded = bytes.size() == 2 && bytes[0] + 32 == bytes[1] && is_letter_unit(bytes[0]);
    text.push_back(bytes.size() == 1 || is_folded ? static_cast<char>(bytes[0]) : '?');
  }
  return text;
}

struct shown_factors {
  std::vector<std::string> sequences;
  bool is_complete;
  friend bool operator==(const shown_factors&, const shown_factors&) = default;
};

std::ostream& operator<<(std::ostream& out, const shown_factors& found) {
  for (const auto& one : found.sequences) out << "'" << one << "' ";
  return out << (found.is_complete ? "complete" : "incomplete");
}

shown_factors factors_of(std::string_view text, pattern_flags flags = {}) {
  const factors found = find_factors(parse(text, flags));
  shown_factors all{{}, found.is_complete && !found.sequences.empty()};
  for (const byte_sequence& sequence : found.sequences) all.sequences.push_back(shown(sequence));
  std::sort(all.sequences.begin(), all.sequences.end());
  return all;
}

TEST_CASE("literals and their alternatives are all there is to look for", "[pattern]") {
  CHECK(factors_of("listening") == shown_factors{{"listening"}, true});
  CHECK(factors_of("error|exception|fatal", icase) == shown_factors{{"ERROR", "EXCEPTION", "FATAL"}, true});
  CHECK(factors_of("warn|warning", icase) == shown_factors{{"WARN"}, true});
  CHECK(factors_of("time(?:d )?out") == shown_factors{{"timed out", "timeout"}, true});
  CHECK(factors_of("né") == shown_factors{{"n\xc3\xa9"}, true});
}

TEST_CASE("what repeats at an end counts as often as it must", "[pattern]") {
  CHECK(factors_of("(?:token|key)=\\S+") == shown_factors{{"key=?", "token=?"}, true});
  CHECK(factors_of("\\d*abc.*") == shown_factors{{"abc"}, true});
  CHECK(factors_of("(x+)+zzq+") == shown_factors{{"xzzq"}, true});
  CHECK(factors_of("(?:.*,){2}PQRS") == shown_factors{{",PQRS"}, false});
}

TEST_CASE("in the middle a short part around the rarest is looked for and the automaton decides", "[pattern]") {
  CHECK(factors_of("query took (\\d+)ms") == shown_factors{{"y took ?"}, false});
  CHECK(factors_of("HTTP/1\\.[01]\" 5\\d\\d\\b") == shown_factors{{"1.?\" 5??"}, false});
  CHECK(factors_of("^start") == shown_factors{{"start"}, false});
  CHECK(factors_of("\\bpid[ =:]+\\d+", icase) == shown_factors{{"PID?"}, false});
  CHECK(factors_of("-----BEGIN [A-Z ]*PRIVATE KEY-----").sequences.size() == 1);
}

TEST_CASE("a pattern that must contain nothing rare has nothing to look for", "[pattern]") {
  for (const char* text : {"", "a*", "^\\s*$", ".", "\\d", "[a-z]+[a-z ]+", "x?", "\\b", "a|", "[]", "(?:error)?"}) {
    INFO(text);
    CHECK(factors_of(text).sequences.empty());
  }
}

TEST_CASE("what may stand before a sequence is bounded where the pattern bounds it", "[pattern]") {
  const auto leads_of = [](std::string_view text) {
    std::vector<std::size_t> leads;
    for (const byte_sequence& one : find_factors(parse(text, {})).sequences) leads.push_back(one.lead);
    std::sort(leads.begin(), leads.end());
    return leads;
  };
  CHECK(leads_of("query took (\\d+)ms") == std::vector<std::size_t>{4});
  CHECK(leads_of("\\d{1,9} zqx \\d") == std::vector<std::size_t>{0});  // trimmed to one digit
  CHECK(leads_of("a\\d{1,9}zqx\\d") == std::vector<std::size_t>{10});
  CHECK(leads_of("a.{1,9}zqx\\b") ==
        std::vector<std::size_t>{40});  // a unit is up to four bytes, and a bound may be generous
  CHECK(leads_of("a.*zqx\\b") == std::vector<std::size_t>{unbounded_lead});
  CHECK(leads_of("(?:.*,){2}PQRS") == std::vector<std::size_t>{unbounded_lead});
}

TEST_CASE("a sequence never spans the end of a line", "[pattern]") {
  CHECK(factors_of("error\\nagain").sequences.empty());
  CHECK(factors_of("begin\\s+end").sequences.size() == 1);
}

// In every subject that matches one of the sequences occurs; where they are complete, also the other way.
TEST_CASE("no match is without a factor", "[pattern]") {
  std::vector<std::string> subjects{""};
  std::size_t begin = 0;
  for (int n = 0; n != 5; ++n) {
    const std::size_t end = subjects.size();
    for (std::size_t i = begin; i != end; ++i) {
      for (const char* unit : {"q", "z", "Q", "é", "\xff"}) subjects.push_back(subjects[i] + unit);
    }
    begin = end;
  }
  for (const char* text :
       {"qz",         "q+z",     "(?:q|z)Q", "[^q]z", "q[^z]",  "q[^q]z",      "(?:qz){2}", "(?:q|zz)+Q",
        "z?qQ?",      "z{2,3}q", "é+q",      "[é]q",  "[^é]qz", "qz|[^q]{2}Q", "\\Bqz",     "(?:q*|z)zq",
        "q(?:z?Q)?q", "zq$",     "^zq|Qz",   ".qz.",  "[qé]zQ", "q[^]z",       "z(?:q|é)Q", "(?:zq|q)(?:|z)Q"}) {
    for (const pattern_flags flags : {pattern_flags::none, icase, dotall}) {
      const auto compiled = pattern<>::compile(text, flags);
      REQUIRE(compiled);
      const factors found = find_factors(parse(text, flags));
      if (found.sequences.empty()) continue;
      for (const std::string& subject : subjects) {
        const bool occurs =
            std::any_of(found.sequences.begin(), found.sequences.end(), [&](const byte_sequence& sequence) {
              return std::search(subject.begin(), subject.end(), sequence.bytes.begin(), sequence.bytes.end(),
                                 [](char c, const byte_set& set) {
                                   return set.contains(static_cast<unsigned char>(c));
                                 }) != subject.end();
            });
        const bool matches = compiled->matches(subject);
        if (matches && !occurs) FAIL("/" << text << "/ matches '" << subject << "' without a factor");
        if (found.is_complete && occurs && !matches) FAIL("/" << text << "/ does not match '" << subject << "'");
      }
    }
  }
}

}  // namespace t_pattern_factor
