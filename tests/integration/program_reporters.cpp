// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The program tells reporters of a configuration of a crash, and `send-test` tries them.
#include <catch.hpp>

#include <filesystem>
#include <string>

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
  CHECK(unknown.err.find("there is no reporter or exporter nobody") != std::string::npos);
  const program_result none = place("").run("send-test");
  CHECK(none.code == 2);
  CHECK(none.err.find("the configuration has neither reporters nor exporters") != std::string::npos);
}

TEST_CASE("a crash is told to Slack before the program ends") {
  if (!has_program("node") || !std::filesystem::exists(counterparty("slack_stub.mjs"))) {
    SKIP("needs node and " << counterparty("slack_stub.mjs"));
  }
  asio::io_context context;
  const std::uint16_t port = free_port(context);
  const peer slack(context, command("node", counterparty("slack_stub.mjs"), std::to_string(port)), port);
  const std::string base = "http://127.0.0.1:" + std::to_string(port);
  const place p("reporters:\n  - { id: ops, slack: { token: xoxb-1, channel: \"#ops\", url: \"" + base + "\" } }\n");
  const program_result tested = p.run("send-test");
  CHECK(tested.code == 0);
  CHECK(tested.out.find("ops: delivered in ") == 0);
  CHECK(p.run("up").code == 3);
  curl_client client(context.get_executor());
  const auto answer = run_task(context, attempt(client.exchange(http_request::get(base + "/messages"))));
  REQUIRE(answer);
  const auto messages = nlohmann::json::parse(answer->body());
  REQUIRE(messages.size() == 2);
  CHECK(messages[1]["channel"] == "#ops");
  const std::string told = messages[1].dump();
  CHECK(told.find("api") != std::string::npos);
  CHECK(told.find("the end") != std::string::npos);
  CHECK(told.find("hunter2") == std::string::npos);
}

}  // namespace t_program_reporters

#endif
