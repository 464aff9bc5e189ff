// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// YAML with its traps taken out: words stay words, quotes must close, keys are given once, aliases are bounded.
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/config/yaml.hpp>

#include "catch.hpp"

namespace t_config_yaml {

using namespace ovrseer;
using kind = config_node::kind;

config_document document(std::string text, document_limits limits = {}) {
  auto read = read_yaml(source_text("x.yml", std::move(text)), limits);
  if (!read) FAIL(to_text(read.reason()));
  return *std::move(read);
}
std::string error_of(std::string text, document_limits limits = {}) {
  const auto read = read_yaml(source_text("x.yml", std::move(text)), limits);
  return read ? "accepted" : to_text(read.reason());
}
std::string_view source_of(const config_document& read, const config_node& node) {
  return read.source.text().substr(node.where.begin, node.where.size());
}

TEST_CASE("words stay words") {
  const config_document read = document("[no, yes, on, True, 1.50, 0755, 1_000, .5, null, ~, 'null', 12:30]");
  const auto& items = read.root.items;
  constexpr std::string_view words[] = {"no", "yes", "on", "True", "1.50", "0755", "1_000", ".5"};
  for (std::size_t i = 0; i < std::size(words); ++i) CHECK(items[i].text == words[i]);
  CHECK(items[8].is_null());
  CHECK(items[9].is_null());
  CHECK(items[10].text == "null");
  CHECK(items[11].text == "12:30");
}

TEST_CASE("every node knows its part of the source") {
  const config_document read = document(
      "# c\n"
      "a: &x \"q\\n1\"\n"
      "b: [1, 'two''s', {k: v w}]\n"
      "c: !!str 5\n"
      "d: *x\n"
      "e:\n"
      "  - one\n"
      "  - f: two\n"
      "    g: three\n"
      "gr\xC3\xBC\xC3\x9F: \xE2\x82\xAC\n");
  const config_node& root = read.root;
  CHECK(source_of(read, *root.find("a")) == "\"q\\n1\"");
  CHECK(source_of(read, *root.find("b")) == "[1, 'two''s', {k: v w}]");
  CHECK(source_of(read, root.find("b")->items[1]) == "'two''s'");
  CHECK(source_of(read, *root.find("b")->items[2].find("k")) == "v w");
  CHECK(source_of(read, *root.find("c")) == "5");
  CHECK(source_of(read, *root.find("d")) == "\"q\\n1\"");
  CHECK(source_of(read, root.find("e")->items[1].keys[1]) == "g");
  CHECK(source_of(read, root.keys.back()) == "gr\xC3\xBC\xC3\x9F");
  CHECK(source_of(read, root.items.back()) == "\xE2\x82\xAC");
  CHECK(read.source.position_of(root.items.back().where.begin) == text_position{10, 7});
}

TEST_CASE("places are right behind Windows line ends and a byte order mark") {
  const config_document read = document(
      "\xEF\xBB\xBF"
      "a:\r\n  b: x\r\n  c: y\r\n");
  CHECK(source_of(read, *read.root.find("a")->find("c")) == "y");
  CHECK(read.source.position_of(read.root.find("a")->find("c")->where.begin) == text_position{3, 6});
}

TEST_CASE("text over several lines ends where it ends") {
  const config_document read = document(
      "plain: one\n  two\n\n  three\n"
      "block: |\n  x: 1\n\n    deeper\n  y\n"
      "folded: >-\n  a\n  b\n"
      "quoted: \"a\n  b\"\n"
      "last: z\n");
  CHECK(read.root.find("plain")->text == "one two\nthree");
  CHECK(source_of(read, *read.root.find("plain")) == "one\n  two\n\n  three");
  CHECK(read.root.find("block")->text == "x: 1\n\n  deeper\ny\n");
  CHECK(source_of(read, *read.root.find("block")) == "|\n  x: 1\n\n    deeper\n  y");
  CHECK(source_of(read, *read.root.find("folded")) == ">-\n  a\n  b");
  CHECK(source_of(read, *read.root.find("quoted")) == "\"a\n  b\"");
  CHECK(source_of(read, *read.root.find("last")) == "z");
}

TEST_CASE("an empty value has the place of its key") {
  const config_document read = document("a:\nb: 1\nc:\n");
  CHECK(read.root.find("a")->is_null());
  CHECK(source_of(read, *read.root.find("a")) == "a");
  CHECK(source_of(read, *read.root.find("c")) == "c");
}

TEST_CASE("an empty document is nothing") {
  CHECK(document("").root.is_null());
  CHECK(document("# only a comment\n").root.is_null());
  CHECK(document("---\n...\n").root.is_null());
}

TEST_CASE("aliases are expanded and keep the place of what they stand for") {
  const config_document read = document("a: &x {k: [1, 2]}\nb: *x\nc: {d: *x}\n");
  CHECK(read.root.find("b")->find("k")->items[1].text == "2");
  CHECK(read.root.find("c")->find("d")->find("k")->items[0].where.begin ==
        read.root.find("a")->find("k")->items[0].where.begin);
}

TEST_CASE("merged keys are below those of the mapping itself") {
  const config_document read = document(
      "x: &x {a: 1, b: 1, c: 1}\n"
      "y: &y {b: 2, d: 2}\n"
      "one: {<<: *x, b: 9}\n"
      "many: {b: 9, <<: [*y, *x]}\n"
      "word: {'<<': plain}\n");
  const config_node& one = *read.root.find("one");
  CHECK(one.find("a")->text == "1");
  CHECK(one.find("b")->text == "9");
  CHECK(one.find("<<") == nullptr);
  const config_node& many = *read.root.find("many");
  CHECK(many.find("b")->text == "9");
  CHECK(many.find("d")->text == "2");
  CHECK(many.find("c")->text == "1");
  CHECK(many.keys.size() == 4);
  CHECK(read.root.find("word")->find("<<")->text == "plain");
}

TEST_CASE("a merge of what is no mapping is refused") {
  CHECK_THAT(error_of("a: {<<: word}"), catchx::StartsWith("x.yml:1:5: error: \"<<\" merges mappings"));
  CHECK_THAT(error_of("a: {<<: [word]}"), catchx::StartsWith("x.yml:1:5: error: \"<<\" merges mappings"));
}

TEST_CASE("a key that is given twice is an error in every kind of mapping") {
  CHECK_THAT(error_of("a: 1\nb: 2\na: 3\n"), catchx::StartsWith("x.yml:3:1: error: the key \"a\" is given twice"));
  CHECK_THAT(error_of("x: {a: 1, \"a\": 2}"), catchx::StartsWith("x.yml:1:11: error: the key \"a\" is given twice"));
  CHECK_THAT(error_of("x: &x {a: 1, a: 2}\ny: *x\n"), catchx::StartsWith("x.yml:1:14: error"));
  CHECK_THAT(error_of("<<: &a {}\n<<: &b {}\n"), catchx::ContainsSubstring("given twice"));
}

TEST_CASE("a quote that the end of the file closes is an error") {
  CHECK_THAT(error_of("a: \"open\nb: 1\n"), catchx::StartsWith("x.yml:1:4: error: this quote is not closed"));
  CHECK_THAT(error_of("a: 'it''s\nb: 1\n"), catchx::StartsWith("x.yml:1:4: error: this quote is not closed"));
  CHECK_THAT(error_of("a: \"x\\\"\n"), catchx::StartsWith("x.yml:1:4: error: this quote is not closed"));
  CHECK(error_of("a: 'it''s'\n") == "accepted");
  CHECK(error_of("a: \"x\\\\\"\n") == "accepted");
}

TEST_CASE("aliases cannot grow without bound") {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'k'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += (i == 0 ? "*" : ", *") + before;
    bomb += "]\n";
  }
  CHECK_THAT(error_of(bomb), catchx::ContainsSubstring("more than 1000000 values"));
  CHECK_THAT(error_of("a: &a [*a]\n"), catchx::ContainsSubstring("an alias stands inside of what it stands for"));
  CHECK_THAT(error_of("a: *nobody\n"), catchx::StartsWith("x.yml:1:4: error: this alias has no anchor before it"));
}

TEST_CASE("limits of YAML hold before they cost") {
  document_limits small;
  small.depth = 3;
  small.nodes = 6;
  CHECK(error_of("[[[1]]]", small) == "accepted");
  CHECK_THAT(error_of("[[[[1]]]]", small), catchx::ContainsSubstring("nested more than 3 levels"));
  CHECK_THAT(error_of("[1, 2, 3, 4, 5, 6]", small), catchx::ContainsSubstring("more than 6 values"));
  CHECK_THAT(error_of(std::string(100'000, '[')), catchx::ContainsSubstring("nested more than 64 levels"));
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK_THAT(error_of(deep), catchx::ContainsSubstring("nested more than 64 levels"));
}

TEST_CASE("what YAML allows and a configuration does not need is refused by name") {
  CHECK_THAT(error_of("a: !secret x\n"),
             catchx::StartsWith("x.yml:1:4: error: the tag \"!secret\" has no meaning here"));
  CHECK_THAT(error_of("? [a, b]\n: c\n"), catchx::StartsWith("x.yml:1:3: error: a key that is a list"));
  CHECK_THAT(error_of("a: 1\n---\nb: 2\n"), catchx::StartsWith("x.yml:2:1: error: a second document begins here"));
  CHECK_THAT(error_of("a: x\x04\nb: y\n"), catchx::StartsWith("x.yml:1:5: error: a control character"));
  CHECK_THAT(error_of(std::string("a: x\0y\n", 7)), catchx::StartsWith("x.yml:1:5: error: a control character"));
  CHECK_THAT(error_of("a: \xFF\n"), catchx::StartsWith("x.yml:1:4: error: the file is not UTF-8 here"));
}

TEST_CASE("a JSON text gives the same document as the JSON reader") {
  const std::string text =
      "{\n  \"a\": [1, \"two\", null, true, -1.5e3, \"\"],\n  \"gr\\u00fc\\u00df\": {\"c\": {}, \"d\": []},\n"
      "  \"e\": \"x\\ty\\/\\u20ac\"\n}\n";
  const auto as_json = read_json(source_text("x.json", text));
  const auto as_yaml = read_yaml(source_text("x.json", text));
  REQUIRE(as_json);
  REQUIRE(as_yaml);
  const auto same = [](auto&& self, const config_node& a, const config_node& b) -> bool {
    if (a.what != b.what || a.text != b.text || a.quotes != b.quotes) return false;
    if (a.where.begin != b.where.begin || a.where.end != b.where.end) return false;
    if (a.keys.size() != b.keys.size() || a.items.size() != b.items.size()) return false;
    for (std::size_t i = 0; i < a.keys.size(); ++i) {
      if (!self(self, a.keys[i], b.keys[i])) return false;
    }
    for (std::size_t i = 0; i < a.items.size(); ++i) {
      if (!self(self, a.items[i], b.items[i])) return false;
    }
    return true;
  };
  CHECK(same(same, as_json->root, as_yaml->root));
}

TEST_CASE("the name of a file decides between the readers") {
  CHECK(read_yaml_or_json(source_text("x.yml", "{a: 1}")));
  CHECK_FALSE(read_yaml_or_json(source_text("x.json", "{a: 1}")));
}

}  // namespace t_config_yaml
