// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Any text as a pattern and any bytes as its subject: a refusal points into the text, and every path of the
// engine gives the same answer. The first byte has the flags; the first NUL parts the pattern from the subject.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_set.hpp>

namespace fuzz_pattern {

using namespace ovrseer;

void must(bool holds) {
  if (!holds) std::abort();
}

void check_spans(const pattern<>& made, std::string_view subject) {
  std::size_t past = 0;
  int count = 0;
  for (const auto& each : made.find_all(subject)) {
    must(each.begin() >= past && each.end() >= each.begin() && each.end() <= subject.size());
    for (std::size_t group = 0; group != each.size(); ++group) {
      const auto span = each.span(group);
      must(!span || (span->begin <= span->end && span->begin >= each.begin() && span->end <= each.end()));
    }
    past = each.end();
    if (++count == 8) break;
  }
}

void check_lines(const pattern<>& made, std::string_view text) {
  pattern_set set;
  const auto slot = set.add(made);
  set.add(pattern<"error|fatal|panic", icase>());
  std::string lines(text);
  lines += '\n';
  pattern_hits alone;
  const std::size_t taken = set.scan(
      lines, [&](std::string_view line, const pattern_hits& hits) { must(hits.contains(slot) == made.matches(line)); });
  must(taken == lines.size());
  const std::string_view line = text.substr(0, text.find('\n'));
  set.match(line, alone);
  must(alone.contains(slot) == made.matches(line));
}

void check(std::string_view text, pattern_flags flags, std::string_view subject) {
  const auto made = pattern<>::compile(text, flags);
  if (!made) {
    must(made.reason().offset <= text.size());
    must(!made.reason().message().empty());
    return;
  }
  const bool matches = made->matches(subject);
  must(made->find(subject).has_value() == matches);
  must(pattern_detail::machine<>(pattern_access::program(*made), subject, 0).run(0) == matches);
  if (const pattern_detail::whole_view* table = pattern_access::table(*made))
    must(table->matches(subject, 0) == matches);
  check_spans(*made, subject);
  check_lines(*made, subject);
}

}  // namespace fuzz_pattern

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t end = all.find('\0');
  const std::string_view subject = end == std::string_view::npos ? all : all.substr(end + 1);
  fuzz_pattern::check(all.substr(0, end), static_cast<ovrseer::pattern_flags>(data[0] & 7U), subject);
  return 0;
}
