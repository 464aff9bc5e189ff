// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where a request goes: a strict reading of URLs that says where one is wrong and never prints what is secret.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// Why a text is not a URL. The reason never quotes the text, which may hold a password.
struct url_error {
  std::size_t offset = 0;  ///< of the byte that is wrong, from 0
  std::string reason;
};

/// "offset 7: a host is missing".
inline std::string to_text(const url_error& why) { return "offset " + std::to_string(why.offset) + ": " + why.reason; }

namespace net_detail {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}
constexpr bool is_unreserved(char c) noexcept {
  return is_digit(c) || is_alpha(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
OVRSEER_DECL std::string lower(std::string_view text);
/// The longest path that fits a socket address, in bytes.
inline constexpr std::size_t max_socket_path = 107;

}  // namespace net_detail

/// Replaces `%2F` and the like by the bytes they stand for; nothing where a `%` lacks its two digits.
OVRSEER_DECL std::optional<std::string> percent_decoded(std::string_view text);

/// Escapes all but letters, digits and `-._~`, so that any text is one segment of a path or one value of a query.
OVRSEER_DECL std::string percent_encoded(std::string_view text);

/// "example.com:80", "[::1]:80": the host in brackets where it is an IPv6 address.
OVRSEER_DECL std::string host_and_port(const std::string& host, std::uint16_t port);

/// An absolute URL (RFC 3986), or the path of a local socket with the path of a request.
///
/// `scheme://[user[:password]@]host[:port][/path][?query][#fragment]`, where the host is a name, an IPv4
/// address or an IPv6 address in brackets; `http+unix://%2Frun%2Fx.sock/path`; `unix:/run/x.sock:/path`,
/// where the second path may be left out and the first has no colon. What RFC 3986 does not allow is
/// refused, not mended: escape it with `percent_encoded`.
class url {
 public:
  /// Reads `text`. Errors: `std::errc::invalid_argument`, with the offset and the reason.
  url(std::string_view text);
  url(const std::string& text) : url(std::string_view(text)) {}
  url(const char* text) : url(std::string_view(text)) {}

  /// Reads `text`, with the reason as a value.
  static result<url, url_error> parse(std::string_view text);

  /// In lower case; "http" also for local sockets.
  const std::string& scheme() const noexcept { return scheme_; }
  /// In lower case, an IPv6 address without brackets; "localhost" for local sockets.
  const std::string& host() const noexcept { return host_; }
  std::optional<std::uint16_t> port() const noexcept { return port_; }
  /// The port, or the scheme's; zero where the scheme has none that we know.
  std::uint16_t effective_port() const noexcept { return port_.value_or(default_port()); }
  /// Decoded; empty where there is none.
  const std::string& user() const noexcept { return user_; }
  const std::string& password() const noexcept { return password_; }
  bool has_credentials() const noexcept { return !user_.empty() || !password_.empty(); }
  /// As written, escapes and all; at least "/".
  const std::string& path() const noexcept { return path_; }
  /// As written, without the `?`.
  const std::string& query() const noexcept { return query_; }
  /// As written, without the `#`; never sent.
  const std::string& fragment() const noexcept { return fragment_; }
  /// The path of the local socket; empty where the peer is reached by TCP.
  const std::string& socket_path() const noexcept { return socket_path_; }

  /// The same with `more`, which begins with '/', behind the path; a '/' at its end is then not doubled. Without query.
  /// Errors: `std::errc::invalid_argument` where `more` is no path.
  url under(std::string_view more) const;
  /// From now on `to_text` masks the path too: of webhooks, for whom it is the password.
  url& hide_path() noexcept {
    is_path_secret_ = true;
    return *this;
  }
  bool is_path_hidden() const noexcept { return is_path_secret_; }

  /// What a request line says: path and query.
  std::string target() const { return has_query_ ? path_ + "?" + query_ : path_; }
  /// What a `Host` header says: host and port, the port left out where it is the scheme's.
  std::string authority() const;
  /// For the wire: scheme, authority and target, without credentials and fragment.
  std::string wire_text() const { return scheme_ + "://" + authority() + target(); }

  friend bool operator==(const url&, const url&) = default;

 private:
  class reader;
  url() = default;
  std::uint16_t default_port() const noexcept { return scheme_ == "http" ? 80 : scheme_ == "https" ? 443 : 0; }

  std::string scheme_;
  std::string user_;
  std::string password_;
  std::string host_;
  std::string path_ = "/";
  std::string query_;
  std::string fragment_;
  std::string socket_path_;
  std::optional<std::uint16_t> port_;
  bool has_query_ = false;
  bool is_path_secret_ = false;
};

/// For people: credentials are masked, and so is the query, where tokens travel, and a path that is hidden.
OVRSEER_DECL std::string to_text(const url& what);

/// Reads one URL from left to right; every step either moves on or keeps the first error.
class url::reader {
 public:
  explicit reader(std::string_view text) : text_(text) {}

  result<url, url_error> read() {
    read_scheme() && (made_.scheme_ == "unix" ? read_local() : read_authority()) && read_target();
    if (error_) return failure(std::move(*error_));
    return std::move(made_);
  }

 private:
  bool refuse(std::size_t offset, std::string reason) {
    error_ = url_error{offset, std::move(reason)};
    return false;
  }
  bool at_end() const noexcept { return at_ == text_.size(); }
  bool is_at(char c) const noexcept { return at_ < text_.size() && text_[at_] == c; }

  bool read_scheme() {
    const std::size_t colon = text_.find(':');
    if (colon == 0 || colon == std::string_view::npos) return refuse(0, "a scheme such as http:// is missing");
    for (; at_ < colon; ++at_) {
      const char c = text_[at_];
      const bool fits =
          net_detail::is_alpha(c) || (at_ != 0 && (net_detail::is_digit(c) || c == '+' || c == '-' || c == '.'));
      if (!fits) return refuse(at_, "this is not a scheme such as http://");
    }
    made_.scheme_ = net_detail::lower(text_.substr(0, colon));
    ++at_;
    if (made_.scheme_ == "unix") return true;
    if (text_.substr(at_, 2) != "//") return refuse(at_, "after the scheme comes //");
    at_ += 2;
    return true;
  }

  // unix:/run/x.sock:/path
  bool read_local() {
    const std::size_t end = std::min(text_.find(':', at_), text_.size());
    if (!set_socket_path(std::string(text_.substr(at_, end - at_)))) return false;
    at_ = end;
    if (!at_end()) ++at_;
    if (!at_end() && !is_at('/')) return refuse(at_, "the path of the request begins with /");
    return true;
  }

  bool set_socket_path(std::string path) {
    if (path.empty() || path.front() != '/') return refuse(at_, "the path of the socket begins with /");
    if (path.size() > net_detail::max_socket_path)
      return refuse(at_, "the path of the socket is longer than 107 bytes");
    if (path.find('\0') != std::string::npos) return refuse(at_, "the path of the socket has a zero byte");
    made_.socket_path_ = std::move(path);
    made_.scheme_ = "http";
    made_.host_ = "localhost";
    return true;
  }

  bool read_authority() {
    const std::size_t end = std::min(text_.find_first_of("/?#", at_), text_.size());
    if (const std::size_t sign = text_.substr(at_, end - at_).rfind('@'); sign != std::string_view::npos) {
      if (!read_credentials(at_ + sign)) return false;
    }
    if (made_.scheme_ == "http+unix") {
      const std::size_t begin = at_;
      if (!check_characters(end, "", "this byte must be escaped in the path of a socket")) return false;
      at_ = begin;
      if (!set_socket_path(percent_decoded(text_.substr(begin, end - begin)).value_or(""))) return false;
      at_ = end;
      return true;
    }
    return is_at('[') ? read_address(end) : read_name(end);
  }

  bool read_credentials(std::size_t sign) {
    const std::size_t begin = at_;
    if (!check_characters(sign, "!$&'()*+,;=:", "this byte must be escaped in a user or password")) return false;
    const std::string_view both = text_.substr(begin, sign - begin);
    const std::size_t colon = std::min(both.find(':'), both.size());
    made_.user_ = *percent_decoded(both.substr(0, colon));
    if (colon != both.size()) made_.password_ = *percent_decoded(both.substr(colon + 1));
    at_ = sign + 1;
    return true;
  }

  bool read_address(std::size_t end) {
    const std::size_t close = text_.find(']', at_);
    if (close >= end) return refuse(at_, "the bracket of the IPv6 address is not closed");
    const std::string address(text_.substr(at_ + 1, close - at_ - 1));
    in6_addr binary{};
    const bool is_whole = address.find('\0') == std::string::npos;  // inet_pton stops there
    if (!is_whole || ::inet_pton(AF_INET6, address.c_str(), &binary) != 1)
      return refuse(at_ + 1, "this is not an IPv6 address");
    made_.host_ = net_detail::lower(address);
    at_ = close + 1;
    return read_port(end);
  }

  bool read_name(std::size_t end) {
    const std::size_t begin = at_;
    const std::size_t colon = std::min(text_.find(':', at_), end);
    if (!check_characters(colon, "!$&'()*+,;=", "this byte is not allowed in a host")) return false;
    if (colon == begin) return refuse(begin, "a host is missing");
    made_.host_ = net_detail::lower(text_.substr(begin, colon - begin));
    at_ = colon;
    return read_port(end);
  }

  bool read_port(std::size_t end) {
    if (at_ == end) return true;
    if (!is_at(':')) return refuse(at_, "after the host comes : and a port");
    ++at_;
    unsigned value = 0;
    const char* const last = text_.data() + end;
    const auto [stopped, code] = std::from_chars(text_.data() + at_, last, value);
    if (code != std::errc() || stopped != last || value == 0 || value > 65535) {
      return refuse(at_, "a port is a number from 1 to 65535");
    }
    made_.port_ = static_cast<std::uint16_t>(value);
    at_ = end;
    return true;
  }

  bool read_target() {
    static constexpr const char* wrong = "this byte must be escaped with %";
    const std::size_t path = at_;
    std::size_t end = std::min(text_.find_first_of("?#", at_), text_.size());
    if (!check_characters(end, "!$&'()*+,;=:@/", wrong)) return false;
    if (end != path) made_.path_ = text_.substr(path, end - path);
    if (is_at('?')) {
      const std::size_t query = ++at_;
      end = std::min(text_.find('#', at_), text_.size());
      if (!check_characters(end, "!$&'()*+,;=:@/?", wrong)) return false;
      made_.query_ = text_.substr(query, end - query);
      made_.has_query_ = true;
    }
    if (is_at('#')) {
      const std::size_t fragment = ++at_;
      if (!check_characters(text_.size(), "!$&'()*+,;=:@/?", wrong)) return false;
      made_.fragment_ = text_.substr(fragment);
    }
    return true;
  }

  /// Moves to `end` over unreserved characters, whole escapes and those in `more`.
  bool check_characters(std::size_t end, std::string_view more, const char* reason) {
    for (; at_ < end; ++at_) {
      const char c = text_[at_];
      if (c == '%') {
        const bool whole =
            at_ + 2 < end && net_detail::hex_value(text_[at_ + 1]) >= 0 && net_detail::hex_value(text_[at_ + 2]) >= 0;
        if (!whole) return refuse(at_, "after % come two hexadecimal digits");
        at_ += 2;
      } else if (!net_detail::is_unreserved(c) && more.find(c) == std::string_view::npos) {
        return refuse(at_, reason);
      }
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  url made_;
  std::optional<url_error> error_;
};

inline result<url, url_error> url::parse(std::string_view text) { return reader(text).read(); }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/impl/url.ipp>
#endif
