// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a process is asked and how it is stopped, as a configuration gives it, key by key: checks, watchdogs, conditions.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ovrseer/config/address.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/detail/words.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/process/signal.hpp>
#include <ovrseer/process/stop_plan.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer::config_detail {

using std::chrono::nanoseconds;

/// Names with values; of a name without one, `null`, the value is removed.
struct env_draft {
  std::map<std::string, std::optional<std::string>> values;
};

struct pattern_draft {
  std::optional<pattern<>> value;
};

/// `command:` of a process: a program, or a list of the program and its arguments.
struct program_draft {
  std::vector<std::string> words;
};

/// A program with its arguments, or a line for the shell.
struct command_line_draft {
  using short_type = program_draft;
  given<std::string> command;
  given<std::vector<std::string>> args;
  given<std::string> shell;
};

/// One status, or the first and the last of a range.
struct status_draft {
  int first = 200;
  int last = 399;
};

struct http_draft {
  using short_type = std::string;
  given<std::string> url;
  given<status_draft> status;
  given<pattern_draft> body;
  given<env_draft> headers;
};

struct file_check_draft {
  using short_type = std::filesystem::path;
  given<std::filesystem::path> path;
  given<bool> non_empty;
  given<bool> newer_than_start;
  given<pattern_draft> content;
};

struct check_draft {
  given<pattern_draft> log_pattern;
  given<peer_address> tcp;
  given<http_draft> http;
  given<command_line_draft> exec;
  given<file_check_draft> file;
  given<bool> notify;
  given<nanoseconds> timeout;
  given<nanoseconds> attempt_timeout;
  given<nanoseconds> interval;
  given<nanoseconds> initial_delay;
  given<some_count> success_threshold;
  given<some_count> failure_threshold;
  given<bool> pass_if_not_found;
};

/// A question as of a ready check, asked for as long as the process runs.
struct health_draft {
  given<peer_address> tcp;
  given<http_draft> http;
  given<command_line_draft> exec;
  given<file_check_draft> file;
  given<nanoseconds> attempt_timeout;
  given<nanoseconds> interval;
  given<nanoseconds> relax_to;
  given<nanoseconds> initial_delay;
  given<some_count> success_threshold;
  given<some_count> failure_threshold;
  given<health_watch::action> otherwise;
};

/// The sign of life that a process must give: by the notify protocol, or by a line.
struct watchdog_draft {
  using short_type = nanoseconds;
  given<nanoseconds> timeout;
  given<pattern_draft> log_pattern;
  given<health_watch::action> otherwise;
};

/// What a step of a stop waits for, beside the end of the process.
struct condition_draft {
  given<pattern_draft> log_pattern;
  given<whole<1, 65535>> drained;
  given<std::filesystem::path> file_gone;
  given<file_check_draft> file;
  given<http_draft> http;
  given<command_line_draft> exec;
  given<nanoseconds> attempt_timeout;
  given<nanoseconds> interval;
};

struct stop_step_draft {
  given<signal_number> signal;
  given<command_line_draft> command;
  given<stop_scope> scope;
  given<nanoseconds> grace;
  given<condition_draft> until;
};

struct stop_draft {
  using short_type = signal_number;
  given<signal_number> signal;
  given<nanoseconds> timeout;
  given<std::vector<stop_step_draft>> steps;
  given<std::vector<pattern_draft>> leave;
};

// What stands instead of a mapping, and what must hold of a whole one, in short_forms.hpp. Declared before
// anything is read, so that every reading sees them.

bool read_short_form(config_reader& reader, const config_node& node, command_line_draft& into);
bool check_section(config_reader& reader, const config_node& node, const command_line_draft& read);
bool read_short_form(config_reader& reader, const config_node& node, http_draft& into);
bool read_short_form(config_reader& reader, const config_node& node, file_check_draft& into);
bool check_section(config_reader& reader, const config_node& node, const check_draft& read);
bool check_section(config_reader& reader, const config_node& node, const health_draft& read);
bool read_short_form(config_reader& reader, const config_node& node, watchdog_draft& into);
bool check_section(config_reader& reader, const config_node& node, const condition_draft& read);
bool check_section(config_reader& reader, const config_node& node, const stop_step_draft& read);
bool read_short_form(config_reader& reader, const config_node& node, stop_draft& into);
bool check_section(config_reader& reader, const config_node& node, stop_draft& into);

// The tables, in check_tables.hpp.

template <>
const section_shape& section_for<command_line_draft>();
template <>
const section_shape& section_for<http_draft>();
template <>
const section_shape& section_for<file_check_draft>();
template <>
const section_shape& section_for<check_draft>();
template <>
const section_shape& section_for<health_draft>();
template <>
const section_shape& section_for<watchdog_draft>();
template <>
const section_shape& section_for<condition_draft>();
template <>
const section_shape& section_for<stop_step_draft>();
template <>
const section_shape& section_for<stop_draft>();

}  // namespace ovrseer::config_detail
