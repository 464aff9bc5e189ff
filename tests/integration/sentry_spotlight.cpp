// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports as the real sidecar of Sentry reads them, and what becomes of one when the answer is bad.
#include <ovrseer/net/curl.hpp>
#include <ovrseer/service/sentry.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/when_all.hpp>
#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/utf8.hpp>

#include "catch.hpp"
#include "counterparty.hpp"
#include "http_peer.hpp"
#include "http_run.hpp"
#include "leaks.hpp"
#include "node_packages.hpp"
#include "report_samples.hpp"
#include "run_child.hpp"

namespace t_sentry_spotlight {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using namespace std::chrono_literals;
using nlohmann::json;

sentry service_at(std::uint16_t port) {
  return sentry(*sentry_dsn::parse("http://publickey@127.0.0.1:" + std::to_string(port) + "/1"));
}

/// Reads from the stream of events until it has so many; each on a line.
constexpr const char* reader = R"(
const [address, count] = process.argv.slice(1);
const seen = [];
let text = '';
const decoder = new TextDecoder();
for await (const part of (await fetch(address)).body) {
  text += decoder.decode(part, { stream: true });
  const whole = text.split('\n\n');
  text = whole.pop();
  seen.push(...whole.flatMap((one) => one.split('\n').filter((line) => line.startsWith('data: '))));
  if (seen.length >= count) break;
}
process.stdout.write(seen.map((line) => line.slice(6) + '\n').join(''), () => process.exit(0));
)";

/// The sidecar, running.
struct sidecar {
  explicit sidecar(const std::string& packages)
      : port(free_port(context)),
        server(context,
               command("node", counterparty("spotlight_srv.mjs"), std::to_string(port)).env("NODE_PACKAGES", packages),
               port),
        client(context.get_executor()) {}

  std::string base() const { return "http://127.0.0.1:" + std::to_string(port); }
  /// What it has read, oldest first: [header of the envelope, [[header of an item, payload], …]].
  std::vector<json> envelopes(std::size_t count) {
    command reading("node", "--input-type=module", "--eval", reader, base() + "/stream", std::to_string(count));
    const std::string said = run_task(context, output_of(std::move(reading)));
    std::vector<json> made;
    for (std::size_t at = 0; at < said.size();) {
      const std::size_t end = std::min(said.find('\n', at), said.size());
      made.push_back(json::parse(said.substr(at, end - at)));
      at = end + 1;
    }
    return made;
  }
  /// An envelope as it came.
  std::string raw(const json& envelope) {
    const std::string id = envelope[0]["__spotlight_envelope_id"];
    return run_task(context, client.exchange(http_request::get(base() + "/envelope/" + id))).body();
  }

  asio::io_context context;
  std::uint16_t port;
  peer server;
  curl_client client;
};

TEST_CASE("the sidecar of Sentry reads every report as it was and the end of its log byte for byte") {
  if (!std::filesystem::exists(counterparty("spotlight_srv.mjs"))) SKIP("needs " << counterparty("spotlight_srv.mjs"));
  // What the sidecar asks for in its newest version answers 500 to all.
  const node_folder& packages = node_packages({"@spotlightjs/spotlight@4.11.8", "hono@4.12.25"});
  if (!packages) SKIP(packages.reason());
  const no_leaks nothing_left;
  sidecar spotlight(*packages);
  sentry service = service_at(spotlight.port);
  service.environment("test").release("1.2.3").server_name("db-1");
  sentry_reporter<curl_client> reporter(service, spotlight.client);
  const std::vector<crash_report> reports{full_report(), nasty_report(), huge_report(), crash_report()};
  for (const crash_report& report : reports) {
    CHECK(run_task(spotlight.context, attempt(reporter.deliver(report))));
  }
  const std::vector<json> read = spotlight.envelopes(reports.size());
  REQUIRE(read.size() == reports.size());
  for (std::size_t i = 0; i != reports.size(); ++i) {
    CAPTURE(i);
    const json& head = read[i][0];
    CHECK(head["event_id"] == sentry::event_id(reports[i]));
    CHECK(head["sdk"]["name"] == "ovrseer");
    const json& items = read[i][1];
    REQUIRE(items.size() == (reports[i].last_lines.empty() ? 1 : 2));
    json event = items[0][1];
    CHECK(event["type"] == "event");  // by the sidecar
    event.erase("type");
    const std::string expected = service.event(reports[i]).dump(-1, ' ', false, json::error_handler_t::replace);
    CHECK(event == json::parse(expected));
    const std::string sent = service.envelope(reports[i], wall_time());
    const std::string came = spotlight.raw(read[i]);
    CHECK(came.substr(came.find('\n')) == sent.substr(sent.find('\n')));
  }

  const json& full = read[0][1][0][1];
  CHECK(full["level"] == "fatal");
  CHECK(full["exception"]["values"][0]["value"] == "api gave up");
  CHECK(full["tags"] == json{{"unit", "api"}, {"role", "dependency"}, {"kind", "retries_exhausted"}});
  CHECK(full["fingerprint"] == json{item_facts<crash_report>::fingerprint(reports[0])});
  CHECK(full["breadcrumbs"]["values"].size() == 2);
  CHECK(read[0][1][1][0]["filename"] == "last-lines.log");
  CHECK(read[0][1][1][1]["data"] == "one\ntwo\n");

  const json& nasty = read[1][1][0][1];
  CHECK(nasty["exception"]["values"][0]["value"] ==
        "api: <!channel> \"quotes\" & ``` \\ \xEF\xBF\xBD \xF0\x9F\x92\xA5\r\n|#,\x01");
  CHECK(nasty["tags"]["host"] == "a|b c");
  CHECK_FALSE(nasty["tags"].contains(""));
  const std::string replaced = "\xEF\xBF\xBD";
  const std::string nasty_log =
      std::string("```\n<script>\n") + '\0' + "nul\n" + replaced + replaced + "\n\x1b[31mred\n";
  CHECK(read[1][1][1][1]["data"] == nasty_log);

  std::string all;
  for (const std::string& line : reports[2].last_lines) all += valid_utf8(line) + "\n";
  const std::string kept = read[2][1][1][1]["data"];
  CHECK(all.ends_with(kept));
  CHECK(kept.size() <= 128U << 10U);
  CHECK(kept.size() > (128U << 10U) - 4);
  CHECK(read[2][1][0][1]["tags"].size() == 53);
  CHECK(read[3][1][0][1]["exception"]["values"][0]["type"] == "crash");
}

/// What a delivery comes to when the answer is these bytes, and how many reports were dropped after it.
struct answered {
  std::error_code code;
  std::string said;
  std::uint64_t dropped = 0;
};
answered deliver_to(const std::string& bytes, peer_ending how, curl_options options = {}) {
  asio::io_context context;
  std::optional<raw_peer> peer(std::in_place, context.get_executor());
  sentry_reporter<curl_client> reporter(service_at(peer->at().effective_port()),
                                        curl_client(context.get_executor(), std::move(options)));
  const crash_report report = full_report();
  auto scenario = [&]() -> task<attempted<void>> {
    auto [served, got] = co_await when_all(peer->answer_once(bytes, how), attempt(reporter.deliver(report)));
    static_cast<void>(served);
    co_return std::move(got);
  };
  const auto first = run_task(context, scenario());
  answered made;
  if (!first) made = {first.reason().code(), first.reason().what()};
  peer.reset();  // nobody listens any more: what is not dropped is refused
  const auto second = run_task(context, attempt(reporter.deliver(report)));
  CHECK_FALSE(second);
  made.dropped = reporter.dropped();
  return made;
}

TEST_CASE("each answer of Sentry says whether the report comes again and whether the next is dropped") {
  const no_leaks nothing_left;
  const auto head = [](const std::string& status, const std::string& headers = "") {
    return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: 0\r\n\r\n";
  };
  const std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  struct row {
    std::string name;
    std::string bytes;
    peer_ending how;
    std::error_code code;
    std::uint64_t dropped;
  };
  const auto closes = peer_ending::close;
  const std::vector<row> rows{
      {"taken", head("200 OK"), closes, {}, 0},
      {"taken and enough", head("200 OK", "X-Sentry-Rate-Limits: 60:error;default:key\r\n"), closes, {}, 1},
      {"taken and enough of others", head("200 OK", "X-Sentry-Rate-Limits: 60:transaction:key\r\n"), closes, {}, 0},
      {"too many of all", head("429 Slow", "X-Sentry-Rate-Limits: 60::organization\r\n"), closes, errc::throttled, 1},
      {"too many of others", head("429 Slow", "X-Sentry-Rate-Limits: 60:session:key\r\n"), closes, errc::throttled, 0},
      {"too many for a time", head("429 Slow", "Retry-After: 60\r\n"), closes, errc::throttled, 1},
      {"too many until a moment that was", head("429 Slow", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n"), closes,
       errc::throttled, 0},
      {"too many and no word more", head("429 Slow"), closes, errc::throttled, 1},
      {"too large", head("413 Too Large"), closes, errc::message_too_large, 0},
      {"a wrong key", head("401 Unauthorized"), closes, errc::not_permitted, 0},
      {"a project that is closed", head("403 Forbidden", "X-Sentry-Error: event submission rejected\r\n"), closes,
       errc::not_permitted, 0},
      {"no envelope", head("400 Bad"), closes, errc::rejected, 0},
      {"elsewhere", head("302 Found", "Location: http://127.0.0.1:1/\r\n"), closes, errc::misdirected, 0},
      {"a proxy without Sentry", head("502 Bad Gateway"), closes, errc::unavailable, 0},
      {"out of order", head("503 Away", "Retry-After: 60\r\n"), closes, errc::unavailable, 0},
      {"nothing at all", "", closes, errc::connection_closed, 0},
      {"a reset", "HTTP/1.1 200", peer_ending::reset, std::make_error_code(std::errc::connection_reset), 0},
      {"a part of the chunks", chunks + "5\r\nab", closes, errc::connection_closed, 0},
      {"an answer without end", chunks + "200000\r\n" + std::string(0x200000, 'x'), peer_ending::hold,
       errc::message_too_large, 0},
  };
  for (const row& each : rows) {
    CAPTURE(each.name);
    const answered got = deliver_to(each.bytes, each.how);
    CAPTURE(got.said);
    CHECK(got.code == each.code);
    CHECK(got.dropped == each.dropped);
    CHECK(got.said.find("publickey") == std::string::npos);  // the DSN is a secret
  }
  const answered slow = deliver_to("HTTP/1.1 200 OK\r\n", peer_ending::hold, curl_options().exchange_limit(20ms));
  CHECK(slow.code == errc::timed_out);
  CHECK(slow.code == condition::retryable);
}

}  // namespace t_sentry_spotlight
