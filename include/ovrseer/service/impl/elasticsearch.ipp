// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/service/elasticsearch.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <variant>

#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/log/encode.hpp>
#include <ovrseer/net/credentials.hpp>
#include <ovrseer/service/elasticsearch.hpp>

namespace ovrseer {

namespace service_detail {

/// What the answer says of one document.
struct bulk_item {
  int status = 0;
  std::string words;

  bool is_taken() const noexcept { return (status >= 200 && status < 300) || status == 409; }
  bool is_put_off() const noexcept { return status == 429 || status >= 500; }
};

inline std::optional<bulk_item> bulk_item_from(const ordered_json& json) {
  if (!json.is_object() || json.size() != 1 || !json.front().is_object()) return std::nullopt;
  const ordered_json& result = json.front();  // under the name of the operation
  const auto status = result.find("status");
  if (status == result.end() || !status->is_number_integer()) return std::nullopt;
  bulk_item found;
  found.status = status->get<int>();
  found.words = std::to_string(found.status);
  const auto why = result.find("error");
  if (why == result.end() || !why->is_object()) return found;
  for (const char* key : {"type", "reason"}) {
    const auto word = why->find(key);
    if (word != why->end() && word->is_string()) found.words += ": " + excerpt_of(word->get_ref<const std::string&>());
  }
  return found;
}

/// Appends what is written as it is, and a text as the inside of a JSON string.
inline void append_bulk_member(std::string& out, std::string_view before, std::string_view text) {
  out.append(before);
  (void)log_detail::append_escaped(out, text);
}

inline const unit_id& bulk_unit(const log_record& record) noexcept { return record.unit; }
inline const unit_id& bulk_unit(const stored_event& what) noexcept { return what.entry.unit; }

/// "crashed: exited with code 1 (…)", for people.
inline std::string bulk_message(const event& entry) {
  std::string text = entry.unit.name.empty() ? "" : to_text(entry.unit) + " ";
  text += to_text(entry.type);
  const cause* why = cause_of(entry);
  if (why != nullptr && !to_text(*why).empty()) text += ": " + to_text(*why);
  if (const auto* flag = std::get_if<flag_data>(&entry.data)) text += ": " + flag->flag + ": " + flag->line;
  if (const auto* check = std::get_if<check_data>(&entry.data)) text += ": " + check->check + ": " + check->reason;
  if (const auto* lost = std::get_if<dropped_data>(&entry.data)) {
    text += ": " + std::to_string(lost->count) + " " + lost->what;
  }
  return text;
}

}  // namespace service_detail

OVRSEER_DECL elasticsearch& elasticsearch::basic(std::string_view user, std::string_view password) {
  authorization_ = http_credentials::basic(user, password).authorization();
  return *this;
}

OVRSEER_DECL std::string elasticsearch::origin_of(const unit_id& unit) const {
  ordered_json made{{"ecs", {{"version", "8.11.0"}}}};
  const std::string& service = service_name_.empty() ? unit.name : service_name_;
  if (!service.empty()) made["service"]["name"] = service;
  if (!environment_.empty()) made["service"]["environment"] = environment_;
  if (!host_name_.empty()) made["host"]["name"] = host_name_;
  const std::string members = to_json_text(made);
  return members.substr(1, members.size() - 2);
}

// By hand, for there may be very many of them.
OVRSEER_DECL void elasticsearch::append_document(std::string& out, const log_record& record,
                                                 std::string_view origin) const {
  out.append("{\"@timestamp\":\"");
  append_utc(out, record.line.time);
  service_detail::append_bulk_member(out, "\",\"message\":\"", record.line.text);
  out.append("\",").append(origin);
  const level grave = record.line.level();
  if (grave != level::unknown) out.append(",\"log\":{\"level\":\"").append(to_text(grave)).append("\"}");
  service_detail::append_bulk_member(out, ",\"process\":{\"name\":\"", record.unit.name);
  out.append("\"},\"event\":{\"kind\":\"event\",\"dataset\":\"ovrseer.log\",\"sequence\":");
  out.append(std::to_string(record.line.seq)).append("}");
  std::string_view before = ",\"tags\":[\"";
  for (const matched_flag& each : record.flags) {
    service_detail::append_bulk_member(out, before, each.flag);
    before = "\",\"";
  }
  if (!record.flags.empty()) out.append("\"]");
  service_detail::append_bulk_member(out, ",\"labels\":{\"namespace\":\"", record.unit.name_space);
  out.append("\",\"stream\":\"").append(to_text(record.line.source));
  service_detail::append_bulk_member(out, "\",\"boot_id\":\"", record.boot_id);
  out.append("\"}}");
}

OVRSEER_DECL void elasticsearch::append_document(std::string& out, const stored_event& what,
                                                 std::string_view origin) const {
  const event& entry = what.entry;
  ordered_json made;
  made["log"]["level"] = to_text(entry.severity);
  ordered_json& about = made["event"];
  about = {{"kind", "event"}, {"dataset", "ovrseer.event"}, {"action", to_text(entry.type)}, {"sequence", entry.seq}};
  const cause* why = cause_of(entry);
  if (why != nullptr && !to_text(*why).empty()) about["reason"] = to_text(*why);
  if (entry.type == event_type::completed) about["outcome"] = "success";
  if (entry.type == event_type::crashed || entry.type == event_type::failed) about["outcome"] = "failure";
  if (!entry.unit.name.empty()) made["process"]["name"] = entry.unit.name;
  if (const auto* change = std::get_if<transition_data>(&entry.data)) {
    if (change->pid) made["process"]["pid"] = *change->pid;
    if (change->status && change->status->is_exited()) made["process"]["exit_code"] = change->status->code();
  }
  if (const auto* flag = std::get_if<flag_data>(&entry.data)) made["tags"].push_back(flag->flag);
  made["labels"] = {{"namespace", entry.unit.name_space}, {"boot_id", what.boot_id}};
  out.append("{\"@timestamp\":\"").append(to_iso8601(entry.time));
  service_detail::append_bulk_member(out, "\",\"message\":\"", service_detail::bulk_message(entry));
  out.append("\",").append(origin).append(",").append(to_json_text(made), 1);
}

OVRSEER_DECL std::string elasticsearch::document(const log_record& record) const {
  std::string made;
  append_document(made, record, origin_of(record.unit));
  return made;
}
OVRSEER_DECL std::string elasticsearch::document(const stored_event& what) const {
  std::string made;
  append_document(made, what, origin_of(what.entry.unit));
  return made;
}

template <class T>
http_request elasticsearch::bulk(const std::vector<T>& batch) const {
  std::string body;
  unit_id unit;
  std::string origin = origin_of(unit);
  for (const T& each : batch) {
    if (service_detail::bulk_unit(each) != unit) {  // lines come in runs
      unit = service_detail::bulk_unit(each);
      origin = origin_of(unit);
    }
    service_detail::append_bulk_member(body, "{\"create\":{\"_id\":\"", id_of(each));
    body.append("\"}}\n");
    append_document(body, each, origin);
    body.push_back('\n');
  }
  http_limits limits;
  limits.body =
      std::max(limits.body, byte_size(batch.size() * 2048));  // of the answer: some 300 bytes for each document
  http_request made = http_request::post(base_.under("/" + percent_encoded(target_) + "/_bulk"), std::move(body),
                                         "application/x-ndjson");
  made.limits(limits);
  if (!authorization_.empty()) made.header("Authorization", authorization_);
  return made;
}

OVRSEER_DECL http_request elasticsearch::request(const std::vector<log_record>& batch, wall_time) const {
  return bulk(batch);
}
OVRSEER_DECL http_request elasticsearch::request(const std::vector<stored_event>& batch, wall_time) const {
  return bulk(batch);
}

OVRSEER_DECL void elasticsearch::accept(const http_response& answer, wall_time now) const {
  expect_success(answer, "Elasticsearch", now);
  const auto refuse = [&] {
    throw error(errc::malformed_message, "deliver", "Elasticsearch: " + excerpt_of(answer.body()));
  };
  const ordered_json json = ordered_json::parse(answer.body(), nullptr, false);
  if (!json.is_object()) refuse();
  const auto items = json.find("items");
  if (items == json.end() || !items->is_array()) refuse();
  std::vector<std::size_t> again;
  std::vector<item_refusal> refused;
  std::string words;
  errc code = errc::unavailable;
  for (std::size_t index = 0; index != items->size(); ++index) {
    const std::optional<service_detail::bulk_item> item = service_detail::bulk_item_from((*items)[index]);
    if (!item) refuse();
    if (item->is_taken()) continue;
    if (words.empty()) words = item->words;
    if (!item->is_put_off()) {
      refused.push_back({index, "Elasticsearch: " + item->words});
      continue;
    }
    if (item->status == 429) code = errc::throttled;
    again.push_back(index);
  }
  if (again.empty() && refused.empty()) return;
  std::string context = "Elasticsearch: of " + std::to_string(items->size()) + " documents " +
                        std::to_string(again.size()) + " were put off and " + std::to_string(refused.size()) +
                        " refused; the first: " + words;
  throw batch_failed(make_error_code(code), std::move(context), std::move(again), std::move(refused),
                     retry_after(answer.headers(), now));
}

}  // namespace ovrseer
