// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/service/statsd.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include <ovrseer/error.hpp>
#include <ovrseer/service/statsd.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer::service_detail {

inline bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Valid UTF-8 without control characters and without any of `unwanted`.
inline std::string without(std::string_view unwanted, std::string_view text) {
  std::string made = valid_utf8(text);
  for (char& c : made) {
    if (is_control(c) || unwanted.find(c) != std::string_view::npos) c = '_';
  }
  return made;
}

inline std::string one_line(std::string_view text) {
  std::string made;
  const std::string valid = valid_utf8(text);
  for (std::size_t i = 0; i != valid.size(); ++i) {
    if (valid[i] == '\r' && i + 1 != valid.size() && valid[i + 1] == '\n') continue;
    if (valid[i] == '\n' || valid[i] == '\r') {
      made += "\\n";
    } else {
      made.push_back(is_control(valid[i]) ? ' ' : valid[i]);
    }
  }
  return made;
}

// The begin of an escaped text; no escape is cut in two.
inline std::string_view begin_of(std::string_view text, std::size_t bytes) noexcept {
  std::string_view made = first_bytes(text, bytes);
  if (made.size() != text.size() && made.ends_with('\\')) made.remove_suffix(1);
  return made;
}

// The begin and the end of an escaped text, which have what matters: the facts, and the last lines of the log.
inline std::string ends_of(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  constexpr std::string_view mark = "\\n\xE2\x80\xA6\\n";
  if (bytes < 100) return std::string(begin_of(text, bytes));
  const std::string_view head = begin_of(text, (bytes - mark.size()) / 2);
  std::string_view tail = last_bytes(text, bytes - mark.size() - head.size());
  if (tail.starts_with('n') && text[text.size() - tail.size() - 1] == '\\') tail.remove_prefix(1);
  return std::string(head).append(mark).append(tail);
}

inline void add_time(std::string& line, std::string_view field, const std::optional<wall_time>& when) {
  if (!when) return;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when->time_since_epoch()).count();
  line.append(field).append(std::to_string(seconds));
}
inline void add_field(std::string& line, std::string_view field, std::string_view text) {
  if (text.empty()) return;
  line.append(field).append(first_characters(without("|", text), 100));
}

}  // namespace ovrseer::service_detail

namespace ovrseer {

OVRSEER_DECL std::string statsd::name_of(std::string_view text) const {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  std::string made(std::find_if(text.begin(), text.end(), is_letter), text.end());
  for (char& c : made) {
    if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '.') c = '_';
  }
  if (made.empty()) made = "unnamed";
  if (dialect_ == statsd_dialect::datadog && made.size() > 200) made.resize(200);
  return made;
}

OVRSEER_DECL std::string statsd::tags_field(const statsd_tags& own) const {
  std::string made;
  if (dialect_ == statsd_dialect::plain) return made;
  for (const statsd_tags* tags : {&tags_, &own}) {
    for (const auto& [key, value] : *tags) {
      if (key.empty()) continue;
      std::string tag = service_detail::without("|,#@:", key);
      if (!value.empty()) tag.append(":").append(service_detail::without("|,#@", value));
      made.append(made.empty() ? "|#" : ",").append(first_characters(tag, 200));
    }
  }
  return made;
}

OVRSEER_DECL std::string statsd::message(const statsd_metric& metric) const {
  const bool is_plain = dialect_ == statsd_dialect::plain;
  const double* number = std::get_if<double>(&metric.value);
  if (number != nullptr && !std::isfinite(*number)) return {};
  const std::string* member = std::get_if<std::string>(&metric.value);
  if (member != nullptr && member->empty()) return {};
  const std::string_view letters[] = {"c", "g", "ms", is_plain ? "ms" : "h", "s", is_plain ? "ms" : "d"};
  const std::string name = name_of(prefix_ + metric.name);
  const auto line = [&](const std::string& value) {
    std::string made = name + ":" + value;
    return made.append("|").append(letters[static_cast<std::size_t>(metric.type)]);
  };
  std::string made = line(number != nullptr ? statsd_number(*number) : service_detail::without("|:#@", *member));
  const bool is_gauge = metric.type == statsd_type::gauge;
  if (is_plain && is_gauge && number != nullptr && *number < 0) made.insert(0, line("0") + "\n");
  const bool has_rate = !is_gauge && metric.type != statsd_type::set && metric.rate > 0 && metric.rate < 1;
  if (has_rate) made.append("|@").append(statsd_number(metric.rate));
  made += tags_field(metric.tags);
  const bool has_time = !is_plain && (is_gauge || metric.type == statsd_type::count);
  if (has_time) service_detail::add_time(made, "|T", metric.time);
  return made;
}

OVRSEER_DECL std::string statsd::message(const statsd_event& event) const {
  using namespace service_detail;
  if (dialect_ == statsd_dialect::plain) return {};
  const std::string escaped = event.title.empty() ? "untitled" : one_line(event.title);
  std::string_view title = first_characters(escaped, 100);
  if (title.size() != escaped.size() && title.ends_with('\\')) title.remove_suffix(1);
  std::string after;
  add_time(after, "|d:", event.time);
  add_field(after, "|h:", event.host);
  add_field(after, "|k:", event.aggregation);
  if (event.priority == statsd_event::rank::low) after += "|p:low";
  add_field(after, "|s:", event.source);
  constexpr std::string_view alerts[] = {"info", "warning", "error", "success"};
  if (event.type != statsd_event::alert::info) after.append("|t:").append(alerts[static_cast<std::size_t>(event.type)]);
  after += tags_field(event.tags);
  constexpr std::size_t head = std::string_view("_e{400,4000}:|").size();
  const std::size_t taken = head + title.size() + after.size();
  const std::size_t room = std::min<std::size_t>(4000, limit_ > taken ? limit_ - taken : 1);
  const std::string text = ends_of(event.text.empty() ? std::string(title) : one_line(event.text), room);
  std::string made = "_e{" + std::to_string(title.size()) + "," + std::to_string(text.size()) + "}:";
  return made.append(title).append("|").append(text).append(after);
}

OVRSEER_DECL std::string statsd::message(const statsd_check& check) const {
  using namespace service_detail;
  if (dialect_ == statsd_dialect::plain) return {};
  std::string made = "_sc|" + name_of(check.name) + "|" + std::to_string(static_cast<int>(check.status));
  add_time(made, "|d:", check.time);
  add_field(made, "|h:", check.host);
  made += tags_field(check.tags);
  // The message is last. A bar would end it, and what follows would be fields; the format has no escape for it.
  std::string text = one_line(check.message);
  std::replace(text.begin(), text.end(), '|', '_');
  for (std::size_t at = text.find("m:"); at != std::string::npos; at = text.find("m:", at + 3))
    text.insert(at + 1, "\\");
  const std::size_t taken = made.size() + 3;
  const std::string_view kept = begin_of(text, limit_ > taken ? limit_ - taken : 0);
  if (!kept.empty()) made.append("|m:").append(kept);
  return made;
}

OVRSEER_DECL std::optional<std::string> datagram_packer::add(std::string_view message) {
  if (message.empty()) return std::nullopt;
  if (message.size() > limit_) {
    ++left_out_;
    return std::nullopt;
  }
  std::optional<std::string> full;
  if (!gathered_.empty() && gathered_.size() + 1 + message.size() > limit_) full = take();
  if (!gathered_.empty()) gathered_.push_back('\n');
  gathered_.append(message);
  return full;
}

OVRSEER_DECL std::optional<std::string> datagram_packer::take() {
  if (gathered_.empty()) return std::nullopt;
  return std::exchange(gathered_, {});
}

OVRSEER_DECL std::string statsd_number(double value) {
  std::array<char, 400> buffer{};      // the longest has 326 characters
  const double as_sent = value + 0.0;  // "-0" would be a change of a gauge
  const auto written = std::to_chars(buffer.begin(), buffer.end(), as_sent, std::chars_format::fixed);
  return {buffer.data(), written.ptr};
}

OVRSEER_DECL void expect_taken(std::error_code answer, std::string_view what) {
  if (!answer) return;
  const errc meaning = answer == std::errc::message_size ? errc::message_too_large : errc::unavailable;
  throw error(meaning, "deliver", std::string(what) + ": " + answer.message());
}

}  // namespace ovrseer
