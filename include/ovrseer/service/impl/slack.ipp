// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/service/slack.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>

#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/service/slack.hpp>
#include <ovrseer/service/text.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

namespace service_detail {

/// What Slack takes for markup becomes text.
inline std::string slack_escaped(std::string_view text) {
  std::string made;
  for (const char c : text) {
    switch (c) {
      case '&': made += "&amp;"; break;
      case '<': made += "&lt;"; break;
      case '>': made += "&gt;"; break;
      default: made.push_back(c);
    }
  }
  return made;
}

/// At most so many characters, cut before it is escaped, so that no escape is cut.
inline std::string slack_text(std::string_view text, std::size_t most) {
  const std::string clean = valid_utf8(text);
  std::size_t kept = most;
  std::string made = slack_escaped(first_characters(clean, kept));
  while (count_characters(made) > most) made = slack_escaped(first_characters(clean, kept = kept * 9 / 10));
  return made;
}

inline nlohmann::ordered_json slack_markdown(std::string text) {
  return {{"type", "mrkdwn"}, {"text", std::move(text)}};
}

/// A field of a section; Slack allows 2,000 characters.
inline nlohmann::ordered_json slack_field(std::string_view name, std::string_view value) {
  return slack_markdown("*" + slack_text(name, 200) + "*\n" + slack_text(value, 1500));
}

inline std::error_code slack_meaning(std::string_view word) {
  const auto is_any = [word](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (is_any({"ratelimited", "rate_limited", "message_limit_exceeded"})) return make_error_code(errc::throttled);
  if (is_any({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "rollup_error"})) {
    return make_error_code(errc::unavailable);
  }
  if (is_any({"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "no_permission",
              "missing_scope", "access_denied"})) {
    return make_error_code(errc::not_permitted);
  }
  if (is_any({"channel_not_found", "channel_is_archived", "is_archived", "not_in_channel", "no_service", "no_team"})) {
    return make_error_code(errc::misdirected);
  }
  return make_error_code(errc::rejected);
}

}  // namespace service_detail

OVRSEER_DECL nlohmann::ordered_json slack::message(const crash_report& report) const {
  using namespace service_detail;
  const severity level = severity_of(report.kind);
  const char* const sign = level == severity::critical ? ":red_circle:"
                           : level == severity::error  ? ":large_orange_circle:"
                                                       : ":large_yellow_circle:";
  const std::string title = headline_of(report);
  nlohmann::ordered_json fields = nlohmann::ordered_json::array();
  for (const auto& [name, value] : facts_of(report)) {
    if (fields.size() < 10) fields.push_back(slack_field(name, value));
  }
  nlohmann::ordered_json blocks = nlohmann::ordered_json::array();
  const std::string shown(first_characters(valid_utf8(std::string(sign) + " " + title), 150));
  blocks.push_back({{"type", "header"}, {"text", {{"type", "plain_text"}, {"text", shown}, {"emoji", true}}}});
  blocks.push_back({{"type", "section"}, {"fields", std::move(fields)}});
  const std::string log = fenced(tail_of(report.last_lines, log_characters_));
  if (!log.empty()) {
    // Escapes make it longer: then the end is kept.
    std::string_view rest = log;
    while (count_characters(slack_escaped(rest)) > 2900) rest = last_characters(rest, count_characters(rest) * 9 / 10);
    blocks.push_back({{"type", "section"}, {"text", slack_markdown("```\n" + slack_escaped(rest) + "\n```")}});
  }
  const std::string about = to_iso8601(report.time) + "  " + report.id;
  blocks.push_back(
      {{"type", "context"}, {"elements", nlohmann::ordered_json::array({slack_markdown(slack_text(about, 500))})}});
  nlohmann::ordered_json made;
  if (!channel_.empty()) made["channel"] = channel_;
  made["text"] = slack_text(title, 3000);
  made["blocks"] = std::move(blocks);
  made["unfurl_links"] = false;
  return made;
}

OVRSEER_DECL http_request slack::request(const crash_report& report, wall_time) const {
  using handler = nlohmann::ordered_json::error_handler_t;
  url target = token_.empty() ? address_ : address_.under("/api/chat.postMessage");
  if (token_.empty()) target.hide_path();
  http_request made = http_request::post(std::move(target), message(report).dump(-1, ' ', false, handler::replace),
                                         "application/json; charset=utf-8");
  if (!token_.empty()) made.header("Authorization", "Bearer " + token_);
  return made;
}

OVRSEER_DECL void slack::accept(const http_response& answer, wall_time now) const {
  if (answer.status() == 429 || answer.status() >= 500) expect_success(answer, "Slack", now);
  const auto said = nlohmann::json::parse(answer.body(), nullptr, false);
  const bool is_object = said.is_object();
  const bool is_ok = token_.empty() ? answer.body() == "ok" : is_object && said.value("ok", nlohmann::json()) == true;
  if (answer.is_success() && is_ok) return;
  // The Web API says why in "error"; a webhook in plain text.
  const std::string word = is_object && said.contains("error") && said["error"].is_string()
                               ? excerpt_of(said["error"].get<std::string>())
                               : excerpt_of(answer.body());
  const std::error_code meaning = service_detail::slack_meaning(word);
  if (meaning == errc::rejected) expect_success(answer, "Slack", now);  // a proxy knows no words, but statuses
  std::string context = "Slack: " + (word.empty() ? std::to_string(answer.status()) : word);
  if (is_object && said.contains("response_metadata")) {
    const auto& metadata = said["response_metadata"];
    if (metadata.is_object() && metadata.contains("messages"))
      context += ": " + excerpt_of(metadata["messages"].dump());
  }
  throw retry_later(meaning, "deliver", std::move(context), retry_after(answer.headers(), now));
}

}  // namespace ovrseer
