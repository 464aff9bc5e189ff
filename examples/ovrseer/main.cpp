// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The command line of the ovrseer program.
#include <iostream>
#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include <fmt/core.h>
#include <asio/version.hpp>

#include <ovrseer/process/guard.hpp>
#include <ovrseer/version.hpp>

#include "options.hpp"

namespace {

using program::color_choice;
using program::output_form;

void add_common(CLI::App& command, color_choice& colors, output_form& form) {
  static const std::map<std::string, color_choice> choices{
      {"auto", color_choice::automatic}, {"always", color_choice::always}, {"never", color_choice::never}};
  command.add_option("--color", colors, "auto (on a terminal), always or never")
      ->transform(CLI::CheckedTransformer(choices, CLI::ignore_case).description("WHEN"));
  command.add_flag_callback("--json", [&form] { form = output_form::json; }, "JSON lines instead of text");
}

CLI::App* add_stack_command(CLI::App& app, const char* name, const char* what, program::stack_options& options) {
  CLI::App* command = app.add_subcommand(name, what);
  auto* flag =
      command->add_option("-f,--file", options.file, "the configuration (default: ovrseer.yml, .yaml or .json)");
  command->add_option("configuration", options.file, "the same without -f")->excludes(flag);
  add_common(*command, options.colors, options.form);
  return command;
}

void add_only(CLI::App& command, program::stack_options& options) {
  command.add_option("--only", options.only, "the units that this expression means, and what they need")
      ->type_name("EXPRESSION");
}

std::string version_text() {
  return fmt::format("ovrseer {} (Asio {}.{}.{}, fmt {}.{}.{})", ovrseer::version, ASIO_VERSION / 100000,
                     ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100, FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                     FMT_VERSION % 100);
}

constexpr const char* expressions = R"(
An expression has not, and, or, parentheses and
  api  api-*  shop/api          names; * stands for any characters here and below
  namespace:shop  tag:web  role:dependency
  group:web                     in the group or in one within it)";

constexpr const char* no_unit = R"(
Exit codes: 0; 1 where the expression means no unit; 2 wrong usage or configuration.)";

constexpr const char* exit_codes = R"(
Exit codes: 0 all went well; a main unit's own code, or 128 + n when signal n ended it; 2 wrong usage or
configuration; 3 something needed did not start; 4 something needed was given up; 130 forced by a
second Ctrl-C.)";

}  // namespace

int main(int argc, char** argv) {
  ovrseer::become_guard_if_asked();

  CLI::App app("ovrseer runs programs that depend on each other: starts them in order, keeps them up, stops them.");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text());
  app.footer(std::string(R"(
Examples:
  ovrseer up                         run what ./ovrseer.yml says
  ovrseer up -f stack.yml            run another configuration
  ovrseer check stack.yml            every error of a configuration at once
  ovrseer plan stack.yml             orders and worst-case times, without starting anything
  ovrseer list 'tag:web'             units by name, group, tag and role
  ovrseer simulate stack.yml --for 30d --crash 'db@5m x3'
                                     what would happen, in virtual time, without starting anything
  ovrseer grep -i 'error|fatal' app.log
  ovrseer journal --at 10m           every unit as it was ten minutes ago)") +
             exit_codes);

  program::stack_options stack;
  program::simulate_options play;
  program::grep_options grep;
  int code = program::success;

  CLI::App* up = add_stack_command(app, "up", "start everything, show its lines, stop it on Ctrl-C", stack);
  add_only(*up, stack);
  up->footer(std::string(R"(
Examples:
  ovrseer up
  ovrseer up -f stack.yml --json | jq .
  ovrseer up --only tag:web          these, and what they need; see ovrseer list
Ctrl-C stops in reverse order and runs the cleanup units; a second Ctrl-C kills.
SIGHUP reads the configuration again: who is new, gone or changed is started, stopped or restarted, the others
go on; a configuration with an error changes nothing. See what it would do with: ovrseer plan --against OLD.yml)") +
             exit_codes);
  up->callback([&] { code = program::run_up(stack); });

  CLI::App* check = add_stack_command(app, "check", "report every error of a configuration", stack);
  check->footer("\nExample:\n  ovrseer check stack.yml && echo fine\nExit code 2 where there is an error.");
  check->callback([&] { code = program::run_check(stack); });

  program::plan_options planned;
  CLI::App* plan = add_stack_command(app, "plan", "show orders, dependents and worst-case times", planned.stack);
  add_only(*plan, planned.stack);
  plan->add_option("--against", planned.against, "the configuration before: show what the change from it does")
      ->type_name("FILE")
      ->excludes("--only");
  using language = program::plan_options::language;
  static const std::map<std::string, language> languages{
      {"text", language::text}, {"json", language::json}, {"dot", language::dot}, {"mermaid", language::mermaid}};
  plan->add_option("--format", planned.as, "text, json, or the graph in dot (Graphviz) or mermaid")
      ->transform(CLI::CheckedTransformer(languages).description("FORMAT"))
      ->excludes("--json");
  plan->footer(std::string(R"(
Examples:
  ovrseer plan stack.yml
  ovrseer plan --only 'tag:web and not group:db'
  ovrseer plan --format dot | dot -Tsvg > stack.svg
  ovrseer plan --format mermaid      for Markdown
  git show HEAD:ovrseer.yml > old.yml && ovrseer plan --against old.yml
                                     who comes, goes and restarts by what is not committed yet)") +
               expressions + no_unit);
  plan->callback([&] {
    const bool is_drawn = planned.as == language::dot || planned.as == language::mermaid;
    if (planned.against && is_drawn) throw CLI::ValidationError("--against", "takes --format text or json");
    code = planned.against ? program::run_change(planned) : program::run_plan(planned);
  });

  program::list_options listed;
  CLI::App* list = app.add_subcommand("list", "show units with role, group, tags and what they wait for");
  list->add_option("expression", listed.which, "only the units that it means (default: all)");
  list->add_option("-f,--file", listed.stack.file, "the configuration (default: ovrseer.yml, .yaml or .json)");
  add_common(*list, listed.stack.colors, listed.stack.form);
  list->footer(std::string(R"(
Examples:
  ovrseer list
  ovrseer list 'tag:web and not group:db'
  ovrseer list role:dependency --json | jq -r .unit)") +
               expressions + no_unit);
  list->callback([&] { code = program::run_list(listed); });

  program::send_test_options tested;
  CLI::App* send_test =
      app.add_subcommand("send-test", "send a test to reporters, exporters and sinks and say what came back");
  send_test->add_option("name", tested.name, "the id of a reporter, an exporter or a sink (default: all)");
  send_test->add_option("-f,--file", tested.stack.file, "the configuration (default: ovrseer.yml, .yaml or .json)");
  add_common(*send_test, tested.stack.colors, tested.stack.form);
  send_test->footer(R"(
Sends one report to a reporter (and its recovery to one that keeps incidents), the metric ovrseer_send_test to an exporter,
one line and one event of the unit ovrseer-test to a sink: without retries, so that a failure is the receiver's own word. By
datagrams only a machine where nobody listens says so. A file of metrics has that one alone until the next export of a program
that runs.

Examples:
  ovrseer send-test
  ovrseer send-test ops
  ovrseer send-test -f stack.yml --json | jq -r 'select(.delivered | not) | .failure'
Exit codes: 0 all were delivered; 1 one was not; 2 wrong usage or configuration.)");
  send_test->callback([&] { code = program::run_send_test(tested); });

  program::dead_options refused;
  CLI::App* dead = app.add_subcommand("dead", "show the reports that a receiver refused for good; send or forget them");
  dead->add_option("reporter", refused.name, "the id of a reporter with an outbox (default: all)");
  dead->add_option("-f,--file", refused.stack.file, "the configuration (default: ovrseer.yml, .yaml or .json)");
  auto* again = dead->add_flag_callback(
      "--send", [&] { refused.what = program::dead_options::action::send; },
      "send each once more; what is delivered is forgotten");
  dead->add_flag_callback(
          "--forget", [&] { refused.what = program::dead_options::action::forget; }, "forget them")
      ->excludes(again);
  add_common(*dead, refused.stack.colors, refused.stack.form);
  dead->footer(R"(
It may be asked while the supervisor runs.

Examples:
  ovrseer dead
  ovrseer dead page --send
  ovrseer dead --json | jq -r .reason

Exit codes: 0; 1 where some were refused again; 2 wrong usage or configuration, or no outbox.)");
  dead->callback([&] { code = program::run_dead(refused); });

  CLI::App* simulate =
      add_stack_command(app, "simulate", "play it in virtual time, with faults, and judge", play.stack);
  simulate->add_option("--for", play.duration, "how long it runs before it is stopped (default 1h)")->type_name("TIME");
  simulate->add_option("--seed", play.seed, "all chance comes from it (default 1): same seed, same output");
  simulate->add_option("--crash", play.crashes, "UNIT@TIME [xN] or UNIT~MEAN, [code=N | signal=NAME]; repeatable")
      ->type_name("FAULT")
      ->allow_extra_args(false);
  simulate->add_option("--fail-start", play.failing_starts, "UNIT[@TIME] [xN]: starts that fail; repeatable")
      ->type_name("FAULT")
      ->allow_extra_args(false);
  simulate->add_option("--hang", play.hangs, "UNIT@TIME [xN] or UNIT~MEAN: answers nothing but SIGKILL; repeatable")
      ->type_name("FAULT")
      ->allow_extra_args(false);
  simulate
      ->add_option("--require", play.least_availability,
                   "the availability of each service, such as 99.9, or it is not ok")
      ->type_name("PERCENT");
  simulate->add_flag("-q,--quiet", play.is_quiet, "the verdict alone");
  simulate->footer(R"(
Processes, ports, files and HTTP answers are simulated: nothing of the configuration is run or touched. A
process comes up after about a second, then does what its checks wait for, runs until it is stopped, and ends
within 100ms of a signal of its stop plan; one-shot and cleanup units end after a second. The key "simulate"
of a process says otherwise: startTime, runsFor, exitCode, stopTime, ignores, lines, memory, crash.

Examples:
  ovrseer simulate stack.yml
  ovrseer simulate stack.yml --for 30d --crash 'db@5m x3'    three crashes in a row, after five minutes
  ovrseer simulate stack.yml --for 30d --crash 'worker~1h'   at random, one an hour on the average
  ovrseer simulate stack.yml --crash 'api@10m signal=SIGSEGV' --fail-start 'db x2'
  ovrseer simulate stack.yml --hang 'api@10m' --seed 7       a stop that needs SIGKILL
  ovrseer simulate stack.yml --for 30d --crash 'worker~1h' --require 99.9 --quiet && echo fine
  ovrseer simulate stack.yml --json | jq -c 'select(.type == "crashed")'
Exit codes: 0 the verdict is ok; 1 it is not; 2 wrong usage or configuration.)");
  simulate->callback([&] { code = program::run_simulate(play); });

  CLI::App* search = app.add_subcommand("grep", "find lines by the patterns that flags use");
  search->add_option("-e,--pattern", grep.patterns, "a pattern: text, /text/flags, or name=… of those; repeatable");
  std::vector<std::string> words;
  search->add_option("words", words, "PATTERN (unless -e is given), then files, also .gz; - or none is standard input");
  search->add_flag("-i,--ignore-case", grep.ignores_case, "ASCII letters match in both cases");
  search->add_flag("-c,--count", grep.counts, "print the number of lines that match, for each file");
  search->add_flag("-v,--invert-match", grep.inverts, "the lines that match no pattern");
  search->add_flag("-n,--line-number", grep.numbers_lines, "print the number of each line");
  search->add_flag("--explain", grep.explains,
                   "say what is looked for, how it is decided and what is dear; search nothing");
  search->add_option("-B,--before-context", grep.before, "lines before each match");
  search->add_option("-A,--after-context", grep.after, "lines after each match");
  std::size_t around = 0;
  search->add_option("-C,--context", around, "lines before and after each match");
  add_common(*search, grep.colors, grep.form);
  search->footer(R"(
Examples:
  ovrseer grep 'query took \d{4,}ms' api.log
  ovrseer grep -e 'slow=took \d{4,}ms' -e 'bad=/error|fatal/i' -C 2 *.log
  journalctl -f | ovrseer grep -i 'out of memory'
  ovrseer grep --explain 'error.*refused'
Exit code 0 where a line matched, 1 where none did, 2 for wrong usage or a file that cannot be read.)");
  search->callback([&] {
    if (grep.patterns.empty()) {
      if (words.empty()) throw CLI::RequiredError("PATTERN");
      grep.patterns.push_back(words.front());
      words.erase(words.begin());
    }
    grep.files = words;
    grep.before = std::max(grep.before, around);
    grep.after = std::max(grep.after, around);
    code = program::run_grep(grep);
  });

  program::journal_options past;
  CLI::App* journal = app.add_subcommand("journal", "show the events of a journal on disk, and past states");
  auto* folder =
      journal->add_option("folder", past.folder, "the journal's folder (default: as the configuration says)");
  journal->add_option("-f,--file", past.file, "the configuration (default: ovrseer.yml, .yaml or .json)")
      ->excludes(folder);
  journal->add_option("-u,--unit", past.units, "only events of this unit; repeatable")->allow_extra_args(false);
  journal->add_option("-t,--type", past.types, "only events of this type, such as crashed; repeatable")
      ->allow_extra_args(false);
  journal->add_option("--severity", past.severity, "at least this: debug, info, warning, error or critical");
  journal->add_option("--since", past.since, "not before: 2024-01-31, 2024-01-31T09:30 (UTC), or 10m for so long ago");
  journal->add_option("--until", past.until, "not after; as --since");
  journal->add_option("--boot", past.boot, "one life of the supervisor: the beginning of its id, or last");
  auto* at = journal->add_option("--at", past.at, "the state after the event of this number, or at this time, or end");
  auto* diff = journal->add_option("--diff", past.difference, "what changed between two of these")->expected(2);
  auto* file = journal->add_option("--export", past.export_to, "write the events to this file, a line of JSON each");
  at->excludes(diff)->excludes(file);
  diff->excludes(file);
  add_common(*journal, past.colors, past.form);
  journal->footer(R"(
Examples:
  ovrseer journal --unit api --severity warning --since 1h
  ovrseer journal /var/lib/shop/journal --boot last --json | jq .
  ovrseer journal --at 2024-01-31T09:30        every unit as it was at half past nine, UTC
  ovrseer journal --diff 120 end               what has changed since event 120 of the last life
  ovrseer journal --export events.jsonl
A number without --boot means an event of the last life. It may be run beside the supervisor that writes.
Exit code 0 where an event was shown, 1 where none was chosen, 2 for wrong usage or a journal that cannot be read.)");
  journal->callback([&] { code = program::run_journal(past); });

  CLI::App* schema = app.add_subcommand("schema", "print the JSON Schema of configurations, for editors");
  schema->footer(
      "\nExample:\n  ovrseer schema > ovrseer.schema.json\nIn the configuration then, as its first line:\n"
      "  # yaml-language-server: $schema=ovrseer.schema.json");
  schema->callback([&] { code = program::run_schema(); });

  app.add_subcommand("version", "print the version")->callback([] { std::cout << version_text() << '\n'; });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int shown = app.exit(error);
    return shown == 0 ? program::success : program::usage;
  } catch (const std::exception& error) {
    std::cerr << "ovrseer: " << error.what() << '\n';
    return program::usage;
  }
  return code;
}
