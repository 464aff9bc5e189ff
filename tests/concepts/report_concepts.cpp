// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who is a crash reporter and who only looks like one.
#include <ovrseer/deliver/fan_out.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/report/file_reporter.hpp>

namespace t_report_concepts {

using namespace ovrseer;

static_assert(crash_reporter<crash_reporter_archetype>);
static_assert(crash_reporter<null_deliverer>);
static_assert(crash_reporter<recording_reporter>);
static_assert(crash_reporter<any_crash_reporter>);
static_assert(crash_reporter<borrowed<recording_reporter>>);
static_assert(crash_reporter<file_reporter>);
static_assert(crash_reporter<fan_out<>>);
static_assert(crash_reporter<fan_out<null_deliverer, file_reporter>>);
static_assert(crash_reporter<deliverer_list<crash_report>>);

struct no_report {};
struct void_report {
  void deliver(const crash_report&) {}
};
struct wrong_value {
  task<bool> deliver(const crash_report&);
};
struct wants_to_change {
  task<void> deliver(crash_report&);
};
struct by_value {
  task<void> deliver(crash_report);
};
struct const_report {
  task<void> deliver(const crash_report&) const;
};
static_assert(!crash_reporter<no_report>);
static_assert(!crash_reporter<void_report>);
static_assert(!crash_reporter<wrong_value>);
static_assert(!crash_reporter<wants_to_change>);
static_assert(crash_reporter<by_value>);
static_assert(crash_reporter<const_report>);
static_assert(!crash_reporter<int>);
static_assert(!crash_reporter<fan_out<null_deliverer, no_report>>);

static_assert(std::is_constructible_v<any_crash_reporter, null_deliverer>);
static_assert(!std::is_constructible_v<any_crash_reporter, no_report>);
static_assert(!std::is_copy_constructible_v<any_crash_reporter>);
static_assert(std::is_nothrow_move_constructible_v<any_crash_reporter>);
static_assert(std::is_move_constructible_v<file_reporter>);
static_assert(!std::is_copy_constructible_v<file_reporter>);
static_assert(std::is_move_constructible_v<deliverer_list<crash_report>>);

}  // namespace t_report_concepts
