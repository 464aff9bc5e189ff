// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Families and their registry: series by labels, the limit on them, refused names, and threads.
#include <atomic>
#include <limits>
#include <thread>

#include <catch.hpp>
#include <ovrseer/metric/registry.hpp>
#include <ovrseer/metric/text.hpp>

namespace t_metric_registry {

using namespace ovrseer;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock::time_point;

// The reason of the refusal, or "accepted".
template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const error& failure) {
    return failure.code() == std::errc::invalid_argument ? failure.context() : "another code";
  }
  return "accepted";
}

TEST_CASE("a series is made once and found again by its label values") {
  registry metrics;
  family<counter>& starts = metrics.counters("starts_total", "Starts.", {"namespace", "unit"});
  starts.with("default", "api")->add(2);
  starts.with(std::string("default"), std::string_view("api"))->add();
  starts.with("default", "db")->add();
  CHECK(starts.size() == 2);
  CHECK(starts.with("default", "api")->value() == 3);
  CHECK(to_prometheus_text(metrics.collect()) ==
        "# HELP starts_total Starts.\n"
        "# TYPE starts_total counter\n"
        "starts_total{namespace=\"default\",unit=\"api\"} 3\n"
        "starts_total{namespace=\"default\",unit=\"db\"} 1\n");
}

TEST_CASE("values that only differ in where they are cut are different series") {
  registry metrics;
  auto& family = metrics.gauges("g", "", {"a", "b"});
  family.with("x", "yz")->set(1);
  family.with("xy", "z")->set(2);
  CHECK(family.size() == 2);
  CHECK(family.with("x", "yz")->value() == 1);
}

TEST_CASE("a snapshot is ordered by name and then by label values whatever the order of creation") {
  registry metrics;
  metrics.gauges("z", "").with()->set(1);
  auto& family = metrics.gauges("a", "", {"unit"});
  family.with("c")->set(1);
  family.with("a")->set(1);
  family.with("b")->set(1);
  metrics.counters("never_used_total", "", {"unit"});
  const metric_snapshot snapshot = metrics.collect();
  REQUIRE(snapshot.size() == 2);  // a family without series is not shown
  CHECK(snapshot[0].name == "a");
  CHECK(snapshot[1].name == "z");
  REQUIRE(snapshot[0].samples.size() == 3);
  CHECK(snapshot[0].samples[0].label_values == std::vector<std::string>{"a"});
  CHECK(snapshot[0].samples[2].label_values == std::vector<std::string>{"c"});
}

TEST_CASE("asking again gives the same family and asking differently is refused") {
  registry metrics;
  auto& first = metrics.counters("a_total", "A.", {"unit"});
  CHECK(&metrics.counters("a_total", "another help", {"unit"}) == &first);
  CHECK_THAT(refusal([&] { metrics.gauges("a_total", "A.", {"unit"}); }), catchx::ContainsSubstring("another kind"));
  CHECK_THAT(refusal([&] { metrics.counters("a_total", "A.", {"name"}); }), catchx::ContainsSubstring("another kind"));
  metrics.histograms("t_seconds", "", {}, {1, 2});
  CHECK_THAT(refusal([&] { metrics.histograms("t_seconds", "", {}, {1, 3}); }),
             catchx::ContainsSubstring("other bounds"));
  CHECK_THAT(refusal([&] { metrics.counters("t_seconds_count", ""); }), catchx::ContainsSubstring("another family"));
  metrics.gauges("x_sum", "");
  CHECK_THAT(refusal([&] { metrics.histograms("x", ""); }), catchx::ContainsSubstring("x_sum"));
  CHECK_THAT(refusal([&] { metrics.counters(std::string(registry::overflow_metric), ""); }),
             catchx::ContainsSubstring("another family"));
}

TEST_CASE("families that meet in one of the text formats are refused") {
  registry metrics;
  metrics.counters("a_total", "");
  CHECK_THAT(refusal([&] { metrics.gauges("a", ""); }), catchx::ContainsSubstring("another family"));
  CHECK_THAT(refusal([&] { metrics.counters("a", ""); }), catchx::ContainsSubstring("another family"));
  CHECK_THAT(refusal([&] { metrics.gauges("a_created", ""); }), catchx::ContainsSubstring("another family"));
  metrics.gauges("b_total", "");
  CHECK_THAT(refusal([&] { metrics.counters("b", ""); }), catchx::ContainsSubstring("b_total"));
  CHECK_THAT(refusal([&] { metrics.gauges("ovrseer_metrics_overflow", ""); }),
             catchx::ContainsSubstring("another family"));
  CHECK(refusal([&] { metrics.counters("_total", ""); }) == "accepted");
}

TEST_CASE("names that Prometheus would not take are refused with the name") {
  registry metrics;
  CHECK_THAT(refusal([&] { metrics.gauges("9lives", ""); }), catchx::ContainsSubstring("\"9lives\""));
  CHECK_THAT(refusal([&] { metrics.gauges("a", "", {"b-c"}); }), catchx::ContainsSubstring("\"b-c\""));
  CHECK_THAT(refusal([&] { metrics.gauges("a", "", {"__x"}); }), catchx::ContainsSubstring("\"__x\""));
  CHECK_THAT(refusal([&] { metrics.gauges("a", "", {"b", "b"}); }), catchx::ContainsSubstring("twice"));
  CHECK_THAT(refusal([&] { metrics.histograms("a", "", {"le"}); }), catchx::ContainsSubstring("le"));
  CHECK_THAT(refusal([&] { metrics.histograms("a", "", {}, {2, 1}); }), catchx::ContainsSubstring("ascending"));
  CHECK_THAT(refusal([&] { metrics.gauges("a", "", {"b"}).with(); }), catchx::ContainsSubstring("1 labels"));
  CHECK(metrics.collect().empty());
}

TEST_CASE("beyond the limit series fold into one and every refusal is counted") {
  registry metrics(2);
  auto& hits = metrics.counters("hits_total", "Hits.", {"path", "code"});
  hits.with("/a", "200")->add();
  hits.with("/b", "200")->add();
  hits.with("/c", "200")->add(5);
  hits.with("/d", "500")->add(6);
  hits.with("/a", "200")->add();
  CHECK(hits.size() == 2);
  CHECK(hits.refused() == 2);
  CHECK(to_prometheus_text(metrics.collect()) ==
        "# HELP hits_total Hits.\n"
        "# TYPE hits_total counter\n"
        "hits_total{path=\"/a\",code=\"200\"} 2\n"
        "hits_total{path=\"/b\",code=\"200\"} 1\n"
        "hits_total{path=\"__overflow__\",code=\"__overflow__\"} 11\n"
        "# HELP ovrseer_metrics_overflow_total Look-ups that were refused a series of their own.\n"
        "# TYPE ovrseer_metrics_overflow_total counter\n"
        "ovrseer_metrics_overflow_total{family=\"hits_total\"} 2\n");
  hits.limit(3);
  hits.with("/c", "200")->add();
  CHECK(hits.size() == 3);
}

TEST_CASE("gauges beyond the limit are not shown but counted") {
  registry metrics(1);
  auto& level = metrics.gauges("zz_level", "", {"unit"});
  level.with("a")->set(1);
  level.with("b")->set(2);
  const metric_snapshot snapshot = metrics.collect();
  REQUIRE(snapshot.size() == 2);
  CHECK(snapshot[0].name == registry::overflow_metric);
  CHECK(snapshot[1].samples.size() == 1);
}

TEST_CASE("a snapshot carries the exemplars to the page") {
  registry metrics(1);
  auto& hits = metrics.counters("hits_total", "Hits.", {"path"});
  hits.with("/a")->add(1, exemplar("trace_id", "x"));
  hits.with("/b")->add(2, exemplar("trace_id", "y"));  // beyond the limit
  metrics.histograms("t", "T.", {}, {1}).with()->observe(3.0, exemplar("trace_id", "z"));
  const std::string page = to_openmetrics_text(metrics.collect());
  CHECK_THAT(page, catchx::ContainsSubstring("hits_total{path=\"/a\"} 1 # {trace_id=\"x\"} 1\n"));
  CHECK_THAT(page, catchx::ContainsSubstring("hits_total{path=\"__overflow__\"} 2 # {trace_id=\"y\"} 2\n"));
  CHECK_THAT(page, catchx::ContainsSubstring("t_bucket{le=\"+Inf\"} 1 # {trace_id=\"z\"} 3\n"));
}

TEST_CASE("a removed series is gone from the page while its handle stays usable") {
  registry metrics;
  auto& level = metrics.gauges("level", "", {"namespace", "unit"});
  const auto kept = level.with("default", "a");
  level.with("default", "b")->set(1);
  level.with("other", "a")->set(1);
  const auto is_a = [](std::span<const std::string> values) { return values[0] == "default" && values[1] == "a"; };
  CHECK(level.remove_if(is_a) == 1);
  kept->set(7);
  CHECK(metrics.collect()[0].samples.size() == 2);
  CHECK(level.with("default", "a")->value() == 0);
}

// The label values of one family that are shown.
std::vector<std::string> shown(const metric_snapshot& snapshot) {
  std::vector<std::string> values;
  for (const metric_family& family : snapshot) {
    for (const metric_sample& sample : family.samples) values.push_back(sample.label_values.at(0));
  }
  return values;
}
using names = std::vector<std::string>;

TEST_CASE("an idle series that nobody holds is freed and begins again from zero") {
  registry metrics;
  auto& hits = metrics.counters("hits_total", "", {"path"});
  hits.idle_for(1min);
  const steady start{};
  hits.with("/a")->add(5);
  hits.with("/b")->add(5);
  CHECK(shown(metrics.collect(start)) == names{"/a", "/b"});
  hits.with("/b")->add();
  CHECK(shown(metrics.collect(start + 30s)) == names{"/a", "/b"});
  CHECK(shown(metrics.collect(start + 60s)) == names{"/b"});
  CHECK(hits.size() == 1);
  CHECK(shown(metrics.collect(start + 89s)) == names{"/b"});
  CHECK(shown(metrics.collect(start + 90s)).empty());
  hits.with("/a")->add();
  CHECK(shown(metrics.collect(start + 91s)) == names{"/a"});
  CHECK(hits.with("/a")->value() == 1);
}

TEST_CASE("a registry says when counters and histograms with labels expire and nothing else does") {
  registry metrics(registry::default_series_per_family, 1min);
  metrics.counters("a_total", "", {"path"}).with("/a")->add();
  metrics.histograms("b_seconds", "", {"path"}).with("/a")->observe(1);
  metrics.counters("c_total", "").with()->add();
  metrics.gauges("up", "", {"unit"}).with("api")->set(1);
  const std::chrono::steady_clock::time_point begin{};
  CHECK(metrics.collect(begin).size() == 4);
  const metric_snapshot later = metrics.collect(begin + 1min);
  REQUIRE(later.size() == 2);
  CHECK(later[0].name == "c_total");
  CHECK(later[1].name == "up");
}

TEST_CASE("an idle series whose handle is held comes back with all that it counted") {
  registry metrics(1);
  auto& hits = metrics.counters("hits_total", "", {"path"});
  hits.idle_for(1min);
  const steady start{};
  auto kept = hits.with("/a");
  kept->add(5);
  metrics.collect(start);
  CHECK(metrics.collect(start + 1h).empty());
  CHECK(metrics.collect().empty());
  CHECK(hits.size() == 1);
  CHECK(hits.with("/a") == kept);  // looking is no change
  CHECK(metrics.collect(start + 2h).empty());
  kept->add();
  CHECK(shown(metrics.collect()) == names{"/a"});  // at once, also without a time
  CHECK(std::get<double>(metrics.collect(start + 3h)[0].samples[0].value) == 6);
  CHECK(shown(metrics.collect(start + 3h + 59s)) == names{"/a"});
  CHECK(metrics.collect(start + 3h + 60s).empty());
  kept.reset();
  metrics.collect(start + 3h + 61s);
  CHECK(hits.size() == 0);
}

TEST_CASE("what was counted just before the handle was dropped is not freed") {
  registry metrics;
  auto& hits = metrics.counters("hits_total", "", {"path"});
  hits.idle_for(1min);
  const steady start{};
  auto kept = hits.with("/a");
  metrics.collect(start);
  CHECK(metrics.collect(start + 1h).empty());
  kept->add(3);
  kept.reset();
  CHECK(std::get<double>(metrics.collect(start + 2h)[0].samples[0].value) == 3);
}

TEST_CASE("gauges and histograms are idle too and a gauge that is no number can be") {
  registry metrics;
  auto& level = metrics.gauges("a_level", "", {"path"});
  auto& times = metrics.histograms("b_seconds", "", {"path"});
  level.idle_for(1min);
  times.idle_for(1min);
  const steady start{};
  level.with("/a")->set(1);
  level.with("/b")->set(std::numeric_limits<double>::quiet_NaN());
  times.with("/c")->observe(0.0);
  metrics.collect(start);
  times.with("/c")->observe(0.0);
  level.with("/a")->set(1);  // the same value is no change
  CHECK(shown(metrics.collect(start + 1min)) == names{"/c"});
  CHECK(metrics.collect(start + 2min).empty());
}

TEST_CASE("without a time to live nothing is idle and the time may be changed") {
  registry metrics;
  auto& hits = metrics.counters("hits_total", "", {"path"});
  const auto kept = hits.with("/a");
  const steady start{};
  metrics.collect(start);
  CHECK(shown(metrics.collect(start + 1000h)) == names{"/a"});
  hits.idle_for(1min);
  CHECK(shown(metrics.collect(start + 2000h)) == names{"/a"});  // the first look since
  CHECK(metrics.collect(start + 2001h).empty());
  hits.idle_for(10h);
  CHECK(shown(metrics.collect(start + 2002h)) == names{"/a"});
  CHECK(metrics.collect(start + 2010h).empty());
  hits.idle_for(0s);
  CHECK(shown(metrics.collect(start + 2011h)) == names{"/a"});
}

TEST_CASE("threads lose nothing to the expiry of series that they hold") {
  registry metrics;
  auto& hits = metrics.counters("hits_total", "", {"n"});
  hits.idle_for(1ns);
  constexpr int rounds = 3000;
  std::atomic<bool> is_over = false;
  std::thread holder([&] {
    const auto kept = hits.with("held");
    for (int i = 0; i < rounds; ++i) {
      kept->add();
      hits.with(std::to_string(i % 10))->add();
    }
    is_over = true;
  });
  const auto last = hits.with("held");
  steady now{};
  while (!is_over) metrics.collect(now += 1ns);
  holder.join();
  CHECK(last->value() == rounds);
  metrics.collect(now += 1ns);
  metrics.collect(now += 1ns);
  CHECK(hits.size() == 1);
}

TEST_CASE("label values and help that are not UTF-8 are mended") {
  registry metrics;
  auto& level = metrics.gauges("level", "bad \xFF help", {"unit"});
  level.with("a\xFF")->set(1);
  level.with("a\xEF\xBF\xBD")->add(1);  // the same series
  const metric_snapshot snapshot = metrics.collect();
  REQUIRE(snapshot.size() == 1);
  CHECK(snapshot[0].help == "bad \xEF\xBF\xBD help");
  REQUIRE(snapshot[0].samples.size() == 1);
  CHECK(snapshot[0].samples[0] == metric_sample{{"a\xEF\xBF\xBD"}, 2.0});
}

TEST_CASE("threads may look up and remove and collect at the same time") {
  registry metrics(50);
  auto& hits = metrics.counters("hits_total", "", {"n"});
  constexpr int rounds = 3000;
  const auto work = [&] {
    for (int i = 0; i < rounds; ++i) hits.with(std::to_string(i % 100))->add();
  };
  const auto churn = [&] {
    auto& level = metrics.gauges("level", "", {"n"});
    for (int i = 0; i < rounds; ++i) {
      level.with("x")->set(i);
      level.remove_if([](std::span<const std::string>) { return true; });
    }
  };
  std::vector<std::thread> threads;
  threads.emplace_back(work);
  threads.emplace_back(work);
  threads.emplace_back(churn);
  for (int i = 0; i < 100; ++i) (void)metrics.collect();
  for (std::thread& each : threads) each.join();
  double sum = 0;
  for (const metric_family& family : metrics.collect()) {
    if (family.name != "hits_total") continue;
    for (const metric_sample& sample : family.samples) sum += std::get<double>(sample.value);
  }
  CHECK(sum == 2.0 * rounds);
}

}  // namespace t_metric_registry
