// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Sinks of a configuration: what is written becomes policies that send lines and events.
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <asio/ip/tcp.hpp>

#include <catch.hpp>
#include <disk_folder.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/sinks.hpp>
#include <ovrseer/config/yaml.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <record_samples.hpp>
#include <run.hpp>

namespace t_config_sinks {

using namespace ovrseer;
using namespace std::chrono_literals;

stack_configuration read(const std::string& text, const std::string& folder = "/srv") {
  auto document = read_yaml(source_text("x.yml", "processes: [{ id: a, command: x }]\n" + text));
  REQUIRE(document);
  auto made = read_configuration(*std::move(document), read_options().directory(folder));
  if (!made) FAIL(to_text(made.reason()));
  return *std::move(made);
}

// What the sink sends of a line and of an event.
std::deque<http_request> sent(const sink_settings& to) {
  asio::io_context context;
  scripted_http_client client;
  client.otherwise([](const http_request&) -> task<http_response> {
    http_response answer(200);
    answer.body("{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}");
    co_return answer;
  });
  sink_policies made = sinks_of(to, client);
  const log_record line = ovrseer_test::record_of("hello");
  const stored_event what = ovrseer_test::event_of(event_type::running);
  if (made.lines) test::run(context, made.lines->deliver(line));
  if (made.events) test::run(context, made.events->deliver(what));
  if (made.lines) test::run(context, made.lines->flush(steady_time::max()));
  if (made.events) test::run(context, made.events->flush(steady_time::max()));
  return client.requests();
}

TEST_CASE("each sink sends in its own format and what it is to get") {
  const auto all = read(R"(sinks:
  - { id: search, elasticsearch: { url: "https://es:9200", user: me, password: p }, what: lines }
  - { id: keyed, elasticsearch: { url: "https://es:9200", target: mine, apiKey: a2V5 }, what: events }
  - { id: own, http: { url: "https://example.com/logs", format: jsonArray, headers: { X-A: b } } }
)")
                       .sinks;
  REQUIRE(all.size() == 3);
  const auto lines = sent(all[0]);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].target().wire_text() == "https://es:9200/logs-ovrseer-default/_bulk");
  CHECK(lines[0].headers().get("Authorization") == "Basic bWU6cA==");
  const auto events = sent(all[1]);
  REQUIRE(events.size() == 1);
  CHECK(events[0].target().wire_text() == "https://es:9200/mine/_bulk");
  CHECK(events[0].headers().get("Authorization") == "ApiKey a2V5");
  const auto both = sent(all[2]);
  REQUIRE(both.size() == 2);
  CHECK(both[0].headers().get("X-A") == "b");
  CHECK(both[0].body().front() == '[');
}

TEST_CASE("lines and events share a file whose path is from the configuration") {
  const ovrseer_test::disk_folder disk;
  const auto all = read("sinks:\n  - { id: file, jsonLines: all.jsonl }\n", disk.path()).sinks;
  REQUIRE(all.size() == 1);
  CHECK(sent(all[0]).empty());
  const auto read_back = read_file(disk / "all.jsonl");
  REQUIRE(read_back);
  const std::string& text = *read_back;
  CHECK(std::count(text.begin(), text.end(), '\n') >= 2);
  CHECK(text.find("\"type\"") != std::string::npos);
  CHECK(text.find("\"text\"") != std::string::npos);
}

TEST_CASE("lines and events go over one connection to a stream") {
  asio::io_context context;
  asio::ip::tcp::acceptor to(context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const std::string port = std::to_string(to.local_endpoint().port());
  const auto all = read("sinks:\n  - { id: collector, stream: \"tcp://127.0.0.1:" + port + "\" }\n").sinks;
  REQUIRE(all.size() == 1);
  CHECK(sent(all[0]).empty());
  asio::ip::tcp::socket peer = to.accept();
  std::string text;
  std::array<char, 4096> part;
  std::error_code end;
  while (!end) text.append(part.data(), peer.read_some(asio::buffer(part), end));
  CHECK(std::ranges::count(text, '\n') == 2);
  CHECK(text.find("\"type\"") != std::string::npos);
  CHECK(text.find("\"text\"") != std::string::npos);
}

TEST_CASE("a stream that nobody reads is told and its lines are held") {
  asio::io_context context;
  virtual_clock time(context);
  std::optional<asio::ip::tcp::acceptor> to(std::in_place, context,
                                            asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const std::string address = "tcp://127.0.0.1:" + std::to_string(to->local_endpoint().port());
  to.reset();
  const auto all = read("sinks:\n  - { id: collector, stream: \"" + address + "\", what: lines }\n").sinks;
  REQUIRE(all.size() == 1);
  std::string told;
  sink_policies made = sinks_of(all[0], any_http_client(), [&](const caught& why) { told = why.what(); });
  REQUIRE(made.lines);
  CHECK_FALSE(made.events);
  const log_record line = ovrseer_test::record_of("hello");
  test::run(context, made.lines->deliver(line));
  CHECK_THROWS_AS(test::run(context, time, made.lines->flush(time.now() + 1s)), error);
  CHECK_THAT(told, catchx::ContainsSubstring("connect: " + address + ": "));
  CHECK(status_of(*made.lines).waiting == 1);
}

TEST_CASE("metrics may ask for a token or a password") {
  CHECK_FALSE(read("metrics: { listen: \"127.0.0.1:0\" }\n").metrics.credentials);
  const auto token = read("metrics: { listen: \"127.0.0.1:0\", token: abc }\n").metrics.credentials;
  REQUIRE(token);
  CHECK(token->match("Bearer abc"));
  const auto password = read("metrics: { listen: \"127.0.0.1:0\", user: me, password: p }\n").metrics.credentials;
  REQUIRE(password);
  CHECK(password->match("Basic bWU6cA=="));
}

}  // namespace t_config_sinks
