// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/detail/http_head.hpp>.
#pragma once

#include <utility>

#include <ovrseer/net/detail/http_head.hpp>

namespace ovrseer::net_detail {

OVRSEER_DECL std::size_t head_reader::feed(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    take(bytes[i]);
    if (is_complete_ || refusal_) return i + 1;
  }
  return bytes.size();
}

OVRSEER_DECL void head_reader::take(char c) {
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

OVRSEER_DECL void head_reader::end_line() {
  if (text_.size() == 2 && !skipped_empty_line_) {  // RFC 9112, 2.2: one before the request is forgiven
    skipped_empty_line_ = true;
    text_.clear();
  } else if (text_.size() == 2) {
    refusal_ = http_refusal{400, "empty lines instead of a request"};
  } else {
    is_complete_ = text_.ends_with("\r\n\r\n");
  }
}

OVRSEER_DECL result<request_head, http_refusal> head_parser::read() {
  read_request_line(next_line()) && read_headers() && check_framing() && check_expectation() && read_resource();
  if (refusal_) return failure(std::move(*refusal_));
  return std::move(made_);
}

OVRSEER_DECL bool head_parser::refuse(int status, std::string reason) {
  refusal_ = http_refusal{status, std::move(reason)};
  return false;
}

OVRSEER_DECL std::string_view head_parser::next_line() {
  const std::size_t end = rest_.find("\r\n");
  const std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(line.size() + 2, rest_.size()));
  return line;
}

OVRSEER_DECL bool head_parser::read_request_line(std::string_view line) {
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
    return version.starts_with("HTTP/") ? refuse(505, "only HTTP/1.1 and HTTP/1.0") : refuse(400, "not a request line");
  }
  made_.minor_version = version.back() - '0';
  return check_method();
}

OVRSEER_DECL bool head_parser::check_method() {
  static const std::vector<std::string> known{"GET",    "HEAD",    "POST",    "PUT",  "PATCH",
                                              "DELETE", "OPTIONS", "CONNECT", "TRACE"};
  if (is_listed(limits_.methods, made_.method)) return true;
  return is_listed(known, made_.method) ? refuse(405, "this method is not allowed") : refuse(501, "an unknown method");
}

OVRSEER_DECL bool head_parser::read_headers() {
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

OVRSEER_DECL bool head_parser::check_framing() {
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

OVRSEER_DECL bool head_parser::read_length(std::string_view digits) {
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

OVRSEER_DECL bool head_parser::check_expectation() {
  const auto expected = made_.headers.get("Expect");
  if (!expected) return true;
  if (!equal_ignoring_case(*expected, "100-continue")) return refuse(417, "an unknown expectation");
  made_.expects_continue = made_.minor_version == 1 && (made_.is_chunked || made_.content_length.value_or(0) != 0);
  return true;
}

OVRSEER_DECL bool head_parser::read_resource() {
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

}  // namespace ovrseer::net_detail
