// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events on their way to services in batches: what is sent, and what each answer means for each document.
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <catch.hpp>

#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/service/elasticsearch.hpp>
#include <ovrseer/service/http_batch.hpp>
#include <ovrseer/sink/event_sink.hpp>
#include <ovrseer/sink/log_sink.hpp>

#include <record_samples.hpp>
#include "run.hpp"

namespace t_service_log_batches {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using namespace std::chrono_literals;
using nlohmann::json;
using places = std::vector<std::size_t>;

static_assert(log_sink<elasticsearch_sink<>>);
static_assert(event_sink<elasticsearch_sink<stored_event>>);
static_assert(!event_sink<elasticsearch_sink<>>);
static_assert(log_sink<http_batch_sink<>>);
static_assert(event_sink<http_batch_sink<stored_event>>);

constexpr wall_time now = wall_time(1'700'000'000s);

elasticsearch service() { return elasticsearch("https://es:9200/", "logs-shop-default"); }

std::vector<json> lines_of(const std::string& body) {
  std::vector<json> found;
  for (std::size_t at = 0; at != body.size();) {
    const std::size_t end = body.find('\n', at);
    REQUIRE(end != std::string::npos);
    found.push_back(json::parse(body.substr(at, end - at)));
    at = end + 1;
  }
  return found;
}

// What `accept` throws, as a batch of `size` sees it.
struct judged {
  batch_verdict verdict;
  std::error_code code;
  std::string what;
  std::optional<std::chrono::nanoseconds> after;
};
judged judge(const http_response& answer, std::size_t size = 4) {
  judged found;
  std::exception_ptr failure;
  try {
    service().accept(answer, now);
  } catch (...) {
    failure = std::current_exception();
  }
  found.verdict = judge_batch(failure, size);
  if (!failure) return found;
  found.code = caught(failure).code();
  found.what = caught(failure).what();
  found.after = retry_later::asked_by(failure);
  return found;
}
http_response bulk_answer(const std::vector<int>& statuses) {
  json items = json::array();
  for (const int status : statuses) {
    json item{{"_index", "i"}, {"_id", "1"}, {"status", status}};
    if (status >= 300) item["error"] = {{"type", "some_exception"}, {"reason", "because\nof it"}};
    items.push_back({{"create", item}});
  }
  return http_response().body(json{{"took", 3}, {"errors", true}, {"items", items}}.dump());
}

TEST_CASE("a bulk request creates each line under its own id") {
  log_record nasty = record_of("\xFF\n\"\x01", 2, unit_id("a/b", "db"));
  nasty.line.source = line_source::own;
  const http_request made = service().request(std::vector<log_record>{record_of("ready", 1), nasty}, now);
  CHECK(made.method() == "POST");
  CHECK(made.target().wire_text() == "https://es:9200/logs-shop-default/_bulk");
  CHECK(made.headers().get("Content-Type") == "application/x-ndjson");
  CHECK_FALSE(made.headers().contains("Authorization"));
  const auto lines = lines_of(made.body());
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == json{{"create", {{"_id", "boot/default/api/1/1700000000001"}}}});
  CHECK(lines[2]["create"]["_id"] == "boot/a/b/db/2/1700000000002");
  CHECK(lines[3]["message"] == "\xEF\xBF\xBD\n\"\x01");
  CHECK(lines[3]["labels"]["stream"] == "own");
  CHECK(made.body() == service().request(std::vector<log_record>{record_of("ready", 1), nasty}, now + 5s).body());
}

TEST_CASE("a line has the fields that ECS has for it") {
  log_record record = record_of("out of memory", 7, unit_id("shop", "api"));
  record.line.source = line_source::err;
  record.line.stated = level::error;
  record.flags = {{"oom", 1, {}}, {"slow", 3, {}}};
  elasticsearch to = service();
  CHECK(json::parse(to.document(record)) ==
        json::parse(R"({"@timestamp": "2023-11-14T22:13:20.007Z", "message": "out of memory",
    "ecs": {"version": "8.11.0"}, "log": {"level": "error"}, "service": {"name": "api"}, "process": {"name": "api"},
    "event": {"kind": "event", "dataset": "ovrseer.log", "sequence": 7}, "tags": ["oom", "slow"],
    "labels": {"namespace": "shop", "stream": "err", "boot_id": "boot"}})"));
  to.host_name("web-1").service_name("shop").environment("staging");
  record.line.stated = level::unknown;
  record.flags.clear();
  const json document = json::parse(to.document(record));
  CHECK(document["host"]["name"] == "web-1");
  CHECK(document["service"] == json{{"name", "shop"}, {"environment", "staging"}});
  CHECK_FALSE(document.contains("log"));
  CHECK_FALSE(document.contains("tags"));
}

TEST_CASE("an event tells what happened and how it ended") {
  stored_event what = event_of(event_type::crashed, 9);
  what.entry.severity = severity::error;
  transition_data data;
  data.why = {"exited with code 3", "restartPolicy", "restart 1 of 3"};
  data.status = exit_status::exited(3);
  what.entry.data = data;
  json document = json::parse(service().document(what));
  CHECK(document["message"] == "api crashed: exited with code 3 (restartPolicy: restart 1 of 3)");
  CHECK(document["log"]["level"] == "error");
  CHECK(document["event"] == json{{"kind", "event"},
                                  {"dataset", "ovrseer.event"},
                                  {"action", "crashed"},
                                  {"sequence", 9},
                                  {"reason", "exited with code 3 (restartPolicy: restart 1 of 3)"},
                                  {"outcome", "failure"}});
  CHECK(document["process"] == json{{"name", "api"}, {"exit_code", 3}});
  data.status = exit_status::signaled(signal_number(SIGKILL), exit_status::core::none);
  data.pid = 12;
  what.entry.data = data;
  CHECK(json::parse(service().document(what))["process"] == json{{"name", "api"}, {"pid", 12}});
  what = event_of(event_type::supervisor_started, 1, "");
  document = json::parse(service().document(what));
  CHECK(document["message"] == "supervisor_started");
  CHECK_FALSE(document.contains("process"));
  CHECK_FALSE(document.contains("service"));
  what = event_of(event_type::flag_matched, 2);
  what.entry.data = flag_data{"oom", 1, std::nullopt, "out of memory"};
  document = json::parse(service().document(what));
  CHECK(document["message"] == "api flag_matched: oom: out of memory");
  CHECK(document["tags"] == json{"oom"});
  CHECK(lines_of(service().request(std::vector<stored_event>{what}, now).body())[0]["create"]["_id"] == "boot/2");
}

TEST_CASE("the key or the password travels in one header and names of indices are escaped") {
  const std::vector<log_record> batch{record_of("x")};
  CHECK(service().api_key("abc").request(batch, now).headers().get("Authorization") == "ApiKey abc");
  CHECK(service().basic("Aladdin", "open sesame").request(batch, now).headers().get("Authorization") ==
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK_THROWS_AS(service().api_key("a\r\nX: y").request(batch, now), std::system_error);
  CHECK(elasticsearch("http://es/prefix", "<a-{now/d}>").request(batch, now).target().wire_text() ==
        "http://es/prefix/%3Ca-%7Bnow%2Fd%7D%3E/_bulk");
}

TEST_CASE("of a bulk answer each document has its own fate") {
  CHECK(judge(bulk_answer({201, 200, 409, 201})).code == std::error_code());
  const judged mixed = judge(bulk_answer({201, 429, 400, 503}).header("Retry-After", "7"));
  CHECK(mixed.code == errc::throttled);
  CHECK(mixed.verdict.again == places{1, 3});
  CHECK(mixed.verdict.lost == std::vector<item_refusal>{{2, "Elasticsearch: 400: some_exception: because of it"}});
  CHECK(mixed.after == 7s);
  CHECK_THAT(mixed.what, catchx::ContainsSubstring("of 4 documents 2 were put off and 1 refused; the first: 429"));
  CHECK(judge(bulk_answer({201, 500, 503, 201})).code == errc::unavailable);
  const judged refused = judge(bulk_answer({400, 404, 403, 201}));
  CHECK(refused.code == errc::rejected);
  CHECK(refused.verdict.lost.size() == 3);
  CHECK(refused.verdict.when == batch_verdict::next::at_once);
}

TEST_CASE("an answer to the whole request holds for all of its documents") {
  const auto verdict_of = [](int status) { return judge(http_response(status)); };
  for (const int status : {429, 502, 503, 504, 401, 403, 500, 302, 404, 410}) {
    INFO(status);
    CHECK(verdict_of(status).verdict.again.size() == 4);
    CHECK(verdict_of(status).verdict.when == batch_verdict::next::later);
  }
  CHECK(verdict_of(401).code == errc::not_permitted);
  CHECK(verdict_of(413).verdict.when == batch_verdict::next::smaller);
  CHECK(verdict_of(400).verdict.lost.size() == 4);
  CHECK(verdict_of(302).code == errc::misdirected);
}

TEST_CASE("what is no answer of the bulk API is never taken for a success") {
  for (const char* body : {"", "ok", "[]", "{}", R"({"items": {}})", R"({"items": [1]})", R"({"items": [{}]})",
                           R"({"items": [{"create": 1}]})", R"({"items": [{"create": {"status": "201"}}]})",
                           R"({"items": [{"create": {"status": 201}, "index": {"status": 201}}]})"}) {
    INFO(body);
    const judged found = judge(http_response().body(body));
    CHECK(found.code == errc::malformed_message);
    CHECK(found.verdict.again.size() == 4);
  }
  CHECK_FALSE(judge(http_response().body(R"({"items": []})")).code);
}

TEST_CASE("a batch for any address is objects on lines or one array") {
  log_record record = record_of("one", 1);
  record.flags = {{"any", 1, {}}};
  const std::vector<log_record> batch{record, record_of("two", 2)};
  http_batch to(url("https://host/secret/path"));
  to.header("X-Token", "t");
  const http_request lines = to.request(batch, now);
  CHECK(lines.headers().get("Content-Type") == "application/x-ndjson");
  CHECK(lines.headers().get("X-Token") == "t");
  CHECK(to_text(lines.target()).find("secret") == std::string::npos);
  const auto found = lines_of(lines.body());
  REQUIRE(found.size() == 3);
  CHECK(found[1]["type"] == "flag_matched");
  CHECK(found[2]["text"] == "two");
  const http_batch as_array(url("https://host/"), http_batch::format::json_array);
  const http_request array = as_array.request(batch, now);
  CHECK(array.headers().get("Content-Type") == "application/json");
  CHECK(json::parse(array.body()) == json(found));
  CHECK(as_array.request(std::vector<stored_event>(), now).body() == "[]");
  CHECK(lines_of(to.request(std::vector<stored_event>{event_of(event_type::ready)}, now).body())[0]["type"] == "ready");
  CHECK_NOTHROW(to.accept(http_response(204), now));
  CHECK_THROWS_AS(to.accept(http_response(500), now), retry_later);
}

TEST_CASE("a batch goes on with what the answer leaves of it until all is taken") {
  asio::io_context context;
  virtual_clock time(context);
  scripted_http_client client;
  client.then(http_response(413)).then(bulk_answer({201, 429})).then(http_response(503)).then(bulk_answer({201, 409}));
  client.then(bulk_answer({400}));
  batch_options<log_record> options;
  options.limits.items = 4;
  std::vector<std::string> lost;
  options.on_lost = [&](const log_record& record, const caught&) { lost.push_back(record.line.text); };
  elasticsearch_sink<log_record, scripted_http_client> sink(http_deliverer(service(), client), options);
  for (std::uint64_t i = 1; i != 5; ++i) {
    const log_record record = record_of("line " + std::to_string(i), i);
    run(context, time, sink.deliver(record));
  }
  run(context, time, sink.flush(steady_time::max()));
  std::vector<std::vector<std::uint64_t>> sent;
  for (const http_request& each : client.requests()) {
    sent.emplace_back();
    for (const json& line : lines_of(each.body())) {
      if (line.contains("event")) sent.back().push_back(line["event"]["sequence"]);
    }
  }
  using batches = std::vector<std::vector<std::uint64_t>>;
  CHECK(sent == batches{{1, 2, 3, 4}, {1, 2}, {2, 3}, {2, 3}, {4}});
  CHECK(lost == std::vector<std::string>{"line 4"});
  CHECK(sink.counts().delivered == 3);
}

TEST_CASE("a breaker within leaves a service that does not know us alone and the batch waits for it") {
  asio::io_context context;
  virtual_clock time(context);
  scripted_http_client client;
  for (int i = 0; i != 3; ++i) client.then(http_response(401));
  client.then(bulk_answer({201, 201}));
  breaker_options rules;
  rules.least = 3;
  rules.rest = 5min;
  batch_options<log_record> options;
  options.limits.items = 2;
  options.retries.random([] { return 0.0; });
  std::vector<std::error_code> failures;
  options.on_failure = [&](const caught& why) { failures.push_back(why.code()); };
  circuit_broken sender(http_deliverer(service(), client), rules);
  batched<decltype(sender), log_record> sink(std::move(sender), options);
  const std::vector<log_record> records{record_of("one", 1), record_of("two", 2)};
  for (const log_record& each : records) run(context, time, sink.deliver(each));
  run(context, time, sink.flush(steady_time::max()));
  const errc denied = errc::not_permitted;
  const std::vector<std::error_code> expected{denied, denied, denied, errc::circuit_open};
  CHECK(failures == expected);
  CHECK(client.requests().size() == 4);
  CHECK(sink.counts().delivered == 2);
  CHECK(time.now() > steady_time(5min));
  CHECK(time.now() < steady_time(6min));
}

}  // namespace t_service_log_batches
