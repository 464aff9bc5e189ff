// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/credentials.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>
#include <system_error>

#include <ovrseer/error.hpp>
#include <ovrseer/log/encode.hpp>
#include <ovrseer/net/credentials.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer::net_detail {

/// Compares all that was given, whatever differs: the time depends on `given` alone. The volatile keeps a compiler from
/// leaving the loop early.
inline bool equal_in_constant_time(std::string_view secret, std::string_view given) noexcept {
  volatile unsigned difference = secret.size() == given.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char expected = secret.empty() ? '\0' : secret[i % secret.size()];
    difference = difference | static_cast<unsigned char>(expected ^ given[i]);
  }
  return difference == 0;
}

[[noreturn]] inline void refuse_credentials(const char* why) {
  throw error(std::make_error_code(std::errc::invalid_argument), "http_credentials", why);
}

}  // namespace ovrseer::net_detail

namespace ovrseer {

OVRSEER_DECL http_credentials http_credentials::bearer(std::string_view token) {
  const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (token.empty() || !std::all_of(token.begin(), token.end(), is_visible)) {
    net_detail::refuse_credentials("a token is made of visible ASCII characters, and of one at least");
  }
  return {"Bearer", std::string(token)};
}

OVRSEER_DECL http_credentials http_credentials::basic(std::string_view user, std::string_view password) {
  const auto is_plain = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return net_detail::is_field_char(c) && c != '\t'; });
  };
  if (user.empty() || user.find(':') != std::string_view::npos || !is_plain(user) || !is_plain(password)) {
    net_detail::refuse_credentials("a user has a name without colon, and neither it nor the password controls");
  }
  std::string secret;
  log_detail::append_base64(secret, std::string(user) + ":" + std::string(password));
  return {"Basic", std::move(secret)};
}

OVRSEER_DECL bool http_credentials::match(std::string_view authorization) const noexcept {
  const std::size_t space = authorization.find(' ');
  if (space == std::string_view::npos || !net_detail::equal_ignoring_case(authorization.substr(0, space), scheme_)) {
    return false;
  }
  return net_detail::equal_in_constant_time(secret_, net_detail::trimmed(authorization.substr(space)));
}

OVRSEER_DECL std::string http_credentials::challenge() const {
  return scheme_ + (scheme_ == "Basic" ? " realm=\"ovrseer\", charset=\"UTF-8\"" : " realm=\"ovrseer\"");
}

}  // namespace ovrseer
