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
#include <ovrseer/service/elasticsearch.hpp>

namespace ovrseer {

namespace service_detail {

/// What the answer says of one document.
struct bulk_item {
  int status = 0;
  std::string words;
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

constexpr bool is_taken(int status) noexcept { return (status >= 200 && status < 300) || status == 409; }
constexpr bool is_put_off(int status) noexcept { return status == 429 || status >= 500; }

/// "crashed: exited with code 1 (…)", for people.
inline std::string words_of(const event& entry) {
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
  authorization_ = "Basic ";
  log_detail::append_base64(authorization_, std::string(user) + ":" + std::string(password));
  return *this;
}

OVRSEER_DECL ordered_json elasticsearch::begin(wall_time time, const unit_id& unit, std::string_view message) const {
  ordered_json made{{"@timestamp", to_iso8601(time)}, {"message", message}, {"ecs", {{"version", "8.11.0"}}}};
  const std::string& service = service_name_.empty() ? unit.name : service_name_;
  if (!service.empty()) made["service"]["name"] = service;
  if (!environment_.empty()) made["service"]["environment"] = environment_;
  if (!host_name_.empty()) made["host"]["name"] = host_name_;
  if (!unit.name.empty()) made["process"]["name"] = unit.name;
  made["labels"]["namespace"] = unit.name_space;
  return made;
}

OVRSEER_DECL ordered_json elasticsearch::document(const log_record& record) const {
  ordered_json made = begin(record.line.time, record.unit, record.line.text);
  const level grave = record.line.level();
  if (grave != level::unknown) made["log"]["level"] = to_text(grave);
  made["event"] = {{"kind", "event"}, {"dataset", "ovrseer.log"}, {"sequence", record.line.seq}};
  made["labels"]["stream"] = to_text(record.line.source);
  made["labels"]["boot_id"] = record.boot_id;
  for (const matched_flag& each : record.flags) made["tags"].push_back(each.flag);
  return made;
}

OVRSEER_DECL ordered_json elasticsearch::document(const stored_event& what) const {
  const event& entry = what.entry;
  ordered_json made = begin(entry.time, entry.unit, service_detail::words_of(entry));
  made["log"]["level"] = to_text(entry.severity);
  ordered_json& about = made["event"];
  about = {{"kind", "event"}, {"dataset", "ovrseer.event"}, {"action", to_text(entry.type)}, {"sequence", entry.seq}};
  const cause* why = cause_of(entry);
  if (why != nullptr && !to_text(*why).empty()) about["reason"] = to_text(*why);
  if (entry.type == event_type::completed) about["outcome"] = "success";
  if (entry.type == event_type::crashed || entry.type == event_type::failed) about["outcome"] = "failure";
  if (const auto* change = std::get_if<transition_data>(&entry.data)) {
    if (change->pid) made["process"]["pid"] = *change->pid;
    if (change->status && change->status->is_exited()) {
      made["process"]["exit_code"] = change->status->code();
    }
  }
  if (const auto* flag = std::get_if<flag_data>(&entry.data)) made["tags"].push_back(flag->flag);
  made["labels"]["boot_id"] = what.boot_id;
  return made;
}

template <class T>
http_request elasticsearch::bulk(const std::vector<T>& batch) const {
  std::string body;
  for (const T& each : batch) {
    body.append(to_json_text({{"create", {{"_id", id_of(each)}}}})).append("\n");
    body.append(to_json_text(document(each))).append("\n");
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
    if (service_detail::is_taken(item->status)) continue;
    if (words.empty()) words = item->words;
    if (!service_detail::is_put_off(item->status)) {
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
