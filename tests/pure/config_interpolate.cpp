// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What expands, what stays for the shell, and what is a fault.
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <ovrseer/config/interpolate.hpp>
#include <ovrseer/config/json.hpp>

#include "catch.hpp"

namespace t_config_interpolate {

using namespace ovrseer;

std::optional<std::string> variable(std::string_view name) {
  if (name == "A") return "alpha";
  if (name == "EMPTY") return "";
  if (name == "NESTED") return "${A}";
  if (name == "DB_PASSWORD") return "hunter2";
  return std::nullopt;
}
std::string expanded(std::string_view text) {
  const interpolated_text made = interpolate(text, variable);
  REQUIRE(made.faults.empty());
  return made.text;
}
std::string fault_of(std::string_view text) {
  const interpolated_text made = interpolate(text, variable);
  REQUIRE(made.faults.size() == 1);
  const interpolation_fault& fault = made.faults.front();
  return std::string(text.substr(fault.offset, fault.length)) + ": " + fault.found;
}

TEST_CASE("a variable in braces expands") {
  CHECK(expanded("${A}") == "alpha");
  CHECK(expanded("x-${A}-${A}-y") == "x-alpha-alpha-y");
  CHECK(expanded("${EMPTY}") == "");
}

TEST_CASE("a bare dollar belongs to the shell") {
  CHECK(expanded("$HOME $1 $? $(date) $ $") == "$HOME $1 $? $(date) $ $");
  CHECK(expanded("cost: 5$") == "cost: 5$");
}

TEST_CASE("two dollars are one") {
  CHECK(expanded("$$") == "$");
  CHECK(expanded("$${A}") == "${A}");
  CHECK(expanded("$$$${A}") == "$${A}");
  CHECK(expanded("$$${A}") == "$alpha");
}

TEST_CASE("a default is taken where the variable is not set or empty") {
  CHECK(expanded("${A:-x}") == "alpha");
  CHECK(expanded("${NOPE:-x}") == "x");
  CHECK(expanded("${EMPTY:-x}") == "x");
  CHECK(expanded("${NOPE:-}") == "");
  CHECK(expanded("${NOPE:-a:-b}") == "a:-b");
  CHECK(expanded("${NOPE:-{x}") == "{x");
}

TEST_CASE("a default may hold variables") {
  CHECK(expanded("${NOPE:-${A}}") == "alpha");
  CHECK(expanded("${NOPE:-a${NOPE:-b${A}c}d}e") == "abalphacde");
  CHECK(expanded("${NOPE:-$${x}}") == "${x}");
}

TEST_CASE("a default that is not needed may name what is not set") {
  CHECK(expanded("${A:-${NOPE}}") == "alpha");
  CHECK(fault_of("${A:-${x%y}}") == "${x%y}: \"${x%y}\" is neither ${VAR} nor ${VAR:-default}");
}

TEST_CASE("values are not expanded again") { CHECK(expanded("${NESTED}") == "${A}"); }

TEST_CASE("a variable that is not set is a fault") {
  CHECK(fault_of("x ${NOPE} y") == "${NOPE}: the variable NOPE is not set");
  CHECK(fault_of("${EMPTY:-${NOPE}}") == "${NOPE}: the variable NOPE is not set");
}

TEST_CASE("what the shell would understand is a fault with a cure") {
  for (const std::string_view text :
       {"${}", "${1}", "${A-x}", "${A:=x}", "${A:?x}", "${#A}", "${A%.txt}", "${ A }", "${A }"}) {
    INFO(text);
    const interpolated_text made = interpolate(text, variable);
    REQUIRE(made.faults.size() == 1);
    CHECK(made.text == text);
    CHECK(made.faults.front().length == text.size());
    CHECK(made.faults.front().cure == "write $${...} to leave it to the shell");
  }
}

TEST_CASE("an open brace is a fault") {
  CHECK(fault_of("a ${A") == "${: \"${\" is not closed");
  CHECK(fault_of("${NOPE:-${A}") == "${: \"${\" is not closed");
}

TEST_CASE("all faults of a text are told") {
  const interpolated_text made = interpolate("${B} ${A} ${C} ${", variable);
  REQUIRE(made.faults.size() == 3);
  CHECK(made.faults[1].offset == 10);
  CHECK(made.text == "${B} alpha ${C} ${");
}

TEST_CASE("defaults have a depth") {
  std::string text = "x";
  for (int i = 0; i < 8; ++i) text = "${N:-" + text + "}";
  CHECK(expanded(text) == "x");
  text = "${N:-" + text + "}";
  CHECK(fault_of(text) == "${: defaults are nested too deep");
  std::string open;
  for (int i = 0; i < 10'000; ++i) open += "${N:-";
  CHECK(interpolate(open, variable).faults.size() == 1);
}

TEST_CASE("a fault never shows the default of a secret") {
  const interpolated_text made = interpolate("${DB_PASSWORD:=hunter2}", variable);
  REQUIRE(made.faults.size() == 1);
  CHECK(made.faults.front().found.find("hunter2") == std::string::npos);
}

TEST_CASE("the values of a tree expand and the keys and extensions do not") {
  auto read = read_json(
      source_text("x.json", R"({"${A}": ["${A}", {"k": "$${A}"}, 5], "x-mine": "${NOPE}", "s": "p=${DB_PASSWORD}"})"));
  REQUIRE(read);
  diagnostics out;
  interpolate(read->source, read->root, variable, out);
  CHECK(out.empty());
  const config_node& list = *read->root.find("${A}");
  CHECK(list.items[0].text == "alpha");
  CHECK(list.items[0].expanded == config_node::expansion::done);
  CHECK(list.items[1].find("k")->text == "${A}");
  CHECK(list.items[2].expanded == config_node::expansion::none);
  CHECK(read->root.find("x-mine")->text == "${NOPE}");
  CHECK(read->root.find("s")->expanded == config_node::expansion::secret);
}

TEST_CASE("a fault in a tree has its place inside of the value") {
  auto read = read_json(source_text("x.json", "{\"a\":\n \"b ${NOPE} c\"}"));
  REQUIRE(read);
  diagnostics out;
  interpolate(read->source, read->root, variable, out);
  REQUIRE(out.errors() == 1);
  CHECK(out.sorted().front().at == text_position{2, 5});
  CHECK(out.sorted().front().caret_width == 7);
  CHECK(read->root.find("a")->expanded == config_node::expansion::failed);
}

}  // namespace t_config_interpolate
