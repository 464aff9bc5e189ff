// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/service/webhook.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <nlohmann/json.hpp>

#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/event/crash_report_json.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/service/text.hpp>
#include <ovrseer/service/webhook.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

OVRSEER_DECL result<report_template, error> report_template::parse(std::string_view text) {
  const auto refuse = [](std::size_t offset, const std::string& why) {
    return failure(error(std::make_error_code(std::errc::invalid_argument), "template",
                         "at byte " + std::to_string(offset) + ": " + why));
  };
  report_template made;
  const auto add = [&](std::string_view plain) {
    if (made.pieces_.empty() || made.pieces_.back().is_place) made.pieces_.push_back({});
    made.pieces_.back().text.append(plain);
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = std::min(text.find("{{", at), text.size());
    if (open != at) add(text.substr(at, open - at));
    at = open;
    if (at == text.size()) break;
    if (text.substr(at).starts_with("{{{{")) {
      add("{{");
      at += 4;
      continue;
    }
    const std::size_t close = text.find("}}", at);
    if (close == std::string_view::npos) return refuse(at, "{{ is not closed by }}");
    const std::string name(net_detail::trimmed(text.substr(at + 2, close - at - 2)));
    if (!is_name(name)) return refuse(at + 2, "no such place: " + name);
    made.pieces_.push_back({name, true});
    at = close + 2;
  }
  return made;
}

OVRSEER_DECL std::string report_template::fill(const crash_report& report,
                                               const std::function<std::string(std::string_view)>& escape) const {
  std::string made;
  for (const piece& each : pieces_) made += each.is_place ? escape(value_of(report, each.text)) : each.text;
  return made;
}

OVRSEER_DECL bool report_template::is_name(std::string_view name) {
  constexpr std::array<std::string_view, 14> names{"id",       "time",     "kind",    "severity", "namespace",
                                                   "unit",     "headline", "message", "status",   "uptime",
                                                   "restarts", "seen",     "log",     "program"};
  return std::find(names.begin(), names.end(), name) != names.end() || (name.starts_with("field.") && name.size() > 6);
}

OVRSEER_DECL std::string report_template::value_of(const crash_report& report, std::string_view name) {
  if (name == "id") return report.id;
  if (name == "time") return to_iso8601(report.time);
  if (name == "kind") return std::string(to_text(report.kind));
  if (name == "severity") return std::string(to_text(severity_of(report.kind)));
  if (name == "namespace") return report.unit.name_space;
  if (name == "unit") return report.unit.name;
  if (name == "headline") return headline_of(report);
  if (name == "message") return report.message;
  if (name == "status") return report.status ? to_text(*report.status) : std::string();
  if (name == "uptime") return to_text(report.uptime);
  if (name == "restarts") return std::to_string(report.retry_count);
  if (name == "seen") return std::to_string(report.occurrences);
  if (name == "log") return tail_of(report.last_lines, 100'000);
  if (name == "program") return report.program;
  for (const auto& [field, value] : report.fields) {
    if (name.substr(6) == field) return value;
  }
  return {};
}

OVRSEER_DECL http_request webhook::request(const crash_report& report, wall_time) const {
  using handler = nlohmann::ordered_json::error_handler_t;
  std::string content;
  if (template_) {
    const bool is_json = content_type_.starts_with("application/json");
    const bool is_form = content_type_.starts_with("application/x-www-form-urlencoded");
    content = template_->fill(report, [&](std::string_view value) {
      if (is_form) return percent_encoded(value);
      if (!is_json) return std::string(value);
      const std::string quoted = nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      return quoted.substr(1, quoted.size() - 2);
    });
  } else {
    content = to_json(report).dump(-1, ' ', false, handler::replace);
  }
  http_request made = http_request::post(address_, std::move(content), content_type_);
  for (const http_header& each : headers_) made.header(each.name, each.value);
  if (!headers_.contains("Idempotency-Key")) made.header("Idempotency-Key", report.id);
  return made;
}

OVRSEER_DECL void webhook::accept(const http_response& answer, wall_time now) const {
  expect_success(answer, "webhook", now);
}

}  // namespace ovrseer
