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
#include <utility>
#include <vector>

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
  std::size_t feed(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      take(bytes[i]);
      if (is_complete_ || refusal_) return i + 1;
    }
    return bytes.size();
  }

  bool is_complete() const noexcept { return is_complete_; }
  const std::optional<http_refusal>& refusal() const noexcept { return refusal_; }
  /// All that was taken, the empty line included.
  const std::string& text() const noexcept { return text_; }
  bool is_started() const noexcept { return !text_.empty(); }

 private:
  void take(char c) {
    const char before = text_.empty() ? '\0' : text_.back();
    if (text_.size() == limit_) {
      const bool in_first_line = text_.find('\n') == std::string::npos;
      refusal_ = in_first_line ? http_refusal{414, "the request line is too long"}
                               : http_refusal{431, "the headers are too large"};
    } else if (c == '\n' && before != '\r') {
      refusal_ = http_refusal{400, "a line ends without a carriage return"};
    } else if (c != '\n' && before == '\r') {
      refusal_ = http_refusal{400, "a carriage return that ends no line"};
    } else if (c != '\r' && c != '\n' && !is_field_char(c)) {
      refusal_ = http_refusal{400, "a control byte"};
    } else {
      text_ += c;
      if (c == '\n') end_line();
    }
  }

  void end_line() {
    if (text_.size() == 2 && !skipped_empty_line_) {  // RFC 9112, 2.2: one before the request is forgiven
      skipped_empty_line_ = true;
      text_.clear();
    } else if (text_.size() == 2) {
      refusal_ = http_refusal{400, "empty lines instead of a request"};
    } else {
      is_complete_ = text_.ends_with("\r\n\r\n");
    }
  }

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

  result<request_head, http_refusal> read() {
    read_request_line(next_line()) && read_headers() && check_framing() && check_expectation() && read_resource();
    if (refusal_) return failure(std::move(*refusal_));
    return std::move(made_);
  }

 private:
  bool refuse(int status, std::string reason) {
    refusal_ = http_refusal{status, std::move(reason)};
    return false;
  }
  std::string_view next_line() {
    const std::size_t end = rest_.find("\r\n");
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(line.size() + 2, rest_.size()));
    return line;
  }

  bool read_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return refuse(400, "not a request line");
    const std::string_view version = line.substr(last + 1);
    made_.method = line.substr(0, first);
    made_.target = line.substr(first + 1, last - first - 1);
    if (!is_token(made_.method)) return refuse(400, "the method is not a token");
    const bool is_visible =
        std::all_of(made_.target.begin(), made_.target.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (made_.target.empty() || !is_visible) return refuse(400, "the target has bytes that are not visible");
    if (made_.target.size() > limits_.target_length) return refuse(414, "the target is too long");
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
      return version.starts_with("HTTP/") ? refuse(505, "only HTTP/1.1 and HTTP/1.0")
                                          : refuse(400, "not a request line");
    }
    made_.minor_version = version.back() - '0';
    return check_method();
  }

  bool check_method() {
    static const std::vector<std::string> known{"GET",    "HEAD",    "POST",    "PUT",  "PATCH",
                                                "DELETE", "OPTIONS", "CONNECT", "TRACE"};
    if (is_listed(limits_.methods, made_.method)) return true;
    return is_listed(known, made_.method) ? refuse(405, "this method is not allowed")
                                          : refuse(501, "an unknown method");
  }

  bool read_headers() {
    for (std::string_view line = next_line(); !line.empty(); line = next_line()) {
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) return refuse(400, "a header without a colon");
      // Also refuses folded lines and a blank before the colon: neither is a token.
      if (!is_token(line.substr(0, colon))) return refuse(400, "the name of a header is not a token");
      if (made_.headers.size() == limits_.header_count) return refuse(431, "too many headers");
      made_.headers.add(std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
    }
    return true;
  }

  bool check_framing() {
    const std::size_t codings = made_.headers.count("Transfer-Encoding");
    const std::size_t lengths = made_.headers.count("Content-Length");
    if (codings != 0) {
      if (lengths != 0) return refuse(400, "both Transfer-Encoding and Content-Length");
      if (codings != 1) return refuse(400, "more than one Transfer-Encoding");
      if (made_.minor_version == 0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
      if (!equal_ignoring_case(*made_.headers.get("Transfer-Encoding"), "chunked")) {
        return refuse(501, "a transfer coding other than chunked");
      }
      made_.is_chunked = true;
    }
    if (lengths == 0) return true;
    if (lengths != 1) return refuse(400, "more than one Content-Length");
    return read_length(*made_.headers.get("Content-Length"));
  }

  bool read_length(std::string_view digits) {
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) {
      return refuse(400, "Content-Length is not a number");
    }
    std::uint64_t value = 0;
    for (const char digit : digits) {
      if (value > limits_.request.body.count()) break;
      value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    if (value > limits_.request.body.count()) return refuse(413, "the body is too large");
    made_.content_length = value;
    return true;
  }

  bool check_expectation() {
    const auto expected = made_.headers.get("Expect");
    if (!expected) return true;
    if (!equal_ignoring_case(*expected, "100-continue")) return refuse(417, "an unknown expectation");
    made_.expects_continue = made_.minor_version == 1 && (made_.is_chunked || made_.content_length.value_or(0) != 0);
    return true;
  }

  bool read_resource() {
    const std::size_t hosts = made_.headers.count("Host");
    if (hosts > 1) return refuse(400, "more than one Host");
    if (hosts == 0 && made_.minor_version == 1) return refuse(400, "no Host");
    const std::string host(made_.headers.get("Host").value_or("localhost"));
    if (host.find_first_of("@/?#") != std::string::npos) return refuse(400, "Host is not a host and a port");
    const bool is_path = made_.target.front() == '/';
    result<url, url_error> read = url::parse(is_path ? "http://" + host + made_.target : made_.target);
    if (!read) return refuse(400, "the target or Host is malformed: " + read.reason().reason);
    if (read->scheme() != "http" && read->scheme() != "https") return refuse(400, "the target is not of HTTP");
    if (read->has_credentials() || !read->socket_path().empty()) return refuse(400, "the target is not of HTTP");
    made_.resource = *std::move(read);
    return true;
  }

  std::string_view rest_;
  const server_limits& limits_;
  request_head made_;
  std::optional<http_refusal> refusal_;
};

}  // namespace ovrseer::net_detail
