// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the command line asks for, apart from how it is parsed: the commands know nothing of the parser.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "console.hpp"

namespace program {

/// The exit codes that are no unit's own.
enum exit_code : int { success = 0, nothing_found = 1, usage = 2 };

enum class output_form : std::uint8_t { text, json };

struct stack_options {
  std::string file;  ///< empty: look in the current folder
  output_form form = output_form::text;
  color_choice colors = color_choice::automatic;
  std::optional<std::string> only;  ///< the units of this expression and what they need; nothing: all
};

struct plan_options {
  enum class language : std::uint8_t { text, json, dot, mermaid };
  stack_options stack;
  std::optional<std::string> against;  ///< the configuration before: what the change from it does
  language as = language::text;
};

struct list_options {
  stack_options stack;
  std::string which = "*";  ///< an expression
};

struct send_test_options {
  stack_options stack;
  std::optional<std::string> name;  ///< of a reporter; nothing: all
};

struct dead_options {
  enum class action : std::uint8_t { list, send, forget };
  stack_options stack;
  std::optional<std::string> name;  ///< of a reporter; nothing: all
  action what = action::list;
};

struct simulate_options {
  stack_options stack;
  std::string duration = "1h";
  std::uint64_t seed = 1;
  std::vector<std::string> crashes;  ///< as `ovrseer::parse_fault` reads them
  std::vector<std::string> failing_starts;
  std::vector<std::string> hangs;
  std::string least_availability;  ///< per cent; empty: any
  bool is_quiet = false;           ///< the verdict alone
};

struct grep_options {
  std::vector<std::string> patterns;  ///< "text", "/text/flags" or "name=…" of those
  std::vector<std::string> files;     ///< empty or "-": standard input
  bool ignores_case = false;
  bool counts = false;
  bool inverts = false;
  bool numbers_lines = false;
  bool explains = false;  ///< says what the patterns cost, and searches nothing
  std::size_t before = 0;
  std::size_t after = 0;
  output_form form = output_form::text;
  color_choice colors = color_choice::automatic;
};

struct journal_options {
  std::string folder;                   ///< empty: as the configuration says
  std::string file;                     ///< the configuration; empty: look in the current folder
  std::vector<std::string> units;       ///< only these; empty: all
  std::vector<std::string> types;       ///< the same
  std::string severity;                 ///< at least; empty: all
  std::string since;                    ///< a moment, or how long ago; empty: from the beginning
  std::string until;                    ///< the same; empty: to the end
  std::string boot;                     ///< the beginning of a boot id, or "last"; empty: every life
  std::string at;                       ///< the state at an event or a moment instead of events
  std::vector<std::string> difference;  ///< two such places: what changed between them
  std::string export_to;                ///< a file for the events instead of the terminal
  output_form form = output_form::text;
  color_choice colors = color_choice::automatic;
};

int run_up(const stack_options& options);
int run_check(const stack_options& options);
int run_plan(const plan_options& options);
int run_change(const plan_options& options);
int run_list(const list_options& options);
int run_simulate(const simulate_options& options);
int run_grep(const grep_options& options);
int run_journal(const journal_options& options);
int run_send_test(const send_test_options& options);
int run_dead(const dead_options& options);
int run_schema();

}  // namespace program
