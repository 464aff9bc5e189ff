// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Every key of a configuration, with its type, its default and its meaning, a table for each section.
#pragma once

#include <array>
#include <cstddef>

#include <ovrseer/config/detail/check_tables.hpp>
#include <ovrseer/config/detail/drafts.hpp>
#include <ovrseer/config/detail/exporter_tables.hpp>
#include <ovrseer/config/detail/flag_tables.hpp>
#include <ovrseer/config/detail/reporter_tables.hpp>
#include <ovrseer/config/detail/short_forms.hpp>
#include <ovrseer/config/detail/sink_tables.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/detail/value_forms.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

template <>
inline const section_shape& section_for<intensity_draft>() {
  using draft = intensity_draft;
  static constexpr std::array keys{
      field<&draft::restarts>("restarts", "", "Automatic restarts in one period at most.", need::required),
      field<&draft::period>("period", "", "The length of the window.", need::required),
  };
  static constexpr section_shape shape{"an intensity", keys};
  return shape;
}

template <>
inline const section_shape& section_for<breaker_draft>() {
  using draft = breaker_draft;
  static constexpr std::array keys{
      field<&draft::open_for>("openFor", "", "How long it rests before one start is tried.", need::required),
      field<&draft::longest>("longest", "as openFor", "The longest rest; each is twice as long as the one before."),
  };
  static constexpr section_shape shape{"a breaker", keys};
  return shape;
}

template <>
inline const section_shape& section_for<give_up_draft>() {
  using draft = give_up_draft;
  static constexpr std::array keys{
      field<&draft::action>(
          "action", "standard",
          "What becomes of the others; standard: a group is given up as well, a dependency stops all."),
      field<&draft::code>("exitCode", "", "The exit code of the whole, where it stops."),
      field<&draft::run>("run", "none", "A process to start then; make it onDemand."),
  };
  static constexpr section_shape shape{"whenGivenUp", keys};
  return shape;
}

template <>
inline const section_shape& section_for<group_draft>() {
  using draft = group_draft;
  static constexpr std::array keys{
      field<&draft::id>("id", "", "Its name, which its processes give as their group.", need::required),
      field<&draft::within>("within", "none", "The group that it is in."),
      field<&draft::strategy>("strategy", "oneForOne", "Which members are restarted with one that is."),
      field<&draft::order>("startOrder", "dependencies; of restForOne declared", "In which order the members start."),
      field<&draft::intensity>("intensity", "no limit", "More automatic restarts of members, and it is given up."),
      field<&draft::auto_shutdown>("autoShutdown", "never", "Whether it ends with its significant members."),
      field<&draft::stay_down>("stayDown", "false", "Whether the group around it leaves it down when it has ended."),
      field<&draft::significant>("significant", "false", "Whether its end counts for the group around it."),
      field<&draft::when_given_up>("whenGivenUp", "standard", "What follows when it is given up."),
  };
  static constexpr section_shape shape{"a group", keys};
  return shape;
}

template <>
inline const section_shape& section_for<restart_draft>() {
  using draft = restart_draft;
  static constexpr std::array keys{
      field<&draft::type>("type", "on-failure", "After which ends the process is started again."),
      field<&draft::max_retries>("maxRetries", "3", "Restarts in a row until it was stable; 0: no limit."),
      field<&draft::codes>("codes", "all", "Of on-failure: the exit codes worth a restart."),
      field<&draft::signals>("signals", "all", "Of on-failure: the deadly signals worth a restart."),
      field<&draft::success_codes>("successCodes", "none", "Exit codes that count as success beside 0."),
      field<&draft::permanent_codes>("permanentCodes", "none", "Exit codes after which no restart is tried."),
      field<&draft::curve>("backoff", "exponential", "How the delay grows from restart to restart."),
      field<&draft::delay>("delay", "1s", "The delay before the first restart."),
      field<&draft::max_delay>("maxDelay", "30s", "The longest delay."),
      field<&draft::growth>("factor", "2", "Of exponential: how many times longer each delay is than the one before."),
      field<&draft::jitter>("jitter", "0.1", "The share by which a delay is shortened at random."),
      field<&draft::stable_after>("stableAfter", "30s", "Ready for this long, retries and delay begin anew."),
      field<&draft::intensity>("intensity", "no limit", "A bound on restarts in a window of time, stable or not."),
      field<&draft::max_restarts>("maxRestarts", "no limit", "Restarts in its whole life; 0: no limit."),
      field<&draft::breaker>("breaker", "none", "Instead of giving up: rest, and try one start from time to time."),
  };
  static constexpr std::array<key_hint, 1> hints{
      {{"restarts", "\"restarts\" belongs in \"intensity\", and \"maxRetries\" bounds those in a row"}}};
  static constexpr section_shape shape{"a restart policy", keys, hints};
  return shape;
}

template <>
inline const section_shape& section_for<dependency_draft>() {
  using draft = dependency_draft;
  static constexpr std::array keys{
      field<&draft::id>("id", "", "The process to wait for; namespace/id for one of another namespace."),
      field<&draft::condition>("condition", "ready; of one that is oneShot completedSuccessfully",
                               "What must hold of it."),
      field<&draft::required>("required", "true", "Whether this process is skipped where the other cannot be had."),
      field<&draft::on_loss>("onLoss", "hold", "What this process does when the condition is lost while it runs."),
      field<&draft::on_return>("onReturn", "nothing", "What it does when the condition holds again."),
      field<&draft::line>("logPattern", "", "The line to wait for: text, or /text/i; the condition is logLine then."),
  };
  static constexpr section_shape shape{"a dependency", keys};
  return shape;
}

template <>
inline const section_shape& section_for<log_file_draft>() {
  using draft = log_file_draft;
  static constexpr std::array keys{
      field<&draft::path>("path", "", "The file; old ones stand beside it.", need::required),
      field<&draft::max_size>("maxSize", "10MiB", "A new file is begun before this one grows beyond; 0: no limit."),
      field<&draft::max_age>("maxAge", "no limit", "A new file is begun when this one is older."),
      field<&draft::keep>("keep", "5", "The old files at most, beside the one in use; 0: none."),
      field<&draft::format>("format", "text", "The lines as they came, with time and stream, or as JSON."),
      field<&draft::compress>("compress", "false", "Whether old files are compressed, to names that end in .gz."),
  };
  static constexpr section_shape shape{"a log file", keys};
  return shape;
}

template <>
inline const section_shape& section_for<log_draft>() {
  using draft = log_draft;
  static constexpr std::array keys{
      field<&draft::ring_size>("ringSize", "256KiB", "The text of the log that is kept in memory."),
      field<&draft::ring_lines>("ringLines", "1000", "The lines of it that are kept in memory."),
      field<&draft::line_limit>("lineLimit", "64KiB", "Longer lines are split and marked."),
      field<&draft::kept_matches>("keptMatches", "100", "The newest matches that each flag keeps with their text."),
      field<&draft::minimum_level>("minimumLevel", "all lines",
                                   "Lines below it are counted and not kept; flags and checks see them all the same."),
      field<&draft::file>("file", "none", "A file to write the lines to as well."),
  };
  static constexpr std::array<key_hint, 6> hints{{{"path", "\"path\" belongs in \"file\""},
                                                  {"maxSize", "\"maxSize\" belongs in \"file\""},
                                                  {"maxAge", "\"maxAge\" belongs in \"file\""},
                                                  {"keep", "\"keep\" belongs in \"file\""},
                                                  {"format", "\"format\" belongs in \"file\""},
                                                  {"compress", "\"compress\" belongs in \"file\""}}};
  static constexpr section_shape shape{"a log", keys, hints};
  return shape;
}

template <>
inline const section_shape& section_for<input_draft>() {
  using draft = input_draft;
  static constexpr std::array keys{
      field<&draft::file>("file", "", "A file to read from."),
      field<&draft::text>("text", "", "A text to read."),
  };
  static constexpr section_shape shape{"an input", keys};
  return shape;
}

template <>
inline const section_shape& section_for<output_draft>() {
  using draft = output_draft;
  static constexpr std::array keys{
      field<&draft::file>("file", "", "A file to write to, past the log.", need::required),
      field<&draft::mode>("mode", "append", "What becomes of its content."),
  };
  static constexpr section_shape shape{"an output", keys};
  return shape;
}

template <>
inline const section_shape& section_for<terminal_draft>() {
  using draft = terminal_draft;
  static constexpr std::array keys{
      field<&draft::columns>("columns", "80", "How many characters a line has."),
      field<&draft::rows>("rows", "24", "How many lines it has."),
  };
  static constexpr section_shape shape{"a terminal", keys};
  return shape;
}

/// The keys of a process that may stand in the defaults as well.
inline constexpr std::array shared_keys{
    field<&process_draft::type>("type", "main",
                                "What the process is for: a dependency of others, a main one, or cleanup."),
    field<&process_draft::inherit_env>("inheritEnv", "true", "Whether it begins with the supervisor's environment."),
    field<&process_draft::cwd>("cwd", "the folder of the configuration", "Its working directory."),
    field<&process_draft::user>("user", "the supervisor's", "Its user, by name or number."),
    field<&process_draft::groups>("groups", "the user's", "Its groups, the primary one first, by name or number."),
    field<&process_draft::umask>("umask", "the supervisor's", "Permissions that its new files do not get, in octal."),
    field<&process_draft::nice>("nice", "0", "Added to its scheduling priority; lower is more favoured."),
    field<&process_draft::limits>("limits", "the supervisor's",
                                  "Resource limits as of setrlimit(2): soft, or { soft, hard }."),
    field<&process_draft::process_group>("processGroup", "own",
                                         "Whether it leads a group, a session, or stays in ours."),
    field<&process_draft::when_supervisor_dies>("onSupervisorDeath", "kill",
                                                "What becomes of it when the supervisor is killed."),
    field<&process_draft::restart>("restartPolicy", "on-failure", "When it is started again after its end."),
    field<&process_draft::watchdog>("watchdog", "none", "The sign of life that it must give once it is ready."),
    field<&process_draft::stop>("stop", "SIGTERM, after 10s SIGKILL", "How it is stopped."),
    field<&process_draft::flags>("flags", "none", "Patterns over its lines that are counted and told."),
    field<&process_draft::log>("log", "", "How much of its output is kept, and where."),
    field<&process_draft::input>("stdin", "null", "Where its standard input comes from."),
    field<&process_draft::output>("stdout", "pipe",
                                  "Where its standard output goes; only what is piped is in the log."),
    field<&process_draft::error_output>("stderr", "pipe", "Where its standard error goes."),
    field<&process_draft::terminal>("terminal", "false", "A terminal of its own in place of stdin, stdout and stderr."),
    field<&process_draft::time_limit>("timeLimit", "5s", "Of cleanup: how long it may take before it is killed."),
    field<&process_draft::tags>("tags", "none", "Words to choose processes by."),
    field<&process_draft::name_space>("namespace", "default", "Ids are unique in it."),
    field<&process_draft::group>("group", "none", "The group that it is restarted and given up with."),
    field<&process_draft::priority>("priority", "0", "Where the dependencies leave the choice, lower ones stop first."),
    field<&process_draft::when_given_up>("whenGivenUp", "standard", "What follows when it is given up."),
    field<&process_draft::simulate>("simulate", "", "How it behaves in a rehearsal; nothing else looks at it."),
};

inline constexpr std::array own_keys{
    field<&process_draft::id>("id", "", "Its name: letters, digits, _ . - and at most 63 of them.", need::optional),
    field<&process_draft::description>("description", "", "A sentence for people."),
    field<&process_draft::command>("command", "",
                                   "The program, looked up in PATH; or a list of program and arguments."),
    field<&process_draft::args>("args", "none", "The arguments."),
    field<&process_draft::shell>("shell", "", "A line for /bin/sh -c instead of command."),
    field<&process_draft::env>("env", "none", "Variables of its environment; null removes one."),
    field<&process_draft::env_file>("envFile", "none", "Files of variables, below env and above all others."),
    field<&process_draft::depends_on>("dependsOn", "of a main: all dependencies",
                                      "What it waits for, and for what of it."),
    field<&process_draft::one_shot>("oneShot", "false", "Whether it is expected to end: others wait for its success."),
    field<&process_draft::ready_checks>("readyChecks", "none: ready when started",
                                        "All must pass before it counts as ready."),
    field<&process_draft::health_checks>("healthChecks", "none",
                                         "Asked while it runs: all must pass for it to be healthy."),
    field<&process_draft::significant>("significant", "false", "Whether its group ends with it."),
    field<&process_draft::on_demand>("onDemand", "false", "Whether it starts only when it is asked for."),
    field<&process_draft::disabled>("disabled", "false", "Whether it is left out."),
};

template <>
inline const section_shape& section_for<process_draft>() {
  static constexpr auto keys = joined(own_keys, shared_keys);
  static constexpr section_shape shape{"a process", keys};
  return shape;
}

template <>
inline const section_shape& section_for<defaults_draft>() {
  static constexpr std::array<key_hint, 4> hints{
      {{"env", "variables for all processes belong in \"env\" at the top"},
       {"envFile", "files for all processes belong in \"envFile\" at the top"},
       {"readyChecks", "each process has its own ready checks"},
       {"healthChecks", "each process has its own health checks"}}};
  static constexpr section_shape shape{"defaults", shared_keys, hints};
  return shape;
}

template <>
inline const section_shape& section_for<reports_draft>() {
  using draft = reports_draft;
  static constexpr std::array keys{
      field<&draft::enabled>("enabled", "true", "Whether crash reports are written."),
      field<&draft::directory>("directory", "$TMPDIR/ovrseer/crash-reports", "The folder they are written to."),
      field<&draft::max_count>("maxCount", "100", "The reports at most, the oldest go first; 0: no limit."),
      field<&draft::max_bytes>("maxBytes", "64MiB", "The size of all reports together; 0: no limit."),
      field<&draft::lines>("lines", "100", "The last lines of the log in a report."),
      field<&draft::fields>("fields", "none", "What each report tells besides, by name: region: eu-1."),
      field<&draft::deployment>("deployment", "true",
                                "Whether reports tell the host, container, region, version and commit, where known."),
  };
  static constexpr section_shape shape{"reports", keys};
  return shape;
}

template <>
inline const section_shape& section_for<journal_draft>() {
  using draft = journal_draft;
  static constexpr std::array keys{
      field<&draft::path>("path", "", "The folder that every event is written to.", need::required),
      field<&draft::fsync>("fsync", "1s", "When an event must have reached the disk: always, never, or after so long."),
      field<&draft::max_size>("maxSize", "256MiB", "The size of all its files, the oldest go first; 0: no limit."),
      field<&draft::max_age>("maxAge", "no limit", "Files whose events are all older go; 0: no limit."),
  };
  static constexpr section_shape shape{"a journal", keys};
  return shape;
}

template <>
inline const section_shape& section_for<metrics_draft>() {
  using draft = metrics_draft;
  static constexpr std::array keys{
      field<&draft::listen>("listen", "127.0.0.1:${PROMETHEUS_PORT}", "Where /metrics, /health and /ready are served."),
      field<&draft::token>("token", "none", "A bearer token that /metrics asks for."),
      field<&draft::user>("user", "none", "A user that /metrics asks for, instead of a token."),
      field<&draft::password>("password", "none", "The user's."),
      field<&draft::host>("host", "true", "Whether the machine is measured: processors, memory, load, file systems."),
      field<&draft::idle_for>("idleFor", "0",
                              "Counters with labels that rest so long go until they count again; 0: none."),
      field<&draft::max_series>("maxSeries", "2000", "The series of one metric; more are counted, not shown."),
  };
  static constexpr section_shape shape{"metrics", keys};
  return shape;
}

template <>
inline const section_shape& section_for<exit_code_draft>() {
  using draft = exit_code_draft;
  static constexpr std::array keys{
      field<&draft::of>("of", "", "The main process whose code is taken.", need::required),
  };
  static constexpr section_shape shape{"exitCode", keys};
  return shape;
}

template <>
inline const section_shape& section_for<shutdown_draft>() {
  using draft = shutdown_draft;
  static constexpr std::array keys{
      field<&draft::timeout>("timeout", "no limit", "A stop of everything that takes longer is forced."),
  };
  static constexpr section_shape shape{"shutdown", keys};
  return shape;
}

template <>
inline const section_shape& section_for<supervisor_draft>() {
  using draft = supervisor_draft;
  static constexpr std::array keys{
      field<&draft::guard>("guard", "true", "Whether a small process ends the children when the supervisor is killed."),
      field<&draft::max_units>("maxUnits", "1000", "Processes at most."),
      field<&draft::journal_events>("journalEvents", "65536", "Events that are kept in memory."),
  };
  static constexpr section_shape shape{"supervisor", keys};
  return shape;
}

template <>
inline const section_shape& section_for<stack_draft>() {
  using draft = stack_draft;
  static constexpr std::array keys{
      field<&draft::version>("version", "1", "The version of this format."),
      field<&draft::extends>("extends", "none", "Files whose keys hold where this one says nothing; later ones win."),
      field<&draft::name>("name", "the folder's", "What the stack is called."),
      field<&draft::description>("description", "", "A sentence for people."),
      field<&draft::env>("env", "none", "Variables for every process; null removes one."),
      field<&draft::env_file>("envFile", "none",
                              "Files of variables for ${...} and for every process; the environment wins."),
      field<&draft::defaults>("defaults", "", "Keys that every process begins with."),
      field<&draft::groups>("groups", "none", "Groups of processes that are restarted and given up together."),
      field<&draft::processes>("processes", "", "What to run: a list, or a mapping of ids.", need::required),
      field<&draft::reports>("reports", "", "Crash reports."),
      field<&draft::reporters>("reporters", "none", "Who is told of crashes."),
      field<&draft::sinks>("sinks", "none", "Where lines and events go."),
      field<&draft::journal>("journal", "in memory alone", "The journal of events on disk."),
      field<&draft::metrics>("metrics", "", "What is measured, and where /metrics is served."),
      field<&draft::exporters>("exporters", "none", "Who is sent the metrics."),
      field<&draft::remote_flags>("remoteFlags", "none", "Where more flags are defined, which may change at any time."),
      field<&draft::exit_code>("exitCode", "first-failed", "Which process decides the exit code of the whole."),
      field<&draft::shutdown>("shutdown", "", "The stop of everything."),
      field<&draft::supervisor>("supervisor", "", "Bounds of the supervisor itself."),
  };
  static constexpr section_shape shape{"the configuration", keys};
  return shape;
}

}  // namespace ovrseer::config_detail
