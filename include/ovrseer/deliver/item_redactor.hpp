// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which texts crash reports and lines are made of, and how each of them is redacted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/log_record.hpp>
#include <ovrseer/redact/line_redactor.hpp>
#include <ovrseer/redact/redact_lines.hpp>
#include <ovrseer/redact/redaction.hpp>

namespace ovrseer {

/// Redacts a kind of item; specialized for each. Made of its rules; what it must know of items before is its own state.
///
///     bool may_contain_secret(const T&) const;  // a quick look: when it says no, redact changes nothing
///     bool redact(T&);                          // says whether anything was hidden
template <class T, redaction R>
class item_redactor;

namespace deliver_detail {

using named_texts = std::vector<std::pair<std::string, std::string>>;

template <redaction R>
bool may_contain_secret(const R& rules, const std::vector<std::string>& texts) {
  return std::ranges::any_of(texts, [&](const std::string& each) { return rules.may_contain_secret(each); });
}

template <redaction R>
bool may_contain_secret(const R& rules, const named_texts& pairs) {
  return std::ranges::any_of(pairs, [&](const auto& each) {
    return rules.is_secret_key(each.first) || rules.may_contain_secret(each.second);
  });
}

/// What is known to be unset has no secret, and may be why the unit failed.
template <redaction R>
bool redact_named(const R& rules, named_texts& pairs) {
  bool has_hidden = false;
  for (auto& [name, value] : pairs) {
    if (value == "(unset)") continue;
    std::string hidden = rules.redact_environment(name, value);
    if (hidden == value) continue;
    value = std::move(hidden);
    has_hidden = true;
  }
  return has_hidden;
}

}  // namespace deliver_detail

/// Message, program, arguments, working directory, environment, fields, the last lines and those around flags.
template <redaction R>
class item_redactor<crash_report, R> {
 public:
  explicit item_redactor(R rules) : rules_(std::move(rules)) {}

  bool may_contain_secret(const crash_report& report) const {
    using deliver_detail::may_contain_secret;
    return rules_.may_contain_secret(report.message) || rules_.may_contain_secret(report.program) ||
           rules_.may_contain_secret(report.working_directory) || may_contain_secret(rules_, report.arguments) ||
           may_contain_secret(rules_, report.environment) || may_contain_secret(rules_, report.fields) ||
           may_contain_secret(rules_, report.last_lines) ||
           std::ranges::any_of(report.flags,
                               [&](const flag_context& each) { return may_contain_secret(rules_, each.lines); });
  }

  bool redact(crash_report& report) const {
    bool has_hidden = rules_.redact_in_place(report.message);
    has_hidden |= rules_.redact_in_place(report.program);
    has_hidden |= rules_.redact_in_place(report.working_directory);
    has_hidden |= redact_arguments(report.arguments);
    has_hidden |= deliver_detail::redact_named(rules_, report.environment);
    has_hidden |= deliver_detail::redact_named(rules_, report.fields);
    has_hidden |= redact_lines(report.last_lines, rules_);
    for (flag_context& each : report.flags) has_hidden |= redact_lines(each.lines, rules_);
    return has_hidden;
  }

 private:
  // The rules say "hidden" also of what was hidden before.
  bool redact_arguments(std::vector<std::string>& arguments) const {
    std::vector<std::string> hidden = arguments;
    if (!rules_.redact_arguments(hidden) || hidden == arguments) return false;
    arguments = std::move(hidden);
    return true;
  }

  R rules_;
};

/// The text, and what flags captured of it. Records of a unit and stream come in their order, so that a private key is
/// hidden in all lines that it is printed on, and a secret across the cut of an over-long one on both sides; the same record
/// may come again, as retries have it.
template <redaction R>
class item_redactor<log_record, R> {
 public:
  explicit item_redactor(R rules) : rules_(std::move(rules)) {}

  bool may_contain_secret(const log_record& record) const {
    return record.line.part != line_part::whole || rules_.may_contain_secret(record.line.text) ||
           (!blocks_.empty() && blocks_.contains(stream_of(record))) ||
           std::ranges::any_of(record.flags, [&](const matched_flag& each) {
             return deliver_detail::may_contain_secret(rules_, each.captures);
           });
  }

  bool redact(log_record& record) {
    std::string hidden = redact_text(record);
    bool has_hidden = hidden != record.line.text;
    for (matched_flag& each : record.flags) {
      for (auto& [name, value] : each.captures) {
        // Alone, a captured secret has no sign any more: it is not in the text any more either.
        const bool was_taken = !value.empty() && hidden.find(value) == std::string::npos &&
                               record.line.text.find(value) != std::string::npos;
        if (was_taken) value = std::string(std::string_view(rules_.replacement()));
        has_hidden |= was_taken;
      }
      has_hidden |= deliver_detail::redact_named(rules_, each.captures);
    }
    record.line.text = std::move(hidden);
    return has_hidden;
  }

 private:
  using stream = std::pair<unit_id, line_source>;
  /// A stream that is within a private key or an over-long line, before and after its latest line.
  struct block {
    explicit block(const R& rules) : before(rules), after(rules) {}
    basic_line_redactor<R> before;
    basic_line_redactor<R> after;
    std::uint64_t seq = 0;
  };

  static stream stream_of(const log_record& record) { return {record.unit, record.line.source}; }

  std::string redact_text(const log_record& record) {
    const stream of = stream_of(record);
    auto at = blocks_.find(of);
    if (at == blocks_.end()) {
      std::string hidden;
      const bool is_open = rules_.append(hidden, record.line.text) == redaction_result::open_block;
      if (!is_open && record.line.part == line_part::whole) return hidden;
      at = blocks_.emplace(of, block(rules_)).first;
    }
    block& now = at->second;
    if (record.line.seq != now.seq) now.before = now.after;
    now.after = now.before;
    now.seq = record.line.seq;
    std::string hidden = now.after.redact(record.line.text, record.line.part);
    if (now.before.is_idle() && now.after.is_idle()) blocks_.erase(at);
    return hidden;
  }

  R rules_;
  std::map<stream, block> blocks_;
};

}  // namespace ovrseer
