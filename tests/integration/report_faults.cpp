// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What becomes of a report where a mail server, a command or an agent has a fault: each with the retries that the program
// puts around it, but for the length of their pauses.
#include <ovrseer/net/curl_mail.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/report/datadog_reporter.hpp>
#include <ovrseer/report/exec_reporter.hpp>
#include <ovrseer/report/mail_reporter.hpp>

#include "catch.hpp"
#include "datagram_receiver.hpp"
#include "disk_folder.hpp"
#include "http_run.hpp"
#include "leaks.hpp"
#include "mail_peer.hpp"
#include "report_samples.hpp"

namespace t_report_faults {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using ovrseer_test::disk_folder;
using ovrseer_test::full_report;

retry_limits soon() {
  retry_limits limits(backoff::constant(1ms));
  limits.only_if([](const failed_attempt& failed) { return failed.code == condition::retryable; });
  return limits;
}

/// Counts attempts, and does something after each.
template <class D>
struct watched {
  D inner;
  std::function<void(int)> after;
  int* attempts;

  task<void> deliver(const crash_report& report) {
    const attempted<> ended = co_await attempt(inner.deliver(report));
    ++*attempts;
    if (after) after(*attempts);
    if (!ended) ended.reason().rethrow();
  }
};

/// How the delivery through retries ended.
struct ended {
  std::error_code code;
  std::string said;
  int attempts = 0;
};
template <class D>
ended deliver(asio::io_context& context, D reporter, std::function<void(int)> after = {}) {
  int attempts = 0;
  retried around(watched<D>{std::move(reporter), std::move(after), &attempts}, soon());
  const crash_report report = full_report();
  const attempted<> got = run_task(context, attempt(around.deliver(report)));
  return {got ? std::error_code() : got.reason().code(), got ? std::string() : got.reason().what(), attempts};
}

using answers = mail_peer::answers;

/// A report by mail to a server that has a script for each connection.
struct by_mail {
  explicit by_mail(std::vector<answers> scripts, std::vector<mail_address> to = {"ops@example.com"}) {
    const no_leaks nothing_left;
    asio::io_context context;
    mail_peer server(context.get_executor());
    asio::co_spawn(context, server.serve_all(std::move(scripts)), [](const std::exception_ptr&) {});
    mail_reporter<curl_mail_client> reporter(mail_report("ovr@example.com", std::move(to)),
                                             curl_mail_client(context.get_executor(), server.address()));
    reporter.on_refused([this](const refused_recipient& who) { refused.push_back(who.address); });
    end = deliver(context, std::move(reporter));
    at = server.address().text();
    mails = server.mails();
  }
  ended end;
  std::string at;
  std::vector<std::string> mails;
  std::vector<std::string> refused;
};

TEST_CASE("a mail that a server puts off or loses comes again as it was") {
  const std::vector<answers> faults{
      {{"", "421 too busy"}}, {{"", ""}},           {{"EHLO", ""}}, {{"MAIL", "451 later"}}, {{"RCPT", "450 grey"}},
      {{"DATA", "452 full"}}, {{".", "451 later"}}, {{".", ""}}};
  for (const answers& each : faults) {
    CAPTURE(each.front().first, each.front().second);
    const by_mail sent({each, {}});
    CAPTURE(sent.end.said);
    CHECK(sent.end.code == std::error_code());
    CHECK(sent.end.attempts == 2);
    REQUIRE_FALSE(sent.mails.empty());
    CHECK(sent.mails.front() == sent.mails.back());  // whose id tells it to be the same
    CHECK_THAT(sent.mails.front(), catchx::ContainsSubstring("Message-ID: <"));
  }
}

TEST_CASE("a mail that a server refuses is told once with the server and its words") {
  for (const answers& each :
       {answers{{"", "554 go away"}}, answers{{"MAIL", "530 who"}}, answers{{"RCPT", "550 never"}},
        answers{{"DATA", "554 no"}}, answers{{".", "552 too large"}}}) {
    const by_mail sent({each, {}});
    CAPTURE(each.front().second, sent.end.said);
    CHECK(sent.end.code != condition::retryable);
    CHECK(sent.end.attempts == 1);
    CHECK_THAT(sent.end.said, catchx::ContainsSubstring(each.front().second));
    CHECK_THAT(sent.end.said, catchx::ContainsSubstring("127.0.0.1:"));
  }
}

TEST_CASE("a mail that some receivers have is not sent again for the others") {
  const by_mail sent({{{"RCPT TO:<bad@", "550 never"}}, {}}, {"bad@example.com", "ops@example.com"});
  CHECK(sent.end.code == std::error_code());
  CHECK(sent.end.attempts == 1);
  CHECK(sent.mails.size() == 1);
  CHECK(sent.refused == std::vector<std::string>{"bad@example.com"});
}

TEST_CASE("a mail server that stays away has a report five times") {
  const by_mail sent(std::vector<answers>(5, {{".", "451 later"}}));
  CHECK(sent.end.code == errc::unavailable);
  CHECK(sent.end.attempts == 5);
  CHECK(sent.mails.size() == 5);
}

/// A report to a command of the shell in a folder of its own.
struct by_command {
  explicit by_command(const std::string& script) {
    const no_leaks nothing_left;
    asio::io_context context;
    end = deliver(context, exec_reporter(command::shell(script).working_directory(folder.path())));
  }
  disk_folder folder;
  ended end;
};

TEST_CASE("a command that fails for a time is run again and one that refuses is not") {
  const std::string third = "echo x >>runs; test $(wc -l <runs) -ge 3";
  for (const std::string fails : {"exit 75", "kill -KILL $$", "kill -SEGV $$"}) {
    CAPTURE(fails);
    const by_command run(third + " || " + fails);
    CHECK(run.end.code == std::error_code());
    CHECK(run.end.attempts == 3);
  }
  for (const std::string refuses : {"exit 1", "exit 3", "exit 127", "no-such-command-of-ours"}) {
    CAPTURE(refuses);
    const by_command run("echo 'the password=hunter22 was' >&2; " + refuses);
    CHECK(run.end.code == errc::rejected);
    CHECK(run.end.attempts == 1);
    CHECK_THAT(run.end.said, catchx::ContainsSubstring("exited with code"));
    CHECK_THAT(run.end.said, !catchx::ContainsSubstring("hunter22"));
  }
  const by_command never("exit 75");
  CHECK(never.end.code == errc::unavailable);
  CHECK(never.end.attempts == 5);
}

TEST_CASE("a command that hangs or floods is ended at the limit with all its children") {
  for (const std::string hangs :
       {"sleep 1000", "trap '' TERM; while :; do sleep 1000; done", "yes", "yes >&2", "yes & yes >&2"}) {
    CAPTURE(hangs);
    const no_leaks nothing_left;
    asio::io_context context;
    exec_reporter reporter(command::shell(hangs));
    reporter.stop_by(stop_plan(signal_number(SIGTERM), 20ms));
    const crash_report report = full_report();
    const attempted<> got = run_task(context, attempt(with_deadline(reporter.deliver(report), 50ms)));
    REQUIRE_FALSE(got);
    CHECK(got.reason().code() == errc::timed_out);
    CHECK(got.reason().code() == condition::retryable);
  }
}

using statsd_to = datadog_reporter<datagram_socket>;

TEST_CASE("an agent that is not there yet or away for a while has the report when it is back") {
  const no_leaks nothing_left;
  const disk_folder folder;
  const std::string path = folder / "agent.sock";
  asio::io_context context;
  const auto reporter = [&](const datagram_address& to) {
    return statsd_to(statsd(), datagram_socket(context.get_executor(), to));
  };
  {
    std::vector<datagram_receiver> agent;
    const ended got = deliver(context, reporter(datagram_address::local(path)), [&](int attempts) {
      if (attempts == 2) agent.push_back(datagram_receiver::local(path));
    });
    CHECK(got.code == std::error_code());
    CHECK(got.attempts == 3);
    CHECK(agent.front().take().value_or("").starts_with("_sc|ovrseer.unit|2|"));
    CHECK(agent.front().take().value_or("").starts_with("_e{"));
  }
  const ended gone = deliver(context, reporter(datagram_address::local(path)));
  CHECK(gone.code == errc::unavailable);  // its path is there, but nobody behind it
  CHECK(gone.attempts == 5);
  CHECK_THAT(gone.said, catchx::ContainsSubstring("Datadog"));
  const std::uint16_t port = datagram_receiver::udp().port();
  std::vector<datagram_receiver> agent;
  const ended by_udp = deliver(context, reporter(datagram_address::udp("127.0.0.1", port)), [&](int attempts) {
    if (attempts == 2) agent.push_back(datagram_receiver::udp(port));
  });
  CHECK(by_udp.code == std::error_code());
  CHECK(by_udp.attempts == 3);
  CHECK(agent.front().take().value_or("").starts_with("_sc|ovrseer.unit|2|"));
}

TEST_CASE("an agent that does not read has the report when it does and nobody waits for it") {
  const disk_folder folder;
  asio::io_context context;
  datagram_receiver agent = datagram_receiver::local(folder / "agent.sock");
  datagram_socket sender(context.get_executor(), datagram_address::local(folder / "agent.sock"));
  for (int i = 0; i != 100'000 && !sender.send("x"); ++i) {}
  REQUIRE(sender.counts().full == 1);
  const ended full = deliver(context, statsd_to(statsd(), sender));
  CHECK(full.code == errc::unavailable);
  CHECK(full.attempts == 5);
  CHECK(sender.counts().full == 6);
  const ended read = deliver(context, statsd_to(statsd(), sender), [&](int attempts) {
    while (attempts == 1 && agent.take()) {}
  });
  CHECK(read.code == std::error_code());
  CHECK(read.attempts == 2);
  CHECK(agent.take().value_or("").starts_with("_sc|ovrseer.unit|2|"));
}

}  // namespace t_report_faults
