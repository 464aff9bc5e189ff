// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The three standard streams of a child, each of every kind.
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

#include <catch.hpp>
#include <file_text.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/when_all.hpp>

namespace t_process_streams {

using namespace ovrseer;
using ovrseer_test::content_of;
using test::child_command;
using test::no_leaks;
using test::read_all;
using test::run;

std::string said_by(command what) {
  asio::io_context context;
  return run(context, test::output_of(std::move(what)));
}

/// A file name of its own, and no such file before and after.
struct spare_file {
  spare_file() : path(std::filesystem::temp_directory_path() / ("ovrseer-streams-" + std::to_string(::getpid()))) {
    std::filesystem::remove(path);
  }
  spare_file(const spare_file&) = delete;
  spare_file& operator=(const spare_file&) = delete;
  ~spare_file() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

TEST_CASE("standard input from nothing a text or a file") {
  const no_leaks guard;
  CHECK(said_by(child_command("cat", "print", "end")) == "end\n");
  command text = child_command("cat");
  const std::string large(300'000, 'x');  // more than a pipe holds
  text.input(stdin_source(stdin_source::text{large}));
  CHECK(said_by(text) == large);
  const spare_file file;
  std::ofstream(file.path) << "from a file";
  command from_file = child_command("cat");
  from_file.input(stdin_source(stdin_source::file{file.path}));
  CHECK(said_by(from_file) == "from a file");
}

TEST_CASE("standard input by a writer until it is closed") {
  const no_leaks guard;
  asio::io_context context;
  std::string said;
  const auto talk = [&]() -> task<void> {
    command what = child_command("cat", "print", "end");
    what.input(stdin_source(stdin_source::writer{}));
    process child = co_await spawn(std::move(what));
    co_await child.write_stdin("one ");
    co_await child.write_stdin("");
    co_await child.write_stdin("two ");
    child.close_stdin();
    child.close_stdin();
    said = co_await read_all(child);
    co_await child.wait();
  };
  run(context, talk);
  CHECK(said == "one two end\n");
}

TEST_CASE("more than the pipes hold goes through when both ends are served") {
  const no_leaks guard;
  asio::io_context context;
  std::string said;
  const std::string large(1 << 20, 'x');
  const auto write = [&](process& child) -> task<void> {
    co_await child.write_stdin(large);
    child.close_stdin();
  };
  const auto read = [&](process& child) -> task<void> { said = co_await read_all(child); };
  const auto talk = [&]() -> task<void> {
    command what = child_command("cat");
    what.input(stdin_source(stdin_source::writer{}));
    process child = co_await spawn(std::move(what));
    co_await when_all(write(child), read(child));
    co_await child.wait();
  };
  run(context, talk);
  CHECK(said == large);
}

std::error_code code_of_writing(command what, std::string bytes) {
  asio::io_context context;
  std::error_code code;
  const auto talk = [&]() -> task<void> {
    process child = co_await spawn(std::move(what));
    co_await test::read_until(child, "ready");
    const attempted<void> written = co_await attempt(child.write_stdin(std::move(bytes)));
    if (!written) code = written.reason().code();
  };
  run(context, talk);
  return code;
}

TEST_CASE("writing to a child that has closed its input or has none says so and raises no signal") {
  const no_leaks guard;  // SIGPIPE would end this program
  command closed = child_command("close-input", "print", "ready", "wait");
  closed.input(stdin_source(stdin_source::writer{}));
  CHECK(code_of_writing(closed, "x") == errc::stdin_closed);
  CHECK(code_of_writing(child_command("print", "ready", "wait"), "x") == errc::stdin_closed);
}

TEST_CASE("a child that ends while it is written to closes its input") {
  const no_leaks guard;
  command what = child_command("print", "ready", "sleep", "5", "exit", "0");
  what.input(stdin_source(stdin_source::writer{}));
  CHECK(code_of_writing(what, std::string(1 << 20, 'x')) == errc::stdin_closed);
}

TEST_CASE("a write that waits for room is abandoned by every type of cancellation") {
  const no_leaks guard;
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  command what = child_command("wait");
  what.input(stdin_source(stdin_source::writer{}));
  process child = test::complete(context, spawn(what));
  test::started<void> writing(context, child.write_stdin(std::string(1 << 20, 'x')));
  test::settle(context);
  CHECK_FALSE(writing.is_done());
  writing.cancel(type);
  test::settle(context);
  CHECK(writing.was_aborted());
  child.send(signal_number(SIGKILL));
  test::run_dry(context);
}

TEST_CASE("the two outputs come apart or merged in their order") {
  const no_leaks guard;
  asio::io_context context;
  std::string out;
  std::string err;
  const auto apart_streams = [&]() -> task<void> {
    process child = co_await spawn(child_command("print", "a", "error", "b", "print", "c"));
    CHECK(child.is_piped(output_stream::out));
    CHECK(child.is_piped(output_stream::err));
    out = co_await read_all(child, output_stream::out);
    err = co_await read_all(child, output_stream::err);
    co_await child.wait();
  };
  run(context, apart_streams);
  CHECK(out == "a\nc\n");
  CHECK(err == "b\n");
  const auto merged = [&]() -> task<void> {
    command what = child_command("print", "a", "error", "b", "print", "c");
    what.error_output(output_target(output_target::merged()));
    process child = co_await spawn(std::move(what));
    CHECK_FALSE(child.is_piped(output_stream::err));
    out = co_await read_all(child, output_stream::out);
    err = co_await read_all(child, output_stream::err);
    co_await child.wait();
  };
  run(context, merged);
  CHECK(out == "a\nb\nc\n");
  CHECK(err.empty());
}

TEST_CASE("an output to a file is appended or begins anew") {
  const no_leaks guard;
  const spare_file file;
  const auto write = [&](const char* word, output_target::file::mode mode, bool is_merged) {
    command what = child_command("print", word, "error", "error");
    what.output(output_target(output_target::file{file.path, mode}));
    if (is_merged) what.error_output(output_target(output_target::merged()));
    CHECK(said_by(what).empty());
  };
  using mode = output_target::file::mode;
  write("one", mode::append, false);
  write("two", mode::append, false);
  CHECK(content_of(file.path) == "one\ntwo\n");
  write("three", mode::truncate, true);
  CHECK(content_of(file.path) == "three\nerror\n");
}

TEST_CASE("an output is discarded or goes where ours goes") {
  const no_leaks guard;
  command discarded = child_command("link", "1", "print", "x");
  discarded.output(output_target(output_target::discarded()));
  command inherited = child_command("link", "1");
  inherited.output(output_target(output_target::inherited()));
  const auto complaint_of = [](command what) {
    asio::io_context context;
    const auto listen = [&]() -> task<std::string> {
      process child = co_await spawn(std::move(what));
      const std::string out = co_await read_all(child, output_stream::out);
      CHECK(out.empty());
      co_return co_await read_all(child, output_stream::err);
    };
    return run(context, listen);
  };
  CHECK(complaint_of(discarded) == "/dev/null\n");
  CHECK(complaint_of(inherited) == std::filesystem::read_symlink("/proc/self/fd/1").string() + "\n");
}

TEST_CASE("the capacity of the pipes is as asked as far as the system grants it") {
  const no_leaks guard;
  asio::io_context context;
  command what = child_command("flood", "200000", "print", "", "close-output", "wait");
  what.pipe_capacity(1 << 18);
  std::size_t read = 0;
  const auto talk = [&]() -> task<void> {
    process child = co_await spawn(std::move(what));
    for (;;) {
      const std::string_view bytes = co_await child.read_output(output_stream::out);
      if (bytes.empty()) break;
      read += bytes.size();
    }
  };
  run(context, talk);
  CHECK(read == 200'001);
}

TEST_CASE("a partial line and bytes of every value come as they are") {
  const no_leaks guard;
  command what = child_command("cat");
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  what.input(stdin_source(stdin_source::text{all}));
  CHECK(said_by(what) == all);
}

TEST_CASE("a read that waits is abandoned by every type of cancellation and loses nothing") {
  const no_leaks guard;
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  command what = child_command("skip-input", "print", "late");
  what.input(stdin_source(stdin_source::writer{}));
  process child = test::complete(context, spawn(what));
  test::started<std::string_view> reading(context, child.read_output(output_stream::out));
  test::settle(context);
  CHECK_FALSE(reading.is_done());
  reading.cancel(type);
  test::settle(context);
  CHECK(reading.was_aborted());
  child.close_stdin();
  CHECK(run(context, read_all(child)) == "late\n");
}

TEST_CASE("a child that floods does not keep others from running") {
  const no_leaks guard;
  asio::io_context context;
  bool is_over = false;
  int turns = 0;
  const auto flood = [&]() -> task<void> {
    process child = co_await spawn(child_command("flood", "67108864"));
    for (;;) {
      const std::string_view bytes = co_await child.read_output(output_stream::out);
      if (bytes.empty()) break;
    }
    co_await child.wait();
    is_over = true;
  };
  const auto count = [&]() -> task<void> {
    while (!is_over) {
      ++turns;
      co_await asio::post(context, use_task);
    }
  };
  asio::co_spawn(context, count(), [](const std::exception_ptr&) {});
  run(context, flood);
  CHECK(turns > 64);
}

}  // namespace t_process_streams
