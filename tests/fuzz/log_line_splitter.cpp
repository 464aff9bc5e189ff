// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Fuzzer (libFuzzer): the same bytes give the same lines, whatever the chunks, and their texts add up to the bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/log/line_splitter.hpp>

namespace {

using pieces = std::vector<std::pair<std::string, ovrseer::line_part>>;

void take(ovrseer::line_splitter& splitter, std::string_view bytes, pieces& into) {
  while (splitter.next(bytes)) into.emplace_back(splitter.text(), splitter.part());
  if (!bytes.empty() || splitter.held() > splitter.cap() + 2) std::abort();
}

void take_end(ovrseer::line_splitter& splitter, pieces& into) {
  while (splitter.finish()) into.emplace_back(splitter.text(), splitter.part());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t cap = 16 + data[0] % 32;
  const std::size_t seed = data[1];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

  ovrseer::line_splitter whole(cap);
  pieces expected;
  take(whole, bytes, expected);
  take_end(whole, expected);

  ovrseer::line_splitter chunked(cap);
  pieces found;
  std::size_t step = seed;
  for (std::size_t at = 0; at < bytes.size();) {
    step = step * 31 + 7;
    const std::size_t count = 1 + step % 37;
    take(chunked, bytes.substr(at, count), found);
    at += count;
  }
  take_end(chunked, found);
  if (found != expected) std::abort();

  // The texts are the bytes without line ends.
  std::string_view rest = bytes;
  for (const auto& [text, part] : expected) {
    if (text.size() > cap || !rest.starts_with(text)) std::abort();
    rest.remove_prefix(text.size());
    if (part == ovrseer::line_part::first || part == ovrseer::line_part::middle) continue;
    if (rest.starts_with("\r\n"))
      rest.remove_prefix(2);
    else if (rest.starts_with('\n'))
      rest.remove_prefix(1);
    else if (!rest.empty())
      std::abort();
  }
  if (!rest.empty()) std::abort();
  return 0;
}
