// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A stack that crashes, floods, forks and is changed for as long as OVRSEER_SOAK_SECONDS says (10 by default): memory,
// descriptors, processes and files stay where they were.
#include <catch.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <malloc.h>

#include <ovrseer/check/exec.hpp>
#include <ovrseer/event/journal_file.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/report/file_reporter.hpp>
#include <ovrseer/sink/attach.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "disk_folder.hpp"
#include "supervised.hpp"

namespace t_soak {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

/// What must not grow.
struct sample {
  std::uint64_t resident_kib = 0;
  std::size_t descriptors = 0;
  std::size_t processes = 0;
  std::uint64_t disk_bytes = 0;
};

std::uint64_t bytes_below(const std::string& folder) {
  std::uint64_t sum = 0;
  std::error_code gone;  // files come and go
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder, gone)) {
    const std::uint64_t size = each.is_regular_file(gone) ? each.file_size(gone) : 0;
    if (!gone) sum += size;
  }
  return sum;
}

sample take_sample(const std::string& folder) {
  ::malloc_trim(0);  // what is free is nobody's fault
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return {resident * 4, open_descriptions().size(), children_of_ours().size(), bytes_below(folder)};
}

/// The largest of each in a part of the samples: a leak raises it, a burst does not.
sample largest(const std::vector<sample>& all, std::size_t from, std::size_t to) {
  sample most;
  for (std::size_t i = from; i < to; ++i) {
    most.resident_kib = std::max(most.resident_kib, all[i].resident_kib);
    most.descriptors = std::max(most.descriptors, all[i].descriptors);
    most.processes = std::max(most.processes, all[i].processes);
    most.disk_bytes = std::max(most.disk_bytes, all[i].disk_bytes);
  }
  return most;
}

std::ostream& operator<<(std::ostream& out, const sample& what) {
  return out << what.resident_kib << " KiB, " << what.descriptors << " descriptors, " << what.processes
             << " processes, " << what.disk_bytes / 1024 << " KiB on disk";
}

std::chrono::seconds duration_of_soak() {
  const char* const said = std::getenv("OVRSEER_SOAK_SECONDS");
  return std::chrono::seconds(said == nullptr ? 10 : std::max(10, std::atoi(said)));
}

constexpr bool has_sanitizer =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    true;
#else
    false;
#endif
#else
    false;
#endif

/// Nobody gives up in a soak.
restart_rules for_ever(std::chrono::nanoseconds delay) {
  return restart_rules().delays(backoff::constant(delay)).max_retries(0);
}

unit_spec restless(std::string name, command what, std::chrono::nanoseconds delay) {
  unit_spec made(unit_id(std::move(name)), std::move(what));
  made.restart(for_ever(delay));
  return made;
}

class soak {
 public:
  soak() {
    it_.add(dependency("db"));
    it_.add(flooding());
    it_.add(restless("crash", child_command("print", "up", "no-core", "die", "SEGV"), 50ms));
    it_.add(restless("forks", child_command("fork", "{", "setsid", "wait", "}", "exit", "1"), 200ms));
    it_.add(restless("gone", command(folder_ / "no-such-program"), 250ms));
    unit_spec sick = service("sick");
    sick.watch(health_watch(exec(child_command("exit", "1"))).interval(100ms).otherwise(health_watch::action::restart));
    sick.restart(for_ever(10ms));
    it_.add(std::move(sick));
    it_.add(service("api"));
    it_.on_error([](const failure_notice&) {});
  }

  int run() {
    started<int> running(context_, it_.run());
    started<void> reports(context_, attach(it_, file_reporter(report_options())));
    started<void> journal(context_, attach(it_, journal_));
    started<void> changes(context_, change());
    started<void> samples(context_, watch());
    context_.run();
    changes.get();
    samples.get();
    journal.get();
    reports.get();
    return running.get();
  }

  const std::vector<sample>& samples() const { return samples_; }
  std::uint64_t events() { return it_.events().end_seq(); }

 private:
  unit_spec flooding() {
    unit_spec made = restless("flood", child_command("flood", "500000", "print", "done", "exit", "1"), 300ms);
    made.flag(flag_spec("done", pattern<"done">{}));
    made.log_file(log_file_spec(folder_ / "flood.log").max_size(byte_size(1U << 20U)).keep(2));
    return made;
  }
  report_folder_options report_options() {
    report_folder_options options(folder_ / "reports");
    options.max_files = 20;
    options.survives = durability::process_death;
    return options;
  }
  journal_file_options journal_options() {
    journal_file_options options(folder_ / "journal");
    options.segment_size = byte_size(256U << 10U);
    options.max_size = byte_size(1U << 20U);
    return options;
  }

  /// What a configuration that is read again does, and people: units go, come, and are restarted.
  task<void> change() {
    const std::vector<unit_id> both{"db", "api"};
    const steady_time end = clock_of(context_.get_executor()).now() + duration_of_soak();
    while (clock_of(context_.get_executor()).now() < end) {
      co_await sleep_for(100ms);
      unit_changes more;
      more.put = {service("guest"), service("api")};
      more.describe = {flooding(), dependency("db")};
      co_await it_.change(std::move(more));
      co_await it_.restart("api");
      co_await it_.restart(both);
      unit_changes less;
      less.remove.emplace_back("guest");
      co_await it_.change(std::move(less));
    }
    it_.request_stop("the soak is over");
  }

  task<void> watch() {
    while (!it_.is_stopping()) {
      co_await sleep_for(250ms);
      samples_.push_back(take_sample(folder_.path()));
    }
  }

  ovrseer_test::disk_folder folder_;
  asio::io_context context_;
  supervisor it_{context_.get_executor(), supervisor_options().journal_capacity(2'000).max_reports(16)};
  journal_file journal_{journal_options()};
  std::vector<sample> samples_;
};

TEST_CASE("a stack that crashes and floods and is changed uses no more in the end than in the beginning") {
  const no_leaks nothing_left;
  soak it;
  CHECK(it.run() == 0);
  const std::size_t count = it.samples().size();
  REQUIRE(count >= 10);
  // The first quarter fills the rings, the journal and the folders.
  const sample before = largest(it.samples(), count / 4, count * 5 / 8);
  const sample after = largest(it.samples(), count * 5 / 8, count);
  std::cout << "soak: " << duration_of_soak().count() << " s, " << it.events() << " events\n  before: " << before
            << "\n  after:  " << after << '\n';
  if (!has_sanitizer) CHECK(after.resident_kib < before.resident_kib + 2048);
  CHECK(after.descriptors <= before.descriptors + 8);
  CHECK(after.processes <= before.processes + 4);
  CHECK(after.disk_bytes < before.disk_bytes + (2U << 20U));
}

}  // namespace t_soak
