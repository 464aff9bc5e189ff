// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Flags: what they count and keep, when they tell, and what may be done in a hook.
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/log/query.hpp>

namespace t_log_flags {

using namespace ovrseer;

struct fixture {
  explicit fixture(const log_limits& limits = {}) : feed(context.get_executor(), limits) {}
  void out(std::string_view bytes) { feed.write(output_stream::out, bytes); }
  flag_table& flags() { return feed.flags(); }

  asio::io_context context;
  line_feed feed;
};

TEST_CASE("a flag description has defaults and setters that chain") {
  const flag_spec plain("errors", pattern<"error">{});
  CHECK(plain.name() == "errors");
  CHECK(plain.color() == flag_color::yellow);
  CHECK_FALSE(plain.target());
  CHECK(plain.context_window() == 5);
  const flag_spec full =
      flag_spec("errors", *pattern<>::compile("err(or)?", icase)).color(flag_color::red).target(3).context_window(7);
  CHECK(full.color() == flag_color::red);
  CHECK(full.target() == 3u);
  CHECK(full.context_window() == 7);
  CHECK_FALSE(flag_spec(full).target(0).target());
  for (const char* name : {"green", "blue", "red", "yellow", "teal", "purple", "orange"}) {
    CHECK(to_text(*parse_flag_color(name)) == name);
  }
  CHECK_FALSE(parse_flag_color("pink"));
}

TEST_CASE("a copy of a description keeps a pattern of run time alive") {
  auto original = std::make_unique<flag_spec>("errors", *pattern<>::compile("err(or)?"));
  const flag_spec copy = *original;
  original.reset();
  CHECK(copy.what().matches("an error"));
}

TEST_CASE("a flag counts the lines that match on both streams and not the remarks") {
  fixture t;
  t.flags().add(flag_spec("errors", pattern<"error">{}));
  t.out("error error\nfine\n");
  t.feed.write(output_stream::err, "an error\n");
  t.feed.append("error: a remark");
  CHECK(t.flags().count("errors") == 2u);
  CHECK_FALSE(t.flags().count("nobody"));
}

TEST_CASE("eviction from the ring does not lower a count and the newest matches are kept") {
  fixture t(log_limits().ring_lines(5));
  t.flags().add(flag_spec("errors", pattern<"^error">{}));
  for (int i = 1; i <= 250; ++i) t.out("error " + std::to_string(i) + "\nnoise\n");
  CHECK(t.flags().count("errors") == 250u);
  const auto kept = t.flags().matches("errors");
  REQUIRE(kept.size() == 100);
  CHECK(kept.front().text == "error 151");
  CHECK(kept.front().seq == 301);
  CHECK(kept.back().text == "error 250");
  CHECK(kept.back().seq == 499);
}

TEST_CASE("how many matches are kept is a limit and zero keeps none") {
  fixture few(log_limits().kept_matches(3));
  fixture none(log_limits().kept_matches(0));
  for (fixture* t : {&few, &none}) {
    t->flags().add(flag_spec("x", pattern<"x">{}));
    for (int i = 0; i < 10; ++i) t->out("x" + std::to_string(i) + "\n");
    CHECK(t->flags().count("x") == 10u);
  }
  const auto kept = few.flags().matches("x");
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].text == "x7");
  CHECK(kept[0].seq == 8);
  CHECK(none.flags().matches("x").empty());
}

TEST_CASE("a kept match is cut so that its memory is bounded") {
  fixture t;
  t.flags().add(flag_spec("long", pattern<"x">{}));
  for (int i = 0; i < 200; ++i) t.out(std::string(5'000, 'x') + "\n");
  const auto kept = t.flags().matches("long");
  REQUIRE(kept.size() == 100);
  CHECK(kept[0].text.size() == 1'024);
}

TEST_CASE("the context of a match is read when it is asked for") {
  fixture t;
  t.flags().add(flag_spec("errors", pattern<"error">{}).context_window(3));
  t.out("before\nerror\n");
  const std::uint64_t seq = t.flags().matches("errors")[0].seq;
  CHECK(t.feed.context_of("errors", seq).size() == 2);
  t.out("after\nlater\n");
  const auto context = t.feed.context_of("errors", seq);
  REQUIRE(context.size() == 3);
  CHECK(context[0].text == "before");
  CHECK(context[2].text == "after");
}

TEST_CASE("reaching the target is told once when the count is the target") {
  fixture t;
  t.flags().add(flag_spec("errors", pattern<"error">{}).target(3));
  t.flags().add(flag_spec("aimless", pattern<"error">{}));
  std::vector<std::string> told;
  t.flags().on_target([&told](const flag_match& found) {
    told.push_back(found.flag.name() + " " + std::to_string(found.count) + " " + std::string(found.where.text));
  });
  t.out("error a\nerror b\n");
  CHECK(told.empty());
  t.out("error c\nerror d\nerror e\n");
  CHECK(told == std::vector<std::string>{"errors 3 error c"});
}

TEST_CASE("hooks hear of every match in the order of the lines") {
  fixture t;
  std::vector<std::string> heard;
  t.flags().on_match([&heard](const flag_match& found) {
    heard.push_back(found.flag.name() + std::to_string(found.count) + "@" + std::to_string(found.where.seq));
  });
  t.flags().add(flag_spec("a", pattern<"a">{}));
  t.flags().add(flag_spec("b", pattern<"b">{}));
  t.out("ab\nnone\r\nb\r\na\n");
  CHECK(heard == std::vector<std::string>{"a1@1", "b1@1", "b2@3", "a2@4"});
}

TEST_CASE("a flag added under a taken name replaces it and its count begins anew") {
  fixture t;
  t.flags().add(flag_spec("x", pattern<"old">{}));
  t.flags().add(flag_spec("y", pattern<"both">{}));
  t.out("old both\n");
  t.flags().add(flag_spec("x", pattern<"new">{}).color(flag_color::blue));
  CHECK(t.flags().count("x") == 0u);
  CHECK(t.flags().matches("x").empty());
  t.out("old both\nnew both\n");
  CHECK(t.flags().count("x") == 1u);
  CHECK(t.flags().count("y") == 3u);
  CHECK(t.flags().size() == 2);
  CHECK(t.flags().find("x")->color() == flag_color::blue);
}

TEST_CASE("a removed flag matches no more and its name is free") {
  fixture t;
  t.flags().add(flag_spec("x", pattern<"x">{}));
  CHECK(t.flags().remove("x"));
  CHECK_FALSE(t.flags().remove("x"));
  t.out("x\n");
  CHECK(t.flags().is_empty());
  t.flags().add(flag_spec("x", pattern<"x">{}));
  t.out("x\n");
  CHECK(t.flags().count("x") == 1u);
}

TEST_CASE("flags come and go in a hook and the others go on counting") {
  for (const char* ending : {"\n", "\r\n"}) {
    fixture t;
    t.flags().add(flag_spec("self", pattern<"go">{}));
    t.flags().add(flag_spec("other", pattern<"o">{}));
    std::string heard;
    t.flags().on_match([&](const flag_match& found) {
      if (found.flag.name() != "self") return;
      t.flags().remove("self");
      t.flags().remove("other");
      t.flags().add(flag_spec("other", pattern<"o">{}));
      t.flags().add(flag_spec("fresh", pattern<"o">{}));
      heard = found.flag.name();
    });
    const std::string end = ending;
    t.out("go" + end + "go" + end + "o" + end);
    CHECK(heard == "self");
    CHECK_FALSE(t.flags().count("self"));
    t.out("o" + end);
    CHECK(t.flags().count("fresh") >= 1u);
    CHECK(t.flags().count("other") == t.flags().count("fresh"));
    CHECK(t.flags().size() == 2);
  }
}

TEST_CASE("a remark made in a hook stands right behind its line") {
  fixture t;
  t.flags().add(flag_spec("x", pattern<"x">{}));
  t.flags().on_match([&](const flag_match& found) { t.feed.append("seen " + std::string(found.where.text)); });
  t.out("x1\nplain\nx2\n");
  std::vector<std::string> texts;
  for (const owned_line& each : find_lines(t.feed.lines())) texts.push_back(each.text);
  CHECK(texts == std::vector<std::string>{"x1", "seen x1", "plain", "x2", "seen x2"});
}

TEST_CASE("what a hook throws is counted and stops nobody") {
  fixture t;
  t.flags().add(flag_spec("x", pattern<"x">{}));
  int heard = 0;
  t.flags().on_match([](const flag_match&) { throw std::runtime_error("no"); });
  t.flags().on_match([&heard](const flag_match&) { ++heard; });
  t.out("x\nx\n");
  CHECK(heard == 2);
  CHECK(t.flags().failed_hooks() == 2);
  CHECK(t.feed.counters().lines == 2);
}

TEST_CASE("matches and reached targets are streams that can be awaited") {
  fixture t;
  t.flags().add(flag_spec("x", pattern<"x">{}).target(2));
  flag_stream matches = t.feed.matches();
  flag_stream targets = t.feed.targets();
  std::vector<std::uint64_t> counts;
  std::optional<owned_flag_match> reached;
  const auto read = [](flag_stream& from, std::vector<std::uint64_t>& into) -> task<void> {
    for (int i = 0; i < 3; ++i) {
      const std::optional<owned_flag_match> next = co_await from.next();
      into.push_back(next->count);
    }
  };
  const auto read_one = [](flag_stream& from, std::optional<owned_flag_match>& into) -> task<void> {
    into = co_await from.next();
  };
  asio::co_spawn(t.context, read(matches, counts), [](const std::exception_ptr&) {});
  asio::co_spawn(t.context, read_one(targets, reached), [](const std::exception_ptr&) {});
  t.context.poll();
  t.out("x1\nx2\nx3\n");
  t.context.restart();
  t.context.run();
  CHECK(counts == std::vector<std::uint64_t>{1, 2, 3});
  REQUIRE(reached);
  CHECK(reached->flag == "x");
  CHECK(reached->where.text == "x2");
  CHECK(reached->target == 2u);
}

TEST_CASE("a stream of matches that nobody reads stays bounded and counts what it dropped") {
  fixture t;
  t.flags().add(flag_spec("x", pattern<"x">{}));
  flag_stream matches = t.feed.matches();
  for (int i = 0; i < 1'000; ++i) t.out("x\n");
  CHECK(matches.try_next()->count == 745);
  CHECK(matches.missed() == 744);
}

}  // namespace t_log_flags
