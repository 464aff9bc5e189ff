// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/url.hpp>.
#pragma once

#include <ovrseer/net/url.hpp>

namespace ovrseer::net_detail {

OVRSEER_DECL std::string lower(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(), [](char c) { return lower(c); });
  return made;
}

}  // namespace ovrseer::net_detail

namespace ovrseer {

OVRSEER_DECL std::optional<std::string> percent_decoded(std::string_view text) {
  std::string made;
  made.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      made += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? net_detail::hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? net_detail::hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    made += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return made;
}

OVRSEER_DECL std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string made;
  for (const char c : text) {
    if (net_detail::is_unreserved(c)) {
      made += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      made.append(1, '%').append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
    }
  }
  return made;
}

OVRSEER_DECL std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

OVRSEER_DECL std::string url::authority() const {
  if (port_ && *port_ != default_port()) return host_and_port(host_, *port_);
  return host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
}

OVRSEER_DECL std::string to_text(const url& what) {
  std::string text = what.socket_path().empty()
                         ? what.scheme() + "://" + (what.has_credentials() ? "***@" : "") + what.authority()
                         : "unix:" + what.socket_path() + ":";
  text.append(what.is_path_hidden() ? "/***" : what.path());
  if (!what.query().empty()) text.append("?***");
  return text;
}

OVRSEER_DECL url url::under(std::string_view more) const {
  const result<url, url_error> alone = parse("http://host" + std::string(more));
  if (!more.starts_with('/') || !alone || alone->path() != more) {
    throw error(std::make_error_code(std::errc::invalid_argument), "url", "no path: " + std::string(more));
  }
  url made = *this;
  if (made.path_.ends_with('/')) made.path_.pop_back();
  made.path_.append(more);
  made.query_.clear();
  made.has_query_ = false;
  return made;
}

OVRSEER_DECL url::url(std::string_view text) {
  result<url, url_error> read = parse(text);
  if (!read) throw error(std::make_error_code(std::errc::invalid_argument), "url", to_text(read.reason()));
  *this = *std::move(read);
}

}  // namespace ovrseer
