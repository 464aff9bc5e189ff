// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines of real processes through real pipes.
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <catch.hpp>
#include <leaks.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <run.hpp>

namespace t_log_process {

using namespace ovrseer;
using test::run;

struct outcome {
  std::vector<owned_line> lines;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  std::uint64_t missed = 0;
  std::optional<exit_status> status;
};

// Runs a shell line, reads its lines to the end, keeps the first hundred.
outcome lines_of(std::string script) {
  asio::io_context context;
  outcome seen;
  run(context, [&]() -> task<void> {
    command what = command::shell(std::move(script));
    process child = co_await spawn(std::move(what));
    line_stream lines = child.lines();
    for (;;) {
      const std::optional<line> next = co_await lines.next();
      if (!next) break;
      ++seen.count;
      seen.bytes += next->text.size();
      if (seen.lines.size() < 100) seen.lines.push_back(own(*next));
    }
    seen.missed = lines.missed();
    seen.status = co_await child.wait();
  });
  return seen;
}

TEST_CASE("both streams of a process are read to their last byte") {
  const test::no_leaks nothing_stays;
  const outcome seen = lines_of("printf 'one\\r\\ntwo'; printf 'ERROR: three\\n' >&2; exit 3");
  REQUIRE(seen.lines.size() == 3);
  std::string out;
  std::string err;
  for (const owned_line& each : seen.lines) (each.source == line_source::out ? out : err) += each.text + "|";
  CHECK(out == "one|two|");
  CHECK(err == "ERROR: three|");
  CHECK(seen.status == exit_status::exited(3));
}

TEST_CASE("a reader at its own pace gets every line of a fast writer") {
  const test::no_leaks nothing_stays;
  const outcome seen = lines_of("seq 1 200000");
  CHECK(seen.count == 200'000);
  CHECK(seen.bytes == 1'088'895);
  CHECK(seen.missed == 0);
  CHECK(seen.lines[99].text == "100");
}

TEST_CASE("a grandchild in a session of its own that holds the pipes does not keep the lines from ending") {
  const test::no_leaks nothing_stays;
  const outcome seen = lines_of("setsid sleep 1000 & echo $!; echo last words");
  REQUIRE(seen.lines.size() == 2);
  CHECK(seen.lines[1].text == "last words");
  ::kill(static_cast<pid_t>(std::atoi(seen.lines[0].text.c_str())), SIGKILL);
}

}  // namespace t_log_process
