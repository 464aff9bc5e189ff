// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The head of a request, read strictly: whatever two parsers could read in two ways is refused here, before
// any other parser sees it. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/net/http.hpp>
#include <ovrseer/net/server.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer::net_detail {

/// Why a request is not answered by the handler.
struct http_refusal {
  int status = 400;
  std::string reason;
};

/// Gathers bytes until the empty line that ends a head. Looks at every byte once, so that what cannot be a
/// request (a TLS handshake, bare CR or LF, control bytes) is refused at once and not at a deadline.
class head_reader {
 public:
  /// `limit` is the most bytes that a head may have.
  explicit head_reader(std::size_t limit) : limit_(limit) {}

  /// Takes bytes up to the end of the head, or the first wrong one; says how many.
  std::size_t feed(std::string_view bytes);

  bool is_complete() const noexcept { return is_complete_; }
  const std::optional<http_refusal>& refusal() const noexcept { return refusal_; }
  /// All that was taken, the empty line included.
  const std::string& text() const noexcept { return text_; }
  bool is_started() const noexcept { return !text_.empty(); }

 private:
  void take(char c);

  void end_line();

  std::size_t limit_;
  std::string text_;
  std::optional<http_refusal> refusal_;
  bool is_complete_ = false;
  bool skipped_empty_line_ = false;
};

/// What a head says.
struct request_head {
  std::string method;
  std::string target;           ///< as in the request line
  std::optional<url> resource;  ///< the target with the host, once it has been read
  http_headers headers;
  int minor_version = 1;
  bool is_chunked = false;
  bool expects_continue = false;
  std::optional<std::uint64_t> content_length;
};

inline bool is_listed(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Reads a whole head, line by line; every step either goes on or refuses.
class head_parser {
 public:
  head_parser(std::string_view head, const server_limits& limits) : rest_(head), limits_(limits) {}

  result<request_head, http_refusal> read();

 private:
  bool refuse(int status, std::string reason);
  std::string_view next_line();

  bool read_request_line(std::string_view line);

  bool check_method();

  bool read_headers();

  bool check_framing();

  bool read_length(std::string_view digits);

  bool check_expectation();

  bool read_resource();

  std::string_view rest_;
  const server_limits& limits_;
  request_head made_;
  std::optional<http_refusal> refusal_;
};

}  // namespace ovrseer::net_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/detail/impl/http_head.ipp>
#endif
