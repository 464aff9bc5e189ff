// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The program tells reporters of a configuration of a crash, and `send-test` tries them.
#include <catch.hpp>

#include <csignal>
#include <filesystem>
#include <string>

#include <asio/ip/tcp.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/net/curl.hpp>

#include "counterparty.hpp"
#include "leaks.hpp"
#include "program_run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_program_reporters {

using namespace ovrseer;
using namespace ovrseer::test;

/// A folder of its own with a configuration, in which the program runs.
struct place {
  explicit place(const std::string& reporters) {
    write_file(folder / "ovrseer.yml",
               "processes:\n  - { id: api, shell: \"echo token=hunter2; echo the end; exit 3\", restartPolicy: no }\n"
               "reports: { enabled: false }\n" +
                   reporters);
  }
  template <class... Words>
  program_result run(Words&&... words) const {
    command what(OVRSEER_PROGRAM, std::forward<Words>(words)...);
    what.working_directory(folder.path());
    return run_to_end(what);
  }
  ovrseer_test::disk_folder folder;
};

TEST_CASE("send-test says what came back and exits by it") {
  const no_leaks nothing_left;
  const std::string port = std::to_string(free_ports(1).front());
  const place p("reporters:\n  - { id: hook, webhook: \"http://127.0.0.1:" + port + "/secret\" }\n");
  const program_result refused = p.run("send-test", "hook");
  CHECK(refused.code == 1);
  CHECK(refused.out.find("hook: ") == 0);
  CHECK(refused.out.find("onnection refused") != std::string::npos);
  CHECK(refused.out.find("secret") == std::string::npos);
  const program_result as_json = p.run("send-test", "--json");
  CHECK(nlohmann::json::parse(as_json.out)["delivered"] == false);
  const program_result unknown = p.run("send-test", "nobody");
  CHECK(unknown.code == 2);
  CHECK(unknown.err.find("there is no reporter, exporter or sink nobody") != std::string::npos);
  const program_result none = place("").run("send-test");
  CHECK(none.code == 2);
  CHECK(none.err.find("the configuration has no reporters, exporters or sinks") != std::string::npos);
}

/// A stand-in by the name of its file, and what it tells of itself.
struct stand_in {
  explicit stand_in(const std::string& file)
      : port(free_port(context)), server(context, command("node", counterparty(file), std::to_string(port)), port) {}

  std::string base() const { return "http://127.0.0.1:" + std::to_string(port); }
  nlohmann::json get(const std::string& path) {
    curl_client client(context.get_executor());
    const auto answer = run_task(context, attempt(client.exchange(http_request::get(base() + path))));
    REQUIRE(answer);
    return nlohmann::json::parse(answer->body());
  }

  asio::io_context context;
  std::uint16_t port;
  peer server;
};

TEST_CASE("send-test closes the incident that it opened") {
  NEEDS_STAND_IN("pd_stub.mjs");
  stand_in pagerduty("pd_stub.mjs");
  const place p("reporters:\n  - { id: duty, pagerduty: { routingKey: 0123456789abcdef0123456789abcdef, url: \"" +
                pagerduty.base() + "\" } }\n");
  CHECK(p.run("send-test", "duty").code == 0);
  const nlohmann::json alerts = pagerduty.get("/alerts");
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0]["n"] == 2);
  CHECK(alerts[0]["state"] == "resolved");
}

TEST_CASE("send-test sends a line and an event to a sink and says what came back") {
  NEEDS_STAND_IN("es_stub.mjs");
  stand_in elasticsearch("es_stub.mjs");
  const std::string away = std::to_string(free_ports(1).front());
  const place p("sinks:\n  - { id: search, elasticsearch: { url: \"" + elasticsearch.base() +
                "\", target: logs-test-default } }\n  - { id: file, jsonLines: all.jsonl }\n"
                "  - { id: gone, http: \"http://127.0.0.1:" +
                away + "/lines\" }\n");
  const program_result search = p.run("send-test", "search");
  CHECK(search.code == 0);
  CHECK(search.out.find("search: delivered in ") == 0);
  CHECK(elasticsearch.get("/logs-test-default/_count")["count"] == 2);
  const program_result file = p.run("send-test", "file", "--json");
  CHECK(file.code == 0);
  CHECK(nlohmann::json::parse(file.out)["sink"] == "file");
  const std::string lines = content_of(p.folder / "all.jsonl");
  CHECK(lines.find("nobody has printed this") != std::string::npos);
  CHECK(lines.find("nothing has happened") != std::string::npos);
  const program_result gone = p.run("send-test", "gone");
  CHECK(gone.code == 1);
  CHECK(gone.out.find("gone: ") == 0);
  CHECK(gone.out.find("onnection refused") != std::string::npos);
}

TEST_CASE("an interrupt leaves what a receiver does not take") {
  const no_leaks nothing_left;
  asio::io_context context;
  // The kernel takes the connection, and nobody ever answers.
  const asio::ip::tcp::acceptor silent(context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const place p("reporters:\n  - { id: hook, webhook: \"http://127.0.0.1:" +
                std::to_string(silent.local_endpoint().port()) + "/\" }\n");
  command up(OVRSEER_PROGRAM, "up", "--json");
  up.working_directory(p.folder.path());
  program_run program(context.get_executor(), up);
  auto story = [&]() -> task<int> {
    co_await program.line("waiting for the last reports and lines");
    program.it.send(signal_number(SIGINT));
    const int code = co_await program.end();
    co_return code;
  };
  CHECK(complete(context, story) == 3);
  CHECK(program.text().find("not all reports and lines were delivered before the interrupt") != std::string::npos);
}

TEST_CASE("a crash is told to Slack before the program ends") {
  NEEDS_STAND_IN("slack_stub.mjs");
  stand_in slack("slack_stub.mjs");
  const place p("reporters:\n  - { id: ops, slack: { token: xoxb-1, channel: \"#ops\", url: \"" + slack.base() +
                "\" } }\n");
  const program_result tested = p.run("send-test");
  CHECK(tested.code == 0);
  CHECK(tested.out.find("ops: delivered in ") == 0);
  CHECK(p.run("up").code == 3);
  const nlohmann::json messages = slack.get("/messages");
  REQUIRE(messages.size() == 2);
  CHECK(messages[1]["channel"] == "#ops");
  const std::string told = messages[1].dump();
  CHECK(told.find("api") != std::string::npos);
  CHECK(told.find("the end") != std::string::npos);
  CHECK(told.find("hunter2") == std::string::npos);
}

}  // namespace t_program_reporters

#endif
