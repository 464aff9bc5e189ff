// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Messages as values: headers without case, and nothing that smuggles a second one in.
#include <ovrseer/error.hpp>
#include <ovrseer/net/http.hpp>

#include <string>

#include "catch.hpp"

namespace t_net_http {

using ovrseer::http_headers;
using ovrseer::http_request;
using ovrseer::http_response;
using ovrseer::url;

TEST_CASE("headers are found without regard to case and keep their order") {
  http_headers headers;
  headers.add("Accept", "a").add("X-One", "1").add("accept", "b");
  CHECK(headers.get("ACCEPT") == "a");
  CHECK(headers.count("Accept") == 2);
  CHECK_FALSE(headers.contains("Accept-Encoding"));
  headers.set("aCCept", "c");
  CHECK(headers.count("Accept") == 1);
  CHECK(headers.size() == 2);
  CHECK(headers.begin()->name == "X-One");
  headers.remove("x-one").remove("x-none");
  CHECK(headers.size() == 1);
}

TEST_CASE("a header that holds a line break or another control byte is refused") {
  http_headers headers;
  CHECK_THROWS_WITH(headers.add("X", "a\r\nY: b"), catchx::ContainsSubstring("control byte in X"));
  CHECK_THROWS_AS(headers.set("X", "a\nb"), ovrseer::error);
  CHECK_THROWS_AS(headers.add("X", std::string("a\0b", 3)), ovrseer::error);
  CHECK_THROWS_AS(headers.add("X", "\x7f"), ovrseer::error);
  CHECK_THROWS_AS(headers.add("X Y", "a"), ovrseer::error);
  CHECK_THROWS_AS(headers.add("X:", "a"), ovrseer::error);
  CHECK_THROWS_AS(headers.add("", "a"), ovrseer::error);
  CHECK(headers.empty());
  CHECK_NOTHROW(headers.add("X", "tab\there \xc3\xa9"));
}

TEST_CASE("a request is built in one chain") {
  const http_request request = http_request::post("http://h/x", "{}", "application/json").header("X-One", "1");
  CHECK(request.method() == "POST");
  CHECK(request.target() == url("http://h/x"));
  CHECK(request.body() == "{}");
  CHECK(request.headers().get("content-type") == "application/json");
  CHECK(request.headers().get("x-one") == "1");
  CHECK(http_request::get("http://h").method() == "GET");
  CHECK_THROWS_AS(http_request("GE T", "http://h"), ovrseer::error);
  CHECK_THROWS_AS(http_request("GET\r\n", "http://h"), ovrseer::error);
}

TEST_CASE("a response is built in one chain") {
  const http_response response = http_response(201).header("Location", "/1").body("done", "text/plain");
  CHECK(response.status() == 201);
  CHECK(response.is_success());
  CHECK(response.body() == "done");
  CHECK(response.headers().get("Location") == "/1");
  CHECK_FALSE(http_response(199).is_success());
  CHECK_FALSE(http_response(300).is_success());
  CHECK(http_response().status() == 200);
}

TEST_CASE("statuses have their phrases") {
  CHECK(ovrseer::status_phrase(404) == "Not Found");
  CHECK(ovrseer::status_phrase(431) == "Request Header Fields Too Large");
  CHECK(ovrseer::status_phrase(299) == "Unknown");
}

}  // namespace t_net_http
