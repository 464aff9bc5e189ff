// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/simulation.hpp>.
#pragma once

#include <utility>

#include <ovrseer/config/detail/simulation.hpp>
#include <ovrseer/config/detail/tree.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL bool check_passes(config_reader& reader, const given<std::chrono::nanoseconds>& time) {
  if (!time || *time > std::chrono::nanoseconds::zero()) return true;
  reader.error(*time.node, in_quotes(time.key->text) + " is zero").expected = "more than 0";
  return false;
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const simulated_crash_draft& read) {
  const auto refuse = [&](const config_node& at, std::string found, std::string expected) {
    reader.error(at, std::move(found)).expected = std::move(expected);
    return false;
  };
  if (read.every.key != nullptr && read.mean.key != nullptr)
    return refuse(*read.mean.key, "a crash with both \"every\" and \"mttf\"", "one of them");
  if (read.every.key == nullptr && read.mean.key == nullptr) {
    const config_node& at = node.keys.empty() ? node : node.keys.front();
    return refuse(at, "a crash with neither \"every\" nor \"mttf\"", "one of them");
  }
  if (read.signal.key != nullptr && read.code.key != nullptr)
    return refuse(*read.code.key, "a crash with both \"signal\" and \"exitCode\"", "one of them");
  const bool has_times = check_passes(reader, read.every);
  return check_passes(reader, read.mean) && has_times;
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node&, const simulated_line_draft& read) {
  if (read.text && read.text->find('\n') != std::string::npos) {
    reader.error(*read.text.node, "\"text\" has several lines").cure = "make an entry of each";
    return false;
  }
  return check_passes(reader, read.every);
}

OVRSEER_DECL process_behavior behavior_of(const simulation_draft& draft) {
  process_behavior made;
  made.start_time = draft.start_time.value;
  made.runs_for = draft.runs_for.value;
  made.exit_code = static_cast<int>(draft.code.value_or({}).value);
  made.stop_time = draft.stop_time.value_or(made.stop_time);
  made.ignores = draft.ignores.value_or({});
  made.memory = draft.memory.value_or({});
  for (const simulated_line_draft& line : draft.lines.value_or({})) {
    made.lines.push_back({line.after.value, line.text.value_or(""), line.every.value_or({})});
  }
  if (!draft.crash) return made;
  simulated_crash crash;
  const bool is_random = draft.crash->mean.value.has_value();
  crash.when = is_random ? simulated_crash::rhythm::random : simulated_crash::rhythm::regular;
  crash.time = is_random ? *draft.crash->mean : draft.crash->every.value_or({});
  if (draft.crash->code) crash.how = exit_status::exited(static_cast<int>(draft.crash->code->value));
  if (draft.crash->signal) crash.how = exit_status::signaled(*draft.crash->signal);
  made.crash = crash;
  return made;
}

}  // namespace ovrseer::config_detail
