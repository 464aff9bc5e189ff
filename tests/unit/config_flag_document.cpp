// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Documents of flags, what is refused in them, and where a configuration says that they are.
#include <catch.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include <ovrseer/config/flag_document.hpp>
#include <ovrseer/config/flag_overlay.hpp>
#include <ovrseer/config/flag_sources.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/yaml.hpp>

namespace t_config_flag_document {

using namespace ovrseer;
using namespace std::chrono_literals;

result<std::vector<shared_flag>, std::string> read(std::string text, const flag_document_rules& rules = {}) {
  auto document = read_yaml_or_json(source_text("flags.yml", std::move(text)), rules.limits);
  if (!document) return failure(to_text(document.reason()));
  auto made = read_flags(*document, rules);
  if (!made) return failure(to_text(made.reason()));
  return *std::move(made);
}
std::vector<shared_flag> flags(std::string text, const flag_document_rules& rules = {}) {
  auto made = read(std::move(text), rules);
  if (!made) FAIL(made.reason());
  return *std::move(made);
}
std::string errors(std::string text, const flag_document_rules& rules = {}) {
  const auto made = read(std::move(text), rules);
  return made ? "none" : made.reason();
}
flag_document_rules all_reactions() {
  flag_document_rules rules;
  rules.allowed = flag_document_rules::reactions::any;
  return rules;
}

const std::string everything = R"(
version: 1
flags:
  - name: oom
    pattern: /out of memory/i
    color: red
    target: 3
    context: 9
    onMatch: report
    onTarget: { run: ops/tell }
    units: [api, "web-*", shop/db]
  - { name: plain, pattern: "a ${HOME}" }
)";

TEST_CASE("a document of flags has the keys of flags and the units that they are for") {
  const auto all = flags(everything, all_reactions());
  REQUIRE(all.size() == 2);
  const shared_flag& oom = all[0];
  CHECK(oom.name() == "oom");
  CHECK(oom.what.what().matches("Out Of Memory"));
  CHECK(oom.what.color() == flag_color::red);
  CHECK(oom.what.target() == 3U);
  CHECK(oom.what.context_window() == 9);
  CHECK(oom.on_match.what() == flag_reaction::action::report);
  CHECK(oom.on_target.unit() == unit_id("ops", "tell"));
  CHECK(oom.units == std::vector<std::string>{"api", "web-*", "shop/db"});
  const auto is_for = [](const shared_flag& flag, const unit_id& id) {
    return flag.is_for(unit_spec(id, command("x")));
  };
  CHECK(is_for(oom, "api"));
  CHECK(is_for(oom, unit_id("space", "api")));
  CHECK(is_for(oom, "web-1"));
  CHECK(is_for(oom, unit_id("shop", "db")));
  CHECK_FALSE(is_for(oom, "db"));
  CHECK_FALSE(is_for(oom, "apis"));
  CHECK(is_for(all[1], unit_id("any", "one")));
}

TEST_CASE("JSON is read as YAML is also with tabs") {
  const auto all = flags("{\n\t\"version\": 1,\n\t\"flags\": [\n\t\t{\"name\": \"a\", \"pattern\": \"b\"}\n\t]\n}\n");
  CHECK(all.size() == 1);
  CHECK(flags("{\"version\": 1, \"flags\": []}").empty());
}

TEST_CASE("every error of a document is said with its place") {
  const std::string said = errors(R"(version: 2
flags:
  - { name: a, pattern: "(" }
  - { name: b }
  - { name: c, pattern: x, colour: red }
  - { name: d, pattern: x, units: [] }
  - { name: e, pattern: x, units: ["a b", ""] }
  - { name: d, pattern: y }
  - { name: "", pattern: y }
  - { name: f, pattern: y, onMatch: stop, onTarget: restart }
  - plain
)");
  for (const char* word : {"flags.yml:1:10: error: ", "flags.yml:3:", "flags.yml:4:", "flags.yml:5:", "flags.yml:6:",
                           "flags.yml:7:36: error: this is no name of a process", "flags.yml:7:43: ", "flags.yml:8:",
                           "two flags with the name \"d\"", "flags.yml:9:", "this is no name of a flag",
                           "\"onTarget\" without a target", "flags.yml:11:"}) {
    CAPTURE(word, said);
    CHECK(said.find(word) != std::string::npos);
  }
}

TEST_CASE("what is no document of flags is refused") {
  for (const char* text : {"", "[]", "null", "flags", "{}", "version: 1", "flags: []", "version: 1\nflags: {}",
                           "version: 1\nflags: []\nmore: 1", "version: 1\nflags: [", "<!doctype html><p>hello",
                           "\xff\xfe", "a: &a [1]\nb: [*a, *a]"}) {
    CAPTURE(text);
    CHECK(errors(text) != "none");
  }
}

TEST_CASE("only who is trusted may touch processes") {
  const auto with = [](const std::string& reaction) {
    return "version: 1\nflags: [{ name: a, pattern: b, onMatch: " + reaction + " }]\n";
  };
  for (const char* harmless : {"nothing", "report"}) CHECK(errors(with(harmless)) == "none");
  for (const char* reaction : {"restart", "stop", "{ run: x }"}) {
    CHECK(errors(with(reaction)).find("\"onMatch\" may not touch a process here") != std::string::npos);
    CHECK(errors(with(reaction), all_reactions()) == "none");
  }
}

TEST_CASE("a hostile document costs little") {
  const auto many = [](std::size_t count) {
    std::string text = "version: 1\nflags:\n";
    for (std::size_t i = 0; i < count; ++i) text += "  - { name: f" + std::to_string(i) + ", pattern: x }\n";
    return text;
  };
  CHECK(errors(many(256)) == "none");
  CHECK(errors(many(257)).find("257 flags; expected at most 256") != std::string::npos);
  const auto sized = [](std::size_t size) {
    return "version: 1\nflags: [{ name: a, pattern: \"" + std::string(size, 'x') + "\" }]\n";
  };
  CHECK(errors(sized(4096)) == "none");
  CHECK(errors(sized(4097)).find("a pattern of 4097 bytes; expected at most 4096") != std::string::npos);
  CHECK(errors("version: 1\nflags: [{ name: " + std::string(129, 'n') + ", pattern: x }]\n") != "none");
  CHECK(errors("version: 1\nflags: [{ name: \"a\\tb\", pattern: x }]\n") != "none");
  CHECK(errors(std::string(2U << 20U, ' ')) != "none");
  CHECK(errors(std::string(1000, '[')) != "none");
  // Nested repetitions are refused or linear; see the limits of patterns.
  CHECK_FALSE(errors("version: 1\nflags: [{ name: a, pattern: \"((a{1000}){1000}){1000}\" }]\n") == "none");
  CHECK(errors("version: 1\nflags: [{ name: a, pattern: \"(a+)+$\" }]\n") == "none");
}

TEST_CASE("a difference tells flags by their names") {
  const auto before =
      flags("version: 1\nflags: [{ name: a, pattern: x }, { name: b, pattern: x }, { name: c, pattern: x }]");
  const auto after = flags(
      "version: 1\nflags: [{ name: c, pattern: x, units: [u] }, { name: d, pattern: x }, { name: a, pattern: x }]");
  const flag_difference found = difference(before, after);
  CHECK(found.added == std::vector<std::string>{"d"});
  CHECK(found.removed == std::vector<std::string>{"b"});
  CHECK(found.changed == std::vector<std::string>{"c"});
  CHECK(difference(after, after).is_empty());
  const auto reacts = flags("version: 1\nflags: [{ name: a, pattern: x, onMatch: report }]");
  CHECK(difference({before[0]}, reacts).changed == std::vector<std::string>{"a"});
}

TEST_CASE("an overlay says what to change and gives back what was there") {
  flag_overlay overlay(1);
  unit_spec api("api", command("x"));
  api.flag(flag_spec("own", *pattern<>::compile("own")), flag_reaction::restart());
  overlay.set(0, flags("version: 1\nflags: [{ name: own, pattern: other }]"));
  unit_changes wanted;
  overlay.renew(api, wanted);
  REQUIRE(wanted.flags.size() == 1);
  CHECK(wanted.flags[0].flags().size() == 1);
  CHECK(wanted.flags[0].flags()[0].what().matches("an other"));
  CHECK(wanted.flags[0].reactions_to("own") == nullptr);
  unit_spec now = api;
  now.flags_of(wanted.flags[0]);
  unit_changes again;
  overlay.renew(now, again);
  CHECK(again.flags.empty());
  overlay.set(0, {});
  overlay.renew(now, again);
  REQUIRE(again.flags.size() == 1);
  CHECK(again.flags[0].flags() == api.flags());
  REQUIRE(again.flags[0].reactions_to("own") != nullptr);
  CHECK(again.flags[0].reactions_to("own")->on_match.what() == flag_reaction::action::restart);
}

stack_configuration configuration(const std::string& text) {
  auto document = read_yaml(source_text("x.yml", "processes: [{ id: a, command: x }]\n" + text));
  REQUIRE(document);
  auto made = read_configuration(*std::move(document), read_options().directory("/srv"));
  if (!made) FAIL(to_text(made.reason()));
  return *std::move(made);
}

TEST_CASE("a configuration names one source of flags or several") {
  CHECK(configuration("").flag_sources.empty());
  const auto one = configuration("remoteFlags: { file: flags.yml }\n").flag_sources;
  REQUIRE(one.size() == 1);
  CHECK(std::get<std::filesystem::path>(one[0].from) == "/srv/flags.yml");
  CHECK(one[0].interval == 1min);
  CHECK(one[0].timeout == 10s);
  CHECK(one[0].reactions == flag_document_rules::reactions::report_alone);
  CHECK(source_of(one[0], any_http_client()).describe() == "/srv/flags.yml");
  const auto two = configuration(R"(remoteFlags:
  - { url: "https://me:pw@h/flags?key=s", interval: 5s, timeout: 1s, token: t, headers: { X-A: b }, reactions: true }
  - { file: b.json }
)")
                       .flag_sources;
  REQUIRE(two.size() == 2);
  CHECK(two[0].interval == 5s);
  CHECK(options_of(two[0], read_json).timeout == 1s);
  CHECK(options_of(two[0], read_json).rules.allowed == flag_document_rules::reactions::any);
  const http_request asked = std::get<http_document>(two[0].from).request("\"7\"");
  CHECK(asked.headers().get("Authorization") == "Bearer t");
  CHECK(asked.headers().get("X-A") == "b");
  CHECK(asked.headers().get("If-None-Match") == "\"7\"");
  CHECK(source_of(two[0], any_http_client()).describe().find("pw") == std::string::npos);
}

}  // namespace t_config_flag_document
