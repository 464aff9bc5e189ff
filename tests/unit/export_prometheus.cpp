// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The page and the file, and whether the reference parser and Prometheus itself take them.
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include <catch.hpp>
#include <disk_folder.hpp>
#include <faulty_file_system.hpp>
#include <memory_file_system.hpp>
#include <ovrseer/async/attempt.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/export/prometheus.hpp>
#include <ovrseer/export/supervisor_metrics.hpp>

namespace t_export_prometheus {

using namespace ovrseer;
using ovrseer_test::disk_folder;

std::exception_ptr run(task<void> operation) {
  asio::io_context context;
  std::exception_ptr ended;
  asio::co_spawn(context, std::move(operation), [&](std::exception_ptr failure) { ended = failure; });
  context.run();
  return ended;
}

// Everything that could go wrong on a page.
void fill(registry& metrics) {
  auto& odd = metrics.gauges("odd_value", "Help with \\ and \"quotes\" and\na new line and \xFF.", {"text"});
  odd.with("plain")->set(1);
  odd.with("quote \" backslash \\ newline \n end")->set(HUGE_VAL);
  odd.with("bad \xC0\x80 bytes")->set(-HUGE_VAL);
  odd.with("")->set(std::nan(""));
  odd.with("\xE2\x82\xAC {a=\"b\"} # x")->set(1e-300);
  auto& times = metrics.histograms("op_seconds", "Times.", {"op"});
  for (int i = 0; i < 100; ++i) times.with("read")->observe(i * 0.01);
  times.with("none");
  supervisor_metrics shown(metrics);
  for (const auto type : {event_type::unit_added, event_type::starting, event_type::crashed}) {
    event entry;
    entry.unit = "api";
    entry.type = type;
    shown.apply(entry);
  }
}

// Runs a shell command with the file as standard input; its exit code.
int shell(const std::string& command, const std::string& input) {
  const int status = std::system((command + " < '" + input + "' > '" + input + ".out' 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("a file is replaced by each export") {
  const disk_folder disk;
  registry metrics;
  const auto count = metrics.counters("c_total", "C.").with();
  prometheus_file file(disk / "ovrseer.prom");
  const metric_snapshot first = metrics.collect();
  CHECK_FALSE(run(file.deliver(first)));
  count->add(2);
  const metric_snapshot second = metrics.collect();
  CHECK_FALSE(run(file.deliver(second)));
  const auto content = read_file(file.path());
  REQUIRE(content);
  CHECK(*content == "# HELP c_total C.\n# TYPE c_total counter\nc_total 2\n");
  CHECK(*content == prometheus_text(metrics));
}

TEST_CASE("a file that cannot be written keeps the page before and tells") {
  ovrseer_test::memory_file_system files;
  files.make_folder("/m", 0755);
  files.put("/m/p.prom", "before\n");
  for (const auto call :
       {ovrseer_test::file_call::open, ovrseer_test::file_call::write, ovrseer_test::file_call::rename}) {
    ovrseer_test::faulty_file_system faulty(files);
    faulty.fail(call, 1, ENOSPC);
    auto file = std::make_unique<prometheus_file>("/m/p.prom", &faulty);
    const metric_snapshot snapshot{{"m", "", metric_type::gauge, {}, {{{}, 1.0}}}};
    const std::exception_ptr failure = run(file->deliver(snapshot));
    REQUIRE(failure);
    CHECK(caught(failure).code() == std::errc::no_space_on_device);
    CHECK(files.get("/m/p.prom") == "before\n");
    const auto names = files.list("/m");
    REQUIRE(names);
    CHECK(names->size() == 1);
  }
}

TEST_CASE("the reference parser reads every sample of the page") {
  const disk_folder disk;
  registry metrics;
  fill(metrics);
  const std::string page = prometheus_text(metrics);
  write_atomic(disk / "page", page);
  if (shell("/usr/bin/python3 -c 'import prometheus_client'", disk / "page") != 0) {
    SKIP("python3-prometheus-client is not installed");
  }
  std::size_t samples = 0;
  for (const char c : page) samples += c == '\n' ? 1U : 0U;
  samples -= 2 * metrics.collect().size();
  const std::string parse =
      "/usr/bin/python3 -c 'import sys\n"
      "from prometheus_client.parser import text_string_to_metric_families as families\n"
      "all = [s for f in families(sys.stdin.buffer.read().decode(\"utf-8\")) for s in f.samples]\n"
      "texts = [s.labels[\"text\"] for s in all if s.name == \"odd_value\"]\n"
      "assert \"quote \\\" backslash \\\\ newline \\n end\" in texts, texts\n"
      "assert \"\\u20ac {a=\\\"b\\\"} # x\" in texts, texts\n"
      "assert len(all) == " +
      std::to_string(samples) + ", len(all)'";
  const int code = shell(parse, disk / "page");
  const auto said = read_file(disk / "page.out");
  INFO((said ? *said : std::string()));
  CHECK(code == 0);
}

TEST_CASE("promtool takes the page") {
  const disk_folder disk;
  registry metrics;
  fill(metrics);
  write_atomic(disk / "page", prometheus_text(metrics));
  if (shell("command -v promtool", disk / "page") != 0) SKIP("promtool is not installed");
  const int code = shell("promtool check metrics", disk / "page");
  const auto said = read_file(disk / "page.out");
  INFO((said ? *said : std::string()));
  CHECK(code == 0);
}

}  // namespace t_export_prometheus
