// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From a text to the model: what a configuration with every key means, and what holds where it says nothing.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/config/find.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/yaml.hpp>

#include "catch.hpp"

namespace t_config_read {

namespace fs = std::filesystem;
using namespace ovrseer;
using namespace std::chrono_literals;

const fs::path folder = fs::path(OVRSEER_SOURCE_DIR) / "tests/golden/config/good";

std::optional<std::string> variable(std::string_view name) {
  if (name == "PORT") return "9000";
  return std::nullopt;
}
compression some_compression() {
  return compression(".gz", [] { return std::unique_ptr<compressor>(); });
}
read_options options() { return read_options().directory("/srv/shop").variables(variable).http(any_http_client()); }

stack_configuration load(const std::string& name) {
  auto made =
      load_configuration(folder / name, read_yaml_or_json,
                         read_options().variables(variable).http(any_http_client()).compress(some_compression()));
  if (!made) FAIL(to_text(made.reason()));
  return *std::move(made);
}
result<stack_configuration, diagnostics> read(std::string text, const read_options& with = options()) {
  auto document = read_yaml(source_text("x.yml", std::move(text)));
  if (!document) return failure(document.reason());
  return read_configuration(*std::move(document), with);
}
stack_configuration model(std::string text) {
  auto made = read(std::move(text));
  if (!made) FAIL(to_text(made.reason()));
  return *std::move(made);
}
std::string errors(std::string text, const read_options& with = options()) {
  const auto made = read(std::move(text), with);
  return made ? to_text(made->warnings) + "accepted" : to_text(made.reason());
}
const unit_spec& unit(const stack_configuration& stack, std::string_view name) {
  for (const unit_spec& each : stack.units) {
    if (each.id().name == name) return each;
  }
  throw std::logic_error("no unit " + std::string(name));
}
std::string env_of(const command& what) {
  std::string text;
  for (const auto& [name, value] : what.environment()) text += name + "=" + value.value_or("(removed)") + "\n";
  return text;
}

TEST_CASE("the first example is read without a warning") {
  const stack_configuration stack = load("issue.yml");
  CHECK(stack.warnings.empty());
  REQUIRE(stack.units.size() == 2);
  const unit_spec& postgres = stack.units[0];
  CHECK(postgres.id() == unit_id("postgres"));
  CHECK(postgres.role() == role::dependency);
  CHECK(to_text(postgres.what()) == "postgres -D /var/lib/postgresql/data");
  CHECK(env_of(postgres.what()) == "POSTGRES_PASSWORD=secret\n");
  CHECK(postgres.ready_when().describe() == "log line /database system is ready/");
  CHECK(postgres.ready_when().bound() == 5s);
  CHECK_FALSE(postgres.dependencies());
  const unit_spec& api = stack.units[1];
  CHECK(api.role() == role::main);
  REQUIRE(api.dependencies());
  REQUIRE(api.dependencies()->size() == 1);
  CHECK(api.dependencies()->front().on == unit_id("postgres"));
  CHECK(api.dependencies()->front().condition == edge_condition::standard);
  CHECK(api.restart().restart() == restart_rules::when::on_failure);
  CHECK(api.restart().max_retries() == 3);
  CHECK(stack.name == "good");
  CHECK(stack.directory == folder);
}

TEST_CASE("where nothing is said the defaults of the library hold") {
  const stack_configuration stack = model("processes: [{id: api, command: node}]");
  const unit_spec& api = stack.units.front();
  const unit_spec plain("api", command("node"));
  CHECK(api.role() == plain.role());
  CHECK(api.of_kind() == plain.of_kind());
  CHECK(api.restart().max_retries() == plain.restart().max_retries());
  CHECK(api.restart().delays().first() == plain.restart().delays().first());
  CHECK(api.restart().delays().cap() == plain.restart().delays().cap());
  CHECK(api.restart().stable_after() == plain.restart().stable_after());
  CHECK(to_text(api.stop_by()) == to_text(plain.stop_by()));
  CHECK(api.log().ring_size() == plain.log().ring_size());
  CHECK(api.time_limit() == plain.time_limit());
  CHECK_FALSE(api.ready_when());
  CHECK_FALSE(api.log_file());
  CHECK(api.what().inherits_environment());
  CHECK(api.what().working_directory() == "/srv/shop");
  CHECK(stack.name == "shop");
  REQUIRE(stack.reports);
  CHECK(stack.reports->max_files == report_folder_options().max_files);
  CHECK_FALSE(stack.metrics.listen);
  CHECK(stack.metrics.idle_for == 0s);
  CHECK(stack.metrics.max_series == registry::default_series_per_family);
  CHECK(stack.exporters.empty());
  CHECK(stack.exit_code.what == exit_code_rule::kind::first_failed);
  CHECK(stack.supervision.orphan_guard == supervision_settings::guard::on);
}

TEST_CASE("every key of the top is in the model") {
  const stack_configuration stack = load("everything.yml");
  CHECK(to_text(stack.warnings) == "");
  CHECK(stack.name == "shop-eu-1");
  CHECK(stack.description == "A shop and what it needs.");
  CHECK(stack.units.size() == 6);
  CHECK(stack.disabled == std::vector<unit_id>{unit_id("spare")});
  CHECK(stack.descriptions.at("postgres") == "The database.");
  REQUIRE(stack.reports);
  CHECK(stack.reports->path == (folder / "crashes").string());
  CHECK(stack.reports->max_files == 20);
  CHECK(stack.reports->max_bytes == 1_MiB);
  CHECK(stack.supervision.report_lines == 50U);
  REQUIRE(stack.journal);
  CHECK(stack.journal->folder == (folder / "events").string());
  CHECK(stack.journal->sync == journal_sync::every_event());
  CHECK(stack.journal->max_size == 64_MiB);
  CHECK(stack.journal->max_age == std::chrono::days(7));
  REQUIRE(stack.metrics.listen);
  CHECK(to_text(*stack.metrics.listen) == "127.0.0.1:9100");
  CHECK(stack.metrics.idle_for == 1h);
  CHECK(stack.metrics.max_series == 500);
  REQUIRE(stack.metrics.host);
  CHECK(stack.metrics.host->mount_points == std::vector<std::string>{"/", (folder / "data").string()});
  CHECK(stack.metrics.host->interval == 30s);
  REQUIRE(stack.exporters.size() == 5);
  CHECK(std::get<std::filesystem::path>(stack.exporters[0].target) == folder / "metrics.prom");
  CHECK(stack.exporters[0].interval == 30s);
  CHECK(stack.exit_code.what == exit_code_rule::kind::of_unit);
  CHECK(stack.exit_code.unit == unit_id("api"));
  CHECK(stack.supervision.shutdown_timeout == 2min);
  CHECK(stack.supervision.orphan_guard == supervision_settings::guard::off);
  CHECK(stack.supervision.max_units == 50U);
  CHECK(stack.supervision.journal_events == 1000U);
}

TEST_CASE("every key of a command is in the model") {
  const stack_configuration stack = load("everything.yml");
  const command& api = unit(stack, "api").what();
  CHECK(to_text(api) == "./api --port=9000 --name eu-1-api");
  CHECK(api.working_directory() == folder / "api");
  CHECK(api.user() == "www-data");
  CHECK(api.groups() == std::vector<std::string>{"www-data", "33"});
  CHECK(api.file_mode_mask() == mode_t{027});
  CHECK(api.nice() == 5);
  CHECK(api.in_group() == command::group::session);
  CHECK(api.when_supervisor_dies() == command::fate::keep);
  CHECK(std::get<stdin_source::text>(api.input().value()).content == "secret\n");
  CHECK(api.output().is_piped());
  CHECK(std::holds_alternative<output_target::merged>(api.error_output().value()));
  std::map<int, resource_limit> limits;
  for (const resource_limit& each : api.limits()) limits[each.resource] = each;
  CHECK(limits.at(RLIMIT_NOFILE).soft == 1024);
  CHECK(limits.at(RLIMIT_NOFILE).hard == rlim_t{4096});
  CHECK(limits.at(RLIMIT_CORE).soft == RLIM_INFINITY);
  CHECK(limits.at(RLIMIT_AS).soft == rlim_t{2} << 30U);
  CHECK(limits.at(RLIMIT_CPU).soft == 90);
  const command& worker = unit(stack, "worker").what();
  CHECK(std::holds_alternative<stdin_source::inherited>(worker.input().value()));
  const auto& file = std::get<output_target::file>(worker.output().value());
  CHECK(file.path == folder / "logs/worker.out");
  CHECK(file.open == output_target::file::mode::truncate);
  CHECK(std::holds_alternative<output_target::discarded>(worker.error_output().value()));
  const command& metrics = unit(stack, "metrics").what();
  CHECK(metrics.terminal() == terminal_size{120, 40});
  CHECK(std::holds_alternative<stdin_source::writer>(metrics.input().value()));
  const command& migrate = unit(stack, "migrate").what();
  CHECK(migrate.is_shell());
  CHECK(to_text(migrate) == "./migrate --greeting \"hello\tworld\" && echo $ $HOME");
}

TEST_CASE("environments lie over each other in a known order") {
  const stack_configuration stack = load("everything.yml");
  const command& api = unit(stack, "api").what();
  CHECK_FALSE(api.inherits_environment());
  // PORT: the environment's, as interpolation sees it; MODE: of the mapping, above the file.
  CHECK(env_of(api) ==
        "EMPTY=\nGONE=(removed)\nGREETING=hello\tworld\nLOG_LEVEL=debug\nMODE=map\nPORT=9000\nREGION=eu-1\nREMOVED=("
        "removed)\n"
        "STAGE=test\n");
  // One that inherits takes PORT from the environment itself.
  CHECK(env_of(unit(stack, "worker").what()) == "GREETING=hello\tworld\nREGION=eu-1\nREMOVED=(removed)\nSTAGE=test\n");
}

TEST_CASE("every key of a restart policy is in the model") {
  const stack_configuration stack = load("everything.yml");
  const restart_rules& api = unit(stack, "api").restart();
  CHECK(api.restart() == restart_rules::when::always);
  CHECK(api.max_retries() == 7);
  CHECK(api.success_codes() == std::vector<int>{3});
  CHECK(api.permanent_codes() == std::vector<int>{64, 78});
  CHECK(api.delays().shape() == backoff::curve::decorrelated);
  CHECK(api.delays().first() == 250ms);
  CHECK(api.delays().cap() == 10s);
  CHECK(api.stable_after() == 90s);
  CHECK(api.intensity() == 20);
  CHECK(api.period() == 10min);
  const restart_rules& worker = unit(stack, "worker").restart();
  CHECK(worker.codes() == std::vector<int>{1, 2});
  CHECK(worker.signals() == std::vector<signal_number>{signal_number(SIGSEGV), signal_number(SIGABRT)});
  CHECK(worker.delays().first() == 100ms);  // of the defaults
  CHECK(worker.delays().cap() == 5s);
  CHECK(worker.delays().longest_after(2) == 150ms);
  CHECK(unit(stack, "migrate").restart().restart() == restart_rules::when::never);
  CHECK(unit(stack, "postgres").restart().delays().first() == 100ms);
}

TEST_CASE("dependencies have conditions and namespaces") {
  const stack_configuration stack = load("everything.yml");
  const std::vector<dependency_edge>& api = *unit(stack, "api").dependencies();
  REQUIRE(api.size() == 3);
  CHECK(api[0].condition == edge_condition::standard);
  CHECK(api[1].condition == edge_condition::completed_successfully);
  CHECK(api[2].on == unit_id("tools", "metrics"));
  CHECK(api[2].strength == dependency_edge::need::wanted);
  const std::vector<dependency_edge>& worker = *unit(stack, "worker").dependencies();
  REQUIRE(worker.size() == 2);
  CHECK(worker[0].condition == edge_condition::ready);
  CHECK(worker[1].condition == edge_condition::standard);
  CHECK(unit(stack, "migrate").of_kind() == unit_spec::kind::one_shot);
  CHECK(unit(stack, "metrics").id().name_space == "tools");
  CHECK(unit(stack, "sweep").role() == role::cleanup);
  CHECK(unit(stack, "sweep").time_limit() == 3s);
}

TEST_CASE("ready checks and stop plans and flags and logs are in the model") {
  const stack_configuration stack = load("everything.yml");
  CHECK(unit(stack, "postgres").ready_when().describe() == "all of (TCP 127.0.0.1:5432, exec pg_isready -q)");
  CHECK(unit(stack, "postgres").ready_when().bound() == 60s);
  CHECK(unit(stack, "api").ready_when().describe() ==
        "all of (log line /listening on \\d+/, HTTP http://127.0.0.1:9000/health, file /run/api.pid)");
  CHECK(to_text(unit(stack, "postgres").stop_by()) ==
        "SIGUSR1 to the process, 30s or until no connections at port 5432; SIGINT to the process, 5s or until no file "
        "/data/postmaster.pid; run pg_ctl stop -m immediate, 3s; run kill -9 1, 1s; SIGKILL to the tree, 2s");
  CHECK(to_text(unit(stack, "api").stop_by()) ==
        "SIGQUIT to the group, 20s; SIGKILL to the tree, 2s; leaves alone /backup/");
  CHECK(to_text(unit(stack, "metrics").stop_by()) == "SIGINT to the group, 10s; SIGKILL to the tree, 2s");
  const auto& flags = unit(stack, "worker").flags();
  REQUIRE(flags.size() == 1);
  CHECK(flags[0].name() == "errors");
  CHECK(flags[0].what().matches("FATAL: no"));
  CHECK(flags[0].color() == flag_color::red);
  CHECK(flags[0].target() == 10U);
  CHECK(flags[0].context_window() == 7);
  REQUIRE(unit(stack, "api").flags().size() == 1);  // a list replaces that of the defaults
  CHECK(unit(stack, "api").flags()[0].name() == "slow");
  const log_limits& log = unit(stack, "api").log();
  CHECK(log.ring_size() == 1_MiB);
  CHECK(log.ring_lines() == 2000);
  CHECK(log.line_cap() == 8_KiB);
  CHECK(log.kept_matches() == 10);
  CHECK(log.minimum_level() == level::info);
  CHECK(unit(stack, "worker").log().minimum_level() == level::unknown);
  CHECK(unit(stack, "worker").log().ring_lines() == 500);
  const log_file_spec& file = *unit(stack, "api").log_file();
  CHECK(file.path() == folder / "logs/api.log");
  CHECK(file.max_size() == byte_size(5'000'000));
  CHECK(file.max_age() == 24h);
  CHECK(file.keep() == 3);
  CHECK(file.format() == log_format::jsonl);
  CHECK(file.compress().suffix() == ".gz");
  CHECK(unit(stack, "api").tags() == std::vector<std::string>{"shop", "web"});
  CHECK(unit(stack, "worker").tags() == std::vector<std::string>{"shop"});
}

TEST_CASE("how a process behaves in a rehearsal is in the model") {
  const stack_configuration stack = load("everything.yml");
  REQUIRE(stack.simulated.size() == 1);
  const process_behavior& how = stack.simulated.at("sweep");
  CHECK(how.start_time == 50ms);
  CHECK(how.runs_for == 2s);
  CHECK(how.exit_code == 1);
  CHECK(how.stop_time == 1s);
  CHECK(how.ignores == std::vector<signal_number>{signal_number(SIGTERM), signal_number(SIGINT)});
  REQUIRE(how.lines.size() == 2);
  CHECK(how.lines[0].after == 100ms);
  CHECK(how.lines[0].every == 5s);
  CHECK(how.lines[0].text == "swept {name}");
  CHECK_FALSE(how.lines[1].after);
  CHECK(how.memory == 4_MiB);
  REQUIRE(how.crash);
  CHECK(how.crash->when == simulated_crash::rhythm::random);
  CHECK(how.crash->time == 6h);
  CHECK(how.crash->how == exit_status::signaled(signal_number(SIGSEGV)));
}

/// What a person could tell two models apart by.
std::string digest(const stack_configuration& stack) {
  std::ostringstream text;
  text << stack.name << stack.description << stack.directory << stack.disabled.size() << stack.reports->path
       << stack.reports->max_files << to_text(*stack.metrics.listen) << stack.exporters.size()
       << stack.exit_code.unit.name;
  for (const unit_spec& each : stack.units) {
    text << "\n"
         << to_text(each.id()) << " " << to_text(each.role()) << " " << to_text(each.what()) << env_of(each.what());
    text << each.what().working_directory() << each.what().user().value_or("-") << each.what().groups().size()
         << each.what().nice();
    text << to_text(each.stop_by()) << each.ready_when().describe() << to_text(each.ready_when().bound());
    text << to_text(each.restart().restart()) << each.restart().max_retries()
         << to_text(each.restart().delays().first());
    text << to_text(each.time_limit()) << to_text(each.log().ring_size()) << each.tags().size() << each.flags().size();
    for (const flag_spec& flag : each.flags()) text << flag.name() << to_text(flag.what());
    if (each.log_file()) text << each.log_file()->path() << to_text(each.log_file()->max_size());
    for (const dependency_edge& edge : each.dependencies().value_or(std::vector<dependency_edge>{})) {
      text << to_text(edge.on) << static_cast<int>(edge.condition) << static_cast<int>(edge.strength)
           << static_cast<int>(edge.on_loss) << static_cast<int>(edge.on_return);
    }
    for (const health_watch& watch : each.watches()) {
      text << watch.check().describe() << to_text(watch.interval()) << watch.failures() << to_text(watch.otherwise());
    }
    text << each.group() << each.priority() << each.is_significant() << each.is_on_demand();
  }
  return text.str();
}

TEST_CASE("the same content gives the same model as YAML and as JSON") {
  CHECK(digest(load("everything.yml")) == digest(load("everything.json")));
}

TEST_CASE("JSON read by either reader gives the same model") {
  std::ifstream file(folder / "everything.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto as_json = read_json(source_text("x.json", text));
  auto as_yaml = read_yaml(source_text("x.json", text));
  REQUIRE(as_json);
  REQUIRE(as_yaml);
  const read_options with =
      read_options().directory(folder).variables(variable).http(any_http_client()).compress(some_compression());
  CHECK(digest(*read_configuration(*std::move(as_json), with)) ==
        digest(*read_configuration(*std::move(as_yaml), with)));
}

TEST_CASE("processes may be a mapping by id") {
  const stack_configuration stack = model(
      "processes:\n  db: {type: dependency, command: postgres}\n  api: {command: node}\n  x-old: {nonsense: 1}\n");
  REQUIRE(stack.units.size() == 2);
  CHECK(stack.units[0].id() == unit_id("db"));
  CHECK(stack.units[1].id() == unit_id("api"));
}

TEST_CASE("keys that begin with x- are left alone everywhere") {
  CHECK(errors("x-a: {b: '${NOPE}'}\nprocesses: [{id: api, command: node, x-b: [1], stop: {x-c: 1}}]") == "accepted");
}

TEST_CASE("a word for a restart policy keeps what the defaults say beside it") {
  const stack_configuration stack = model(
      "defaults: {restartPolicy: {type: always, maxRetries: 9}}\n"
      "processes: [{id: a, command: x, restartPolicy: no}, {id: b, command: x}]");
  CHECK(stack.units[0].restart().restart() == restart_rules::when::never);
  CHECK(stack.units[0].restart().max_retries() == 9);
  CHECK(stack.units[1].restart().restart() == restart_rules::when::always);
}

TEST_CASE("defaults count wherever they stand in the file") {
  CHECK(model("processes: [{id: a, command: x}]\ndefaults: {user: nobody}\n").units[0].what().user() == "nobody");
}

TEST_CASE("a stop plan ends in a kill whatever its steps are") {
  const auto plan = [](std::string stop) {
    return to_text(model("processes: [{id: a, command: x, stop: " + std::move(stop) + "}]").units[0].stop_by());
  };
  CHECK(plan("{steps: []}") == "SIGKILL to the tree, 2s");
  CHECK(plan("SIGKILL") == "SIGKILL to the tree, 2s");
  CHECK(plan("{steps: [{signal: KILL, scope: tree, grace: 5s}]}") == "SIGKILL to the tree, 5s");
  CHECK(plan("{steps: [{signal: KILL, grace: 5s}]}") == "SIGKILL to the group, 5s; SIGKILL to the tree, 2s");
  CHECK(plan("{timeout: 0}") == "SIGTERM to the group, 0ns; SIGKILL to the tree, 2s");
}

TEST_CASE("a stop of the process replaces that of the defaults") {
  const stack_configuration stack = model(
      "defaults: {stop: {steps: [{signal: INT, grace: 1s}]}}\n"
      "processes: [{id: a, command: x, stop: SIGQUIT}, {id: b, command: x, stop: {signal: HUP}}, {id: c, command: x}]");
  CHECK(to_text(stack.units[0].stop_by()) == "SIGQUIT to the group, 10s; SIGKILL to the tree, 2s");
  CHECK(to_text(stack.units[1].stop_by()) == "SIGHUP to the group, 10s; SIGKILL to the tree, 2s");
  CHECK(to_text(stack.units[2].stop_by()) == "SIGINT to the group, 1s; SIGKILL to the tree, 2s");
}

TEST_CASE("an http check needs a client") {
  const std::string text = "processes: [{id: a, command: x, readyChecks: [{http: 'http://127.0.0.1:1/'}]}]";
  CHECK(errors(text) == "accepted");
  CHECK_THAT(errors(text, read_options().directory("/srv").variables(variable)),
             catchx::ContainsSubstring("there is no HTTP client to ask with"));
}

TEST_CASE("the commands of checks and stops run where the process runs") {
  const stack_configuration stack = model(
      "processes: [{id: a, command: x, cwd: sub, user: nobody, env: {A: b}, stop: {steps: [{command: y, grace: "
      "1s}]}}]");
  const auto& step = std::get<command>(stack.units[0].stop_by().steps()[0].what());
  CHECK(step.working_directory() == "/srv/shop/sub");
  CHECK(step.user() == "nobody");
  CHECK(env_of(step) == "A=b\n");
}

TEST_CASE("a journal on disk may be given by its folder alone and is off by default") {
  CHECK_FALSE(model("processes: [{id: a, command: x}]").journal);
  const stack_configuration plain = model("journal: /var/lib/j\nprocesses: [{id: a, command: x}]");
  REQUIRE(plain.journal);
  CHECK(plain.journal->folder == "/var/lib/j");
  CHECK(plain.journal->sync == journal_file_options().sync);
  const auto with = [](const std::string& keys) {
    return *model("journal: {path: /j, " + keys + "}\nprocesses: [{id: a, command: x}]").journal;
  };
  CHECK(with("fsync: never").sync == journal_sync::left_to_system());
  CHECK(with("fsync: 200ms").sync == journal_sync::within(200ms));
  CHECK(with("fsync: 200").sync == journal_sync::within(200ms));
  CHECK(with("maxSize: 0").max_size.count() == 0);
}

TEST_CASE("reports can be switched off and exit codes chosen") {
  const stack_configuration stack =
      model("reports: {enabled: false}\nexitCode: zero\nprocesses: [{id: a, command: x}]");
  CHECK_FALSE(stack.reports);
  CHECK(stack.exit_code.what == exit_code_rule::kind::zero);
  CHECK(model("exitCode: last-failed\nprocesses: [{id: a, command: x}]").exit_code.what ==
        exit_code_rule::kind::last_failed);
}

TEST_CASE("a circle of implicit dependencies is found among very many processes") {
  std::string text = "supervisor: {maxUnits: 5000}\nprocesses:\n";
  for (int i = 0; i < 400; ++i) {
    const std::string n = std::to_string(i);
    text += "  - {id: main" + n + ", command: x}\n  - {id: dep" + n + ", type: dependency, command: x}\n";
  }
  CHECK(errors(text) == "accepted");
  text += "  - {id: last, type: dependency, command: x, dependsOn: [main7]}\n";
  CHECK_THAT(errors(text), catchx::ContainsSubstring("main7 -> last -> main7"));
}

TEST_CASE("a long chain does not exhaust the stack") {
  std::string text = "supervisor: {maxUnits: 50000}\nprocesses:\n  - {id: p0, command: x, dependsOn: []}\n";
  for (int i = 1; i < 20'000; ++i) {
    text += "  - {id: p" + std::to_string(i) + ", command: x, dependsOn: [p" + std::to_string(i - 1) + "]}\n";
  }
  CHECK(errors(text) == "accepted");
}

TEST_CASE("a file of the wrong kind does not give thousands of messages") {
  std::string text = "processes:\n";
  for (int i = 0; i < 3000; ++i) text += "  - word" + std::to_string(i) + "\n";
  const std::string messages = errors(text);
  CHECK(std::ranges::count(messages, '\n') < 500);
  CHECK_THAT(messages, catchx::EndsWith("more\n"));
}

}  // namespace t_config_read
