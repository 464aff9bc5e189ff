// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Real log lines of a child through pipe, line split, ring and eight flags, against `cat >/dev/null` on a
// pipe of the same size; the same into a rotating file, against s6-log; the counts of the flags against
// `grep -c`; and 1,000 lines of history.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>

#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/log/query.hpp>
#include <ovrseer/process/process.hpp>

#include "measure.hpp"

namespace {

namespace fs = std::filesystem;

struct flag_row {
  const char* name;
  const char* pattern;
  ovrseer::pattern_flags flags;
};
constexpr std::array<flag_row, 8> flags_of_set_b{{
    {"errors", "error|exception|fatal", ovrseer::icase},
    {"slow", "query took (\\d+)ms", {}},
    {"listening", "listening", {}},
    {"critical", "CRITICAL|FATAL", ovrseer::icase},
    {"warnings", "warn|warning", ovrseer::icase},
    {"secrets", "(?:password|token|secret|key)=\\S+", ovrseer::icase},
    {"network", "(?:connection|connect) (?:refused|reset|timed out|closed)", ovrseer::icase},
    {"http", "HTTP/1\\.[01]\" 5\\d\\d\\b", {}},
}};

/// The child: writes a file to its standard output, several times, from memory.
int be_writer(const char* path, int times) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  for (int i = 0; i < times; ++i) {
    for (std::size_t at = 0; at < content.size();) {
      const ssize_t n =
          ::write(STDOUT_FILENO, content.data() + at, std::min<std::size_t>(content.size() - at, 1 << 20U));
      if (n <= 0) return 1;
      at += static_cast<std::size_t>(n);
    }
  }
  return 0;
}

void add_flags(ovrseer::line_feed& feed) {
  for (const flag_row& row : flags_of_set_b) {
    feed.flags().add(ovrseer::flag_spec(row.name, *ovrseer::pattern<>::compile(row.pattern, row.flags)));
  }
}

ovrseer::task<void> through_ours(const std::string& self, const fs::path& file, int times, int capacity,
                                 std::vector<ovrseer::flag_summary>& counts, const ovrseer::log_file_spec* into) {
  ovrseer::command what(self, "write", file.string(), std::to_string(times));
  what.pipe_capacity(capacity);
  ovrseer::process writer = co_await ovrseer::spawn(what);
  ovrseer::line_feed& feed = ovrseer::feed_of(writer);
  add_flags(feed);
  if (into != nullptr) feed.write_to(*into);
  co_await writer.wait();
  while (!feed.is_closed()) co_await asio::post(writer.get_executor(), ovrseer::use_task);
  counts = feed.flags().summaries();
}

/// The same through a program that reads its standard input.
void through_reader(const std::string& self, const fs::path& file, int times, int capacity,
                    const std::vector<std::string>& program) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  ::fcntl(ends[0], F_SETPIPE_SZ, capacity);
  const std::string count = std::to_string(times);
  const pid_t writer = ::fork();
  if (writer == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl(self.c_str(), self.c_str(), "write", file.c_str(), count.c_str(), nullptr);
    ::_exit(127);
  }
  const pid_t reader = ::fork();
  if (reader == 0) {
    ::dup2(ends[0], STDIN_FILENO);
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    std::vector<char*> argv;
    for (const std::string& word : program) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[0]);
  ::close(ends[1]);
  ::waitpid(writer, nullptr, 0);
  ::waitpid(reader, nullptr, 0);
}

long grep_count(const flag_row& row, const fs::path& file) {
  const char* const icase = row.flags == ovrseer::icase ? "-i " : "";
  const std::string command = fmt::format("LC_ALL=C grep -a -c -P {}-e '{}' '{}'", icase, row.pattern, file.string());
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  long count = -1;
  if (std::fscanf(pipe, "%ld", &count) != 1) count = -1;
  ::pclose(pipe);
  return count;
}

template <class Work>
void run(asio::io_context& io, Work work) {
  asio::co_spawn(io, work, [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.restart();
  io.run();
}

/// Into files of 1 MB each, of which five are kept.
template <class Rate>
void against_s6_log(asio::io_context& io, const std::string& self, const fs::path& file, int times, Rate rate) {
  if (std::system("command -v s6-log >/dev/null") != 0) {
    fmt::print("  rotating file, against s6-log: skipped, s6-log is not installed\n");
    return;
  }
  constexpr int capacity = 64 * 1024;
  const fs::path folder = file.string() + ".d";
  fs::create_directories(folder);
  ovrseer::log_file_spec into(folder / "ours.log");
  into.max_size(ovrseer::byte_size(1'000'000)).keep(5);
  std::vector<ovrseer::flag_summary> counts;
  const auto ours = [&] {
    run(io, [&]() -> ovrseer::task<void> { return through_ours(self, file, times, capacity, counts, &into); });
  };
  const std::vector<std::string> s6_log{"s6-log", "n5", "s1000000", (folder / "s6").string()};
  const auto pair =
      bench::in_turn(bench::rounds(3), ours, [&] { through_reader(self, file, times, capacity, s6_log); });
  bench::row("rotating file behind, against s6-log", rate(pair.ours), rate(pair.theirs), 1 / pair.ratio(), 5.0,
             bench::better::higher);
  fs::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string self = fs::read_symlink("/proc/self/exe").string();
  if (argc > 3 && std::string(argv[1]) == "write") return be_writer(argv[2], std::atoi(argv[3]));

  const char* const data = std::getenv("OVRSEER_TEST_DATA");
  const fs::path packed = fs::path(data == nullptr ? OVRSEER_SOURCE_DIR "/../shared/data" : data) / "bench/logs.log.xz";
  bench::heading("log lines through pipe, split, ring and eight flags; against cat >/dev/null");
  if (!fs::exists(packed)) {
    fmt::print("  skipped: no {}; set OVRSEER_TEST_DATA\n", packed.string());
    return 0;
  }
  const fs::path file = fs::temp_directory_path() / ("ovrseer-bench-" + std::to_string(::getpid()) + ".log");
  if (std::system(fmt::format("xz -dc '{}' > '{}'", packed.string(), file.string()).c_str()) != 0) return 1;
  const int times = std::getenv("OVRSEER_BENCH_SMOKE") == nullptr ? 40 : 2;
  const double total = static_cast<double>(fs::file_size(file)) * times;

  const auto rate = [&](bench::seconds time) { return fmt::format("{:.2f} GB/s", total / time.count() / 1e9); };

  asio::io_context io(1);
  std::vector<ovrseer::flag_summary> counts;
  for (const int capacity : {64 * 1024, 1024 * 1024}) {
    const auto ours = [&] {
      run(io, [&]() -> ovrseer::task<void> { return through_ours(self, file, times, capacity, counts, nullptr); });
    };
    const auto cat = [&] { through_reader(self, file, times, capacity, {"cat"}); };
    const auto pair = bench::in_turn(bench::rounds(7), ours, cat);
    bench::row(fmt::format("pipe of {} KiB", capacity / 1024), rate(pair.ours), rate(pair.theirs), 1 / pair.ratio(),
               0.8, bench::better::higher);
  }
  against_s6_log(io, self, file, times, rate);
  bool all_equal = true;
  for (std::size_t i = 0; i < flags_of_set_b.size(); ++i) {
    const long expected = grep_count(flags_of_set_b[i], file) * times;
    const auto counted = static_cast<long>(counts[i].count);
    all_equal = all_equal && counted == expected;
    fmt::print("  {:<20} {:>10} matches, grep -c says {:>10} {}\n", counts[i].name, counted, expected,
               counted == expected ? "" : "DIFFERENT");
  }

  ovrseer::line_feed feed(io.get_executor());
  std::ifstream lines(file);
  std::string line;
  for (int i = 0; i < 5000 && std::getline(lines, line); ++i) feed.write(ovrseer::output_stream::out, line + "\n");
  const auto fetch = [&] {
    const auto found = ovrseer::find_lines(feed.lines(), ovrseer::log_query().last(1000));
    if (found.empty()) std::abort();
  };
  std::vector<bench::seconds> fetches;
  for (int i = 0; i < 200; ++i) fetches.push_back(bench::time_of(fetch));
  const bench::seconds median = bench::median(fetches);
  bench::row(fmt::format("{} lines of history, against 0.1 ms",
                         std::min<std::size_t>(1000, feed.lines().end_seq() - feed.lines().begin_seq())),
             bench::micros(median), "100.0 us", median.count() / 1e-4, 1.0);
  fs::remove(file);
  return all_equal ? 0 : 1;
}
