// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What answers of services mean, and when they ask to come again.
#include <catch.hpp>
#include <ovrseer/async/retry.hpp>
#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/net/http_date.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace t_deliver_http_answer {

using namespace ovrseer;
using namespace std::chrono_literals;

constexpr wall_time at(std::int64_t seconds) { return wall_time(std::chrono::seconds(seconds)); }

std::optional<std::chrono::nanoseconds> asked(std::string value, wall_time now = at(784111777)) {
  http_headers headers;
  headers.add("Retry-After", std::move(value));
  return retry_after(headers, now);
}

TEST_CASE("the three forms of a date in a header") {
  CHECK(from_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == at(784111777));
  CHECK(from_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == at(784111777));
  CHECK(from_http_date("Sun Nov  6 08:49:37 1994") == at(784111777));
  CHECK(from_http_date("Thu, 29 Feb 2024 23:59:60 GMT") == at(1709251200));
  CHECK(from_http_date("Tuesday, 01-Jan-69 00:00:00 GMT") == at(3124224000));  // 2069
  for (const char* text :
       {"", "Sun", "Sun, ", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 1969 08:49:37 GMT",
        "Sun, 06 Nov 9994 08:49:37 GMT", "1994-11-06T08:49:37Z", "Sun Nov 16 08:49:37 94"}) {
    INFO(text);
    CHECK_FALSE(from_http_date(text));
  }
}

TEST_CASE("a service asks for a delay in seconds or until a date") {
  CHECK(asked("0") == 0s);
  CHECK(asked("120") == 2min);
  CHECK(asked("Sun, 06 Nov 1994 08:50:37 GMT") == 1min);
  CHECK(asked("Sun, 06 Nov 1994 08:49:00 GMT") == 0s);
  CHECK(asked("99999999999999999999999") == std::chrono::hours(24 * 365));
  CHECK(asked("Mon, 01 Jan 2260 00:00:00 GMT") == std::chrono::hours(24 * 365));
  CHECK_FALSE(asked(""));
  CHECK_FALSE(asked("-1"));
  CHECK_FALSE(asked("soon"));
  CHECK_FALSE(asked("1.5"));
  CHECK_FALSE(retry_after(http_headers(), at(0)));
}

TEST_CASE("each status is delivered or final or to be tried again") {
  for (const int status : {200, 201, 202, 204, 299}) CHECK_FALSE(meaning_of_status(status));
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    INFO(status);
    CHECK(meaning_of_status(status) == condition::retryable);
  }
  for (const int status : {100, 301, 302, 307, 400, 401, 403, 404, 405, 410, 413, 422, 501, 505, 600, 0}) {
    INFO(status);
    CHECK(meaning_of_status(status) == condition::fatal);
  }
  CHECK(meaning_of_status(429) == errc::throttled);
  CHECK(meaning_of_status(401) == errc::not_permitted);
  CHECK(meaning_of_status(413) == errc::message_too_large);
  for (const int status : {300, 302, 399, 404, 405, 410, 501}) CHECK(meaning_of_status(status) == errc::misdirected);
  for (const int status : {100, 400, 409, 422, 505}) CHECK(meaning_of_status(status) == errc::rejected);
}

TEST_CASE("what a refusal says is one readable line") {
  http_response answer(503);
  answer.header("Retry-After", "7").body("line one\nline \xFF two\r\n\x1b[31m" + std::string(500, 'x'));
  try {
    expect_success(answer, "Slack", at(0));
    FAIL("there was no exception");
  } catch (const retry_later& why) {
    CHECK(why.code() == errc::unavailable);
    CHECK(why.after() == 7s);
    CHECK_THAT(why.context(),
               catchx::StartsWith("Slack: 503 Service Unavailable: line one line \xEF\xBF\xBD two   [31mxxx"));
    CHECK(why.context().size() < 250);
  }
  CHECK_NOTHROW(expect_success(http_response(204), "Slack", at(0)));
  CHECK_THROWS_WITH(expect_success(http_response(302), "Slack", at(0)),
                    catchx::ContainsSubstring("redirections are not followed"));
}

TEST_CASE("a retry waits as long as the peer asks within bounds") {
  retry_limits limits(backoff::constant(1s));
  failed_attempt failed;
  failed.number = 1;
  CHECK(limits.next_delay(failed, 0s) == 1s);
  failed.asked = 30s;
  CHECK(limits.next_delay(failed, 0s) == 30s);
  failed.asked = 10ms;
  CHECK(limits.next_delay(failed, 0s) == 1s);
  failed.asked = std::chrono::hours(24);
  CHECK(limits.next_delay(failed, 0s) == 1h);
  limits.obey_up_to(1min).within(2min);
  CHECK(limits.next_delay(failed, 0s) == 1min);
  CHECK_FALSE(limits.next_delay(failed, 90s));
}

TEST_CASE("no secret that a receiver quotes comes into a message") {
  CHECK(excerpt_of(R"({"headers": {"Authorization": "Bearer abcdefghijklmnop"}})").find("abcdefg") ==
        std::string::npos);
  // The cut goes through the token, so it is hidden before.
  const std::string token = "ghp_" + std::string(36, 'k');
  CHECK(excerpt_of(std::string(170, 'x') + " " + token).find("kkkk") == std::string::npos);
}

TEST_CASE("what a receiver quotes of the credentials of its request is hidden") {
  http_request request = http_request::get(url("http://h/services/T0/B0/wordofthehook").hide_path());
  request.header("Authorization", "ApiKey plainkey").header("X-Token", "tiny").header("Idempotency-Key", "report-1");
  const std::vector<std::string> found = credentials_of(request);
  const std::string path = "/services/T0/B0/wordofthehook";
  const std::string in_json = R"(\/services\/T0\/B0\/wordofthehook)";
  CHECK(found == std::vector<std::string>{"ApiKey plainkey", "plainkey", path, in_json, path, in_json});
  http_response answer(404);
  answer.body("no plainkey; Cannot GET " + path + " of report-1, plainkey, " + in_json);
  hide_credentials(answer, found);
  CHECK(answer.body() == "no <redacted>; Cannot GET <redacted> of report-1, <redacted>, <redacted>");
  hide_credentials(answer, {});
  CHECK(answer.body().find("report-1") != std::string::npos);
}

TEST_CASE("a header whose name announces nothing is a credential too") {
  http_request request = http_request::get(url("http://h/"));
  request.header("X-Route", "hunter-two-and-more").header("content-type", "application/json");
  CHECK(credentials_of(request) == std::vector<std::string>{"hunter-two-and-more", "hunter-two-and-more"});
}

TEST_CASE("a credential that its replacement would hold is taken out once") {
  const std::string shown = redactor().replacement();
  http_response answer(401);
  answer.body("no " + shown + " here", "text/plain");
  hide_credentials(answer, {shown});
  CHECK(answer.body() == "no " + shown + " here");
}

TEST_CASE("what is too short for a credential is left in an answer") {
  http_response answer(400);
  answer.body("a short word", "text/plain");
  hide_credentials(answer, {"", "short"});
  CHECK(answer.body() == "a short word");
}

}  // namespace t_deliver_http_answer
