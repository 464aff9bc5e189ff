// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a finding looks, in which order findings come, and what they never show.
#include <string>
#include <utility>

#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/diagnostic.hpp>

#include "catch.hpp"

namespace t_config_diagnostic {

using namespace ovrseer;

diagnostic about(const source_text& source, std::size_t begin, std::size_t end) {
  diagnostics out;
  out.error(source, {begin, end}, "wrong");
  return out.sorted().front();
}

TEST_CASE("a finding is written with place and line and caret and cure") {
  const source_text source("ovrseer.yml", "processes:\n  restartPolcy: x\n");
  diagnostics out;
  out.error(source, {13, 25}, "unknown key \"restartPolcy\"").cure = "did you mean \"restartPolicy\"?";
  CHECK(to_text(out) ==
        "ovrseer.yml:2:3: error: unknown key \"restartPolcy\"\n"
        "      restartPolcy: x\n"
        "      ^~~~~~~~~~~~\n"
        "  help: did you mean \"restartPolicy\"?\n");
}

TEST_CASE("what was expected and a second place are told") {
  const source_text source("a.yml", "a: 1\na: 2\n");
  diagnostics out;
  diagnostic& finding = out.warning(source, {5, 6}, "twice");
  finding.expected = "once";
  finding.also = {source.position_of(0), "first here"};
  CHECK(to_text(out) == "a.yml:2:1: warning: twice; expected once\n    a: 2\n    ^\n  note: first here (a.yml:1:1)\n");
}

TEST_CASE("colours are put around the same words") {
  const source_text source("a.yml", "abc");
  diagnostics out;
  out.error(source, {0, 1}, "wrong");
  const std::string text = to_text(out, diagnostic_colors::ansi);
  CHECK(text.find("\x1b[1;31merror:\x1b[0m") != std::string::npos);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b')
      i = text.find('m', i);
    else
      plain.push_back(text[i]);
  }
  CHECK(plain == to_text(out));
}

TEST_CASE("findings come by file and line and column") {
  const source_text first("b.yml", "one\ntwo\nthree");
  const source_text second("a.env", "x");
  diagnostics out;
  out.error(first, {8, 9}, "three");
  out.error(second, {0, 1}, "other file");
  out.error(first, {5, 6}, "two");
  out.error(first, {0, 1}, "one");
  std::string order;
  for (const diagnostic& each : out.sorted()) order += each.found + ",";
  CHECK(order == "one,two,three,other file,");
}

TEST_CASE("the same finding is kept once") {
  const source_text source("a.yml", "abc");
  diagnostics out;
  for (int i = 0; i < 5; ++i) out.error(source, {1, 2}, "wrong").cure = "mend it";
  CHECK(out.errors() == 1);
  CHECK(out.sorted().size() == 1);
}

TEST_CASE("findings beyond a bound are counted and not kept") {
  const source_text source("a.yml", std::string(1000, 'x'));
  diagnostics out;
  for (std::size_t i = 0; i < 150; ++i) out.warning(source, {i, i + 1}, "suspicious");
  out.error(source, {500, 501}, "wrong");
  CHECK(out.warnings() == 150);
  CHECK(out.errors() == 1);
  CHECK(out.dropped() == 50);
  const std::string text = to_text(out);
  CHECK(text.find("error: wrong") != std::string::npos);
  CHECK_THAT(text, catchx::EndsWith("and 50 more\n"));
}

TEST_CASE("lists of findings are joined with their counts") {
  const source_text source("a.yml", std::string(300, 'x'));
  diagnostics many;
  for (std::size_t i = 0; i < 120; ++i) many.error(source, {i, i + 1}, "wrong");
  diagnostics all;
  all.warning(source, {200, 201}, "suspicious");
  all.append(std::move(many));
  CHECK(all.errors() == 120);
  CHECK(all.warnings() == 1);
  CHECK(all.dropped() == 20);
}

TEST_CASE("of a long line what surrounds the place is shown") {
  const source_text source("a.json", std::string(500, 'a') + "HERE" + std::string(500, 'b'));
  const diagnostic finding = about(source, 500, 504);
  CHECK(finding.at == text_position{1, 501});
  CHECK(finding.excerpt.size() <= 130);
  CHECK_THAT(finding.excerpt, catchx::StartsWith("..."));
  CHECK_THAT(finding.excerpt, catchx::EndsWith("..."));
  CHECK(finding.excerpt.substr(finding.caret, finding.caret_width) == "HERE");
}

TEST_CASE("control characters and broken bytes cannot reach a terminal") {
  const source_text source("a.yml", "a\tb\x1b[31m\x7f\xff\xc2\x9b x");
  const diagnostic finding = about(source, 0, 1);
  CHECK(finding.excerpt == "a b?[31m??? x");
  CHECK(config_detail::in_quotes("\x1b]0;x\x07") == "\"?]0;x?\"");
}

TEST_CASE("the caret counts characters") {
  const source_text source("a.yml", "gr\xC3\xBC\xC3\x9F: \xE2\x82\xAC\xE2\x82\xAC!");
  const diagnostic finding = about(source, 8, 14);
  CHECK(finding.caret == 6);
  CHECK(finding.caret_width == 2);
}

TEST_CASE("a hidden part is masked and the caret stays right") {
  source_text source("a.yml", "env: { KEY: hunter2, PORT: x }");
  source.hide({12, 19});
  const diagnostic after = about(source, 27, 28);
  CHECK(after.excerpt == "env: { KEY: ***, PORT: x }");
  CHECK(after.excerpt.substr(after.caret, after.caret_width) == "x");
  const diagnostic inside = about(source, 15, 17);
  CHECK(inside.excerpt.substr(inside.caret, 3) == "***");
}

TEST_CASE("secrets that show by their form are masked where no key tells of them") {
  const source_text source("a.yml", "args: [\"--password=hunter2\", \"postgres://ada:hunter2@db/x\", 7]");
  const std::size_t seven = source.text().find('7');
  const diagnostic finding = about(source, seven, seven + 1);
  CHECK(finding.excerpt.find("hunter2") == std::string::npos);
  CHECK(finding.excerpt.substr(finding.caret, 1) == "7");
}

TEST_CASE("a long value is quoted by its beginning") {
  const std::string text = config_detail::in_quotes(std::string(100, 'x'));
  CHECK(text == "\"" + std::string(60, 'x') + "...\"");
  CHECK(config_detail::in_quotes(std::string(59, 'x') + "\xC3\xBC\xC3\xBC").find('\xC3') == std::string::npos);
}

TEST_CASE("a place at the end of the file is shown behind the last character") {
  const source_text source("a.yml", "abc");
  const diagnostic finding = about(source, 3, 3);
  CHECK(finding.at == text_position{1, 4});
  CHECK(finding.caret == 3);
}

}  // namespace t_config_diagnostic
