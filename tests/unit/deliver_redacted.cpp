// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// No secret goes on, in whatever text of an item it is; what has none goes on untouched.
#include <catch.hpp>
#include <ovrseer/deliver/deduplicated.hpp>
#include <ovrseer/deliver/deliver_within.hpp>
#include <ovrseer/deliver/enriched.hpp>
#include <ovrseer/deliver/redacted.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/event/crash_report_json.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/sink/log_sink.hpp>
#include <record_samples.hpp>
#include <report_samples.hpp>
#include <run.hpp>

namespace t_deliver_redacted {

using namespace ovrseer;
using namespace std::chrono_literals;
using ovrseer_test::full_report;
using ovrseer_test::record_of;

static_assert(crash_reporter<redacted<null_deliverer>>);
static_assert(log_sink<redacted<null_deliverer, log_record>>);
static_assert(crash_reporter<redacted<null_deliverer, crash_report, no_redaction>>);

// Keeps where it was given what, too.
template <class T>
struct witness {
  struct state {
    std::vector<T> items;
    std::vector<const T*> addresses;
  };
  explicit witness(state& shared) : shared_(&shared) {}
  task<void> deliver(const T& item) {
    shared_->items.push_back(item);
    shared_->addresses.push_back(&item);
    co_return;
  }

 private:
  state* shared_;
};

template <class T>
struct bench {
  asio::io_context context;
  virtual_clock time{context};
  typename witness<T>::state seen;
  redacted<witness<T>, T> policy{witness<T>(seen)};

  const T& deliver(const T& item) {
    test::run(context, time, policy.deliver(item));
    return seen.items.back();
  }
};

std::string json_of(const crash_report& report) { return to_json(report).dump(); }

TEST_CASE("a report without a secret is not even copied") {
  bench<crash_report> on;
  const crash_report plain = full_report();
  on.deliver(plain);
  crash_report hidden = full_report();
  hidden.message = "password=<redacted> was wrong";
  hidden.arguments = {"--token", "<redacted>"};
  hidden.environment = {{"API_KEY", "<redacted>"}, {"PASSWORD", "(unset)"}};
  hidden.last_lines = {"-----BEGIN PRIVATE KEY-----", "<redacted>", "-----END PRIVATE KEY-----", "keys: 3"};
  on.deliver(hidden);
  CHECK(on.seen.addresses == std::vector<const crash_report*>{&plain, &hidden});
  CHECK(on.policy.hidden() == 0);
}

TEST_CASE("a secret is hidden in every text of a report") {
  const std::string secret = "hunter2hunter2";
  const auto put = std::vector<std::function<void(crash_report&)>>{
      [&](crash_report& to) { to.message = "said password=" + secret; },
      [&](crash_report& to) { to.program = "/run/password=" + secret + "/x"; },
      [&](crash_report& to) { to.working_directory = "ftp://bob:" + secret + "@host/"; },
      [&](crash_report& to) { to.arguments = {"--password", secret}; },
      [&](crash_report& to) { to.arguments = {"-c", "curl -u x --token " + secret}; },
      [&](crash_report& to) { to.environment = {{"DB_PASSWORD", secret}}; },
      [&](crash_report& to) { to.environment = {{"DB", "postgres://bob:" + secret + "@db/x"}}; },
      [&](crash_report& to) { to.fields = {{"api_key", secret}}; },
      [&](crash_report& to) { to.fields = {{"note", "Bearer " + secret}}; },
      [&](crash_report& to) { to.last_lines = {"one", "{\"password\":\"" + secret + "\"}", "three"}; },
      [&](crash_report& to) { to.flags = {{"oom", 1, {"before", "token: " + secret + "1"}}}; },
      [&](crash_report& to) {
        to.flags = {{"key", 1, {"-----BEGIN PRIVATE KEY-----", secret, secret + "=", "-----END PRIVATE KEY-----"}}};
      },
  };
  for (std::size_t i = 0; i != put.size(); ++i) {
    INFO("place " << i);
    bench<crash_report> on;
    crash_report report = full_report();
    put[i](report);
    const std::string before = json_of(report);
    CHECK(before.find(secret) != std::string::npos);
    const crash_report& got = on.deliver(report);
    CHECK(json_of(got).find(secret) == std::string::npos);
    CHECK(json_of(report) == before);
    CHECK(on.policy.hidden() == 1);
    CHECK(got.id == report.id);
    CHECK(got.last_lines.size() == report.last_lines.size());
    // What is redacted already is not changed again.
    const crash_report again = got;
    on.deliver(again);
    CHECK(on.seen.addresses.back() == &again);
    CHECK(on.policy.hidden() == 1);
  }
}

TEST_CASE("a line is redacted and what flags captured of its secret too") {
  bench<log_record> on;
  log_record record = record_of("user bob password=hunter2 took 12 ms");
  record.flags = {{"login", 1, {{"1", "hunter2"}, {"user", "bob"}, {"token", "abc"}, {"ms", "12"}}}};
  const log_record& got = on.deliver(record);
  CHECK(got.line.text == "user bob password=<redacted> took 12 ms");
  CHECK(got.line.seq == record.line.seq);
  using captures = std::vector<std::pair<std::string, std::string>>;
  CHECK(got.flags.at(0).captures ==
        captures{{"1", "<redacted>"}, {"user", "bob"}, {"token", "<redacted>"}, {"ms", "12"}});
  const log_record plain = record_of("user bob came");
  on.deliver(plain);
  CHECK(on.seen.addresses.back() == &plain);
  CHECK(on.policy.hidden() == 1);
}

TEST_CASE("a private key over many lines is hidden in each stream of its own and again when a line is retried") {
  bench<log_record> on;
  const std::vector<std::string> key{"-----BEGIN PRIVATE KEY-----", "MIIE", "AAAA", "abc -----END PRIVATE KEY-----"};
  std::string got;
  std::uint64_t seq = 0;
  for (const std::string& text : key) {
    ++seq;
    for (int attempt = 0; attempt != 2; ++attempt) got += on.deliver(record_of(text, seq)).line.text + "|";
    CHECK(on.deliver(record_of("MIIE", seq, "db")).line.text == "MIIE");
    log_record err = record_of("MIIE", seq);
    err.line.source = line_source::err;
    CHECK(on.deliver(err).line.text == "MIIE");
  }
  const std::string end = "<redacted>-----END PRIVATE KEY-----|";
  CHECK(got == "-----BEGIN PRIVATE KEY-----|-----BEGIN PRIVATE KEY-----|<redacted>|<redacted>|<redacted>|<redacted>|" +
                   end + end);
  CHECK(on.deliver(record_of("MIIE", ++seq)).line.text == "MIIE");
  const log_record plain = record_of("after", ++seq);
  on.deliver(plain);
  CHECK(on.seen.addresses.back() == &plain);
}

TEST_CASE("rules of one's own are obeyed") {
  asio::io_context context;
  witness<crash_report>::state seen;
  redacted policy(witness<crash_report>(seen), redactor().replacement("#").add_key("pin"));
  crash_report report = full_report();
  report.environment = {{"USER_PIN", "1234"}};
  report.last_lines = {"pin=1234", "-----BEGIN PRIVATE KEY-----", "MIIE"};
  test::run(context, policy.deliver(report));
  CHECK(seen.items.at(0).environment.at(0).second == "#");
  CHECK(seen.items.at(0).last_lines == std::vector<std::string>{"pin=#", "-----BEGIN PRIVATE KEY-----", "#"});

  redacted<witness<crash_report>, crash_report, no_redaction> none{witness<crash_report>(seen)};
  test::run(context, none.deliver(report));
  CHECK(seen.addresses.back() == &report);
}

TEST_CASE("redaction and enrichment compose and hand on what policies hold back") {
  asio::io_context context;
  virtual_clock time(context);
  recording_deliverer<crash_report> kept;
  any_crash_reporter policy = enriched(redacted(deduplicated(retried(borrowed(kept)))), {{"api_key", "hunter2"}});
  const crash_report report = full_report();
  for (int i = 0; i != 3; ++i) test::run(context, time, policy.deliver(report));
  CHECK(policy.due());
  CHECK(status_of(policy).folded == 2);
  test::run(context, time, policy.flush(steady_time::max()));
  REQUIRE(kept.items.size() == 2);
  for (const crash_report& each : kept.items) CHECK(each.fields.at(0).second == "<redacted>");
}

TEST_CASE("a failure and a cancellation come out of the delivery of a redacted copy") {
  asio::io_context context;
  virtual_clock time(context);
  crash_report report = full_report();
  report.message = "password=hunter2";
  redacted failing(ovrseer_test::throwing_reporter{});
  CHECK_THROWS_WITH(test::run(context, time, failing.deliver(report)), "broken");
  redacted refusing(ovrseer_test::refusing_reporter{});
  CHECK_THROWS_WITH(test::run(context, time, refusing.deliver(report)), "refused");

  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    int begun = 0;
    int finished = 0;
    redacted policy(ovrseer_test::slow_reporter{1s, &begun, &finished});
    {
      auto operation = end_within([&] { return policy.deliver(report); }, delivery_limits());
      test::started<delivery_end> under_way(context, std::move(operation));
      time.run_for(10ms);
      under_way.cancel(type);
      time.run();
      CHECK(under_way.is_done());
    }
    CHECK(begun == 1);
    CHECK(finished == 0);
    test::run(context, time, policy.deliver(report));
    CHECK(finished == 1);
  }
}

}  // namespace t_deliver_redacted
