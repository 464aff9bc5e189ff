// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/rehearse/result.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>

#include <ovrseer/event/json.hpp>
#include <ovrseer/rehearse/result.hpp>
#include <ovrseer/units.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

OVRSEER_DECL std::string availability_text(const std::optional<double>& share) {
  if (!share) return "-";
  const auto thousandths = static_cast<long long>(std::floor(std::clamp(*share, 0.0, 1.0) * 100'000));
  if (thousandths == 100'000) return "100 %";
  std::string text = std::to_string(thousandths / 1'000) + ".";
  const std::string fraction = std::to_string(thousandths % 1'000);
  return text + std::string(3 - fraction.size(), '0') + fraction + " %";
}

OVRSEER_DECL std::string to_text(const rehearsal_result& result) {
  std::string text = result.is_ok() ? "verdict: ok\n" : "verdict: NOT OK\n";
  const auto add = [&text](const char* mark, const std::vector<std::string>& all) {
    for (const std::string& each : all) {
      text += std::string("  ") + mark + ": ";
      for (const char c : each) text += c == '\n' ? std::string("\n    ") : std::string(1, c);
      text += "\n";
    }
  };
  add("problem", result.problems);
  add("broken promise of the supervisor, please report it", result.broken);
  add("remark", result.remarks);
  text += "  seed " + std::to_string(result.seed) + ", ran for " + to_text(result.ran) + ", " +
          (result.ready_after ? "all ready after " + to_text(*result.ready_after) : std::string("never all ready")) +
          ", stopped in " + to_text(result.stop_took) + " (at most " + to_text(result.stop_bound) + "), exit code " +
          std::to_string(result.exit_code) + "\n";
  if (result.availability)
    text += "  all ready for " + availability_text(result.availability) + " of the time from then on\n";

  using row = std::vector<std::string>;
  std::vector<row> rows{{"unit", "at the end", "starts", "crashes", "ready after", "down for", "longest", "available"}};
  for (const rehearsed_unit& unit : result.units) {
    rows.push_back({to_text(unit.id), std::string(to_text(unit.state)), std::to_string(unit.starts),
                    std::to_string(unit.crashes), unit.ready_after ? to_text(*unit.ready_after) : "-",
                    unit.downtime.count() == 0 ? "-" : to_text(unit.downtime),
                    unit.longest_downtime.count() == 0 ? "-" : to_text(unit.longest_downtime),
                    availability_text(unit.availability)});
  }
  std::vector<std::size_t> widths(rows.front().size());
  const auto width_of = [](const std::string& cell) {  // of code points: a duration may have a µ
    return cell.size() - static_cast<std::size_t>(std::count_if(cell.begin(), cell.end(), is_continuation_byte));
  };
  for (const row& each : rows) {
    for (std::size_t i = 0; i != each.size(); ++i) widths[i] = std::max(widths[i], width_of(each[i]));
  }
  for (const row& each : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i != each.size(); ++i)
      line += " " + each[i] + std::string(widths[i] - width_of(each[i]) + 1, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

OVRSEER_DECL ordered_json to_json(const rehearsal_result& result) {
  const auto optional = [](const auto& value, auto convert) -> ordered_json {
    if (!value) return nullptr;
    return convert(*value);
  };
  const auto count = [](std::chrono::nanoseconds time) { return time.count(); };
  const auto plain = [](double value) { return value; };
  ordered_json json{{"v", 1},
                    {"ok", result.is_ok()},
                    {"seed", result.seed},
                    {"ran_ns", result.ran.count()},
                    {"ready_after_ns", optional(result.ready_after, count)},
                    {"stop_took_ns", result.stop_took.count()},
                    {"stop_bound_ns", result.stop_bound.count()},
                    {"exit_code", result.exit_code},
                    {"event_count", result.event_count},
                    {"availability", optional(result.availability, plain)},
                    {"problems", result.problems},
                    {"broken", result.broken},
                    {"remarks", result.remarks}};
  json["units"] = ordered_json::array();
  for (const rehearsed_unit& unit : result.units) {
    ordered_json one{{"namespace", unit.id.name_space},
                     {"unit", unit.id.name},
                     {"role", to_text(unit.role)},
                     {"state", to_text(unit.state)},
                     {"status", optional(unit.last_status, [](const exit_status& how) { return to_json(how); })},
                     {"ready_after_ns", optional(unit.ready_after, count)},
                     {"starts", unit.starts},
                     {"crashes", unit.crashes},
                     {"restarts", unit.restarts},
                     {"uptime_ns", unit.uptime.count()},
                     {"downtime_ns", unit.downtime.count()},
                     {"longest_downtime_ns", unit.longest_downtime.count()},
                     {"availability", optional(unit.availability, plain)}};
    json["units"].push_back(std::move(one));
  }
  return json;
}

}  // namespace ovrseer
