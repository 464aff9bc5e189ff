// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The exporters that come with the concept: the one that forgets, the one that keeps, the one that is any.
#include <catch.hpp>
#include <ovrseer/metric/exporter.hpp>

namespace t_metric_exporter {

using namespace ovrseer;

void run(task<void> operation) {
  asio::io_context context;
  asio::co_spawn(context, std::move(operation), [](std::exception_ptr failure) { CHECK_FALSE(failure); });
  context.run();
}

TEST_CASE("a recording exporter keeps every snapshot and a null one none") {
  const metric_snapshot snapshot{{"m", "h", metric_type::gauge, {"a"}, {{{"x"}, 1.0}}}};
  recording_exporter kept;
  run(kept.deliver(snapshot));
  const metric_snapshot empty;
  run(kept.deliver(empty));
  REQUIRE(kept.items.size() == 2);
  CHECK(kept.items[0] == snapshot);
  CHECK(kept.items[1].empty());
  null_deliverer nobody;
  run(nobody.deliver(snapshot));
}

// Counts into what its maker owns.
struct counting {
  int* count;
  task<void> deliver(const metric_snapshot& snapshot) {
    *count += static_cast<int>(snapshot.size());
    co_return;
  }
};

TEST_CASE("an exporter chosen at run time gets what it is handed and may be moved") {
  int count = 0;
  any_metric_exporter first = counting{&count};
  any_metric_exporter second = std::move(first);
  const metric_snapshot snapshot(3);
  run(second.deliver(snapshot));
  CHECK(count == 3);
  second = null_deliverer();
  run(second.deliver(snapshot));
  CHECK(count == 3);
}

}  // namespace t_metric_exporter
