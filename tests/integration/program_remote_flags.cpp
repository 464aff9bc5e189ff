// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The program looks for flags that a server or a file defines, while its processes go on.
#include <catch.hpp>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include <ovrseer/net/llhttp.hpp>

#include "http_serving.hpp"
#include "leaks.hpp"
#include "program_run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_program_remote_flags {

using namespace ovrseer;
using namespace ovrseer::test;
using nlohmann::json;

/// What is defined now, as a server tells it that knows its versions.
struct definitions {
  std::string text;
  int version = 1;
  int asked = 0;
  std::string authorization;

  void set(std::string flags) {
    text = R"({"version": 1, "flags": [)" + flags + "]}";
    ++version;
  }
  http_handler handler() {
    return [this](http_request request) -> task<http_response> {
      ++asked;
      authorization = request.headers().get("Authorization").value_or("");
      const std::string tag = '"' + std::to_string(version) + '"';
      http_response made(304);
      if (request.headers().get("If-None-Match") != tag)
        made.status(200).body(text, "application/json").header("ETag", tag);
      co_return made;
    };
  }
};

TEST_CASE("flags of a server and of a file are swapped under processes that go on") {
  const no_leaks nothing_left;
  asio::io_context context;
  definitions defined;
  defined.set(R"({"name": "tick", "pattern": "tick"})");
  serving server(context.get_executor(), server_endpoint::loopback(), defined.handler());
  const ovrseer_test::disk_folder folder;
  const std::filesystem::path there = folder.path();
  const auto configuration = [&](const std::string& tags) {
    write_file(there / "ovrseer.yml",
               "processes:\n  - { id: clock, shell: \"while :; do echo tick; sleep 0.05; done\"" + tags +
                   " }\nreports: { enabled: false }\nremoteFlags:\n  - { url: \"" + server.at("/flags").wire_text() +
                   "\", interval: 100ms, token: s3cret }\n  - { file: flags.yml, interval: 100ms }\n");
  };
  configuration("");
  command what(OVRSEER_PROGRAM, "up", "--json", "-f", "ovrseer.yml");
  what.working_directory(there);
  program_run program(context.get_executor(), what);
  const auto story = [&]() -> task<int> {
    co_await program.line("1 added (tick)");
    co_await program.line("cannot be had");  // the file
    co_await program.event("clock", "flag_matched");
    write_file(there / "new.yml", "version: 1\nflags: [{ name: tock, pattern: tick, units: [clo*] }]\n");
    std::filesystem::rename(there / "new.yml", there / "flags.yml");
    co_await program.line("1 added (tock)");
    co_await program.line("\"flag\":\"tock\"");
    defined.set(R"({"name": "tick", "pattern": "("})");
    co_await program.line("are refused, those before go on");
    defined.set(R"({"name": "late", "pattern": "/TICK/i"})");
    co_await program.line("1 added (late), 1 removed (tick)");
    co_await program.line("\"flag\":\"late\"");
    configuration(", tags: [web]");
    const std::uint64_t seen = program.next_line();
    program.it.send(signal_number(SIGHUP));
    co_await program.line("the configuration is followed", seen);
    const std::uint64_t followed = program.next_line();
    co_await program.line("\"flag\":\"late\"", followed);
    co_await program.line("\"flag\":\"tock\"", followed);
    program.it.send(signal_number(SIGTERM));
    const int code = co_await program.end();
    co_return code;
  };
  CHECK(complete(context, story) == 0);
  CHECK(defined.authorization == "Bearer s3cret");
  CHECK(program.order_of("ready").size() == 1);  // nobody was restarted
  std::uint64_t late = 0;
  for (const json& each : program.json()) {
    if (each.at("kind") != "event" || each.at("type") != "flag_matched" || each.at("data").at("flag") != "late")
      continue;
    CHECK(each.at("data").at("count").get<std::uint64_t>() > late);  // it went on over the reload
    late = each.at("data").at("count");
  }
  CHECK(program.text().find("s3cret") == std::string::npos);
  CHECK(program.text(line_source::err).find("s3cret") == std::string::npos);
  complete(context, server.stop());
}

}  // namespace t_program_remote_flags

#endif
