// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The server that takes our mails, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include <ovrseer/error.hpp>
#include <ovrseer/net/url.hpp>

namespace ovrseer {

/// Whether mails may travel where others can read and change them.
enum class mail_security : std::uint8_t {
  tls,    ///< only encrypted, to a server whose certificate is trusted: the default
  plain,  ///< never encrypted, and so without signing in: for a server on the same machine or in a network of one's own
};

/// The server that takes our mails, and who we are to it. Chained setters.
class mail_server {
 public:
  /// "smtp://host" (port 587, encrypted by STARTTLS) or "smtps://host" (port 465, encrypted from the first byte). A user and
  /// password in the address are as by `login`; a path is the name that we greet with, by default this host's.
  /// Errors: `std::errc::invalid_argument` for another scheme, a query or a fragment.
  explicit mail_server(url address) : address_(std::move(address)) {
    const bool is_smtp = address_.scheme() == "smtp" || address_.scheme() == "smtps";
    if (!is_smtp) refuse("the address of a mail server begins with smtp:// or smtps://");
    if (!address_.query().empty() || !address_.fragment().empty()) refuse("the address ends with the host and port");
    user_ = address_.user();
    password_ = address_.password();
    check();
  }

  /// Signs in. The user and password are sent as AUTH PLAIN, or LOGIN where the server knows no other, and never
  /// without TLS. Errors: `std::errc::invalid_argument` for a server of `mail_security::plain`, and for a zero byte.
  mail_server& login(std::string user, std::string password) {
    user_ = std::move(user);
    password_ = std::move(password);
    return check();
  }
  /// Errors: `std::errc::invalid_argument` for `plain` with "smtps", and with a user.
  mail_server& security(mail_security level) {
    security_ = level;
    return check();
  }

  const url& address() const noexcept { return address_; }
  const std::string& user() const noexcept { return user_; }
  const std::string& password() const noexcept { return password_; }
  mail_security security() const noexcept { return security_; }
  /// Scheme, host and port, for messages too.
  std::string text() const {
    const std::uint16_t standard = address_.scheme() == "smtps" ? 465 : 587;
    const std::string port = address_.port() ? "" : ":" + std::to_string(standard);
    return address_.scheme() + "://" + address_.authority() + port;
  }

 private:
  [[noreturn]] static void refuse(const char* why) {
    throw error(std::make_error_code(std::errc::invalid_argument), "mail_server", why);
  }
  mail_server& check() {
    const bool has_login = !user_.empty() || !password_.empty();
    if (security_ == mail_security::plain && has_login) refuse("no user signs in where nothing is encrypted");
    if (security_ == mail_security::plain && address_.scheme() == "smtps") refuse("smtps:// is always encrypted");
    if ((user_ + password_).find('\0') != std::string::npos) refuse("a user and a password hold no zero byte");
    return *this;
  }

  url address_;
  std::string user_;
  std::string password_;
  mail_security security_ = mail_security::tls;
};

}  // namespace ovrseer
