// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/report/fan_out.hpp>.
#pragma once

#include <ovrseer/report/fan_out.hpp>

namespace ovrseer {

OVRSEER_DECL std::error_code reports_failed::code_of(const std::vector<report_outcome>& outcomes) {
  for (const report_outcome& each : outcomes) {
    if (each.failure && each.failure->code()) return each.failure->code();
  }
  return std::make_error_code(std::errc::io_error);
}

OVRSEER_DECL std::string reports_failed::describe(const std::vector<report_outcome>& outcomes) {
  std::string text;
  for (const report_outcome& each : outcomes) {
    if (!each.failure) continue;
    text.append(text.empty() ? "" : "; ").append(each.reporter).append(" (").append(each.failure->what()).append(")");
  }
  return text;
}

}  // namespace ovrseer

namespace ovrseer::report_detail {

OVRSEER_DECL task<void> throw_if_any_failed(task<std::vector<report_outcome>> deliveries) {
  std::vector<report_outcome> outcomes = co_await std::move(deliveries);
  const auto has_failed = [](const report_outcome& each) { return each.failure.has_value(); };
  if (std::any_of(outcomes.begin(), outcomes.end(), has_failed)) throw reports_failed(std::move(outcomes));
}

}  // namespace ovrseer::report_detail

namespace ovrseer {

OVRSEER_DECL reporter_list& reporter_list::add(std::string name, any_crash_reporter reporter) {
  members_.push_back({std::move(name), std::move(reporter)});
  return *this;
}

OVRSEER_DECL task<std::vector<report_outcome>> reporter_list::report_all(const crash_report& report) {
  auto start = [this, &report](nursery& children, std::vector<report_outcome>& outcomes) {
    outcomes.resize(members_.size());
    auto outcome = outcomes.begin();
    for (named& member : members_) {
      outcome->reporter = member.name;
      children.start(report_detail::deliver(member.reporter, report, *outcome++));
    }
  };
  return report_detail::run_deliveries(std::move(start));
}

}  // namespace ovrseer
