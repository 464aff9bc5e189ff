// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Arbitrary text through the redactor: it ends, its quick look holds, and lines come out as lines.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <ovrseer/redact/line_redactor.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace fuzz_redact_redactor {

void must(bool holds) {
  if (!holds) std::abort();
}

void run(std::string_view text) {
  const ovrseer::redactor rules;
  const std::string once = rules.redact(text);
  must(once == text || rules.may_contain_secret(text));
  (void)rules.redact(once);
  std::string copy(text);
  must(rules.redact_in_place(copy) == (once != text));
  must(copy == once);
  ovrseer::line_redactor lines;
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.append(out, text.substr(begin, end - begin));
    out += '\n';
    begin = end + 1;
  }
  must(std::count(out.begin(), out.end(), '\n') ==
       std::count(text.begin(), text.end(), '\n') + (text.empty() || text.back() == '\n' ? 0 : 1));
  std::string arguments[] = {std::string(text.substr(0, text.size() / 2)), std::string(text.substr(text.size() / 2))};
  rules.redact_arguments(arguments);
  (void)rules.redact_environment(arguments[0], arguments[1]);
}

}  // namespace fuzz_redact_redactor

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz_redact_redactor::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
