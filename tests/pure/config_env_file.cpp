// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Env files as people write them, and every fault with its line and without its value.
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/config/env_file.hpp>

#include "catch.hpp"

namespace t_config_env_file {

using namespace ovrseer;

env_variables variables(std::string text) {
  auto read = read_env_file(source_text("x.env", std::move(text)));
  if (!read) FAIL(to_text(read.reason()));
  return *std::move(read);
}
std::string value(std::string text) {
  const env_variables all = variables(std::move(text));
  REQUIRE(all.size() == 1);
  CHECK(all.front().first == "A");
  return all.front().second;
}
std::string errors(std::string text) {
  const auto read = read_env_file(source_text("x.env", std::move(text)));
  return read ? "accepted" : to_text(read.reason());
}

TEST_CASE("plain values lose the blanks around them") {
  CHECK(value("A=1") == "1");
  CHECK(value("A=") == "");
  CHECK(value("  A =  one two \t\n") == "one two");
  CHECK(value("export A=1\n") == "1");
  CHECK(value("export\tA=1\n") == "1");
  CHECK(value("A=a=b=c") == "a=b=c");
  CHECK(value("A=$HOME ${X} `y`") == "$HOME ${X} `y`");
  CHECK(value("A=it's") == "it's");
  CHECK(value("A=1\r\n") == "1");
}

TEST_CASE("a comment begins a line or follows a blank") {
  CHECK(variables("# one\n\n   # two\n").empty());
  CHECK(value("A=1 # one") == "1");
  CHECK(value("A=1#one") == "1#one");
  CHECK(value("A=#one") == "#one");
  CHECK(value("A= # one") == "");
  CHECK(value("A='1' # one") == "1");
}

TEST_CASE("single quotes keep everything") {
  CHECK(value("A='a # b \\n $x \"y\"'") == "a # b \\n $x \"y\"");
  CHECK(value("A='one\ntwo'") == "one\ntwo");
  CHECK(value("A=''") == "");
}

TEST_CASE("double quotes know escapes") {
  CHECK(value(R"(A="a\nb\tc\"d\\e\$f\r\`")") == "a\nb\tc\"d\\e$f\r`");
  CHECK(value(R"(A="a\qb")") == "a\\qb");
  CHECK(value("A=\"one\r\ntwo\"") == "one\ntwo");
}

TEST_CASE("the last value of a name counts and the order is that of the file") {
  const env_variables all = variables("B=1\nA=2\nB=3\n");
  REQUIRE(all.size() == 2);
  CHECK(all[0] == std::pair<std::string, std::string>("B", "3"));
  CHECK(all[1].first == "A");
}

TEST_CASE("a variable named like export is one") {
  const env_variables all = variables("export=1\nexported=2\nexport export=3\n");
  REQUIRE(all.size() == 2);
  CHECK(all[0].second == "3");
}

TEST_CASE("every fault is told with its place") {
  const std::string text = errors("A=1\nB\n9=x\nC-D=x\nE=\"x\" y\nF='open\n");
  CHECK(text.find("x.env:2:1: error: \"B\" has no value") != std::string::npos);
  CHECK(text.find("x.env:3:1: error: no name") != std::string::npos);
  CHECK(text.find("x.env:4:2: error: a name of a variable") != std::string::npos);
  CHECK(text.find("x.env:5:7: error: there is more text") != std::string::npos);
  CHECK(text.find("x.env:6:3: error: this quote is not closed") != std::string::npos);
}

TEST_CASE("no message shows a value") {
  for (const std::string_view text :
       {"A hunter2", "A=\"hunter2", "A=\"x\" hunter2", "A=\"x\nhunter2\" hunter2", "9=hunter2", "a b=hunter2",
        "=hunter2", "hunter2!", "A='x\nB=hunter2\n' hunter2"}) {
    INFO(text);
    const std::string message = errors(std::string(text));
    if (text != "hunter2!") CHECK(message.find("hunter2") == std::string::npos);
    CHECK(message != "accepted");
  }
}

TEST_CASE("a NUL byte is refused") {
  CHECK_THAT(errors(std::string("A=1\nB=\0\n", 9)), catchx::StartsWith("x.env:2:3: error: a NUL"));
}

TEST_CASE("many variables are read in linear time") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "V" + std::to_string(i) + "=x\n";
  CHECK(variables(text).size() == 100'000);
}

}  // namespace t_config_env_file
