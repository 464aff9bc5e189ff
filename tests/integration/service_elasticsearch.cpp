// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events into a strict stand-in for Elasticsearch, well and ill: all of them arrive, and none twice.
#include <ovrseer/net/curl.hpp>
#include <ovrseer/service/elasticsearch.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/deliver/deliver_within.hpp>

#include "catch.hpp"
#include "counterparty.hpp"
#include "http_run.hpp"
#include "leaks.hpp"
#include "record_samples.hpp"

namespace t_service_elasticsearch {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using namespace std::chrono_literals;

// A stand-in that is running, and a sink for it.
struct stand {
  explicit stand(const std::string& mode, const std::string& megabytes = "100")
      : port(free_port(context)),
        server(context,
               command("node", counterparty("es_stub.mjs"), std::to_string(port), mode).env("MAXMB", megabytes), port),
        client(context.get_executor()) {
    options.limits.items = 30;
    options.retries = retry_limits(backoff::constant(1ms)).attempts(0);
    options.on_lost = [this](const log_record& record, const caught& why) {
      lost.push_back(record.line.text + ": " + why.what());
    };
    options.on_failure = [this](const caught& why) { failures.push_back(why.code()); };
  }

  url base() const { return "http://127.0.0.1:" + std::to_string(port); }
  elasticsearch service() const { return elasticsearch(base(), "logs-test-default"); }
  elasticsearch_sink<log_record, curl_client> sink_of(elasticsearch to) {
    return elasticsearch_sink<log_record, curl_client>(http_deliverer(std::move(to), client), options);
  }
  template <class Sink>
  void send(Sink& sink, std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count; ++i) {
      const log_record record = record_of("line " + std::to_string(i) + " \xFF\n\"", i);
      run_task(context, sink.deliver(record));
    }
    run_task(context, sink.flush(steady_time::max()));
  }
  nlohmann::json get(const std::string& path) {
    const http_response answer = run_task(context, client.exchange(http_request::get(base().under(path))));
    return nlohmann::json::parse(answer.body());
  }
  int count() { return get("/logs-test-default/_count")["count"]; }

  asio::io_context context;
  std::uint16_t port;
  peer server;
  curl_client client;
  batch_options<log_record> options;
  std::vector<std::string> lost;
  std::vector<std::error_code> failures;
};

TEST_CASE("Elasticsearch takes lines and events in batches") {
  NEEDS_STAND_IN("es_stub.mjs");
  const no_leaks nothing_left;
  stand at("ok");
  auto sink = at.sink_of(at.service().host_name("web-1"));
  at.send(sink, 100);
  CHECK(at.count() == 100);
  CHECK(sink.counts().batches == 4);
  CHECK(at.failures.empty());
  const auto first = at.get("/logs-test-default/_search")["hits"]["hits"][0];
  CHECK(first["_id"] == "boot/default/api/1/1700000000001");
  CHECK(first["_source"]["message"] == "line 1 \xEF\xBF\xBD\n\"");
  CHECK(first["_source"]["@timestamp"] == "2023-11-14T22:13:20.001Z");

  elasticsearch_sink<stored_event, curl_client> events(http_deliverer(at.service(), at.client));
  const stored_event what = event_of(event_type::crashed);
  run_task(at.context, events.deliver(what));
  run_task(at.context, events.flush(steady_time::max()));
  CHECK(at.count() == 101);
}

TEST_CASE("what was sent twice to Elasticsearch is there once") {
  NEEDS_STAND_IN("es_stub.mjs");
  stand at("ok");
  for (int i = 0; i != 2; ++i) {  // as after an answer that got lost
    auto sink = at.sink_of(at.service());
    at.send(sink, 50);
    CHECK(sink.counts().delivered == 50);
  }
  CHECK(at.count() == 50);
  CHECK(at.failures.empty());
}

TEST_CASE("documents that Elasticsearch puts off arrive later and only those are sent again") {
  NEEDS_STAND_IN("es_stub.mjs");
  stand at("partial429");
  auto sink = at.sink_of(at.service());
  at.send(sink, 100);
  CHECK(at.count() == 100);
  CHECK(at.lost.empty());
  CHECK(sink.counts().delivered == 100);
  REQUIRE_FALSE(at.failures.empty());
  for (const std::error_code& each : at.failures) CHECK(each == errc::throttled);
}

TEST_CASE("an Elasticsearch that is away for a while loses nothing") {
  NEEDS_STAND_IN("es_stub.mjs");
  const auto [mode, code] = GENERATE(std::pair("503", errc::unavailable), std::pair("429", errc::throttled));
  stand at(mode);
  auto sink = at.sink_of(at.service());
  at.send(sink, 100);
  CHECK(at.count() == 100);
  CHECK(at.failures == std::vector<std::error_code>{make_error_code(code)});
  CHECK(at.lost.empty());
}

TEST_CASE("a document that Elasticsearch cannot map is refused for good") {
  NEEDS_STAND_IN("es_stub.mjs");
  stand at("badmap");
  auto sink = at.sink_of(at.service());
  at.send(sink, 40);
  CHECK(at.count() == 40);  // a line is always a text
  const auto send = [&] {
    http_request made = http_request::post(
        at.base().under("/logs-test-default/_bulk"),
        "{\"create\":{}}\n{\"message\":\"good\"}\n{\"create\":{}}\n{\"message\":7}\n", "application/x-ndjson");
    return run_task(at.context, at.client.exchange(std::move(made)));
  };
  const http_response answer = send();
  try {
    at.service().accept(answer, wall_time());
    FAIL("it was taken");
  } catch (const batch_failed& failure) {
    CHECK(failure.code() == errc::rejected);
    CHECK(failure.again().empty());
    REQUIRE(failure.refused().size() == 1);
    CHECK(failure.refused()[0].index == 1);
    CHECK(failure.refused()[0].reason.find("400: document_parsing_exception: ") != std::string::npos);
  }
}

TEST_CASE("lines are held until Elasticsearch lets us in") {
  NEEDS_STAND_IN("es_stub.mjs");
  stand at("auth");
  at.options.retries.attempts(0);
  auto stranger = at.sink_of(at.service().basic("elastic", "wrong"));
  for (std::uint64_t i = 1; i != 41; ++i) {
    const log_record record = record_of("x", i);
    run_task(at.context, stranger.deliver(record));
  }
  REQUIRE_FALSE(at.failures.empty());
  CHECK(at.failures[0] == errc::not_permitted);
  CHECK(stranger.waiting() == 40);
  auto last = [&] { return stranger.flush(steady_time::max()); };
  const delivery_end ended = run_task(at.context, end_within(last, delivery_limits(200ms)));
  CHECK_FALSE(ended.is_delivered());
  CHECK(stranger.waiting() == 40);
  CHECK(at.lost.empty());
  auto known = at.sink_of(at.service().api_key("abc"));
  at.send(known, 40);
  CHECK(known.counts().delivered == 40);
}

TEST_CASE("a batch that is too large for Elasticsearch is divided") {
  NEEDS_STAND_IN("es_stub.mjs");
  stand at("ok", "0.004");
  at.options.limits.items = 100;
  auto sink = at.sink_of(at.service());
  at.send(sink, 100);
  CHECK(at.count() == 100);
  CHECK(at.lost.empty());
  REQUIRE(at.failures.size() > 2);
  for (const std::error_code& each : at.failures) CHECK(each == errc::message_too_large);
}

TEST_CASE("an Elasticsearch that nobody answers for is tried again") {
  NEEDS_STAND_IN("es_stub.mjs");
  stand at("ok");
  elasticsearch_sink<log_record, curl_client> sink(
      http_deliverer(elasticsearch("http://127.0.0.1:" + std::to_string(free_port(at.context)), "logs"), at.client),
      at.options);
  const log_record record = record_of("x");
  run_task(at.context, sink.deliver(record));
  auto last = [&] { return sink.flush(steady_time::max()); };
  const delivery_end ended = run_task(at.context, end_within(last, delivery_limits(100ms)));
  CHECK_FALSE(ended.is_delivered());
  CHECK(sink.counts().failed > 1);
  CHECK(at.failures[0] == condition::retryable);
  CHECK(sink.waiting() == 1);
}

}  // namespace t_service_elasticsearch
