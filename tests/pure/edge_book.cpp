// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a running unit has lost of what it was started with, and which lines were seen: one case a rule.
#include <catch.hpp>

#include <ovrseer/supervise/detail/edge_book.hpp>

namespace t_edge_book {

using namespace ovrseer;
using supervise_detail::edge_book;
using supervise_detail::edge_turn;
using enum unit_state;
using enum edge_status;

TEST_CASE("an edge is lost once and returns once") {
  edge_book book;
  CHECK(book.take("api", "db", met, ready) == edge_turn::none);
  CHECK(book.take("api", "db", pending, ready) == edge_turn::lost);
  CHECK(book.take("api", "db", pending, ready) == edge_turn::none);
  CHECK(book.take("api", "db", met, ready) == edge_turn::returned);
  CHECK(book.take("api", "db", met, ready) == edge_turn::none);
  CHECK(book.take("api", "db", impossible, ready) == edge_turn::lost);
}

TEST_CASE("only a unit that is up and is not about to stop loses something") {
  for (int value = 0; value <= static_cast<int>(skipped); ++value) {
    const auto state = static_cast<unit_state>(value);
    INFO(to_text(state));
    edge_book book;
    const bool is_up = state == running || state == ready || state == unhealthy || state == paused;
    CHECK(book.take("api", "db", pending, state) == (is_up ? edge_turn::lost : edge_turn::none));
    CHECK(book.take("api", "db", met, state) == (is_up ? edge_turn::returned : edge_turn::none));
  }
}

TEST_CASE("what was lost returns to a unit that is down by now as well") {
  edge_book book;
  book.take("api", "db", pending, ready);
  CHECK(book.take("api", "db", met, stopping) == edge_turn::returned);
}

TEST_CASE("edges are lost each by itself") {
  edge_book book;
  CHECK(book.take("api", "db", pending, ready) == edge_turn::lost);
  CHECK(book.take("api", "cache", pending, ready) == edge_turn::lost);
  CHECK(book.take("web", "db", pending, ready) == edge_turn::lost);
  CHECK(book.take("api", "db", met, ready) == edge_turn::returned);
  CHECK(book.take("api", "cache", pending, ready) == edge_turn::none);
  CHECK(book.take("web", "db", pending, ready) == edge_turn::none);
}

TEST_CASE("to a unit that begins anew nothing is lost and others keep their losses") {
  edge_book book;
  book.take("api", "db", pending, ready);
  book.take("web", "db", pending, ready);
  book.forget("api");
  CHECK(book.take("api", "db", met, ready) == edge_turn::none);
  CHECK(book.take("web", "db", met, ready) == edge_turn::returned);
}

TEST_CASE("a line counts for the incarnation that wrote it and for the edge that waits for it") {
  edge_book book;
  CHECK_FALSE(book.has_line("api", "db", 1));
  book.see_line("api", "db", 1);
  CHECK(book.has_line("api", "db", 1));
  CHECK_FALSE(book.has_line("api", "db", 2));
  CHECK_FALSE(book.has_line("web", "db", 1));
  CHECK_FALSE(book.has_line("db", "api", 1));
  book.see_line("api", "db", 2);
  CHECK(book.has_line("api", "db", 2));
  CHECK_FALSE(book.has_line("api", "db", 1));
}

TEST_CASE("a unit that begins anew keeps the lines that were seen") {
  edge_book book;
  book.see_line("api", "db", 1);
  book.forget("api");
  CHECK(book.has_line("api", "db", 1));
}

TEST_CASE("who takes the place of a unit has lost nothing and written nothing and others wait for its return") {
  edge_book book;
  book.take("api", "db", pending, ready);
  book.take("db", "disk", pending, ready);
  book.take("web", "cache", pending, ready);
  for (const char* dependent : {"api", "web"}) {
    for (const char* on : {"db", "cache"}) book.see_line(dependent, on, 1);
  }
  book.see_line("db", "disk", 1);
  book.renew("db");
  CHECK(book.take("api", "db", met, ready) == edge_turn::returned);
  CHECK(book.take("web", "cache", met, ready) == edge_turn::returned);
  CHECK(book.take("db", "disk", met, ready) == edge_turn::none);
  CHECK_FALSE(book.has_line("api", "db", 1));
  CHECK_FALSE(book.has_line("web", "db", 1));
  CHECK_FALSE(book.has_line("db", "disk", 1));
  CHECK(book.has_line("api", "cache", 1));
  CHECK(book.has_line("web", "cache", 1));
}

TEST_CASE("of a unit that is removed nothing is kept on either side of an edge") {
  edge_book book;
  const auto fill = [&] {
    for (const char* on : {"db", "cache"}) {
      book.take("api", on, pending, ready);
      book.take("web", on, pending, ready);
      book.see_line("api", on, 1);
      book.see_line("web", on, 1);
    }
  };
  fill();
  SECTION("as a dependent") {
    book.remove("api");
    CHECK_FALSE(book.has_line("api", "db", 1));
    CHECK_FALSE(book.has_line("api", "cache", 1));
    CHECK(book.has_line("web", "db", 1));
    CHECK(book.take("api", "db", met, ready) == edge_turn::none);
    CHECK(book.take("web", "db", met, ready) == edge_turn::returned);
  }
  SECTION("as what is depended on") {
    book.remove("db");
    CHECK_FALSE(book.has_line("api", "db", 1));
    CHECK_FALSE(book.has_line("web", "db", 1));
    CHECK(book.has_line("api", "cache", 1));
    CHECK(book.take("api", "db", met, ready) == edge_turn::none);
    CHECK(book.take("api", "cache", met, ready) == edge_turn::returned);
  }
}

}  // namespace t_edge_book
