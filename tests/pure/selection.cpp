// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Expressions that choose units: what each means, how they bind, and every mistake with its column and its cure.
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <catch.hpp>

#include <ovrseer/supervise/selection.hpp>

namespace t_selection {

using namespace ovrseer;
using names = std::vector<std::string>;

unit_spec unit_of(unit_id id, role as, const char* group, const names& tags) {
  unit_spec made(std::move(id), command("true"));
  made.as(as).within(group);
  for (const std::string& each : tags) made.tag(each);
  return made;
}

std::vector<group_spec> groups() {
  std::vector<group_spec> all{group_spec("web"), group_spec("data")};
  all.push_back(group_spec("edge").within("web"));
  return all;
}

std::vector<unit_spec> units() {
  return {unit_of("db", role::dependency, "data", {"slow", "disk"}),
          unit_of("api", role::main, "web", {"http"}),
          unit_of("api-v2", role::main, "web", {"http", "two words"}),
          unit_of({"shop", "api"}, role::main, "", {}),
          unit_of("proxy", role::main, "edge", {"http"}),
          unit_of("tidy", role::cleanup, "", {"slow"})};
}

names chosen(const selection& which) {
  names all;
  for (const unit_id& id : select(which, units(), groups())) all.push_back(to_text(id));
  return all;
}
selection read(std::string_view text) {
  auto made = selection::parse(text);
  if (!made) FAIL(to_text(made.reason(), text));
  return *made;
}
names chosen(std::string_view text) { return chosen(read(text)); }
std::string mistake(std::string_view text) {
  const auto made = selection::parse(text);
  return made ? "none" : to_text(made.reason(), text);
}

TEST_CASE("a bare word is a name in any namespace and one with a slash in one") {
  CHECK(chosen("api") == names{"api", "shop/api"});
  CHECK(chosen("default/api") == names{"api"});
  CHECK(chosen("shop/*") == names{"shop/api"});
  CHECK(chosen("name:api") == chosen("api"));
  CHECK(chosen("nobody").empty());
}

TEST_CASE("a star stands for any characters") {
  CHECK(chosen("api*") == names{"api", "api-v2", "shop/api"});
  CHECK(chosen("a*v*") == names{"api-v2"});
  CHECK(chosen("*p*y") == names{"proxy"});
  CHECK(chosen("*").size() == 6);
  CHECK(chosen("tag:t*o*") == names{"api-v2"});
  CHECK(chosen("group:*") == names{"db", "api", "api-v2", "proxy"});
}

TEST_CASE("namespaces and tags and roles are asked for by their key") {
  CHECK(chosen("namespace:shop") == names{"shop/api"});
  CHECK(chosen("tag:slow") == names{"db", "tidy"});
  CHECK(chosen("tag:\"two words\"") == names{"api-v2"});
  CHECK(chosen("tag:'two words'") == names{"api-v2"});
  CHECK(chosen("role:cleanup") == names{"tidy"});
  CHECK(chosen("role:dependency") == names{"db"});
}

TEST_CASE("a group means those in groups within it as well") {
  CHECK(chosen("group:web") == names{"api", "api-v2", "proxy"});
  CHECK(chosen("group:edge") == names{"proxy"});
}

TEST_CASE("a state is that of the unit now") {
  const group_tree tree(groups());
  const unit_spec db = units().front();
  CHECK(read("state:backing_off").matches(db, unit_state::backing_off, tree));
  CHECK_FALSE(read("state:failed").matches(db, unit_state::ready, tree));
  CHECK(read("db and not state:failed").asks_for_states());
  CHECK_FALSE(read("db and not role:main").asks_for_states());
}

TEST_CASE("not binds closer than and which binds closer than or") {
  CHECK(chosen("tag:http and not group:edge") == names{"api", "api-v2"});
  CHECK(chosen("db or tag:http and api") == names{"db", "api"});
  CHECK(chosen("(db or tag:http) and api") == names{"api"});
  CHECK(chosen("not (role:main or role:cleanup)") == names{"db"});
  CHECK(chosen("not role:main and not tag:slow").empty());
  CHECK(chosen("not not db") == names{"db"});
  CHECK(chosen("((db))or(tidy)") == names{"db", "tidy"});
}

TEST_CASE("expressions are built from parts in code") {
  CHECK(chosen(selection::tag("http") && !selection::group("edge")) == names{"api", "api-v2"});
  CHECK(chosen(selection::name("db") || (selection::role(role::main) && selection::name_space("shop"))) ==
        names{"db", "shop/api"});
  CHECK(chosen(!selection::all()).empty());
  CHECK((selection::state(unit_state::failed) && selection::all()).asks_for_states());
}

TEST_CASE("an expression in words is read as the same") {
  CHECK(to_text(read("(a or  b)and not(c or d)")) == "(name:a or name:b) and not (name:c or name:d)");
  CHECK(to_text(read("a or b and c or not d")) == "name:a or name:b and name:c or not name:d");
  CHECK(to_text(selection::tag("two words") && selection::tag("(\"'")) == "tag:\"two words\" and tag:\"(\"'\"'\"'\"");
  std::mt19937 random(7);  // NOLINT: the same in every run
  const auto below = [&](unsigned n) { return random() % n; };
  for (int round = 0; round < 500; ++round) {
    std::vector<selection> parts{selection::name("api*"),  selection::tag("http"), selection::tag("two words"),
                                 selection::group("edge"), selection::tag(""),     selection::role(role::main),
                                 selection::tag("a\"b'c")};
    while (parts.size() > 1) {
      const selection last = parts.back();
      parts.pop_back();
      selection& other = parts[below(static_cast<unsigned>(parts.size()))];
      other = below(2) == 0 ? other && last : last || other;
      if (below(3) == 0) other = !other;
    }
    const std::string text = to_text(parts.front());
    CAPTURE(text);
    CHECK(to_text(read(text)) == text);
    CHECK(chosen(text) == chosen(parts.front()));
  }
}

TEST_CASE("what can run without the rest is who is named and all that they need") {
  std::vector<unit_spec> all = units();
  all[1].depends_on("api-v2");
  all[2].depends_on("proxy");
  all[4].depends_on(std::vector<dependency_edge>{});
  const auto with = [&](const std::vector<unit_id>& ids) {
    names kept;
    for (const unit_spec& each : with_dependencies(ids, all)) kept.push_back(to_text(each.id()));
    return kept;
  };
  CHECK(with({"api"}) == names{"api", "api-v2", "proxy"});
  CHECK(with({"proxy"}) == names{"proxy"});
  CHECK(with({{"shop", "api"}}) == names{"db", "shop/api"});  // a main without a list waits for all dependencies
  CHECK(with({"tidy", "db"}) == names{"db", "tidy"});
  CHECK(with({}).empty());
}

TEST_CASE("a mistake has its column and its cure") {
  CHECK(mistake("") == "column 1: expected which units are meant\n  \n  ^\n  help: write * for all");
  CHECK(mistake("api and ") ==
        "column 9: expected which units are meant\n  api and \n          ^\n  help: write what is to stand here");
  CHECK(mistake("api web") ==
        "column 5: expected and, or, or the end\n  api web\n      ^\n"
        "  help: write \"and\" for units that are both, \"or\" for units that are one of the two");
  CHECK_THAT(mistake("api not web"), catchx::ContainsSubstring("column 5: expected and, or, or the end"));
  CHECK_THAT(mistake("api (web)"), catchx::ContainsSubstring("column 5: expected and, or, or the end"));
  CHECK_THAT(mistake("and api"), catchx::ContainsSubstring("a unit of that name is name:and"));
  CHECK_THAT(mistake("(api"), catchx::ContainsSubstring("column 1: expected a ( that is closed"));
  CHECK_THAT(mistake("(api) )"), catchx::ContainsSubstring("column 7: expected and, or, or the end"));
  CHECK_THAT(mistake("not ()"), catchx::ContainsSubstring("column 6: expected which units are meant"));
  CHECK_THAT(mistake("tga:web"), catchx::ContainsSubstring("column 1: expected name:, namespace:, group:, tag:"));
  CHECK_THAT(mistake("api or tag:"), catchx::ContainsSubstring("column 12: expected a value"));
  CHECK_THAT(mistake("tag:\"two words"), catchx::ContainsSubstring("column 5: expected a quote that is closed"));
  CHECK_THAT(mistake("role:helper"), catchx::ContainsSubstring("column 6: expected dependency, main or cleanup"));
  CHECK_THAT(mistake("state:flag_matched"), catchx::ContainsSubstring("column 7: expected a state"));
  CHECK_THAT(mistake("api && web"), catchx::ContainsSubstring("column 5: expected and, or, or the end"));
  CHECK_THAT(mistake("tag:a,b"), catchx::ContainsSubstring("column 6: expected blanks and a word"));
  CHECK_THAT(mistake("!tag:web"), catchx::ContainsSubstring("write \"not \" instead of !"));
  CHECK_THAT(mistake("!web"), catchx::ContainsSubstring("write \"not \" instead of !"));
  CHECK_THAT(mistake("a/b/c"), catchx::ContainsSubstring("column 4: expected a name"));
}

TEST_CASE("an expression of any depth is read and one that is too long is refused") {
  constexpr std::size_t deep = 10'000;
  CHECK(chosen(std::string(deep, '(') + "db" + std::string(deep, ')')) == names{"db"});
  std::string negated;
  std::string long_one = "db";
  for (std::size_t i = 0; i < deep; ++i) {
    negated += "not ";
    long_one += " or db";
  }
  CHECK(chosen(negated + "db") == names{"db"});
  CHECK(chosen(long_one) == names{"db"});
  CHECK(to_text(read(negated + "db")) == negated + "name:db");
  CHECK_THAT(mistake(std::string(deep, '(')), catchx::ContainsSubstring("column 10001: expected which units"));
  CHECK_THAT(mistake(std::string(65'537, ' ')), catchx::ContainsSubstring("an expression of at most 64 KiB"));
}

}  // namespace t_selection
