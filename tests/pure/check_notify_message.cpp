// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Datagrams of the notify protocol as values: every assignment, what is none, and any bytes at all.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/notify_message.hpp>

namespace t_check_notify_message {

using namespace ovrseer;
using namespace std::chrono_literals;
using watchdog = notify_message::watchdog;

notify_message read(std::string_view text) {
  const std::optional<notify_message> message = parse_notify(text);
  REQUIRE(message.has_value());
  return *message;
}

TEST_CASE("every assignment of the notify protocol is understood") {
  const notify_message all = read(
      "READY=1\nRELOADING=1\nSTOPPING=1\nSTATUS=Processing requests...\nERRNO=2\nEXIT_STATUS=7\nMAINPID=4711\n"
      "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=2500000\nBARRIER=1");
  CHECK(all.is_ready);
  CHECK(all.is_reloading);
  CHECK(all.is_stopping);
  CHECK(all.is_barrier);
  CHECK(all.status == "Processing requests...");
  CHECK(all.error_number == 2);
  CHECK(all.exit_status == 7);
  CHECK(all.main_pid == 4711);
  CHECK(all.alive == watchdog::beat);
  CHECK(all.extend_timeout == 2500ms);
  CHECK(all.ignored == 0);
  CHECK(read("WATCHDOG=trigger").alive == watchdog::trigger);
  CHECK(read("WATCHDOG=trigger\nWATCHDOG=1").alive == watchdog::trigger);
}

TEST_CASE("a notify message may be empty or end with a newline") {
  CHECK(read("").ignored == 0);
  CHECK(read("\n\n").ignored == 0);
  CHECK(read("READY=1\n").is_ready);
  CHECK(read("READY=1\n\nSTATUS=\n").status == "");
}

TEST_CASE("what the notify protocol has beside is ignored and counted") {
  const notify_message other =
      read("FDSTORE=1\nFDNAME=db\nFDPOLL=0\nMONOTONIC_USEC=5\nX_OF_OURS=1\nNOTIFYACCESS=all\nREADY=1");
  CHECK(other.is_ready);
  CHECK(other.ignored == 6);
}

TEST_CASE("a value that is none changes nothing") {
  for (const char* wrong : {"READY=0",
                            "READY=yes",
                            "READY=",
                            "READY",
                            "ready=1",
                            " READY=1",
                            "READY=1 ",
                            "READY=1\r",
                            "=1",
                            "=",
                            "WATCHDOG=0",
                            "WATCHDOG=now",
                            "ERRNO=-1",
                            "ERRNO=two",
                            "ERRNO=",
                            "ERRNO=99999999999",
                            "EXIT_STATUS=0x1",
                            "MAINPID=0",
                            "MAINPID=-5",
                            "MAINPID=1 2",
                            "EXTEND_TIMEOUT_USEC=-1",
                            "EXTEND_TIMEOUT_USEC=1s",
                            "no assignment"}) {
    INFO(wrong);
    const notify_message message = read(wrong);
    CHECK(message.ignored == 1);
    CHECK_FALSE(message.is_ready);
    CHECK(message.alive == watchdog::none);
    CHECK_FALSE(message.error_number.has_value());
    CHECK_FALSE(message.exit_status.has_value());
    CHECK_FALSE(message.main_pid.has_value());
    CHECK_FALSE(message.extend_timeout.has_value());
  }
  CHECK(read("ERRNO=0").error_number == 0);
  CHECK(read("EXIT_STATUS=3\nEXIT_STATUS=4").exit_status == 4);
}

TEST_CASE("a notify status is one line of a bearable length") {
  CHECK(read("STATUS=a=b").status == "a=b");
  CHECK(read("STATUS=bell\a tab\t esc\x1b[2J").status == "bell  tab  esc [2J");
  const std::string umlauts = "STATUS=" + std::string(longest_notify_status - 1, 'x') + "\xC3\xA4\xC3\xA4";
  CHECK(read(umlauts).status == std::string(longest_notify_status - 1, 'x'));
  CHECK(read("STATUS=" + std::string(longest_notify_status, 'x')).status->size() == longest_notify_status);
}

TEST_CASE("more time is asked for within a year") {
  CHECK(read("EXTEND_TIMEOUT_USEC=18446744073709551615").extend_timeout == std::chrono::hours(365 * 24));
  CHECK(read("EXTEND_TIMEOUT_USEC=18446744073709551616").ignored == 1);
  CHECK(read("EXTEND_TIMEOUT_USEC=0").extend_timeout == 0us);
}

TEST_CASE("what has a zero byte or is too long is no notify message") {
  using namespace std::string_view_literals;
  CHECK_FALSE(parse_notify("READY=1\0"sv).has_value());
  CHECK_FALSE(parse_notify("\0"sv).has_value());
  CHECK_FALSE(parse_notify(std::string(longest_notify_message + 1, '\n')).has_value());
  CHECK(parse_notify(std::string(longest_notify_message, '\n')).has_value());
}

TEST_CASE("any bytes are a notify message or none and never more than they say") {
  std::mt19937 random(20'260'701);
  const std::vector<std::string> words{
      "READY=1", "\n",    "STATUS=", "WATCHDOG=", "1",     "trigger", "=",
      "MAINPID", "ERRNO", "-",       "9",         "\x80",  "\xff",    "EXTEND_TIMEOUT_USEC=",
      "FDSTORE", "\r",    " ",       "BARRIER=1", "\x1b[", "\xC3"};
  const auto pick = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random); };
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t parts = pick(40); parts != 0; --parts) {
      text += pick(3) != 0 ? words[pick(words.size())] : std::string(1, static_cast<char>(pick(256)));
    }
    const std::optional<notify_message> message = parse_notify(text);
    REQUIRE(message.has_value() == (text.find('\0') == std::string::npos));
    if (!message) continue;
    std::size_t lines = 1;
    for (const char c : text) lines += c == '\n' ? 1 : 0;
    REQUIRE(message->ignored <= lines);
    REQUIRE((!message->is_ready || text.find("READY=1") != std::string::npos));
    REQUIRE((!message->main_pid || *message->main_pid > 0));
    REQUIRE((!message->error_number || *message->error_number >= 0));
    REQUIRE((!message->extend_timeout || *message->extend_timeout >= 0us));
    if (message->status) {
      REQUIRE(message->status->size() <= longest_notify_status);
      for (const char c : *message->status) REQUIRE((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    }
    // The same again behind itself says the same.
    const std::optional<notify_message> twice = parse_notify(text + "\n" + text);
    REQUIRE(twice.has_value());
    REQUIRE(twice->ignored == 2 * message->ignored);
    REQUIRE(twice->status == message->status);
    REQUIRE(twice->main_pid == message->main_pid);
  }
}

notify_state::time_point at(std::chrono::seconds time) { return notify_state::time_point(time); }

TEST_CASE("what a process has said is what its messages come to") {
  notify_state said;
  said.take(read("STATUS=starting\nEXTEND_TIMEOUT_USEC=5000000"), at(1s));
  CHECK_FALSE(said.is_ready);
  CHECK(said.extended_until == at(6s));
  said.take(read("READY=1\nMAINPID=17"), at(2s));
  CHECK(said.is_ready);
  CHECK(said.status == "starting");
  CHECK(said.main_pid == 17);
  said.take(read("RELOADING=1"), at(3s));
  CHECK(said.is_reloading);
  CHECK(said.is_ready);
  said.take(read("READY=1\nSTATUS="), at(4s));
  CHECK_FALSE(said.is_reloading);
  CHECK(said.ready_at == at(2s));
  CHECK(said.status.empty());
  said.take(read("WATCHDOG=1"), at(5s));
  said.take(read("WATCHDOG=1"), at(6s));
  CHECK(said.last_beat == at(6s));
  CHECK(said.beats == 2);
  CHECK_FALSE(said.triggered_at.has_value());
  said.take(read("WATCHDOG=trigger"), at(7s));
  said.take(read("WATCHDOG=trigger"), at(8s));
  CHECK(said.triggered_at == at(7s));
  CHECK(said.last_beat == at(6s));
  said.take(read("STOPPING=1\nERRNO=5\nEXIT_STATUS=3"), at(9s));
  said.take(read(""), at(10s));
  CHECK(said.is_stopping);
  CHECK(said.error_number == 5);
  CHECK(said.exit_status == 3);
}

TEST_CASE("reloading and ready in one message is ready") {
  notify_state said;
  said.take(read("RELOADING=1\nREADY=1"), at(1s));
  CHECK(said.is_ready);
  CHECK_FALSE(said.is_reloading);
}

}  // namespace t_check_notify_message
