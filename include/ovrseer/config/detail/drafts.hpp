// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A configuration as it was given, key by key, before defaults and cross checks make a model of it.
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include <ovrseer/async/backoff.hpp>
#include <ovrseer/config/address.hpp>
#include <ovrseer/config/detail/check_drafts.hpp>
#include <ovrseer/config/detail/exporter_drafts.hpp>
#include <ovrseer/config/detail/flag_drafts.hpp>
#include <ovrseer/config/detail/reporter_drafts.hpp>
#include <ovrseer/config/detail/simulation.hpp>
#include <ovrseer/config/detail/sink_drafts.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/detail/words.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/event/journal_file_options.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/log/level.hpp>
#include <ovrseer/log/rotation.hpp>
#include <ovrseer/net/server.hpp>
#include <ovrseer/net/url.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/process/command.hpp>
#include <ovrseer/process/signal.hpp>
#include <ovrseer/process/stop_plan.hpp>
#include <ovrseer/supervise/restart_policy.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer::config_detail {

/// "db" in the namespace that it is written in, or "space/db".
inline unit_id resolved_id(const std::string& written, const std::string& name_space) {
  const std::size_t slash = written.find('/');
  if (slash == std::string::npos) return {name_space, written};
  return {written.substr(0, slash), written.substr(slash + 1)};
}

// Drafts, innermost first.

/// Files of variables, in order.
struct env_files_draft {
  struct file {
    std::filesystem::path path;
    const config_node* node = nullptr;
  };
  std::vector<file> files;
};

struct listen_draft {
  std::optional<server_endpoint> value;
};

struct mask_draft {
  mode_t value = 0;
};

struct intensity_draft {
  given<some_count> restarts;
  given<nanoseconds> period;
};

struct breaker_draft {
  given<nanoseconds> open_for;
  given<nanoseconds> longest;
};

struct restart_draft {
  using short_type = restart_rules::when;
  given<restart_rules::when> type;
  given<any_count> max_retries;
  given<std::vector<exit_code>> codes;
  given<std::vector<signal_number>> signals;
  given<std::vector<exit_code>> success_codes;
  given<std::vector<exit_code>> permanent_codes;
  given<backoff::curve> curve;
  given<nanoseconds> delay;
  given<nanoseconds> max_delay;
  given<factor> growth;
  given<share> jitter;
  given<nanoseconds> stable_after;
  given<intensity_draft> intensity;
  given<any_count> max_restarts;
  given<breaker_draft> breaker;
};

struct give_up_draft {
  using short_type = give_up::action;
  given<give_up::action> action;
  given<exit_code> code;
  given<std::string> run;
};

struct group_draft {
  given<std::string> id;
  given<std::string> within;
  given<strategy_word> strategy;
  given<group_spec::order> order;
  given<intensity_draft> intensity;
  given<group_spec::shutdown> auto_shutdown;
  given<bool> stay_down;
  given<bool> significant;
  given<give_up_draft> when_given_up;
};

struct dependency_draft {
  using short_type = std::string;
  given<std::string> id;
  given<condition_word> condition;
  given<bool> required;
  given<loss_word> on_loss;
  given<return_word> on_return;
  given<pattern_draft> line;
};

/// A list of dependencies, or a mapping of names to conditions.
struct dependencies_draft {
  std::vector<dependency_draft> list;
};

struct log_file_draft {
  using short_type = std::filesystem::path;
  given<std::filesystem::path> path;
  given<byte_size> max_size;
  given<nanoseconds> max_age;
  given<any_count> keep;
  given<log_format> format;
  given<bool> compress;
};

struct log_draft {
  given<byte_size> ring_size;
  given<some_count> ring_lines;
  given<byte_size> line_limit;
  given<any_count> kept_matches;
  given<level> minimum_level;
  given<log_file_draft> file;
};

/// One of `null`, `inherit`, `pipe`, or a file or a text.
struct input_draft {
  enum class word : std::uint8_t { nothing, inherit, pipe };
  word what = word::nothing;
  given<std::filesystem::path> file;
  given<std::string> text;
};
/// One of `pipe`, `inherit`, `null`, `stdout` (of standard error), or a file.
struct output_draft {
  enum class word : std::uint8_t { pipe, inherit, nothing, merged };
  word what = word::pipe;
  given<std::filesystem::path> file;
  given<output_target::file::mode> mode;
};
template <>
struct words_of<input_draft::word> {
  static constexpr std::array<std::string_view, 3> names{"null", "inherit", "pipe"};
};
template <>
struct words_of<output_draft::word> {
  static constexpr std::array<std::string_view, 4> names{"pipe", "inherit", "null", "stdout"};
};

/// `true`, `false`, or a size.
struct terminal_draft {
  using short_type = bool;
  bool is_wanted = true;
  given<whole<1, 65535>> columns;
  given<whole<1, 65535>> rows;
};

struct limits_draft {
  struct one {
    rlim_t soft = RLIM_INFINITY;
    std::optional<rlim_t> hard;
  };
  std::map<int, one> by_resource;
};

struct process_draft {
  given<std::string> id;
  given<ovrseer::role> type;
  given<std::string> description;
  given<program_draft> command;
  given<std::vector<std::string>> args;
  given<std::string> shell;
  given<env_draft> env;
  given<env_files_draft> env_file;
  given<bool> inherit_env;
  given<std::filesystem::path> cwd;
  given<std::string> user;
  given<std::vector<std::string>> groups;
  given<mask_draft> umask;
  given<whole<-20, 19>> nice;
  given<limits_draft> limits;
  given<command::group> process_group;
  given<command::fate> when_supervisor_dies;
  given<dependencies_draft> depends_on;
  given<restart_draft> restart;
  given<bool> one_shot;
  given<std::vector<check_draft>> ready_checks;
  given<std::vector<health_draft>> health_checks;
  given<watchdog_draft> watchdog;
  given<std::string> group;
  given<bool> significant;
  given<whole<-1000, 1000>> priority;
  given<bool> on_demand;
  given<give_up_draft> when_given_up;
  given<stop_draft> stop;
  given<std::vector<flag_draft>> flags;
  given<log_draft> log;
  given<input_draft> input;
  given<output_draft> output;
  given<output_draft> error_output;
  given<terminal_draft> terminal;
  given<nanoseconds> time_limit;
  given<std::vector<std::string>> tags;
  given<std::string> name_space;
  given<bool> disabled;
  given<simulation_draft> simulate;
  const config_node* node = nullptr;
  bool is_broken = false;  ///< nothing is known of it but its name

  /// Whether the process itself, and not the defaults, gives a key.
  bool has_own(const config_node* key_given) const {
    for (const config_node& each : node->keys) {
      if (&each == key_given) return true;
    }
    return false;
  }
};

/// What processes begin with; its table has fewer keys.
struct defaults_draft : process_draft {};

/// Read when the defaults are known: a list of processes, or a mapping of ids to processes.
struct processes_draft {};

struct reports_draft {
  given<bool> enabled;
  given<std::filesystem::path> directory;
  given<any_count> max_count;
  given<byte_size> max_bytes;
  given<any_count> lines;
  given<env_draft> fields;
  given<bool> deployment;
};

/// `always`, `never`, or how long an event may wait.
struct fsync_draft {
  journal_sync value = journal_file_options().sync;
};

struct journal_draft {
  using short_type = std::filesystem::path;
  given<std::filesystem::path> path;
  given<fsync_draft> fsync;
  given<byte_size> max_size;
  given<nanoseconds> max_age;
};

struct metrics_draft {
  given<listen_draft> listen;
  given<std::string> token;
  given<std::string> user;
  given<std::string> password;
  given<host_draft> host;
  given<nanoseconds> idle_for;
  given<some_count> max_series;
};

struct exit_code_draft {
  exit_code_rule::kind what = exit_code_rule::kind::first_failed;
  given<std::string> of;
};

struct shutdown_draft {
  given<nanoseconds> timeout;
};

struct supervisor_draft {
  given<bool> guard;
  given<some_count> max_units;
  given<some_count> journal_events;
};

struct stack_draft {
  given<version_draft> version;
  given<env_files_draft> extends;
  given<std::string> name;
  given<std::string> description;
  given<env_draft> env;
  given<env_files_draft> env_file;
  given<defaults_draft> defaults;
  given<std::vector<group_draft>> groups;
  given<processes_draft> processes;
  given<reports_draft> reports;
  given<std::vector<reporter_draft>> reporters;
  given<std::vector<sink_draft>> sinks;
  given<journal_draft> journal;
  given<metrics_draft> metrics;
  given<std::vector<exporter_draft>> exporters;
  given<remote_flags_draft> remote_flags;
  given<exit_code_draft> exit_code;
  given<shutdown_draft> shutdown;
  given<supervisor_draft> supervisor;
};

// What stands instead of a mapping, and what must hold of a whole one, in short_forms.hpp. Declared before
// anything is read, so that every reading sees them.

bool read_short_form(config_reader& reader, const config_node& node, restart_draft& into);
bool read_short_form(config_reader& reader, const config_node& node, dependency_draft& into);
bool read_short_form(config_reader& reader, const config_node& node, give_up_draft& into);
bool read_short_form(config_reader& reader, const config_node& node, log_file_draft& into);
bool read_short_form(config_reader& reader, const config_node& node, terminal_draft& into);
bool read_short_form(config_reader& reader, const config_node& node, journal_draft& into);
bool check_section(config_reader& reader, const config_node& node, terminal_draft& into);

// The tables, in tables.hpp.

template <>
const section_shape& section_for<intensity_draft>();
template <>
const section_shape& section_for<breaker_draft>();
template <>
const section_shape& section_for<restart_draft>();
template <>
const section_shape& section_for<give_up_draft>();
template <>
const section_shape& section_for<group_draft>();
template <>
const section_shape& section_for<dependency_draft>();
template <>
const section_shape& section_for<log_file_draft>();
template <>
const section_shape& section_for<log_draft>();
template <>
const section_shape& section_for<input_draft>();
template <>
const section_shape& section_for<output_draft>();
template <>
const section_shape& section_for<terminal_draft>();
template <>
const section_shape& section_for<process_draft>();
template <>
const section_shape& section_for<defaults_draft>();
template <>
const section_shape& section_for<reports_draft>();
template <>
const section_shape& section_for<journal_draft>();
template <>
const section_shape& section_for<metrics_draft>();
template <>
const section_shape& section_for<exit_code_draft>();
template <>
const section_shape& section_for<shutdown_draft>();
template <>
const section_shape& section_for<supervisor_draft>();
template <>
const section_shape& section_for<stack_draft>();

}  // namespace ovrseer::config_detail
