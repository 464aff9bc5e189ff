// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// When an incident opens, is told of again and is over, with neither a clock nor a receiver.
#include <ovrseer/deliver/incident_book.hpp>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include <catch.hpp>

namespace t_incident_book {

using namespace ovrseer;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

incident_rules strict() {
  incident_rules made;
  made.settled_after = 30s;
  made.repeat_after = 10min;
  made.each = rate_limit(60, 1min, 60);
  return made;
}

/// A book, the number of the last event, and the time, which `tell` lets pass.
struct desk {
  explicit desk(incident_rules rules = strict()) : book(std::move(rules)) {}

  incident_book book;
  std::uint64_t seq = 0;
  steady_time now{1h};

  crash_report report(const char* unit, crash_kind kind = crash_kind::crash) {
    crash_report made;
    made.unit = unit_id(unit);
    made.kind = kind;
    made.message = "exited";
    made.event_seq = ++seq;
    return made;
  }
  void crash(const char* unit, crash_kind kind = crash_kind::crash) { book.note(report(unit, kind)); }
  void stands(const char* unit, unit_standing::health is) {
    book.note(unit_standing(unit_id(unit), ++seq, wall_time(now.time_since_epoch()), is), now);
  }
  void well(const char* unit) { stands(unit, unit_standing::health::well); }
  void unwell(const char* unit) { stands(unit, unit_standing::health::unwell); }

  static std::string text_of(const incident_update& update) {
    const auto* report = std::get_if<crash_report>(&update.what);
    if (report == nullptr) return update.unit().name + " recovered";
    return update.unit().name + " " + std::string(to_text(report->kind)) + " x" + std::to_string(report->occurrences);
  }
  /// All that is due by then; the receiver takes everything.
  texts tell(steady_time until) {
    texts made;
    for (const unit_id& unit : book.due_by(until)) {
      while (const auto update = book.next(unit, until)) {
        made.push_back(text_of(*update));
        book.told(*update, now);
      }
    }
    return made;
  }
  texts tell() { return tell(now); }
  texts tell_after(std::chrono::nanoseconds time) {
    now += time;
    return tell();
  }
};

TEST_CASE("a crash is told at once and its recovery when the unit has been well for a while") {
  desk at;
  at.well("api");
  CHECK_FALSE(at.book.due());
  at.unwell("api");
  at.crash("api");
  CHECK(at.tell() == texts{"api crash x1"});
  CHECK_FALSE(at.book.due());
  at.well("api");
  CHECK(at.tell().empty());
  CHECK(at.book.due() == at.now + 30s);
  CHECK(at.tell_after(29s).empty());
  CHECK(at.tell_after(1s) == texts{"api recovered"});
  CHECK_FALSE(at.book.due());
  at.crash("api");
  CHECK(at.tell() == texts{"api crash x1"});
}

TEST_CASE("a loop of crashes is one incident that says now and then how many there were") {
  desk at;
  texts told;
  for (int i = 0; i != 120; ++i) {  // a unit without a ready check is well as soon as it is started
    at.unwell("api");
    at.well("api");
    at.now += 10s;
    at.crash("api");
    for (std::string& each : at.tell()) told.push_back(std::move(each));
  }
  CHECK(told == texts{"api crash x1", "api crash x60"});
  CHECK(at.book.folded() == 117);
  at.well("api");
  CHECK(at.tell_after(30s) == texts{"api crash x59", "api recovered"});
}

TEST_CASE("what is graver than what was told is told at once") {
  desk at;
  at.crash("api");
  CHECK(at.tell() == texts{"api crash x1"});
  at.crash("api");
  at.crash("api", crash_kind::retries_exhausted);
  at.crash("api", crash_kind::flag_matched);
  CHECK(at.tell() == texts{"api retries_exhausted x3"});
}

TEST_CASE("reports and standings may come in any order") {
  desk at;
  const crash_report report = at.report("api");
  at.well("api");
  at.book.note(report);  // it is older than the standing
  CHECK(at.tell() == texts{"api crash x1"});
  CHECK(at.tell_after(30s) == texts{"api recovered"});

  const std::uint64_t before = at.seq++;
  at.crash("api");
  at.book.note(unit_standing("api", before + 1, {}, unit_standing::health::well),
               at.now);  // it is older than the report
  CHECK(at.tell() == texts{"api crash x1"});
  CHECK_FALSE(at.book.due());
}

TEST_CASE("a unit that does not stay well has not recovered") {
  desk at;
  at.crash("api");
  CHECK(at.tell().size() == 1);
  at.well("api");
  at.now += 29s;
  at.unwell("api");
  CHECK_FALSE(at.book.due());
  at.well("api");
  CHECK(at.tell_after(29s).empty());
  CHECK(at.tell_after(1s) == texts{"api recovered"});
}

TEST_CASE("a crash that opens no incident is told to nobody and neither is its recovery") {
  incident_rules rules = strict();
  rules.opens = [](const crash_report& report) { return report.retry_count >= 2; };
  desk at(rules);
  crash_report report = at.report("api");
  at.book.note(report);
  at.well("api");
  CHECK_FALSE(at.book.due());
  report.event_seq = ++at.seq;
  report.retry_count = 2;
  at.book.note(report);
  CHECK(at.tell() == texts{"api crash x1"});
  report.retry_count = 0;  // it joins the incident that is open
  report.event_seq = ++at.seq;
  at.book.note(report);
  CHECK(at.tell_after(10min) == texts{"api crash x1"});
}

TEST_CASE("the rate holds for each unit alone and what it holds back is told as one") {
  incident_rules rules = strict();
  rules.repeat_after = 0s;
  rules.each = rate_limit(2, 1min, 2);
  desk at(rules);
  texts told;
  for (int i = 0; i != 5; ++i) {
    at.crash("api");
    for (std::string& each : at.tell()) told.push_back(std::move(each));
  }
  at.crash("db");
  CHECK(told == texts{"api crash x1", "api crash x1"});
  CHECK(at.tell() == texts{"db crash x1"});
  CHECK(at.tell_after(29s).empty());
  CHECK(at.tell_after(2s) == texts{"api crash x3"});
}

TEST_CASE("what could not be told is due a minute later and then as it is by then") {
  desk at;
  at.crash("api");
  const auto update = at.book.next("api", at.now);
  REQUIRE(update);
  at.book.failed(*update, at.now);
  CHECK(at.book.waiting() == 1);
  at.crash("api");
  at.well("api");
  CHECK(at.tell().empty());
  CHECK(at.book.due() == at.now + 1min);
  CHECK(at.tell_after(1min) == texts{"api crash x2", "api recovered"});
  CHECK(at.book.waiting() == 0);
}

TEST_CASE("at the end all is told in the order of its time") {
  desk at;
  for (const char* unit : {"api", "db", "web"}) at.crash(unit);
  CHECK(at.tell().size() == 3);
  at.well("web");
  at.now += 1s;
  at.well("db");
  at.crash("api");
  CHECK(at.tell().empty());
  CHECK(at.tell(steady_time::max()) == texts{"web recovered", "db recovered", "api crash x1"});
  CHECK(at.tell(steady_time::max()).empty());
}

}  // namespace t_incident_book
