// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A hundred processes: how long until all run, and what their supervisor weighs, beside s6-svscan and
// supervisord. Every supervisor is a process of its own here, ours too (core components alone), and every
// child is the same small program, which says that it runs by one byte on a FIFO.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <ovrseer/supervise/supervisor.hpp>

#include "measure.hpp"

namespace {

namespace fs = std::filesystem;
constexpr int unit_count = 100;
constexpr const char* fifo_variable = "OVRSEER_BENCH_FIFO";
constexpr const char* bytes_variable = "OVRSEER_BENCH_BYTES";

/// The child: writes as many bytes of lines as it is told, says so, and waits.
int be_child() {
  const char* const bytes = std::getenv(bytes_variable);
  const std::string line(261, 'x');
  for (long left = bytes == nullptr ? 0 : std::atol(bytes); left > 0; left -= 262) std::puts(line.c_str());
  std::fflush(stdout);
  const int fifo = ::open(std::getenv(fifo_variable), O_WRONLY | O_CLOEXEC);
  if (::write(fifo, "x", 1) != 1) return 1;
  ::close(fifo);
  for (;;) ::pause();
}

/// Ours: core components, every child's output on pipes and in a ring.
int be_supervisor(const char* self) {
  asio::io_context io(1);
  ovrseer::supervisor stack(io.get_executor());
  for (int i = 0; i < unit_count; ++i) {
    stack.add(ovrseer::unit_spec("unit" + std::to_string(i), ovrseer::command(self, "child")));
  }
  const auto signals = [&]() -> ovrseer::task<void> {
    asio::signal_set end(io, SIGTERM);
    co_await end.async_wait(ovrseer::use_task);
    stack.force_stop("SIGTERM");
  };
  const auto run = [&]() -> ovrseer::task<void> { co_await stack.run(); };
  asio::co_spawn(io, signals, [](const std::exception_ptr&) {});
  asio::co_spawn(io, run, [](const std::exception_ptr&) {});
  io.run();
  return 0;
}

struct measured {
  bench::seconds started{};
  double mib = 0;
};

double pss_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string word; file >> word;) {
    if (word != "Pss:") continue;
    double kib = 0;
    file >> kib;
    return kib / 1024;
  }
  return 0;
}

/// The weight of a supervisor: all of its tree but the children that it supervises.
double weight(pid_t leader) {
  double sum = 0;
  for (const ovrseer::process_info& each : ovrseer::process_detail::members_of(leader, false, "-")) {
    std::ifstream file("/proc/" + std::to_string(each.pid) + "/cmdline");
    std::string first;
    std::string second;
    std::getline(file, first, '\0');
    std::getline(file, second, '\0');
    if (second != "child") sum += pss_of(each.pid);
  }
  return sum;
}

/// Runs a supervisor until all its children have spoken, weighs it, and ends it with all that it has.
measured measure(const std::vector<std::string>& command, const fs::path& folder, long bytes) {
  const fs::path fifo = folder / "fifo";
  ::unlink(fifo.c_str());
  ::mkfifo(fifo.c_str(), 0600);
  ::setenv(fifo_variable, fifo.c_str(), 1);
  ::setenv(bytes_variable, std::to_string(bytes).c_str(), 1);
  const int heard = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  measured result;
  pid_t pid = 0;
  result.started = bench::time_of([&] {
    if (::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ) != 0) return;
    std::array<char, 128> buffer;
    for (int count = 0; count < unit_count;) {
      pollfd readable{heard, POLLIN, 0};
      if (::poll(&readable, 1, 30'000) <= 0) break;
      count += static_cast<int>(::read(heard, buffer.data(), buffer.size()));
    }
  });
  ::poll(nullptr, 0, 300);  // what was written last is read by now
  result.mib = weight(pid);
  std::vector<pid_t> all;
  for (const ovrseer::process_info& each : ovrseer::process_detail::members_of(pid, false, "-"))
    all.push_back(each.pid);
  ::kill(pid, SIGTERM);
  ::poll(nullptr, 0, 200);
  for (const pid_t each : all) ::kill(each, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  ::close(heard);
  return result;
}

bool has_program(const char* name) {
  return std::system(("command -v " + std::string(name) + " >/dev/null").c_str()) == 0;
}

void lay_out_s6(const fs::path& folder, const std::string& self) {
  for (int i = 0; i < unit_count; ++i) {
    const fs::path service = folder / ("unit" + std::to_string(i));
    fs::create_directories(service);
    std::ofstream(service / "run") << "#!" << self << " child\n";
    fs::permissions(service / "run", fs::perms::owner_all);
  }
}

void lay_out_supervisord(const fs::path& file, const std::string& self) {
  std::ofstream out(file);
  out << "[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=" << file.string() << ".pid\n"
      << "childlogdir=" << file.parent_path().string() << "\n";
  for (int i = 0; i < unit_count; ++i) out << "[program:unit" << i << "]\ncommand=" << self << " child\n";
}

#if defined(OVRSEER_PROGRAM)
void lay_out_program(const fs::path& file, const std::string& self) {
  std::ofstream out(file);
  out << "processes:\n";
  for (int i = 0; i < unit_count; ++i) out << "  - { id: unit" << i << ", command: " << self << ", args: [child] }\n";
}
#endif

std::string mib(double value) { return fmt::format("{:.2f} MiB", value); }

}  // namespace

int main(int argc, char** argv) {
  const std::string self = fs::read_symlink("/proc/self/exe").string();
  if (argc > 1 && std::string(argv[1]) == "child") return be_child();
  if (argc > 1 && std::string(argv[1]) == "supervise") return be_supervisor(self.c_str());

  const fs::path folder = fs::temp_directory_path() / ("ovrseer-bench-" + std::to_string(::getpid()));
  fs::create_directories(folder / "s6");
  bench::heading("100 processes, from the command to all running; and the weight of their supervisor (PSS)");
  const std::vector<std::string> ours{self, "supervise"};
  const auto compare = [&](const char* name, const std::vector<std::string>& theirs, std::size_t rounds, double goal) {
    if (!has_program(theirs.front().c_str())) {
      fmt::print("  {:<44} skipped: {} is not installed\n", name, theirs.front());
      return;
    }
    std::vector<bench::seconds> a;
    std::vector<bench::seconds> b;
    measured last_ours;
    measured last_theirs;
    for (std::size_t i = 0; i < bench::rounds(rounds); ++i) {
      last_ours = measure(ours, folder, 0);
      last_theirs = measure(theirs, folder, 0);
      a.push_back(last_ours.started);
      b.push_back(last_theirs.started);
    }
    const bench::seconds ours_time = bench::median(a);
    const bench::seconds theirs_time = bench::median(b);
    bench::row(std::string("all running, against ") + name, bench::millis(ours_time), bench::millis(theirs_time),
               ours_time / theirs_time, goal);
    bench::row(std::string("weight with 100 quiet, against ") + name, mib(last_ours.mib), mib(last_theirs.mib),
               last_ours.mib / last_theirs.mib, 1.0);
  };
  lay_out_s6(folder / "s6", self);
  compare("s6-svscan", {"s6-svscan", (folder / "s6").string()}, 9, 0.8);
  lay_out_supervisord(folder / "supervisord.conf", self);
  compare("supervisord", {"supervisord", "-c", (folder / "supervisord.conf").string()}, 3, 0.5);

  const measured quiet = measure(ours, folder, 0);
  const measured full = measure(ours, folder, 600 * 1024);
  bench::row("weight with 100 quiet, against 4 MiB", mib(quiet.mib), mib(4), quiet.mib / 4, 1.0);
  // A ring is full with 256 KiB, here in 1,000 lines, with 16 bytes of bookkeeping each.
  const double rings = unit_count * 1000.0 * (262 + 16) / (1 << 20U);
  bench::row("with full rings, against quiet plus rings", mib(full.mib), mib(quiet.mib + rings),
             full.mib / (quiet.mib + rings), 1.1);
#if defined(OVRSEER_PROGRAM)
  lay_out_program(folder / "ovrseer.yml", self);
  const measured program = measure({OVRSEER_PROGRAM, "up", (folder / "ovrseer.yml").string()}, folder, 0);
  fmt::print("  beside it, the whole program with its guard: {} with 100 quiet, all running after {}\n",
             mib(program.mib), bench::millis(program.started));
#endif
  fs::remove_all(folder);
}
