// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// URLs as a table: what is read, and where what is refused goes wrong.
#include <ovrseer/error.hpp>
#include <ovrseer/net/url.hpp>

#include <string>
#include <vector>

#include "catch.hpp"

namespace t_net_url {

using ovrseer::percent_decoded;
using ovrseer::percent_encoded;
using ovrseer::to_text;
using ovrseer::url;

TEST_CASE("a URL falls into its parts") {
  const url all("HTTP://Ann:s%40crt@Example.COM:8080/a/b%2Fc?x=1&y=/?#top");
  CHECK(all.scheme() == "http");
  CHECK(all.user() == "Ann");
  CHECK(all.password() == "s@crt");
  CHECK(all.host() == "example.com");
  CHECK(all.port() == 8080);
  CHECK(all.path() == "/a/b%2Fc");
  CHECK(all.query() == "x=1&y=/?");
  CHECK(all.fragment() == "top");
  CHECK(all.target() == "/a/b%2Fc?x=1&y=/?");
  CHECK(all.authority() == "example.com:8080");
  CHECK(all.wire_text() == "http://example.com:8080/a/b%2Fc?x=1&y=/?");
  CHECK(all.socket_path().empty());
}

TEST_CASE("what a URL leaves out has its default") {
  const url plain("https://h");
  CHECK(plain.path() == "/");
  CHECK(plain.target() == "/");
  CHECK_FALSE(plain.port().has_value());
  CHECK(plain.effective_port() == 443);
  CHECK(url("http://h").effective_port() == 80);
  CHECK(url("nats://h").effective_port() == 0);
  CHECK(url("http://h?").target() == "/?");
  CHECK(url("http://h?q").target() == "/?q");
  CHECK(url("http://h:80/x").authority() == "h");
}

TEST_CASE("an IPv6 address stands in brackets") {
  const url six("http://[FE80::1]:81/x");
  CHECK(six.host() == "fe80::1");
  CHECK(six.port() == 81);
  CHECK(six.authority() == "[fe80::1]:81");
  CHECK(url("http://[::ffff:127.0.0.1]/").host() == "::ffff:127.0.0.1");
}

TEST_CASE("a local socket is written in two ways") {
  const url escaped("http+unix://%2Frun%2Fx.sock/v1/info?all=1");
  CHECK(escaped.scheme() == "http");
  CHECK(escaped.socket_path() == "/run/x.sock");
  CHECK(escaped.host() == "localhost");
  CHECK(escaped.target() == "/v1/info?all=1");
  const url plain("unix:/run/x y.sock:/v1");
  CHECK(plain.socket_path() == "/run/x y.sock");
  CHECK(plain.target() == "/v1");
  CHECK(url("unix:/run/x.sock").target() == "/");
  CHECK(url("unix:/run/x.sock:/v1/info?all=1") == escaped);
}

TEST_CASE("no credential and no query is printed") {
  CHECK(to_text(url("http://ann:pw@h/x?token=t")) == "http://***@h/x?***");
  CHECK(to_text(url("http://h:81/x")) == "http://h:81/x");
  CHECK(to_text(url("unix:/s:/x")) == "unix:/s:/x");
  CHECK(url("http://ann:pw@h/x").wire_text() == "http://h/x");
}

TEST_CASE("a text that is no URL is refused at the byte that is wrong") {
  struct row {
    std::string text;
    std::size_t offset;
    std::string reason;
  };
  const std::vector<row> rows{
      {"", 0, "scheme"},
      {"example.com/x", 0, "scheme"},
      {":80", 0, "scheme"},
      {"1http://h", 0, "scheme"},
      {"ht tp://h", 2, "scheme"},
      {"localhost:80", 10, "//"},
      {"http:/h", 5, "//"},
      {"http://", 7, "host"},
      {"http:///x", 7, "host"},
      {"http://:80", 7, "host"},
      {"http://a b/", 8, "host"},
      {"http://h\xc3\xa9/", 8, "host"},
      {"http://h:/", 9, "port"},
      {"http://h:0/", 9, "port"},
      {"http://h:65536/", 9, "port"},
      {"http://h:8o/", 9, "port"},
      {"http://h:-1/", 9, "port"},
      {"http://h:+1/", 9, "port"},
      {"http://[::1/", 7, "bracket"},
      {"http://[::g]/", 8, "IPv6"},
      {"http://[fe80::1%25eth0]/", 8, "IPv6"},
      {std::string("http://[::1\0x]/", 15), 8, "IPv6"},
      {"http://[::1]x/", 12, "port"},
      {"http://h/a b", 10, "escaped"},
      {"http://h/a\nb", 10, "escaped"},
      {"http://h/{x}", 9, "escaped"},
      {"http://h/%2", 9, "hexadecimal"},
      {"http://h/%zz", 9, "hexadecimal"},
      {"http://h/?a=[1]", 12, "escaped"},
      {"http://h/#a b", 11, "escaped"},
      {"http://u%zz@h/", 8, "hexadecimal"},
      {"http://u p@h/", 8, "escaped"},
      {"unix:", 5, "socket"},
      {"unix:relative", 5, "socket"},
      {"unix:/s:x", 8, "request"},
      {"http+unix://run/x", 12, "socket"},
      {"http+unix://%2Frun%00x/", 12, "zero"},
      {"http+unix://" + std::string(3, 'a') + "/", 12, "socket"},
      {"unix:/" + std::string(107, 'a'), 5, "longer"},
  };
  for (const row& row : rows) {
    CAPTURE(row.text);
    const auto read = url::parse(row.text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.reason().offset == row.offset);
    CHECK_THAT(read.reason().reason, catchx::ContainsSubstring(row.reason));
  }
}

TEST_CASE("the constructor throws what parse says") {
  CHECK_THROWS_WITH(url("http://secret:pw@h:x/"), catchx::StartsWith("url: offset 19: a port is a number"));
  try {
    const url bad("x");
  } catch (const ovrseer::error& failure) {
    CHECK(failure.code() == std::errc::invalid_argument);
  }
}

TEST_CASE("escapes come and go") {
  CHECK(percent_encoded("a/b c\xff~") == "a%2Fb%20c%FF~");
  CHECK(percent_decoded("a%2Fb%20c%ff~") == "a/b c\xff~");
  CHECK_FALSE(percent_decoded("100%").has_value());
  CHECK_FALSE(percent_decoded("%4").has_value());
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  CHECK(percent_decoded(percent_encoded(every)) == every);
}

}  // namespace t_net_url
