// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines cut out of a stream: whatever part of a private key is among them is hidden, and nothing beside it.
#include <ovrseer/redact/redact_lines.hpp>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

namespace t_redact_redact_lines {

using namespace ovrseer;
using lines = std::vector<std::string>;

const std::string body(64, 'A');
const std::string end = "-----END RSA PRIVATE KEY-----";

void becomes(lines from, const lines& expected) {
  const bool is_other = from != expected;
  CHECK(redact_lines(from, redactor().replacement("#")) == is_other);
  CHECK(from == expected);
  CHECK_FALSE(redact_lines(from, redactor().replacement("#")));
}

TEST_CASE("each line is redacted and there is one for each") {
  becomes({}, {});
  becomes({"one", "two"}, {"one", "two"});
  becomes({"password=x", "", "two"}, {"password=#", "", "two"});
  becomes({"-----BEGIN PRIVATE KEY-----", body, "x", end, "after"},
          {"-----BEGIN PRIVATE KEY-----", "#", "#", end, "after"});
  becomes({"-----BEGIN PRIVATE KEY-----", body}, {"-----BEGIN PRIVATE KEY-----", "#"});
}

TEST_CASE("of a key that begins before the first line the rest is hidden") {
  becomes({body, body, "abcd==", end, "after"}, {"#", "#", "#", end, "after"});
  becomes({"2024-01-01 " + body, "2024-01-01 abcd==", "2024-01-01 " + end}, {"#", "#", "2024-01-01 " + end});
  becomes({"before", "it", body, body, end}, {"before", "it", "#", "#", end});
  becomes({end, "after"}, {end, "after"});
  becomes({"the end: ab", end}, {"the end: ab", end});
}

TEST_CASE("what looks like a key but is none stays") {
  becomes({body, "abcd==", "-----END CERTIFICATE-----"}, {body, "abcd==", "-----END CERTIFICATE-----"});
  becomes({body, "-----BEGIN PRIVATE KEY-----", body, end}, {body, "-----BEGIN PRIVATE KEY-----", "#", end});
  becomes({body, body, "password=x"}, {body, body, "password=#"});
}

TEST_CASE("without rules nothing is hidden in lines") {
  lines given{"password=x", body, end};
  const lines before = given;
  CHECK_FALSE(redact_lines(given, no_redaction()));
  CHECK(given == before);
}

}  // namespace t_redact_redact_lines
