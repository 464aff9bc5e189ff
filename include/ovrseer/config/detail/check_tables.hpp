// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The keys of checks, watchdogs, conditions and stops: each with its type, its default and its meaning.
#pragma once

#include <array>

#include <ovrseer/config/detail/check_drafts.hpp>
#include <ovrseer/config/detail/short_forms.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/detail/value_forms.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

template <>
inline const section_shape& section_for<command_line_draft>() {
  using draft = command_line_draft;
  static constexpr std::array keys{
      field<&draft::command>("command", "", "The program; give this or shell."),
      field<&draft::args>("args", "none", "Its arguments."),
      field<&draft::shell>("shell", "", "A line for /bin/sh -c instead of a program."),
  };
  static constexpr section_shape shape{"a command", keys};
  return shape;
}

template <>
inline const section_shape& section_for<http_draft>() {
  using draft = http_draft;
  static constexpr std::array keys{
      field<&draft::url>("url", "", "What to get, by HTTP; unix:/socket:/path for a local socket.", need::required),
      field<&draft::status>("status", "200-399", "The status that means ready, or a range of them."),
      field<&draft::body>("body", "anything", "A pattern that the body must match."),
      field<&draft::headers>("headers", "none", "Headers to send as well."),
  };
  static constexpr section_shape shape{"an HTTP check", keys};
  return shape;
}

template <>
inline const section_shape& section_for<file_check_draft>() {
  using draft = file_check_draft;
  static constexpr std::array keys{
      field<&draft::path>("path", "", "The file that must be there.", need::required),
      field<&draft::non_empty>("nonEmpty", "false", "Whether it must have at least one byte."),
      field<&draft::newer_than_start>("newerThanStart", "false", "Whether what an earlier run left does not count."),
      field<&draft::content>("content", "anything", "A pattern that its content must match."),
  };
  static constexpr section_shape shape{"a file check", keys};
  return shape;
}

template <>
inline const section_shape& section_for<check_draft>() {
  using draft = check_draft;
  static constexpr std::array keys{
      field<&draft::log_pattern>("logPattern", "", "Ready when a line of either stream matches: text, or /text/i."),
      field<&draft::tcp>("tcp", "", "Ready when something listens there."),
      field<&draft::http>("http", "", "Ready when a GET is answered well."),
      field<&draft::exec>("exec", "", "Ready when a command ends with code 0."),
      field<&draft::file>("file", "", "Ready when a file is there."),
      field<&draft::notify>("notify", "", "Ready when the process says READY=1 as of sd_notify(3); true."),
      field<&draft::timeout>("timeout", "60s", "Not ready for this long, the process counts as failed; 0: no limit."),
      field<&draft::attempt_timeout>("attemptTimeout", "1s; of exec 10s",
                                     "For one question; not of logPattern, file and notify."),
      field<&draft::interval>("interval", "250ms", "Between two questions; not of logPattern and notify."),
      field<&draft::initial_delay>("initialDelay", "0", "Before the first question; not of logPattern and notify."),
      field<&draft::success_threshold>("successThreshold", "1",
                                       "How often in a row it must succeed; not of logPattern and notify."),
      field<&draft::failure_threshold>("failureThreshold", "no limit",
                                       "How often in a row it may fail before the process counts as failed."),
      field<&draft::pass_if_not_found>("passIfNotFound", "false",
                                       "Of logPattern: whether the end of the timeout counts as ready."),
  };
  static constexpr section_shape shape{"a ready check", keys};
  return shape;
}

template <>
inline const section_shape& section_for<health_draft>() {
  using draft = health_draft;
  static constexpr std::array keys{
      field<&draft::tcp>("tcp", "", "Healthy while something listens there."),
      field<&draft::http>("http", "", "Healthy while a GET is answered well."),
      field<&draft::exec>("exec", "", "Healthy while a command ends with code 0."),
      field<&draft::file>("file", "", "Healthy while a file is there."),
      field<&draft::attempt_timeout>("attemptTimeout", "1s; of exec 10s", "For one question."),
      field<&draft::interval>("interval", "10s", "Between two questions."),
      field<&draft::relax_to>("relaxTo", "no longer", "While all is well the interval doubles up to this."),
      field<&draft::initial_delay>("initialDelay", "one interval", "Before the first question, once it is ready."),
      field<&draft::success_threshold>("successThreshold", "1", "Healthy again after so many good answers in a row."),
      field<&draft::failure_threshold>("failureThreshold", "3", "Unhealthy after so many bad answers in a row."),
      field<&draft::otherwise>("onFailure", "nothing", "What becomes of a process that is unhealthy."),
  };
  static constexpr section_shape shape{"a health check", keys};
  return shape;
}

template <>
inline const section_shape& section_for<watchdog_draft>() {
  using draft = watchdog_draft;
  static constexpr std::array keys{
      field<&draft::timeout>("timeout", "", "The longest silence; 0: none is too long.", need::required),
      field<&draft::log_pattern>("logPattern", "WATCHDOG=1 as of sd_notify(3)",
                                 "The lines that are signs of life: text, or /text/i."),
      field<&draft::otherwise>("onFailure", "restart", "What becomes of a process that is silent for longer."),
  };
  static constexpr section_shape shape{"a watchdog", keys};
  return shape;
}

template <>
inline const section_shape& section_for<condition_draft>() {
  using draft = condition_draft;
  static constexpr std::array keys{
      field<&draft::log_pattern>("logPattern", "", "A line matches that came after the step began: text, or /text/i."),
      field<&draft::drained>("drained", "", "No TCP connection at this local port is open any more."),
      field<&draft::file_gone>("fileGone", "", "A file is not there."),
      field<&draft::file>("file", "", "A file is there."),
      field<&draft::http>("http", "", "A GET is answered so."),
      field<&draft::exec>("exec", "", "A command ends with code 0; OVRSEER_PID is the process."),
      field<&draft::attempt_timeout>("attemptTimeout", "1s; of exec 10s", "For one question, of http and exec."),
      field<&draft::interval>("interval", "250ms", "Between two questions; not of logPattern."),
  };
  static constexpr section_shape shape{"a stop condition", keys};
  return shape;
}

template <>
inline const section_shape& section_for<stop_step_draft>() {
  using draft = stop_step_draft;
  static constexpr std::array keys{
      field<&draft::signal>("signal", "", "The signal to send; give this or command."),
      field<&draft::command>("command", "", "A command to run; OVRSEER_PID is the process to stop."),
      field<&draft::scope>("scope", "group", "Whom the signal reaches: the process, its group, or all descendants."),
      field<&draft::grace>("grace", "", "How long the end may take before the next step.", need::required),
      field<&draft::until>("until", "the end alone", "What ends the step before its grace as well."),
  };
  static constexpr section_shape shape{"a stop step", keys};
  return shape;
}

template <>
inline const section_shape& section_for<stop_draft>() {
  using draft = stop_draft;
  static constexpr std::array keys{
      field<&draft::signal>("signal", "SIGTERM", "The first signal, to the process group."),
      field<&draft::timeout>("timeout", "10s", "How long the end may take before everything left is killed."),
      field<&draft::steps>("steps", "", "Instead of signal and timeout: steps, tried in order."),
      field<&draft::leave>("leave", "none", "Of its descendants, those to let go on: patterns of command lines."),
  };
  static constexpr section_shape shape{"a stop plan", keys};
  return shape;
}

}  // namespace ovrseer::config_detail
