// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Random schedules of the simulated world against what must always hold. OVRSEER_SCHEDULES says how many,
// OVRSEER_SCHEDULE_SEED runs a single one again, which a failure names.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <catch.hpp>
#include <schedule.hpp>

namespace t_sim_schedules {

using namespace ovrseer;
using test::schedule;

std::uint64_t number_from(const char* variable, std::uint64_t standard) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? standard : std::stoull(text);
}

TEST_CASE("no random schedule breaks what must always hold") {
  const std::uint64_t only = number_from("OVRSEER_SCHEDULE_SEED", 0);
  const std::uint64_t first = only != 0 ? only : 1;
  const std::uint64_t last = only != 0 ? only : number_from("OVRSEER_SCHEDULES", 2'000);
  test::transition_counts reached;
  std::uint64_t events = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    schedule one(seed);
    one.run();
    for (const auto& [change, times] : one.transitions()) reached[change] += times;
    events += one.events();
    if (only != 0) std::fputs(one.journal_text().c_str(), stdout);
  }
  std::printf("%llu schedules, %llu events; changes of state that were reached:\n",
              static_cast<unsigned long long>(last - first + 1), static_cast<unsigned long long>(events));
  for (const auto& [change, times] : reached) {
    std::printf("  %-12s -> %-12s %10llu\n", std::string(to_text(change.first)).c_str(),
                std::string(to_text(change.second)).c_str(), static_cast<unsigned long long>(times));
  }
  // Schedules in which nothing happens would hold whatever is asked of them.
  if (only == 0 && last >= 2'000) CHECK(reached.size() >= 24);
}

TEST_CASE("a schedule that is run again is the same to the byte") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    schedule first(seed);
    schedule again(seed);
    first.run();
    again.run();
    CHECK(first.journal_text() == again.journal_text());
  }
}

}  // namespace t_sim_schedules
