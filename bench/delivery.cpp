// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How long a unit takes from its crash to running again, with nobody told and with four reporters that misbehave: one
// throws, one never completes, one blocks its thread, one hears garbage. In turn, in one process.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <latch>
#include <list>
#include <memory>
#include <vector>

#include <asio/io_context.hpp>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "../tests/support/events.hpp"
#include "../tests/support/misbehaving.hpp"
#include "measure.hpp"

namespace {

using namespace ovrseer;

using reporters = std::list<delivery_queue<crash_report>>;

reporters nobody(const executor&, const std::shared_ptr<std::latch>&) { return {}; }
reporters misbehaving(const executor& ex, const std::shared_ptr<std::latch>& until) {
  reporters made;
  made.emplace_back(ex, test::throwing_reporter{std::make_shared<bool>(true)}, test::impatient());
  made.emplace_back(ex, test::stuck_reporter(), test::impatient());
  made.emplace_back(ex, test::blocking_reporter{until}, test::impatient());
  made.emplace_back(ex, test::garbled_reporter(), test::impatient());
  return made;
}

task<void> run_beside(supervisor& target, reporters& told) {
  const executor ex = co_await asio::this_coro::executor;
  nursery attached(ex);
  for (auto& queue : told) attached.start(attach(target, queue));
  co_await target.run();
  co_await attached.join();
}

/// From each crash to the next `running`, in the journal's own time.
std::vector<bench::seconds> restarts_of(const supervisor& ended) {
  std::vector<bench::seconds> found;
  std::uint64_t crashed_at = 0;
  for (const event& what : test::events_of(ended.events())) {
    if (what.type == event_type::crashed) crashed_at = static_cast<std::uint64_t>(what.mono_ns);
    if (what.type != event_type::running || crashed_at == 0) continue;
    found.emplace_back(static_cast<double>(static_cast<std::uint64_t>(what.mono_ns) - crashed_at) * 1e-9);
    crashed_at = 0;
  }
  return found;
}

std::vector<bench::seconds> measure(reporters (*made)(const executor&, const std::shared_ptr<std::latch>&)) {
  const std::size_t count = bench::rounds(200);
  asio::io_context context(1);
  const executor ex = context.get_executor();
  supervisor target(ex, supervisor_options().journal_capacity(count * 10 + 100));
  unit_spec unit("loop", command("/bin/false"));
  unit.restart(restart_rules()
                   .delays(backoff::constant(std::chrono::nanoseconds::zero()))
                   .max_retries(static_cast<std::uint32_t>(count)));
  target.add(std::move(unit));
  const auto until = std::make_shared<std::latch>(1);
  reporters told = made(ex, until);
  asio::co_spawn(context, run_beside(target, told), [&](const std::exception_ptr& failure) {
    until->count_down();  // only the thread is left, which the context waits for
    if (failure) std::rethrow_exception(failure);
  });
  context.run();
  return restarts_of(target);
}

bench::seconds at_share(std::vector<bench::seconds> of, double share) {
  std::ranges::sort(of);
  return of[static_cast<std::size_t>(static_cast<double>(of.size() - 1) * share)];
}

}  // namespace

int main() {
  std::vector<bench::seconds> alone;
  std::vector<bench::seconds> beside;
  for (std::size_t round = 0; round != bench::rounds(7); ++round) {
    std::ranges::copy(measure(nobody), std::back_inserter(alone));
    std::ranges::copy(measure(misbehaving), std::back_inserter(beside));
  }
  bench::heading("a crash to running again, beside four reporters that misbehave; against nobody told; goal 1 ms more");
  const auto compare = [&](const char* what, double share) {
    const bench::seconds ours = at_share(beside, share);
    const bench::seconds theirs = at_share(alone, share);
    bench::row(what, bench::micros(ours), bench::micros(theirs), (ours - theirs) / bench::seconds(1e-3), 1.0);
  };
  fmt::print("  {} restarts each\n", alone.size());
  compare("median: ms more", 0.5);
  compare("99 of 100: ms more", 0.99);
}
