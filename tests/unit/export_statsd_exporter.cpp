// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Metrics as StatsD has them: what is new of totals, gauges as they are, and nothing lost that could not be sent.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <deque>

#include <catch.hpp>
#include <ovrseer/export/periodic_export.hpp>
#include <ovrseer/export/statsd_exporter.hpp>
#include <ovrseer/metric/registry.hpp>
#include <run.hpp>

namespace t_export_statsd_exporter {

using namespace ovrseer;
using namespace std::chrono_literals;

static_assert(metric_exporter<statsd_exporter<>>);
static_assert(metric_exporter<statsd_exporter<null_datagram_sender>>);

using lines = std::vector<std::string>;

lines split(const std::vector<std::string>& datagrams) {
  lines made;
  for (std::string_view rest : datagrams) {
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      made.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return made;
}

// Says what it is told to, in order, then takes everything.
struct scripted_sender {
  std::deque<int>* answers;
  std::vector<std::string>* taken;

  std::error_code send(std::string_view datagram) {
    int answer = 0;
    if (!answers->empty()) {
      answer = answers->front();
      answers->pop_front();
    }
    if (answer != 0) return errno_code(answer);
    taken->emplace_back(datagram);
    return {};
  }
};

struct bench {
  explicit bench(statsd service = statsd()) : exporter(std::move(service), scripted_sender{&answers, &datagrams}) {}

  // What one export sends.
  lines sent() {
    datagrams.clear();
    test::run(context, time, exporter.deliver(metrics.collect()));
    return split(datagrams);
  }
  std::error_code failed() {
    datagrams.clear();
    try {
      test::run(context, time, exporter.deliver(metrics.collect()));
    } catch (const error& why) {
      said = why.what();
      return why.code();
    }
    return {};
  }

  asio::io_context context;
  virtual_clock time{context};
  registry metrics;
  std::deque<int> answers;
  std::vector<std::string> datagrams;
  std::string said;
  statsd_exporter<scripted_sender> exporter;
};

TEST_CASE("a counter is told from its begin and then by what is new") {
  bench on;
  auto& all = on.metrics.counters("starts_total", "", {"unit"});
  const auto api = all.with("api");
  const auto web = all.with("web");
  api->add(3);
  CHECK(on.sent() == lines{"starts_total:3|c|#unit:api", "starts_total:0|c|#unit:web"});
  CHECK(on.sent().empty());
  api->add(2);
  web->add(0.5);
  CHECK(on.sent() == lines{"starts_total:2|c|#unit:api", "starts_total:0.5|c|#unit:web"});
}

TEST_CASE("a counter that went back began anew") {
  statsd_totals totals{statsd()};
  const auto text = [&](double value) {
    metric_family family{"c", "", metric_type::counter, {}, {metric_sample{{}, value}}};
    const auto made = totals.take({family});
    return made.empty() ? std::string() : made.at(0).text;
  };
  CHECK(text(10) == "c:10|c");
  CHECK(text(4) == "c:4|c");
  CHECK(text(4).empty());
  CHECK(text(0).empty());
  CHECK(text(HUGE_VAL).empty());
  CHECK(text(2) == "c:2|c");
}

TEST_CASE("a gauge is told every time with its labels and global tags") {
  statsd service;
  service.prefix("shop.").tag("env", "prod");
  bench on(service);
  const auto level = on.metrics.gauges("level", "", {"unit", "note"}).with("api", "a|b,c\n#d:e");
  level->set(-1.5);
  CHECK(on.sent() == lines{"shop.level:-1.5|g|#env:prod,unit:api,note:a_b_c__d:e"});
  CHECK(on.sent().size() == 1);
  level->set(std::nan(""));
  CHECK(on.sent().empty());
}

TEST_CASE("a histogram is told as counts by the names and tags of Datadog") {
  bench on;
  const auto seconds = on.metrics.histograms("wait_seconds", "", {"unit"}, {0.5, 2}).with("api");
  CHECK(on.sent() == lines{"wait_seconds.count:0|c|#unit:api", "wait_seconds.sum:0|c|#unit:api"});
  seconds->observe(0.25);
  seconds->observe(1.0);
  seconds->observe(1.0);
  seconds->observe(7.0);
  CHECK(on.sent() == lines{"wait_seconds.count:4|c|#unit:api", "wait_seconds.sum:9.25|c|#unit:api",
                           "wait_seconds.bucket:1|c|#unit:api,lower_bound:-inf,upper_bound:0.5",
                           "wait_seconds.bucket:2|c|#unit:api,lower_bound:0.5,upper_bound:2",
                           "wait_seconds.bucket:1|c|#unit:api,lower_bound:2,upper_bound:inf"});
  seconds->observe(-3.0);
  CHECK(on.sent() == lines{"wait_seconds.count:1|c|#unit:api", "wait_seconds.sum:-3|c|#unit:api",
                           "wait_seconds.bucket:1|c|#unit:api,lower_bound:-inf,upper_bound:0.5"});
}

TEST_CASE("a histogram one of whose counts went back began anew as a whole") {
  statsd_totals totals{statsd()};
  const auto texts = [&](std::vector<std::uint64_t> counts, double sum) {
    metric_family family{"h", "", metric_type::histogram, {}, {}};
    family.samples.push_back(metric_sample{{}, histogram_value{{1}, std::move(counts), sum}});
    lines made;
    for (const auto& each : totals.take({family})) made.push_back(each.text);
    return made;
  };
  texts({5, 5}, 50);
  CHECK(texts({0, 6}, 60) == lines{"h.count:6|c", "h.sum:60|c", "h.bucket:6|c|#lower_bound:1,upper_bound:inf"});
  CHECK(texts({1, 6}, 40) == lines{"h.count:1|c", "h.sum:-20|c", "h.bucket:1|c|#lower_bound:-inf,upper_bound:1"});
}

TEST_CASE("in the plain dialect labels follow the name") {
  bench on(statsd(statsd_dialect::plain).prefix("ovr.").tag("env", "prod"));
  on.metrics.counters("a_total", "", {"namespace", "unit"}).with("default", "web.1")->add(2);
  on.metrics.gauges("b", "", {"unit"}).with("")->set(-2);
  const auto seconds = on.metrics.histograms("c", "", {"unit"}, {0.5}).with("api");
  seconds->observe(0.1);
  seconds->observe(9);
  CHECK(on.sent() == lines{"ovr.a_total.default.web_1:2|c", "ovr.b._:0|g", "ovr.b._:-2|g", "ovr.c.api.count:2|c",
                           "ovr.c.api.sum:9.1|c", "ovr.c.api.bucket.0_5:1|c", "ovr.c.api.bucket.inf:1|c"});
}

TEST_CASE("what did not leave of a total is told with what is new") {
  bench on;
  const auto count = on.metrics.counters("c_total", "").with();
  on.answers = {ECONNREFUSED};
  CHECK(on.failed() == errc::unavailable);
  CHECK_THAT(on.said, catchx::ContainsSubstring("StatsD: 1 of 1 datagrams"));
  CHECK(on.sent() == lines{"c_total:0|c"});  // the begin of the series was lost as well
  count->add(5);
  on.answers = {ENOENT};
  CHECK(on.failed() == condition::retryable);
  count->add(2);
  on.answers = {ECONNREFUSED};
  CHECK(on.failed() == condition::retryable);
  CHECK(on.sent() == lines{"c_total:7|c"});
  CHECK(on.sent().empty());
}

TEST_CASE("a counter that begins anew loses nothing of what is owed") {
  statsd_totals totals{statsd()};
  const auto take = [&](double value) {
    return totals.take({metric_family{"c", "", metric_type::counter, {}, {metric_sample{{}, value}}}});
  };
  const auto lost = take(10);
  REQUIRE(lost.size() == 1);
  totals.give_back(lost[0]);
  CHECK(take(3).at(0).text == "c:13|c");
}

TEST_CASE("only the datagrams that were refused are told again") {
  bench on(statsd().limit(12));
  on.metrics.counters("aaaa", "").with()->add(1);
  on.metrics.counters("bbbb", "").with()->add(2);
  on.metrics.counters("cccc", "").with()->add(3);
  on.answers = {0, ECONNREFUSED, 0};
  CHECK(on.failed() == errc::unavailable);
  CHECK_THAT(on.said, catchx::ContainsSubstring("1 of 3 datagrams"));
  CHECK(split(on.datagrams) == lines{"aaaa:1|c", "cccc:3|c"});
  CHECK(on.sent() == lines{"bbbb:2|c"});
}

TEST_CASE("datagrams hold what fits and what is too large is counted") {
  bench on(statsd().limit(100));
  for (int i = 0; i != 20; ++i) on.metrics.gauges("gauge_" + std::to_string(i), "").with()->set(i);
  on.metrics.gauges("large", "", {"label"}).with(std::string(150, 'x'))->set(1);
  CHECK(on.sent().size() == 20);
  CHECK(on.datagrams.size() > 2);
  for (const std::string& each : on.datagrams) {
    CHECK(each.size() <= 100);
    CHECK(each.size() > 60 - (&each == &on.datagrams.back() ? 60 : 0));
  }
  CHECK(on.exporter.left_out() == 1);
}

TEST_CASE("a receiver that is full is waited for a little") {
  bench on;
  on.metrics.counters("c_total", "").with()->add(1);
  on.answers.assign(20, EAGAIN);
  const steady_time begin = on.time.now();
  CHECK(on.sent() == lines{"c_total:1|c"});
  CHECK(on.time.now() - begin == 100ms);
  on.metrics.counters("c_total", "").with()->add(1);
  on.answers.assign(21, EAGAIN);
  CHECK(on.failed() == condition::retryable);
  CHECK(on.answers.empty());
  CHECK(on.sent() == lines{"c_total:1|c"});
}

TEST_CASE("a name of a host that is still looked up is waited for") {
  struct looking_up {
    std::vector<std::string>* taken;
    int asked = 0;
    std::error_code send(std::string_view datagram) {
      if (++asked < 4) return asio::error::host_not_found_try_again;
      taken->emplace_back(datagram);
      return {};
    }
  };
  bench on;
  std::vector<std::string> taken;
  statsd_exporter<looking_up> exporter(statsd(), looking_up{&taken});
  on.metrics.counters("c_total", "").with()->add(1);
  const metric_snapshot snapshot = on.metrics.collect();
  test::run(on.context, on.time, exporter.deliver(snapshot));
  CHECK(taken == std::vector<std::string>{"c_total:1|c"});
}

TEST_CASE("a datagram that the kernel never takes is a fault of the limit") {
  bench on;
  on.metrics.counters("c_total", "").with()->add(1);
  on.answers = {EMSGSIZE};
  CHECK(on.failed() == errc::message_too_large);
}

TEST_CASE("cancellation of every type ends the wait and loses no total") {
  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    bench on;
    on.metrics.counters("c_total", "").with()->add(4);
    on.answers.assign(100, EAGAIN);
    const metric_snapshot snapshot = on.metrics.collect();
    test::started<> under_way(on.context, on.exporter.deliver(snapshot));
    on.time.run_for(12ms);
    CHECK_FALSE(under_way.is_done());
    under_way.cancel(type);
    on.time.run_for(1ms);
    REQUIRE(under_way.is_done());
    CHECK(under_way.was_aborted());
    on.answers.clear();
    CHECK(on.sent() == lines{"c_total:4|c"});
  }
}

TEST_CASE("two exports under way tell each total once") {
  bench on;
  on.metrics.counters("c_total", "").with()->add(4);
  on.answers = {EAGAIN, 0};
  const metric_snapshot snapshot = on.metrics.collect();
  test::started<> first(on.context, on.exporter.deliver(snapshot));
  test::started<> second(on.context, on.exporter.deliver(snapshot));
  on.time.run();
  CHECK(split(on.datagrams) == lines{"c_total:4|c"});
}

TEST_CASE("a series that is gone is forgotten and one that comes back is new") {
  bench on;
  auto& all = on.metrics.counters("c_total", "", {"unit"});
  all.with("a")->add(4);
  CHECK(on.sent().size() == 1);
  all.remove_if([](const auto&) { return true; });
  CHECK(on.sent().empty());
  all.with("a")->add(4);
  CHECK(on.sent() == lines{"c_total:4|c|#unit:a"});
}

TEST_CASE("an exporter by the clock sends what is new at every interval") {
  asio::io_context context;
  virtual_clock time(context);
  registry metrics;
  const auto count = metrics.counters("c_total", "").with();
  recording_datagram_sender sender;
  periodic_export_options options;
  options.interval = 10s;
  periodic_export exports(metrics, statsd_exporter(statsd(), sender), options);
  test::started<> under_way(context, exports.run());
  time.run_for(1s);
  count->add(2);
  time.run_for(20s);
  CHECK(split(sender.datagrams()) == lines{"c_total:0|c", "c_total:2|c"});
  under_way.cancel(cancellation_type::terminal);
  time.run_for(1s);
  CHECK(under_way.was_aborted());
}

}  // namespace t_export_statsd_exporter
