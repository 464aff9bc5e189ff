// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Fields are added to what goes on, and never in the place of what an item says itself.
#include <catch.hpp>
#include <ovrseer/deliver/deliver_within.hpp>
#include <ovrseer/deliver/enriched.hpp>
#include <ovrseer/deliver/fan_out.hpp>
#include <ovrseer/deliver/rate_limited.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <report_samples.hpp>
#include <run.hpp>

namespace t_deliver_enriched {

using namespace ovrseer;
using namespace std::chrono_literals;
using ovrseer_test::full_report;
using recorder = recording_deliverer<crash_report>;
using fields = std::vector<std::pair<std::string, std::string>>;

static_assert(crash_reporter<enriched<null_deliverer>>);

const fields deployment{{"host", "db-1"}, {"region", "eu"}, {"host", "second"}};

TEST_CASE("what is known of the deployment is added and the caller's item stays as it was") {
  asio::io_context context;
  recorder kept;
  enriched policy{borrowed(kept), deployment};
  const crash_report plain = full_report();
  crash_report own = full_report();
  own.fields = {{"region", "mine"}, {"x", "y"}};
  test::run(context, policy.deliver(plain));
  test::run(context, policy.deliver(own));
  CHECK(plain.fields.empty());
  REQUIRE(kept.items.size() == 2);
  CHECK(kept.items[0].fields == fields{{"host", "db-1"}, {"region", "eu"}});
  CHECK(kept.items[0].message == plain.message);
  CHECK(kept.items[1].fields == fields{{"region", "mine"}, {"x", "y"}, {"host", "db-1"}});
}

TEST_CASE("nothing is added where nothing is known") {
  asio::io_context context;
  recorder kept;
  enriched policy{borrowed(kept), fields{}};
  const crash_report plain = full_report();
  test::run(context, policy.deliver(plain));
  CHECK(kept.items.at(0).fields.empty());
}

TEST_CASE("a failure comes out and the policy within is asked for what it holds back") {
  asio::io_context context;
  virtual_clock time(context);
  enriched failing(ovrseer_test::throwing_reporter{}, deployment);
  crash_report report = full_report();
  report.kind = crash_kind::crash;
  CHECK_THROWS_WITH(test::run(context, time, failing.deliver(report)), "broken");

  recorder kept;
  rate_limited_options rate;
  rate.each = rate_limit(1, 1min, 1);
  any_crash_reporter policy = enriched(rate_limited(borrowed(kept), rate), deployment);
  CHECK_FALSE(due_of(policy));
  for (int i = 0; i != 3; ++i) test::run(context, time, policy.deliver(report));
  REQUIRE(due_of(policy));
  CHECK(status_of(policy).folded == 2);
  test::run(context, time, flush_of(policy, steady_time::max()));
  REQUIRE(kept.items.size() == 2);
  CHECK(kept.items[1].fields == fields{{"host", "db-1"}, {"region", "eu"}});
  CHECK(kept.items[1].occurrences == 2);
}

TEST_CASE("each of several receivers may be told something else") {
  asio::io_context context;
  virtual_clock time(context);
  recorder all;
  recorder some;
  any_crash_reporter policy =
      fan_out(enriched(retried(borrowed(all)), deployment), enriched(borrowed(some), fields{{"team", "shop"}}));
  const crash_report report = full_report();
  test::run(context, time, policy.deliver(report));
  CHECK(all.items.at(0).fields == fields{{"host", "db-1"}, {"region", "eu"}});
  CHECK(some.items.at(0).fields == fields{{"team", "shop"}});
}

TEST_CASE("a cancelled delivery ends and leaves the policy usable") {
  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    asio::io_context context;
    virtual_clock time(context);
    int begun = 0;
    int finished = 0;
    enriched policy(ovrseer_test::slow_reporter{1s, &begun, &finished}, deployment);
    const crash_report report = full_report();
    {
      auto operation = end_within([&] { return policy.deliver(report); }, delivery_limits());
      test::started<delivery_end> under_way(context, std::move(operation));
      time.run_for(10ms);
      CHECK(begun == 1);
      under_way.cancel(type);
      time.run();
      CHECK(under_way.is_done());
    }
    CHECK(finished == 0);
    test::run(context, time, policy.deliver(report));
    CHECK(finished == 1);
  }
}

}  // namespace t_deliver_enriched
