// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines one at a time: a key over many lines is hidden whole, and what comes after is seen again.
#include <ovrseer/redact/line_redactor.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"

namespace t_redact_line_redactor {

using namespace ovrseer;

std::vector<std::string> through(line_redactor& lines, const std::vector<std::string>& given) {
  std::vector<std::string> out;
  for (const auto& line : given) out.push_back(lines.redact(line));
  return out;
}

const std::string begin = "-----BEGIN RSA PRIVATE KEY-----";
const std::string end = "-----END RSA PRIVATE KEY-----";

TEST_CASE("a key over several lines is hidden line by line") {
  line_redactor lines;
  CHECK(through(lines, {"start", begin, "Proc-Type: 4,ENCRYPTED", "", "MIIEpAIBAAKCAQEA", "abc=", end, "password=x",
                        "end"}) == std::vector<std::string>{"start", begin, "<redacted>", "", "<redacted>",
                                                            "<redacted>", end, "password=<redacted>", "end"});
  CHECK(!lines.in_block());
}

TEST_CASE("lines with something before them are hidden too") {
  line_redactor lines;
  CHECK(through(lines,
                {"12:00 [app] " + begin, "12:00 [app] MIIE", "12:00 [app] " + end + " token=abc", "12:00 [app] on"}) ==
        std::vector<std::string>{"12:00 [app] " + begin, "<redacted>", "<redacted>" + end + " token=<redacted>",
                                 "12:00 [app] on"});
}

TEST_CASE("a key within one line or beginning behind another one is followed") {
  line_redactor lines;
  CHECK(lines.redact(begin + "MIIE" + end + " x") == begin + "<redacted>" + end + " x");
  CHECK(!lines.in_block());
  CHECK(lines.redact("x " + begin + "MIIE") == "x " + begin + "<redacted>");
  CHECK(lines.in_block());
  CHECK(lines.redact("abc" + end + " and " + begin) == "<redacted>" + end + " and " + begin);
  CHECK(lines.in_block());
  CHECK(lines.redact(end) == end);
  CHECK(!lines.in_block());
}

TEST_CASE("a key cut at every line is hidden as far as it goes") {
  const std::vector<std::string> key{begin, "AAAA", "BBBB", "CCCC", end};
  for (std::size_t shown = 1; shown <= key.size(); ++shown) {
    line_redactor lines;
    for (std::size_t i = 0; i < shown; ++i) {
      const std::string out = lines.redact(key[i]);
      CHECK(out == (i == 0 || i == 4 ? key[i] : "<redacted>"));
    }
    lines.reset();
    CHECK(lines.redact("an ordinary line") == "an ordinary line");
  }
}

TEST_CASE("a key split into chunks of any size never shows a line of its body") {
  std::vector<std::string> body;
  for (int i = 0; i < 30; ++i) body.push_back("SECRETLINE" + std::to_string(i) + std::string(40, 'x'));
  for (std::size_t per_line = 1; per_line <= 32; ++per_line) {
    std::vector<std::string> all{begin};
    all.insert(all.end(), body.begin(), body.end());
    all.push_back(end);
    line_redactor lines;
    std::string out;
    for (std::size_t i = 0; i < all.size(); i += per_line) {
      std::string chunk;
      for (std::size_t k = i; k < std::min(all.size(), i + per_line); ++k) chunk += (k == i ? "" : "\n") + all[k];
      lines.append(out, chunk);
      out += '\n';
    }
    CHECK(out.find("SECRETLINE") == std::string::npos);
    CHECK(out.find(end) != std::string::npos);
    CHECK(lines.redact("on") == "on");
  }
}

TEST_CASE("a key without an end hides a bounded number of lines") {
  line_redactor lines;
  (void)lines.redact(begin);
  std::size_t hidden = 0;
  while (lines.redact("an ordinary line") != "an ordinary line") ++hidden;
  CHECK(hidden == line_redactor::most_lines);
  (void)lines.redact(begin);
  (void)lines.redact(std::string(line_redactor::most_bytes, 'x'));
  CHECK(lines.redact("an ordinary line") == "an ordinary line");
}

TEST_CASE("certificates are shown") {
  line_redactor lines;
  const std::vector<std::string> certificate{"-----BEGIN CERTIFICATE-----", "MIIE", "-----END CERTIFICATE-----"};
  CHECK(through(lines, certificate) == certificate);
}

TEST_CASE("append says whether the line was changed and uses the rules given") {
  redactor rules;
  rules.replacement("***").add_key("pin");
  line_redactor lines(rules);
  std::string out;
  CHECK(lines.append(out, "pin=1"));
  CHECK_FALSE(lines.append(out, " x"));
  CHECK(out == "pin=*** x");
}

/// The line in pieces of `size`, each redacted.
std::vector<std::string> in_pieces(std::string_view line, std::size_t size) {
  line_redactor lines;
  std::vector<std::string> out;
  for (std::size_t at = 0; at < line.size(); at += size) {
    const bool is_first = at == 0;
    const bool is_last = at + size >= line.size();
    const line_part begun = is_last ? line_part::last : line_part::middle;
    const line_part begins = is_last ? line_part::whole : line_part::first;
    out.push_back(lines.redact(line.substr(at, size), is_first ? begins : begun));
  }
  return out;
}

TEST_CASE("a secret across a cut is hidden on both sides wherever the cut is") {
  const std::string aws = std::string("AKIA") + "ABCDEFGHIJKLMN27";
  const std::string github = std::string("ghp_") + "b3W9kQ7xL2mN8vR4tY6uJ1hG5fD0sA3pQ9zX";
  const std::vector<std::pair<std::string, std::string>> lines{
      {"user logged in with " + aws + " from home", aws},
      {"cloning with token " + github + " of a bot", github},
      {"login password=Xq81vZ0plm7w and user=me", "Xq81vZ0plm7w"},
      {R"({"user": "me", "password": "Xq81 vZ0p lm7w", "x": 1})", "Xq81 vZ0p lm7w"},
      {"dial postgres://me:Xq81vZ0plm7w@db/x failed", "Xq81vZ0plm7w"},
      {"> Authorization: Bearer Xq81vZ0plm7wKd93 >", "Xq81vZ0plm7wKd93"},
  };
  for (const auto& [line, secret] : lines) {
    for (std::size_t size = line.size() / 2; size <= line.size(); ++size) {
      INFO(line << " cut at " << size);
      std::string all;
      for (const std::string& each : in_pieces(line, size)) all += each;
      std::size_t longest = 0;
      for (std::size_t i = 0; i < secret.size(); ++i) {
        std::size_t n = 1;
        while (i + n <= secret.size() && all.find(secret.substr(i, n)) != std::string::npos) ++n;
        longest = std::max(longest, n - 1);
      }
      CHECK(longest <= 4);
    }
  }
}

TEST_CASE("a secret that is longer than a piece is hidden in all of them") {
  const std::string value(100, 'k');
  for (const std::string& line : {"a token=" + value + " and on", R"({"token": ")" + value + R"(", "b": 1})"}) {
    for (std::size_t size = 12; size < 60; ++size) {
      INFO(line << " in pieces of " << size);
      std::string all;
      for (const std::string& each : in_pieces(line, size)) all += each;
      CHECK(all.find("kkkk") == std::string::npos);
      CHECK((all.ends_with(" and on") || all.ends_with(R"(", "b": 1})")));
    }
  }
}

TEST_CASE("a key whose first line is cut is hidden") {
  line_redactor lines;
  CHECK(lines.redact("here: -----BEGIN RSA PRIV", line_part::first) == "here: -----BEGIN RSA PRIV");
  CHECK(lines.redact("ATE KEY-----", line_part::last).find("MIIE") == std::string::npos);
  CHECK(lines.in_block());
  CHECK(lines.redact("MIIE") == "<redacted>");
}

TEST_CASE("a long line without a secret stays as it is but for a word at a cut that looks like one") {
  CHECK(in_pieces("one two three four five six", 9) == std::vector<std::string>{"one two t", "hree four", " five six"});
  CHECK(in_pieces("GET /index.html of http://example.com/keys", 20).front() == "GET /index.html of h");
}

}  // namespace t_redact_line_redactor
