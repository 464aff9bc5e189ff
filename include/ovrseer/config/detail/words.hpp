// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The words of a configuration that stand for the library's enumerators, and what other systems call them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <ovrseer/async/backoff.hpp>
#include <ovrseer/check/health.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/log/flag.hpp>
#include <ovrseer/log/level.hpp>
#include <ovrseer/log/rotation.hpp>
#include <ovrseer/process/command.hpp>
#include <ovrseer/process/stop_plan.hpp>
#include <ovrseer/supervise/group.hpp>
#include <ovrseer/supervise/restart_policy.hpp>

namespace ovrseer::config_detail {

// Each in the order of the enumerators.

template <>
struct words_of<ovrseer::role> {
  static constexpr std::array<std::string_view, 3> names{"dependency", "main", "cleanup"};
};
template <>
struct words_of<restart_rules::when> {
  static constexpr std::array<std::string_view, 4> names{"no", "always", "on-failure", "unless-stopped"};
  static constexpr std::array<usual_word, 8> usual{{{"false", "no"},
                                                    {"never", "no"},
                                                    {"none", "no"},
                                                    {"off", "no"},
                                                    {"true", "always"},
                                                    {"yes", "always"},
                                                    {"unexpected", "on-failure"},
                                                    {"exitonfailure", "on-failure"}}};
};
template <>
struct words_of<backoff::curve> {
  static constexpr std::array<std::string_view, 3> names{"constant", "exponential", "decorrelated"};
};
template <>
struct words_of<stop_scope> {
  static constexpr std::array<std::string_view, 3> names{"leader", "group", "tree"};
};
template <>
struct words_of<flag_color> {
  static constexpr std::array<std::string_view, 7> names{"green", "blue", "red", "yellow", "teal", "purple", "orange"};
};
template <>
struct words_of<level> {
  static constexpr std::array<std::string_view, 6> names{"trace", "debug", "info", "warning", "error", "critical"};
  static constexpr std::array<usual_word, 6> usual{{{"verbose", "trace"},
                                                    {"notice", "info"},
                                                    {"warn", "warning"},
                                                    {"err", "error"},
                                                    {"crit", "critical"},
                                                    {"fatal", "critical"}}};
};
template <>
struct words_of<log_format> {
  static constexpr std::array<std::string_view, 3> names{"text", "timed", "jsonl"};
};
template <>
struct words_of<mail_security> {
  static constexpr std::array<std::string_view, 2> names{"tls", "plain"};
};
template <>
struct words_of<http_batch::format> {
  static constexpr std::array<std::string_view, 2> names{"ndjson", "jsonArray"};
};
template <>
struct words_of<sink_settings::content> {
  static constexpr std::array<std::string_view, 3> names{"lines", "events", "both"};
};
template <>
struct words_of<command::group> {
  static constexpr std::array<std::string_view, 3> names{"own", "session", "inherit"};
};
template <>
struct words_of<command::fate> {
  static constexpr std::array<std::string_view, 2> names{"kill", "keep"};
};
template <>
struct words_of<output_target::file::mode> {
  static constexpr std::array<std::string_view, 2> names{"append", "truncate"};
};

/// The conditions of a dependency that have a word.
enum class condition_word : std::uint8_t { started, ready, completed, completed_successfully, healthy, log_line };
template <>
struct words_of<condition_word> {
  static constexpr std::array<std::string_view, 6> names{"started", "ready",  "completed", "completedSuccessfully",
                                                         "healthy", "logLine"};
  static constexpr std::array<usual_word, 9> usual{{{"servicehealthy", "healthy"},
                                                    {"processhealthy", "healthy"},
                                                    {"processlogready", "logLine"},
                                                    {"servicestarted", "started"},
                                                    {"processstarted", "started"},
                                                    {"servicecompletedsuccessfully", "completedSuccessfully"},
                                                    {"processcompletedsuccessfully", "completedSuccessfully"},
                                                    {"processcompleted", "completed"},
                                                    {"success", "completedSuccessfully"}}};
};

/// What may be done when a condition is lost, and when it holds again.
enum class loss_word : std::uint8_t { nothing, hold, pause, restart, stop };
template <>
struct words_of<loss_word> {
  static constexpr std::array<std::string_view, 5> names{"nothing", "hold", "pause", "restart", "stop"};
};
enum class return_word : std::uint8_t { nothing, restart, start };
template <>
struct words_of<return_word> {
  static constexpr std::array<std::string_view, 3> names{"nothing", "restart", "start"};
};
template <>
struct words_of<health_watch::action> {
  static constexpr std::array<std::string_view, 3> names{"nothing", "restart", "stop"};
};
/// What follows a match of a flag, where it has a word.
enum class reaction_word : std::uint8_t { nothing, report, restart, stop };
template <>
struct words_of<reaction_word> {
  static constexpr std::array<std::string_view, 4> names{"nothing", "report", "restart", "stop"};
};
template <>
struct words_of<give_up::action> {
  static constexpr std::array<std::string_view, 5> names{"standard", "nothing", "stopGroup", "escalate", "stopAll"};
};
enum class strategy_word : std::uint8_t { one_for_one, one_for_all, rest_for_one };
template <>
struct words_of<strategy_word> {
  static constexpr std::array<std::string_view, 3> names{"oneForOne", "oneForAll", "restForOne"};
};
template <>
struct words_of<group_spec::order> {
  static constexpr std::array<std::string_view, 2> names{"dependencies", "declared"};
};
template <>
struct words_of<group_spec::shutdown> {
  static constexpr std::array<std::string_view, 3> names{"never", "anySignificant", "allSignificant"};
};

}  // namespace ovrseer::config_detail
