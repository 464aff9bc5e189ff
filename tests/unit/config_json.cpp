// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// JSON is read as nlohmann's parser reads it, with the place of every key and value.
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <ovrseer/config/json.hpp>

#include "catch.hpp"

namespace t_config_json {

using namespace ovrseer;
using kind = config_node::kind;

config_document document(std::string text, document_limits limits = {}) {
  auto read = read_json(source_text("x.json", std::move(text)), limits);
  if (!read) FAIL(to_text(read.reason()));
  return *std::move(read);
}
std::string error_of(std::string text, document_limits limits = {}) {
  const auto read = read_json(source_text("x.json", std::move(text)), limits);
  return read ? "accepted" : to_text(read.reason());
}

/// The same tree as nlohmann has it; numbers by their value.
nlohmann::json json_of(const config_node& node) {
  switch (node.what) {
    case kind::null: return nullptr;
    case kind::scalar:
      if (node.quotes == config_node::quoting::quoted) return node.text;
      return nlohmann::json::parse(node.text);
    case kind::sequence: {
      nlohmann::json list = nlohmann::json::array();
      for (const config_node& item : node.items) list.push_back(json_of(item));
      return list;
    }
    case kind::mapping: break;
  }
  nlohmann::json object = nlohmann::json::object();
  for (std::size_t i = 0; i < node.keys.size(); ++i) object[node.keys[i].text] = json_of(node.items[i]);
  return object;
}

TEST_CASE("keys and values have their places") {
  const config_document read = document("{\n  \"a\": [1, \"two\"],\n  \"b\": {\"c\": null}\n}");
  const config_node& root = read.root;
  const auto place = [&](const config_node& node) { return read.source.position_of(node.where.begin); };
  CHECK(place(root) == text_position{1, 1});
  CHECK(root.where.end == read.source.text().size());
  CHECK(place(root.keys[0]) == text_position{2, 3});
  CHECK(root.keys[0].where.size() == 3);
  CHECK(place(root.items[0].items[0]) == text_position{2, 9});
  CHECK(place(root.items[0].items[1]) == text_position{2, 12});
  CHECK(root.items[0].items[1].where.size() == 5);
  CHECK(place(*root.find("b")) == text_position{3, 8});
  CHECK(place(*root.find("b")->find("c")) == text_position{3, 14});
  CHECK(root.find("b")->find("c")->is_null());
}

TEST_CASE("scalars keep the text that they were written with") {
  const config_document read = document(R"(["no", 1.50, 1e3, -0, true])");
  CHECK(read.root.items[0].quotes == config_node::quoting::quoted);
  CHECK(read.root.items[1].text == "1.50");
  CHECK(read.root.items[1].quotes == config_node::quoting::plain);
  CHECK(read.root.items[2].text == "1e3");
  CHECK(read.root.items[3].text == "-0");
  CHECK(read.root.items[4].text == "true");
}

TEST_CASE("escapes become characters") {
  const config_document read = document(R"(["\"\\\/\b\f\n\r\t", "\u00fc\u20AC\ud83d\ude00", "\u0000"])");
  CHECK(read.root.items[0].text == "\"\\/\b\f\n\r\t");
  CHECK(read.root.items[1].text == "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80");
  CHECK(read.root.items[2].text == std::string(1, '\0'));
}

TEST_CASE("what is JSON and what is not is as nlohmann has it") {
  constexpr std::array<std::string_view, 74> texts{"{}",
                                                   "[]",
                                                   " [ ] ",
                                                   "{\"a\":1}",
                                                   "[1,2,3]",
                                                   "\"text\"",
                                                   "0",
                                                   "-0",
                                                   "1.5",
                                                   "1.5e-10",
                                                   "1E+2",
                                                   "null",
                                                   "true",
                                                   "false",
                                                   "[[[[]]]]",
                                                   "{\"a\":{\"b\":[{}]}}",
                                                   "[\"\\u0041\"]",
                                                   "[\"\\ud83d\\ude00\"]",
                                                   "\"\\u20ac\"",
                                                   "[1 , 2]\n",
                                                   "\t[]\r\n",
                                                   "",
                                                   " ",
                                                   "{",
                                                   "[",
                                                   "}",
                                                   "]",
                                                   "{]",
                                                   "[}",
                                                   "[1,]",
                                                   "[,1]",
                                                   "[,]",
                                                   "{\"a\":1,}",
                                                   "{,}",
                                                   "{\"a\"}",
                                                   "{\"a\":}",
                                                   "{\"a\" 1}",
                                                   "{a:1}",
                                                   "{'a':1}",
                                                   "['a']",
                                                   "[1 2]",
                                                   "01",
                                                   "-",
                                                   "-01",
                                                   "1.",
                                                   ".5",
                                                   "1e",
                                                   "1e+",
                                                   "+1",
                                                   "0x10",
                                                   "1_000",
                                                   "NaN",
                                                   "Infinity",
                                                   "nul",
                                                   "nulll",
                                                   "True",
                                                   "tru",
                                                   "\"",
                                                   "\"a",
                                                   "\"a\nb\"",
                                                   "\"a\tb\"",
                                                   "\"\\x\"",
                                                   "\"\\u12\"",
                                                   "\"\\u12G4\"",
                                                   "\"\\ud83d\"",
                                                   "\"\\ud83dx\"",
                                                   "\"\\ud83d\\u0041\"",
                                                   "\"\\ude00\"",
                                                   "{} {}",
                                                   "[] x",
                                                   "// x\n[]",
                                                   "/* x */[]",
                                                   "# x\n[]",
                                                   "\"\\\""};
  for (const std::string_view text : texts) {
    INFO(text);
    const auto read = read_json(source_text("x.json", std::string(text)));
    CHECK(read.has_value() == nlohmann::json::accept(text));
    if (read)
      CHECK(json_of(read->root) == nlohmann::json::parse(text));
    else
      CHECK(read.reason().errors() == 1);
  }
}

TEST_CASE("an error points at the character that is wrong") {
  const auto place_of = [](std::string text) {
    const auto read = read_json(source_text("x.json", std::move(text)));
    return read ? text_position{} : read.reason().sorted().front().at;
  };
  CHECK(place_of("{\n  \"a\": 1,\n}") == text_position{3, 1});
  CHECK(place_of("{\"a\": 1\n \"b\": 2}") == text_position{2, 2});
  CHECK(place_of("[1, tru]") == text_position{1, 5});
  CHECK(place_of("[\"a\\qb\"]") == text_position{1, 4});
  CHECK(place_of("[\"open\n]") == text_position{1, 2});
  CHECK(place_of("[1") == text_position{1, 3});
  CHECK(place_of("{\"gr\xC3\xBC\xC3\x9F\": x}") == text_position{1, 10});
}

TEST_CASE("every duplicate key is told with the place of the first") {
  const auto read = read_json(source_text("x.json", "{\"a\": 1,\n\"b\": {\"c\": 1,\n\"c\": 2},\n\"a\": 3,\n\"a\": 4}"));
  REQUIRE_FALSE(read);
  const auto found = read.reason().sorted();
  REQUIRE(found.size() == 3);
  CHECK(found[0].at == text_position{3, 1});
  CHECK(found[1].at == text_position{4, 1});
  CHECK(found[2].at == text_position{5, 1});
  REQUIRE(found[0].also);
  CHECK(found[0].also->at == text_position{2, 7});
}

TEST_CASE("limits hold before they cost") {
  document_limits small;
  small.depth = 3;
  small.nodes = 5;
  small.size = byte_size(64);
  CHECK(error_of("[[[1]]]", small) == "accepted");
  CHECK_THAT(error_of("[[[[1]]]]", small), catchx::ContainsSubstring("nested more than 3 levels"));
  CHECK(error_of("[1,2,3,4]", small) == "accepted");
  CHECK_THAT(error_of("[1,2,3,4,5]", small), catchx::ContainsSubstring("more than 5 values"));
  CHECK_THAT(error_of(std::string(65, ' '), small), catchx::ContainsSubstring("larger than 64 B"));
  CHECK_THAT(error_of(std::string(1'000'000, '[')), catchx::ContainsSubstring("nested more than 64 levels"));
}

TEST_CASE("a file that is not UTF-8 is refused where it is not") {
  CHECK_THAT(error_of("[\"a\xFF\"]"), catchx::StartsWith("x.json:1:4: error: the file is not UTF-8 here"));
}

}  // namespace t_config_json
