// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Tokens and passwords: what is taken, what is refused, and what never becomes credentials.
#include <ovrseer/error.hpp>
#include <ovrseer/net/credentials.hpp>

#include <string>
#include <system_error>

#include "catch.hpp"

namespace t_net_credentials {

using ovrseer::http_credentials;

TEST_CASE("a token is taken with its scheme in any case and nothing like it is") {
  const auto token = http_credentials::bearer("abc.DEF-123");
  CHECK(token.authorization() == "Bearer abc.DEF-123");
  CHECK(token.challenge() == "Bearer realm=\"ovrseer\"");
  for (const char* good : {"Bearer abc.DEF-123", "bearer abc.DEF-123", "BEARER   abc.DEF-123 "}) {
    CHECK(token.match(good));
  }
  for (const char* bad : {"", " ", "Bearer", "Bearer ", "abc.DEF-123", "Bearer abc.DEF-12", "Bearer abc.DEF-1234",
                          "Bearer bbc.DEF-123", "Bearer abc.DEF-123abc.DEF-123", "Basic abc.DEF-123",
                          "Bearer abc.def-123", "Bearer abc.DEF-123,abc", "Bearerabc.DEF-123"}) {
    CHECK_FALSE(token.match(bad));
  }
  CHECK_FALSE(token.match(std::string("Bearer abc.DEF-123\0", 19)));
}

TEST_CASE("a user and a password are compared as their header has them") {
  const auto user = http_credentials::basic("Aladdin", "open sesame");  // the example of RFC 7617
  CHECK(user.authorization() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(user.challenge() == "Basic realm=\"ovrseer\", charset=\"UTF-8\"");
  CHECK(user.match("basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
  CHECK_FALSE(user.match("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ"));
  CHECK_FALSE(user.match("Basic Aladdin:open sesame"));
  CHECK_FALSE(user.match("Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
  CHECK(http_credentials::basic("test", "123\xC2\xA3").authorization() ==
        "Basic dGVzdDoxMjPCow==");  // and its other one
  CHECK(http_credentials::basic("u", "").match("Basic dTo="));
  CHECK(http_credentials::basic("u", "a:b").match("Basic dTphOmI="));
}

template <class Make>
bool is_refused(Make make) {
  try {
    make();
  } catch (const ovrseer::error& failure) {
    return failure.code() == std::errc::invalid_argument;
  }
  return false;
}

TEST_CASE("credentials that nobody could send or that would open the door are refused") {
  for (const char* token : {"", " ", "a b", "a\r\nX: y", "\xC3\xA4", "a\x7f"}) {
    CHECK(is_refused([&] { http_credentials::bearer(token); }));
  }
  CHECK(is_refused([] { http_credentials::basic("", "password"); }));
  CHECK(is_refused([] { http_credentials::basic("a:b", "password"); }));
  CHECK(is_refused([] { http_credentials::basic("a\n", "password"); }));
  CHECK(is_refused([] { http_credentials::basic("a", "pass\tword"); }));
  CHECK_FALSE(is_refused([] { http_credentials::basic("a", "pass word"); }));
}

}  // namespace t_net_credentials
