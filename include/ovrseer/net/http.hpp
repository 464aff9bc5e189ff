// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// HTTP messages as plain values, the same for clients and servers, built synchronously.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/net/url.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

namespace net_detail {

/// A `token` of RFC 9110: what methods and names of headers are made of.
constexpr bool is_token_char(char c) noexcept {
  return is_digit(c) || is_alpha(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return !text.empty();
}
/// Whether a byte may stand in the value of a header: no control but the tab.
constexpr bool is_field_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}
constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace net_detail

/// One header of a message.
struct http_header {
  std::string name;
  std::string value;
  friend bool operator==(const http_header&, const http_header&) = default;
};

/// Headers in the order in which they were added. Names are compared without case.
class http_headers {
 public:
  /// Adds a header, also where one of this name is there.
  /// Errors: `std::errc::invalid_argument` where the name is no token or the value holds a control byte, so
  /// that nobody smuggles a second header in.
  http_headers& add(std::string name, std::string value);
  /// Replaces every header of this name by one. Errors: as `add`.
  http_headers& set(std::string name, std::string value);
  http_headers& remove(std::string_view name);

  /// The value of the first header of this name. The view lives until the headers change.
  std::optional<std::string_view> get(std::string_view name) const;
  bool contains(std::string_view name) const { return get(name).has_value(); }
  std::size_t count(std::string_view name) const;

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }
  friend bool operator==(const http_headers&, const http_headers&) = default;

 private:
  static void check(std::string_view name, std::string_view value);

  std::vector<http_header> entries_;
};

/// How much of a message is read before it is refused with `errc::message_too_large`.
///
/// Zero allows nothing at all: an empty body, no head.
struct http_limits {
  byte_size head{std::uint64_t{64} << 10U};  ///< first line and headers together; default 64 KiB
  byte_size body{std::uint64_t{1} << 20U};   ///< after decoding of chunks; default 1 MiB
};

/// Who sent a request that a server received.
struct http_peer {
  std::string address;        ///< "127.0.0.1:50122", or "local" through a local socket
  std::optional<uid_t> user;  ///< through a local socket: the user of the process at the other end
  std::optional<pid_t> process;
};

/// A request. All setters return the request, so that they chain.
class http_request {
 public:
  /// Errors: `std::errc::invalid_argument` where the method is no token.
  http_request(std::string method, url target);
  static http_request get(url target) { return {"GET", std::move(target)}; }
  static http_request post(url target, std::string body, std::string content_type);

  /// Adds a header. Errors: as `http_headers::add`.
  http_request& header(std::string name, std::string value);
  http_request& headers(http_headers all);
  http_request& body(std::string content);
  http_request& body(std::string content, std::string content_type);
  /// How much of the response a client reads.
  http_request& limits(http_limits of_the_response);
  http_request& peer(http_peer who);

  const std::string& method() const noexcept { return method_; }
  const url& target() const noexcept { return target_; }
  const http_headers& headers() const noexcept { return headers_; }
  const std::string& body() const noexcept { return body_; }
  const http_limits& limits() const noexcept { return limits_; }
  /// Set by a server; empty in a request of our own.
  const http_peer& peer() const noexcept { return peer_; }

 private:
  std::string method_;
  url target_;
  http_headers headers_;
  std::string body_;
  http_limits limits_;
  http_peer peer_;
};

/// A response. All setters return the response, so that they chain.
class http_response {
 public:
  /// `status` is the three-digit code; default 200.
  explicit http_response(int status = 200) : status_(status) {}

  http_response& status(int code);
  /// Adds a header. Errors: as `http_headers::add`.
  http_response& header(std::string name, std::string value);
  http_response& headers(http_headers all);
  http_response& body(std::string content);
  http_response& body(std::string content, std::string content_type);

  int status() const noexcept { return status_; }
  /// 200 to 299.
  bool is_success() const noexcept { return status_ >= 200 && status_ < 300; }
  const http_headers& headers() const noexcept { return headers_; }
  const std::string& body() const noexcept { return body_; }

 private:
  int status_;
  http_headers headers_;
  std::string body_;
};

/// The phrase of a status, such as "Not Found"; "Unknown" where RFC 9110 and 6585 name none.
constexpr std::string_view status_phrase(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/impl/http.ipp>
#endif
