// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Commands, signals and exits as people read and write them.
#include <optional>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/process/command.hpp>
#include <ovrseer/process/exit_status.hpp>

namespace t_process_text {

using namespace ovrseer;

TEST_CASE("a command reads as a person would type it") {
  CHECK(to_text(command("ls")) == "ls");
  CHECK(to_text(command("/bin/ls", "-l", "a=b", "x:y,z@1%+")) == "/bin/ls -l a=b x:y,z@1%+");
  CHECK(to_text(command("echo", "two words", "")) == "echo 'two words' ''");
  CHECK(to_text(command("echo", "it's", "$HOME", "*")) == "echo 'it'\\''s' '$HOME' '*'");
  CHECK(to_text(command("a b")) == "'a b'");
  CHECK(to_text(command("db", "--password", "hunter2", "--token=hunter2")) ==
        "db --password '<redacted>' '--token=<redacted>'");
  CHECK(to_text(command::shell("TOKEN=hunter2 run")) == "TOKEN=<redacted> run");
  CHECK(to_text(command("echo", "line\nbreak")) == "echo 'line\nbreak'");
}

TEST_CASE("a shell line reads as it was written") {
  const command line = command::shell("sleep 1 && echo \"$HOME\"");
  CHECK(line.is_shell());
  CHECK(to_text(line) == "sleep 1 && echo \"$HOME\"");
  CHECK(line.program() == "/bin/sh");
  CHECK(line.arguments() == std::vector<std::string>{"-c", "sleep 1 && echo \"$HOME\""});
}

TEST_CASE("arguments are added in their order") {
  command what("a", std::string("b"));
  what.args("c", "d").arg_list({"e", "f"});
  CHECK(what.arguments() == std::vector<std::string>{"b", "c", "d", "e", "f"});
}

TEST_CASE("a command has the documented defaults") {
  const command what("a");
  CHECK(what.inherits_environment());
  CHECK(std::holds_alternative<stdin_source::nothing>(what.input().value()));
  CHECK(what.output().is_piped());
  CHECK(what.error_output().is_piped());
  CHECK(what.in_group() == command::group::own);
  CHECK(what.when_handle_dies() == command::fate::kill);
  CHECK(what.when_supervisor_dies() == command::fate::kill);
  CHECK(what.nice() == 0);
  CHECK(what.pipe_capacity() == 0);
  CHECK_FALSE(what.is_shell());
  CHECK_FALSE(what.user());
  CHECK_FALSE(what.file_mode_mask());
  CHECK(what.working_directory().empty());
}

TEST_CASE("a command that has our input stays in our group and one with a terminal leads a session") {
  command what("a");
  what.input(stdin_source(stdin_source::inherited{}));
  CHECK(what.in_group() == command::group::inherited);
  what.in_group(command::group::own);
  CHECK(what.in_group() == command::group::own);
  CHECK_FALSE(what.terminal());
  what.terminal(80, 24);
  CHECK(what.in_group() == command::group::session);
  CHECK(what.terminal() == terminal_size{80, 24});
}

TEST_CASE("the environment remembers what is set and what is removed") {
  command what("a");
  what.env("A", "1").env("B", "2").unset_env("C").env("A", "3");
  CHECK(what.environment().at("A") == "3");
  CHECK(what.environment().at("B") == "2");
  CHECK(what.environment().at("C") == std::nullopt);
  CHECK_FALSE(what.clear_env().inherits_environment());
}

TEST_CASE("signals have the names that people write") {
  CHECK(to_text(signal_number(SIGTERM)) == "SIGTERM");
  CHECK(to_text(signal_number(SIGKILL)) == "SIGKILL");
  CHECK(to_text(signal_number(SIGRTMIN)) == "SIGRTMIN+0");
  CHECK(to_text(signal_number(SIGRTMIN + 3)) == "SIGRTMIN+3");
  CHECK(to_text(signal_number(99)) == "signal 99");
  CHECK(to_text(signal_number(0)) == "signal 0");
}

TEST_CASE("signals are read from names and numbers") {
  for (const char* text : {"SIGTERM", "TERM", "sigterm", "term", "SigTerm", "15"}) {
    CHECK(parse_signal(text) == signal_number(SIGTERM));
  }
  CHECK(parse_signal("1") == signal_number(SIGHUP));
  CHECK(parse_signal("64") == signal_number(64));
  CHECK(parse_signal("SIGRTMIN") == signal_number(SIGRTMIN));
  CHECK(parse_signal("rtmin+3") == signal_number(SIGRTMIN + 3));
  for (const char* text : {"", "SIG", "TERMINATE", "0", "65", "-1", "15x", " 15", "TERM ", "99999999999", "SIGSIGTERM",
                           "RTMIN+", "RTMIN+31", "RTMIN+-1", "RTMIN3"}) {
    CHECK(parse_signal(text) == std::nullopt);
  }
}

TEST_CASE("what a signal is called can be read again") {
  for (int number = 1; number <= 64; ++number) {
    const std::string text = to_text(signal_number(number));
    CAPTURE(text);
    const bool has_name = !text.starts_with("signal ");
    if (has_name) CHECK(parse_signal(text) == signal_number(number));
  }
}

TEST_CASE("an exit status says how it came about") {
  const exit_status good = exit_status::exited(0);
  CHECK(good.is_success());
  CHECK(good.is_exited());
  CHECK(good.shell_code() == 0);
  CHECK(to_text(good) == "exited with code 0");

  const exit_status bad = exit_status::exited(3);
  CHECK_FALSE(bad.is_success());
  CHECK(bad.code() == 3);
  CHECK(bad.shell_code() == 3);

  const exit_status killed = exit_status::signaled(signal_number(SIGKILL));
  CHECK(killed.is_signaled());
  CHECK_FALSE(killed.is_exited());
  CHECK_FALSE(killed.is_success());
  CHECK(killed.signal() == signal_number(SIGKILL));
  CHECK(killed.shell_code() == 137);
  CHECK(to_text(killed) == "killed by SIGKILL");

  const exit_status dumped = exit_status::signaled(signal_number(SIGSEGV), exit_status::core::dumped);
  CHECK(dumped.has_core());
  CHECK(to_text(dumped) == "killed by SIGSEGV (core dumped)");

  const exit_status starved = exit_status::out_of_memory();
  CHECK(starved.was_out_of_memory());
  CHECK_FALSE(killed.was_out_of_memory());
  CHECK(starved.is_signaled());
  CHECK(starved.shell_code() == 137);
  CHECK(starved != killed);
  CHECK(to_text(starved) == "killed for want of memory");

  const exit_status lost = exit_status::lost();
  CHECK(lost.how() == exit_status::kind::lost);
  CHECK_FALSE(lost.is_success());
  CHECK_FALSE(lost.is_exited());
  CHECK(lost.shell_code() == 255);
  CHECK(to_text(lost) == "lost");
}

TEST_CASE("code 9 and signal 9 are not the same end and usage does not count") {
  CHECK_FALSE(exit_status::exited(9) == exit_status::signaled(signal_number(9)));
  CHECK_FALSE(exit_status::exited(0) == exit_status::lost());
  exit_status used = exit_status::exited(9);
  resource_usage usage;
  usage.minor_faults = 7;
  used.usage(usage);
  CHECK(used == exit_status::exited(9));
  CHECK(used.usage().minor_faults == 7);
}

}  // namespace t_process_text
