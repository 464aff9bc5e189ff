// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a client must know to be answered: a token, or a user's password.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/build.hpp>

namespace ovrseer {

/// A bearer token (RFC 6750) or a user and a password (RFC 7617), as a server compares them with the `Authorization` header
/// of a request and as a client writes that header. It travels in the clear: beyond the own machine only through TLS.
class http_credentials {
 public:
  /// Errors: `std::errc::invalid_argument` where the token is empty or holds what cannot stand in a header.
  static http_credentials bearer(std::string_view token);
  /// Errors: `std::errc::invalid_argument` where the user is empty or holds a colon, or either holds a control character.
  static http_credentials basic(std::string_view user, std::string_view password);

  /// Whether an `Authorization` header is this. The time that it takes does not tell how much of it was right.
  bool match(std::string_view authorization) const noexcept;

  /// The value of the `Authorization` header: a secret.
  std::string authorization() const { return scheme_ + " " + secret_; }
  /// The value of the `WWW-Authenticate` header of a refusal.
  std::string challenge() const;

 private:
  http_credentials(std::string scheme, std::string secret) : scheme_(std::move(scheme)), secret_(std::move(secret)) {}

  std::string scheme_;
  std::string secret_;  // as it stands in the header
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/impl/credentials.ipp>
#endif
