// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Bytes of a stranger into the request parser: no split of them may change what is read, and what is read is
// bounded. The first byte chooses the split.
#include <ovrseer/net/llhttp.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace ovrseer;

const server_limits& small_limits() {
  static const server_limits instance = [] {
    server_limits made;
    made.request.head = byte_size(512);
    made.request.body = byte_size(256);
    made.target_length = 128;
    made.header_count = 8;
    return made;
  }();
  return instance;
}

void require(bool holds) {
  if (!holds) std::abort();
}

/// All that the bytes come to, as text.
std::string read_all(std::string_view bytes, std::size_t step) {
  std::string told;
  llhttp_request_parser parser(small_limits());
  while (!bytes.empty()) {
    const std::size_t taken = parser.feed(bytes.substr(0, step));
    require(taken != 0 && taken <= bytes.size());
    bytes.remove_prefix(taken);
    if (parser.refusal()) {
      require(parser.refusal()->status >= 400 && parser.refusal()->status <= 505);
      return told + "refused " + std::to_string(parser.refusal()->status) + " " + parser.refusal()->reason;
    }
    if (!parser.is_done()) continue;
    told += parser.keeps_alive() ? "kept " : "closed ";
    const http_request request = parser.take();
    require(request.body().size() <= 256 && request.headers().size() <= 8);
    require(request.headers().count("Host") <= 1 && request.headers().count("Content-Length") <= 1);
    told += request.method() + " " + request.target().wire_text() + "\n";
    for (const http_header& header : request.headers()) told += header.name + ": " + header.value + "\n";
    told += request.body() + "\n";
    parser.restart();
  }
  return told + (parser.is_started() ? "more" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = read_all(bytes, bytes.size());
  require(read_all(bytes, 1) == whole);
  require(read_all(bytes, data[0] % 64U + 1) == whole);
  return 0;
}
