// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Secrets across the borders of chunks, and those that one's own patterns name.
#include <ovrseer/redact/chunk_redactor.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

namespace t_redact_chunk_redactor {

using namespace ovrseer;

redactor with_customers() {
  redactor rules;
  rules.add_pattern(pattern<"(customer )\\d{4,}">(), "$1#");
  rules.add_pattern(pattern<"secret-\\w+", icase>());
  return rules;
}

constexpr std::string_view text =
    "user=bob password=hunter2 x=1\r\n"
    "customer 12345 and customer 67890, customer 12\n"
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n"
    "a Secret-Word here\n"
    "no line end: token=abcdefgh12345678";

constexpr std::string_view expected =
    "user=bob password=<redacted> x=1\r\n"
    "customer # and customer #, customer 12\n"
    "-----BEGIN PRIVATE KEY-----\n<redacted>\n<redacted>\n-----END PRIVATE KEY-----\n"
    "a <redacted> here\n"
    "no line end: token=<redacted>";

TEST_CASE("what comes out of chunks is the same wherever they end", "[redact]") {
  std::string by_lines;
  {
    chunk_redactor whole(with_customers());
    CHECK(whole.append(by_lines, text));
    whole.finish(by_lines);
  }
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); second += 7) {
      chunk_redactor stream(with_customers());
      std::string out;
      stream.append(out, text.substr(0, first));
      stream.append(out, text.substr(first, second - first));
      stream.append(out, text.substr(second));
      stream.finish(out);
      if (out != by_lines) FAIL("cut at " << first << " and " << second << ": " << out);
    }
  }
  CHECK(by_lines == expected);
}

TEST_CASE("a line without an end is not held for ever", "[redact]") {
  chunk_redactor stream;
  std::string out;
  std::string line;
  while (line.size() < 3 * chunk_redactor::most_held) line += "word password=hunter2 ";
  for (std::size_t at = 0; at < line.size(); at += 1000) {
    stream.append(out, std::string_view(line).substr(at, 1000));
    CHECK(out.size() + chunk_redactor::most_held + 1000 > at / 22 * 20);
  }
  stream.finish(out);
  CHECK(out.find("hunter2") == std::string::npos);
  CHECK(out == redactor().redact(line));
}

TEST_CASE("a pattern of one's own hides what it matches", "[redact]") {
  const redactor rules = with_customers();
  CHECK(rules.redact("customer 12345: password=x") == "customer #: password=<redacted>");
  CHECK(rules.may_contain_secret("customer 12345"));
  CHECK_FALSE(rules.may_contain_secret("customer 12"));
  std::string line = "SECRET-plan";
  CHECK(rules.redact_in_place(line));
  CHECK(line == "<redacted>");
  redactor dollars;
  dollars.replacement("$1$$").add_pattern(pattern<"(x)y">());
  CHECK(dollars.redact("axyb") == "a$1$$b");
  std::vector<std::string> arguments{"--customer", "customer 12345"};
  CHECK(rules.redact_arguments(arguments));
  CHECK(arguments[1] == "customer #");
}

}  // namespace t_redact_chunk_redactor
