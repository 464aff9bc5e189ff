// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Any text as a URL: what is read reads the same when it is written again, and nothing secret is printed.
#include <ovrseer/net/url.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ovrseer::url;
  const auto require = [](bool holds) {
    if (!holds) std::abort();
  };
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = url::parse(text);
  if (!read) {
    require(read.reason().offset <= size && !read.reason().reason.empty());
    return 0;
  }
  const std::string wire = read->wire_text();
  for (const char c : wire) require(c > ' ' && c < 0x7f);
  if (read->socket_path().empty()) {
    const auto again = url::parse(wire);
    require(again.has_value() && again->host() == read->host() && again->target() == read->target());
    require(again->effective_port() == read->effective_port());
  }
  const std::string shown = ovrseer::to_text(*read);
  if (read->has_credentials()) require(shown.find("***@") != std::string::npos);
  if (!read->query().empty()) require(shown.ends_with("?***"));
  return 0;
}
