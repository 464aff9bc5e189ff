// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/service/pagerduty.hpp>.
#pragma once

#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/service/digest.hpp>
#include <ovrseer/service/pagerduty.hpp>
#include <ovrseer/service/text.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

OVRSEER_DECL std::string pagerduty::dedup_key(const unit_id& unit) const {
  std::string key = "ovrseer/" + source_ + "/" + unit.name_space + "/" + unit.name;
  if (key.size() <= 255) return key;
  return "ovrseer/" + hex_digest(key);
}

OVRSEER_DECL nlohmann::ordered_json pagerduty::event(const crash_report& report) const {
  const severity level = severity_of(report.kind);
  nlohmann::ordered_json details;
  for (const auto& [name, value] : facts_of(report)) details[name] = first_characters(valid_utf8(value), 1000);
  details["Log"] = tail_of(report.last_lines, 20'000);  // the whole event may have 512 KB
  nlohmann::ordered_json payload{{"summary", first_characters(valid_utf8(headline_of(report)), 1024)},
                                 {"source", source_},
                                 {"severity", level == severity::critical ? "critical"
                                              : level == severity::error  ? "error"
                                                                          : "warning"},
                                 {"timestamp", to_iso8601(report.time)},
                                 {"component", report.unit.name},
                                 {"group", report.unit.name_space},
                                 {"class", to_text(report.kind)},
                                 {"custom_details", std::move(details)}};
  return {{"routing_key", routing_key_},
          {"event_action", "trigger"},
          {"dedup_key", dedup_key(report.unit)},
          {"payload", std::move(payload)},
          {"client", "ovrseer"}};
}

OVRSEER_DECL nlohmann::ordered_json pagerduty::event(const recovery& over) const {
  return {{"routing_key", routing_key_}, {"event_action", "resolve"}, {"dedup_key", dedup_key(over.unit)}};
}

OVRSEER_DECL http_request pagerduty::post(const nlohmann::ordered_json& body) const {
  using handler = nlohmann::ordered_json::error_handler_t;
  return http_request::post(base_.under("/v2/enqueue"), body.dump(-1, ' ', false, handler::replace),
                            "application/json");
}

OVRSEER_DECL void pagerduty::accept(const http_response& answer, wall_time now) const {
  http_response shown = answer;
  hide_credentials(shown, {routing_key_});  // which is in no header of its own
  expect_success(shown, "PagerDuty", now);
}

}  // namespace ovrseer
