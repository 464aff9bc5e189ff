// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The journal: numbering, stamps, resumption, gaps, and the questions that `why` asks.
#include <catch.hpp>
#include <ovrseer/event/journal.hpp>

namespace t_event_journal {

using namespace ovrseer;
using namespace std::chrono_literals;

std::uint64_t add(journal& events, const char* unit, event_type type, std::uint64_t cause_seq = 0) {
  return events.append(unit, 1, type, severity::info, cause_seq);
}

// An entry in short: "7" for event 7, "gap 1+3" for events 1 to 3 missing, "end" for no entry.
std::string brief(const std::optional<journal_entry>& entry) {
  if (!entry) return "end";
  if (const auto* gap = std::get_if<journal_gap>(&*entry)) {
    return "gap " + std::to_string(gap->first_missing) + "+" + std::to_string(gap->count);
  }
  return std::to_string(std::get<event>(*entry).seq);
}

task<void> read_all(journal::reader& reader, std::vector<std::string>& into) {
  for (;;) {
    const std::optional<journal_entry> entry = co_await reader.next();
    into.push_back(brief(entry));
    if (!entry) break;
  }
}

TEST_CASE("events are numbered from one and stamped with both clocks") {
  asio::io_context context;
  virtual_clock time(context, wall_time(1000s));
  journal events(context.get_executor());
  CHECK(events.begin_seq() == 1);
  CHECK(events.end_seq() == 1);
  CHECK(add(events, "api", event_type::starting) == 1);
  time.run_for(1500ms);
  CHECK(events.append("api", 3, event_type::running, severity::warning, 1, check_data{"tcp", "refused"}) == 2);

  const event* second = events.at(2);
  REQUIRE(second != nullptr);
  CHECK(second->time == wall_time(1001s + 500ms));
  CHECK(second->mono_ns == 1'500'000'000);
  CHECK(second->unit == unit_id("api"));
  CHECK(second->incarnation == 3);
  CHECK(second->type == event_type::running);
  CHECK(second->severity == severity::warning);
  CHECK(second->cause_seq == 1);
  CHECK(std::get<check_data>(second->data).reason == "refused");
  CHECK(events.at(0) == nullptr);
  CHECK(events.at(3) == nullptr);
}

TEST_CASE("a boot id is a random UUID unless one is given") {
  asio::io_context context;
  CHECK(journal(context.get_executor(), 4, "life-1").boot_id() == "life-1");
  const std::string a = make_boot_id();
  const std::string b = make_boot_id();
  CHECK(a != b);
  REQUIRE(a.size() == 36);
  CHECK(a[8] == '-');
  CHECK(a[14] == '4');
  CHECK(std::string("89ab").find(a[19]) != std::string::npos);
  CHECK(a.find_first_of("xy") == std::string::npos);
}

TEST_CASE("a reader sees what comes after it subscribed and then the end") {
  asio::io_context context;
  journal events(context.get_executor());
  add(events, "api", event_type::starting);
  journal::reader reader = events.subscribe();
  std::vector<std::string> seen;
  asio::co_spawn(context, read_all(reader, seen), [](std::exception_ptr) {});
  context.poll();
  CHECK(seen.empty());
  add(events, "api", event_type::running);
  context.restart();
  context.poll();
  CHECK(seen == std::vector<std::string>{"2"});
  add(events, "api", event_type::ready);
  events.close();
  context.restart();
  context.poll();
  CHECK(seen == std::vector<std::string>{"2", "3", "end"});
  CHECK(reader.position() == 4);
}

TEST_CASE("resuming below what is kept begins with an explicit gap for every policy") {
  asio::io_context context;
  journal events(context.get_executor(), 3);
  for (int i = 0; i < 8; ++i) add(events, "api", event_type::starting);
  CHECK(events.begin_seq() == 6);
  for (const on_overrun policy : {on_overrun::wait, on_overrun::drop_oldest, on_overrun::fail}) {
    journal::reader reader = events.subscribe_from(2, policy);
    CHECK(reader.position() == 2);
    CHECK(brief(reader.try_next()) == "gap 2+4");
    CHECK(reader.position() == 6);
    CHECK(brief(reader.try_next()) == "6");
    CHECK(brief(reader.try_next()) == "7");
    CHECK(brief(reader.try_next()) == "8");
    CHECK(brief(reader.try_next()) == "end");
    CHECK(reader.missed() == 4);
    CHECK(reader.position() == 9);
  }
}

TEST_CASE("resuming within what is kept has no gap and zero means the first") {
  asio::io_context context;
  journal events(context.get_executor(), 3);
  add(events, "api", event_type::starting);
  add(events, "api", event_type::running);
  CHECK(brief(events.subscribe_from(0).try_next()) == "1");
  CHECK(brief(events.subscribe_from(2).try_next()) == "2");
  journal::reader ahead = events.subscribe_from(99);
  CHECK(ahead.position() == 3);
  add(events, "api", event_type::ready);
  CHECK(brief(ahead.try_next()) == "3");
}

TEST_CASE("a slow reader gets one gap where it fell behind and continues behind it") {
  asio::io_context context;
  journal events(context.get_executor(), 2);
  journal::reader reader = events.subscribe_from(1);
  add(events, "api", event_type::starting);
  CHECK(brief(reader.try_next()) == "1");
  for (int i = 0; i < 5; ++i) add(events, "api", event_type::starting);
  std::vector<std::string> seen;
  events.close();
  asio::co_spawn(context, read_all(reader, seen), [](std::exception_ptr) {});
  context.poll();
  CHECK(seen == std::vector<std::string>{"gap 2+3", "5", "6", "end"});
}

TEST_CASE("events dropped between a gap and the event behind it are not lost twice") {
  asio::io_context context;
  journal events(context.get_executor(), 2);
  journal::reader reader = events.subscribe_from(1);
  for (int i = 0; i < 5; ++i) add(events, "api", event_type::starting);
  CHECK(brief(reader.try_next()) == "gap 1+3");
  for (int i = 0; i < 5; ++i) add(events, "api", event_type::starting);
  CHECK(brief(reader.try_next()) == "4");  // held since the gap was told
  CHECK(brief(reader.try_next()) == "gap 5+4");
  CHECK(brief(reader.try_next()) == "9");
  CHECK(reader.missed() == 7);
}

TEST_CASE("a reader that chose to fail throws when it falls behind") {
  asio::io_context context;
  journal events(context.get_executor(), 2);
  journal::reader reader = events.subscribe(on_overrun::fail);
  for (int i = 0; i < 3; ++i) add(events, "api", event_type::starting);
  try {
    (void)reader.try_next();
    FAIL("no overrun");
  } catch (const error& failure) {
    CHECK(failure.code() == errc::overrun);
  }
}

TEST_CASE("a cancelled wait loses no entry") {
  asio::io_context context;
  journal events(context.get_executor());
  journal::reader reader = events.subscribe();
  asio::cancellation_signal cancel;
  std::vector<std::string> seen;
  bool is_cancelled = false;
  asio::co_spawn(context, read_all(reader, seen),
                 asio::bind_cancellation_slot(cancel.slot(),
                                              [&](std::exception_ptr failure) { is_cancelled = failure != nullptr; }));
  context.poll();
  cancel.emit(cancellation_type::terminal);
  add(events, "api", event_type::starting);
  context.restart();
  context.poll();
  CHECK(is_cancelled);
  CHECK(seen.empty());
  CHECK(brief(reader.try_next()) == "1");
}

TEST_CASE("a reader outlives its journal and comes to the end") {
  asio::io_context context;
  auto events = std::make_unique<journal>(context.get_executor());
  journal::reader reader = events->subscribe();
  add(*events, "api", event_type::starting);
  events.reset();
  std::vector<std::string> seen;
  asio::co_spawn(context, read_all(reader, seen), [](std::exception_ptr) {});
  context.poll();
  CHECK(seen == std::vector<std::string>{"1", "end"});
}

TEST_CASE("appending to a closed journal is an error") {
  asio::io_context context;
  journal events(context.get_executor());
  events.close();
  CHECK(events.is_closed());
  CHECK_THROWS_AS(add(events, "api", event_type::starting), error);
  CHECK(events.end_seq() == 1);
}

TEST_CASE("the last event and the last transition of a unit are found while they are kept") {
  asio::io_context context;
  journal events(context.get_executor(), 4);
  CHECK(events.last_of("api") == nullptr);
  add(events, "api", event_type::running);       // 1
  add(events, "api", event_type::flag_matched);  // 2
  add(events, "db", event_type::running);        // 3
  REQUIRE(events.last_of("api") != nullptr);
  CHECK(events.last_of("api")->seq == 2);
  CHECK(events.last_transition_of("api")->seq == 1);
  CHECK(events.last_of(unit_id("other", "api")) == nullptr);

  add(events, "db", event_type::ready);  // 4
  add(events, "db", event_type::ready);  // 5 drives out 1
  CHECK(events.last_transition_of("api") == nullptr);
  CHECK(events.last_of("api")->seq == 2);
  add(events, "db", event_type::ready);  // 6 drives out 2
  CHECK(events.last_of("api") == nullptr);
  CHECK(events.last_of("db")->seq == 6);
}

TEST_CASE("a chain follows the causes back until there is none or it is gone") {
  asio::io_context context;
  journal events(context.get_executor(), 4);
  const auto a = add(events, "db", event_type::crashed);
  const auto b = add(events, "db", event_type::backing_off, a);
  const auto c = add(events, "api", event_type::stopping, b);
  const auto seqs = [](const std::vector<event>& links) {
    std::vector<std::uint64_t> numbers;
    for (const event& link : links) numbers.push_back(link.seq);
    return numbers;
  };
  CHECK(seqs(events.chain(c)) == std::vector<std::uint64_t>{c, b, a});
  CHECK(seqs(events.chain(a)) == std::vector<std::uint64_t>{a});
  CHECK(events.chain(77).empty());

  const auto d = add(events, "api", event_type::stopped, c);
  add(events, "api", event_type::waiting, 0);  // drives out a
  const std::vector<event> cut = events.chain(d);
  CHECK(seqs(cut) == std::vector<std::uint64_t>{d, c, b});
  CHECK(cut.back().cause_seq == a);

  const auto odd = add(events, "api", event_type::waiting, events.end_seq());  // claims to cause itself
  CHECK(seqs(events.chain(odd)) == std::vector<std::uint64_t>{odd});
}

TEST_CASE("what a cause or a check quotes is kept without secrets") {
  asio::io_context context;
  journal events(context.get_executor(), 8);
  const auto text = [&](event_data data) {
    const auto seq = events.append("db", 1, event_type::crashed, severity::error, 0, std::move(data));
    return *events.at(seq);
  };
  transition_data change;
  change.why.what = "chdir: /srv/token=hunter2hunter2: No such file";
  CHECK(cause_of(text(change))->what == "chdir: /srv/token=<redacted> No such file");
  supervisor_data own;
  own.why.what = "asked by postgres://me:hunter2@db/x";
  CHECK(cause_of(text(own))->what.find("hunter2") == std::string::npos);
  check_data check{"exec probe --password hunter2", "password=hunter2"};
  const event kept = text(check);
  CHECK(std::get<check_data>(kept.data).check.find("hunter2") == std::string::npos);
  CHECK(std::get<check_data>(kept.data).reason.find("hunter2") == std::string::npos);
}

}  // namespace t_event_journal
