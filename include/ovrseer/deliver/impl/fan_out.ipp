// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/deliver/fan_out.hpp>.
#pragma once

#include <ovrseer/deliver/fan_out.hpp>

namespace ovrseer {

OVRSEER_DECL std::error_code deliveries_failed::code_of(const std::vector<delivery_outcome>& outcomes) {
  for (const delivery_outcome& each : outcomes) {
    if (each.failure && each.failure->code()) return each.failure->code();
  }
  return std::make_error_code(std::errc::io_error);
}

OVRSEER_DECL std::string deliveries_failed::describe(const std::vector<delivery_outcome>& outcomes) {
  std::string text;
  for (const delivery_outcome& each : outcomes) {
    if (!each.failure) continue;
    text.append(text.empty() ? "" : "; ").append(each.name).append(" (").append(each.failure->what()).append(")");
  }
  return text;
}

}  // namespace ovrseer

namespace ovrseer::deliver_detail {

OVRSEER_DECL task<void> throw_if_any_failed(task<std::vector<delivery_outcome>> deliveries) {
  std::vector<delivery_outcome> outcomes = co_await std::move(deliveries);
  const auto has_failed = [](const delivery_outcome& each) { return each.failure.has_value(); };
  if (std::any_of(outcomes.begin(), outcomes.end(), has_failed)) throw deliveries_failed(std::move(outcomes));
}

}  // namespace ovrseer::deliver_detail
