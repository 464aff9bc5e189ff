// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What becomes of a report and of a batch where a receiver or the way to it has a fault: each integration over HTTP, as the
// program configures it, through the real client against a peer on loopback.
#include <ovrseer/net/curl.hpp>

#include "service_story.hpp"

#include <set>

#include "catch.hpp"
#include "certificates.hpp"
#include "counterparty.hpp"
#include "leaks.hpp"

namespace t_service_faults {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

using fault = std::function<peer_answer(const service_story&, const std::string& request)>;

/// What a receiver does once, and what it is to us.
struct row {
  std::string name;
  fault does;
  std::error_code code;
  std::optional<std::chrono::nanoseconds> pause = {};  ///< before the next attempt, where the receiver asks for one
};

fault status(std::string line, std::string headers = "") {
  return [text = http_text(line, "said <b>no</b>\r\n", headers)](const service_story&, const std::string&) {
    return peer_answer(text);
  };
}
fault bytes(std::string text, peer_ending how = peer_ending::close) {
  return [answer = peer_answer(std::move(text), how)](const service_story&, const std::string&) { return answer; };
}
fault redirect(std::string line) {
  return [line](const service_story& at, const std::string&) {
    return peer_answer(http_text(line, "", "Location: http://" + at.elsewhere.authority() + "/\r\n"));
  };
}

const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string chunks = ok + "Transfer-Encoding: chunked\r\n\r\n";

std::vector<row> faults() {
  const std::error_code reset = std::make_error_code(std::errc::connection_reset);
  return {
      {"a reset", bytes("", peer_ending::reset), reset},
      {"a reset in the body", bytes(ok + "Content-Length: 10\r\n\r\nabc", peer_ending::reset), reset},
      {"nothing at all", bytes(""), errc::connection_closed},
      {"a part of the head", bytes("HTTP/1.1 200"), errc::connection_closed},
      {"a part of the chunks", bytes(chunks + "5\r\nab"), errc::connection_closed},
      {"no HTTP", bytes("SSH-2.0-OpenSSH_9.2p1\r\n\r\n"), errc::malformed_message},
      {"an announced answer that is huge", bytes(ok + "Content-Length: 99999999\r\n\r\n", peer_ending::hold),
       errc::message_too_large},
      {"an answer without end", bytes(chunks + "200000\r\n" + std::string(0x200000, 'x'), peer_ending::hold),
       errc::message_too_large},
      {"a head without end", bytes(ok + "A: " + std::string(100'000, 'a') + "\r\n", peer_ending::hold),
       errc::message_too_large},
      {"429 for seconds", status("429 Slow", "Retry-After: 30\r\n"), errc::throttled, 30s},
      {"429 until a date", status("429 Slow", "Retry-After: Tue, 01 Jan 2030 00:01:30 GMT\r\n"), errc::throttled, 90s},
      {"429 until a date that was", status("429 Slow", "Retry-After: Sat, 01 Jan 2000 00:00:00 GMT\r\n"),
       errc::throttled},
      {"503 for seconds", status("503 Away", "Retry-After: 120\r\n"), errc::unavailable, 120s},
      {"408", status("408 Late"), errc::unavailable},
      {"500", status("500 Oh"), errc::unavailable},
      {"502", status("502 Oh"), errc::unavailable},
      {"504", status("504 Oh"), errc::unavailable},
      {"400", status("400 Bad"), errc::rejected},
      {"401", status("401 Who", "WWW-Authenticate: Basic\r\n"), errc::not_permitted},
      {"403", status("403 No"), errc::not_permitted},
      {"404", status("404 Where"), errc::misdirected},
      {"410", status("410 Gone"), errc::misdirected},
      {"501", status("501 What"), errc::misdirected},
      {"301", redirect("301 There"), errc::misdirected},
      {"302", redirect("302 There"), errc::misdirected},
      {"303", redirect("303 There"), errc::misdirected},
      {"307", redirect("307 There"), errc::misdirected},
      {"308", redirect("308 There"), errc::misdirected},
  };
}

/// The request without what tells attempts apart, as Sentry's moment of sending.
std::string same_of(std::string request) {
  const std::size_t at = request.find("\"sent_at\":\"");
  if (at != std::string::npos) request.erase(at, request.find(',', at) - at);
  return request;
}

void check_words(const integration& what, const service_story& at, const std::string& said) {
  CAPTURE(said);
  CHECK((said.find(what.name + ": ") != std::string::npos || said.find(at.peer.authority()) != std::string::npos));
  CHECK(said.find("secret") == std::string::npos);
}

/// All attempts asked for the same, and each after the pause.
void check_attempts(const service_story& at, std::size_t count, std::optional<std::chrono::nanoseconds> pause) {
  REQUIRE(at.exchanges().size() == count);
  for (std::size_t i = 1; i != count; ++i) {
    const auto between = at.exchanges()[i] - at.exchanges()[i - 1];
    if (pause) CHECK(between == *pause);
    if (!pause) CHECK(between <= 1s);  // the first delay of ours
  }
  for (const std::string& each : at.peer.requests()) CHECK(same_of(each) == same_of(at.peer.requests().front()));
}

/// A receiver that has a fault once, and is well from then on.
void check_once(const integration& what, const row& has, curl_options options = {}) {
  CAPTURE(what.name, has.name);
  service_story at(what, std::move(options));
  at.peer.then([&](const std::string& request) { return has.does(at, request); }).listen();
  at.elsewhere.listen();
  const service_story::ended got = at.deliver();
  const bool is_final = has.code != condition::retryable;
  CHECK(at.elsewhere.connections() == 0);
  if (!at.is_sink()) {
    CAPTURE(got.said);
    CHECK(got.code == (is_final ? has.code : std::error_code()));
    check_attempts(at, is_final ? 1 : 2, has.pause);
    if (is_final) check_words(what, at, got.said);
    return;
  }
  CHECK(got.code == std::error_code());
  CHECK(at.failures() == std::vector<std::error_code>{has.code});
  check_words(what, at, got.said);
  const delivery_status status = at.status();
  CHECK(status.waiting == 0);
  const bool is_lost = has.code == errc::rejected;
  CHECK(status.failed == (is_lost ? service_story::lines : 0));
  CHECK(status.delivered == (is_lost ? 0 : service_story::lines));
  // A batch that is too large, or whose answer is, is halved.
  if (has.code != errc::message_too_large)
    check_attempts(at, is_lost ? 1 : 2, has.pause);
  else
    CHECK(at.exchanges().size() == 3);
}

TEST_CASE("a fault of a receiver is waited out or told once and for good") {
  const no_leaks nothing_left;
  for (const integration& what : all_integrations()) {
    for (const row& has : faults()) check_once(what, has);
  }
}

TEST_CASE("a receiver that is slow is left at the limit and asked again") {
  const no_leaks nothing_left;
  const std::error_code late = make_error_code(errc::timed_out);
  for (const integration& what : all_integrations()) {
    const curl_options impatient = curl_options().exchange_limit(60ms);
    check_once(what, {"silence", bytes("", peer_ending::hold), late}, impatient);
    check_once(what, {"a head in drops", bytes(ok + "X: ", peer_ending::drip), late}, impatient);
    check_once(what, {"a body in drops", bytes(ok + "Content-Length: 99999\r\n\r\n", peer_ending::drip), late},
               impatient);
  }
}

TEST_CASE("a receiver that nobody listens for is asked again when it is there") {
  for (const integration& what : all_integrations()) {
    CAPTURE(what.name);
    service_story at(what);
    at.after_each_exchange([&, first = true]() mutable {
      if (std::exchange(first, false)) at.peer.listen();
    });
    CHECK(at.deliver().code == std::error_code());
    check_attempts(at, 2, {});
    CHECK(at.peer.requests().size() == 1);
    if (at.is_sink()) {
      CHECK(at.failures() == std::vector<std::error_code>{std::make_error_code(std::errc::connection_refused)});
    }
  }
}

TEST_CASE("a receiver that stays away has a report five times and a batch until it is back") {
  const no_leaks nothing_left;
  struct one {
    row has;
    bool listens;
  };
  const std::vector<one> lasting{
      {{"refused", {}, std::make_error_code(std::errc::connection_refused)}, false},
      {{"a reset", bytes("", peer_ending::reset), std::make_error_code(std::errc::connection_reset)}, true},
      {{"nothing at all", bytes(""), errc::connection_closed}, true},
      {{"500", status("500 Oh"), errc::unavailable}, true},
      {{"429", status("429 Slow", "Retry-After: 5\r\n"), errc::throttled}, true},
  };
  for (const integration& what : all_integrations()) {
    for (const auto& [has, listens] : lasting) {
      CAPTURE(what.name, has.name);
      service_story at(what);
      at.peer.otherwise([&](const std::string& request) { return has.does(at, request); });
      if (listens) at.peer.listen();
      const service_story::ended got = at.deliver("api", 20min);
      check_words(what, at, got.said);
      for (const std::string& each : at.peer.requests()) CHECK(same_of(each) == same_of(at.peer.requests().front()));
      if (!at.is_sink()) {
        CHECK(got.code == has.code);
        CHECK(at.exchanges().size() == 5);
        continue;
      }
      CHECK((got.code == has.code || got.code == errc::circuit_open));
      CHECK(at.status().waiting == service_story::lines);
      CHECK(at.status().openings > 0);
      CHECK(at.exchanges().size() > 5);
      CHECK(at.exchanges().size() < 40);  // the breaker leaves it alone
      at.peer.otherwise(what.takes);
      if (!listens) at.peer.listen();
      CHECK(at.deliver().code == std::error_code());
      CHECK(at.status().delivered == 2 * service_story::lines);
    }
  }
}

TEST_CASE("what a receiver finds too large is divided or final") {
  for (const integration& what : all_integrations()) {
    CAPTURE(what.name);
    service_story at(what);
    std::multiset<std::string> taken;
    at.peer.otherwise([&](const std::string& request) -> peer_answer {
      const auto has = [&](int line) { return request.find("line " + std::to_string(line)) != std::string::npos; };
      std::vector<std::string> lines;
      for (int i = 1; i <= 4; ++i) {
        if (has(i)) lines.push_back("line " + std::to_string(i));
      }
      if (lines.size() != 1) return http_text("413 Too Large", "at most one line");
      taken.insert(lines.front());
      return what.takes(request);
    });
    at.peer.listen();
    const service_story::ended got = at.deliver();
    check_words(what, at, got.said);
    if (!at.is_sink()) {
      CHECK(got.code == errc::message_too_large);
      CHECK(at.exchanges().size() == 1);
      continue;
    }
    CHECK(got.code == std::error_code());
    CHECK(taken == std::multiset<std::string>{"line 1", "line 2", "line 3", "line 4"});
    CHECK(at.status().delivered == service_story::lines);
    for (const std::error_code& each : at.failures()) CHECK(each == errc::message_too_large);
    CHECK(at.exchanges().front() == at.exchanges().back());  // without a pause
  }
}

TEST_CASE("a delay that is asked for is kept to up to an hour and one without a length is ours") {
  for (const integration& what : all_integrations()) {
    CAPTURE(what.name);
    const bool drops = what.name == "Sentry";  // which wants reports dropped while it limits them
    service_story shortly(what);
    shortly.peer.then(saying(http_text("429 Slow"))).listen();
    CHECK(shortly.deliver().code == (drops ? make_error_code(errc::rejected) : std::error_code()));
    check_attempts(shortly, drops ? 1 : 2, {});
    service_story longer(what);
    longer.peer.then(saying(http_text("429 Slow", "", "Retry-After: 7200\r\n"))).listen();
    CHECK(longer.deliver().code == (drops ? make_error_code(errc::rejected) : std::error_code()));
    check_attempts(longer, drops ? 1 : 2, 1h);
  }
}

TEST_CASE("a receiver that quotes what it was sent makes no message with a secret") {
  for (const integration& what : all_integrations()) {
    for (const std::string line : {"400 Bad", "403 No", "500 Oh"}) {
      CAPTURE(what.name, line);
      service_story whole(what);
      whole.peer.otherwise([&](const std::string& request) { return http_text(line, request); }).listen();
      check_words(what, whole, whole.deliver("api", 1s).said);
      for (const std::string& each : what.credentials) {
        service_story alone(what);
        alone.peer.otherwise([&](const std::string&) { return http_text(line, "I know no " + each + " here"); });
        alone.peer.listen();
        check_words(what, alone, alone.deliver("api", 1s).said);
      }
    }
  }
}

TEST_CASE("a connection that has gone in the meantime costs nothing") {
  for (const integration& what : all_integrations()) {
    CAPTURE(what.name);
    service_story at(what);
    const auto kept = [&](const std::string& request) {
      return peer_answer(what.takes(request).bytes, peer_ending::keep);
    };
    at.peer.then(kept).then(saying("", peer_ending::reset)).then(kept).otherwise(kept).listen();
    CHECK(at.deliver("api").code == std::error_code());
    CHECK(at.deliver("worker").code == std::error_code());
    REQUIRE(at.peer.requests().size() == 3);
    CHECK(same_of(at.peer.requests()[1]) == same_of(at.peer.requests()[2]));
    CHECK(at.peer.connections() == 2);
    at.peer.then([&](const std::string& request) { return peer_answer(what.takes(request).bytes); });
    CHECK(at.deliver("db").code == std::error_code());     // closed by the receiver behind the answer
    CHECK(at.deliver("cache").code == std::error_code());  // on another one
    CHECK(at.peer.requests().size() == 5);
    CHECK(at.peer.connections() == 3);
  }
}

TEST_CASE("a receiver may have an IPv6 address alone") {
  asio::io_context context;
  try {
    const scripted_peer probe(context.get_executor(), asio::ip::address_v6::loopback());
  } catch (const std::system_error& why) {
    SKIP("there is no IPv6 here: " << why.what());
  }
  for (const integration& what : all_integrations()) {
    CAPTURE(what.name);
    service_story at(what, {}, asio::ip::address_v6::loopback());
    at.peer.listen();
    CHECK(at.deliver().code == std::error_code());
    CHECK(at.peer.requests().size() == 1);
  }
}

TEST_CASE("a proxy is asked for the whole address and its refusal is final") {
  for (const integration& what : all_integrations()) {
    CAPTURE(what.name);
    asio::io_context context;
    const scripted_peer nobody(context.get_executor());  // what is asked for is not there but for the proxy
    service_story at(what, "http://" + nobody.authority());
    at.peer.then(what.takes).otherwise(saying(http_text("407 Who", "", "Proxy-Authenticate: Basic\r\n"))).listen();
    CHECK(at.deliver("api").code == std::error_code());
    REQUIRE(at.peer.requests().size() == 1);
    CHECK_THAT(at.peer.requests().front(), catchx::StartsWith("POST http://" + nobody.authority() + "/"));
    const service_story::ended got = at.deliver("worker", 1s);
    CHECK(got.code == errc::not_permitted);
    check_words(what, at, got.said);
    if (!at.is_sink()) CHECK(at.peer.requests().size() == 2);
  }
}

TEST_CASE("nothing is said to a host whose certificate is not trusted or old or of another") {
  if (!has_program("openssl")) SKIP("needs openssl");
  const no_leaks nothing_left;
  certificates by;
  by.sign("good").sign("old", "IP:127.0.0.1", -1).sign("other", "DNS:elsewhere.test");
  REQUIRE(by.was_made());
  struct one {
    std::string certificate;
    bool is_trusted;
  };
  for (const auto& [certificate, is_trusted] :
       {one{"good", true}, one{"good", false}, one{"old", true}, one{"other", true}}) {
    asio::io_context context;
    const std::uint16_t port = free_port(context);
    command serves("openssl", "s_server", "-quiet", "-rev", "-accept", "127.0.0.1:" + std::to_string(port), "-key",
                   by / (certificate + ".key"), "-cert", by / (certificate + ".pem"));
    const peer server(context, std::move(serves), port);
    REQUIRE(server.readiness().is_ready());
    for (const integration& what : all_integrations()) {
      CAPTURE(what.name, certificate, is_trusted);
      service_story at(what, "https://127.0.0.1:" + std::to_string(port),
                       is_trusted ? curl_options().trust(by / "ca.pem") : curl_options());
      const service_story::ended got = at.deliver("api", 1s);
      CAPTURE(got.said);
      if (!at.is_sink()) CHECK(at.exchanges().size() == 1);
      CHECK(got.said.find("secret") == std::string::npos);
      if (certificate == "good" && is_trusted) {
        CHECK(got.code == errc::malformed_message);  // it says our own words backwards
        continue;
      }
      CHECK(got.code.category() == curl_category());
      CHECK(got.code == condition::fatal);
      CHECK(got.said.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
      CHECK(got.said.find("certificate") != std::string::npos);
      if (at.is_sink()) CHECK(at.status().waiting == service_story::lines);
    }
  }
}

/// What a service says in its own way.
struct own_words {
  std::size_t which;  ///< of all integrations
  std::string text;
  std::error_code code;
  std::string told;
};

TEST_CASE("what a service refuses in its own words is final or comes again as it says") {
  const std::vector<integration> all = all_integrations();
  const auto json = [](std::string_view body) { return http_text("200 OK", body); };
  const std::string items = R"({"errors":true,"items":[{"create":{"status":201}},)"
                            R"({"create":{"status":429,"error":{"type":"es_rejected_execution_exception"}}},)"
                            R"({"create":{"status":400,"error":{"type":"document_parsing_exception"}}},)"
                            R"({"create":{"status":409,"error":{"type":"version_conflict_engine_exception"}}}]})";
  const std::vector<own_words> rows{
      {1, json(R"({"ok":false,"error":"ratelimited"})"), errc::throttled, ""},
      {1, json(R"({"ok":false,"error":"service_unavailable"})"), errc::unavailable, ""},
      {1, json(R"({"ok":false,"error":"channel_not_found"})"), errc::misdirected, "channel_not_found"},
      {1, json(R"({"ok":false,"error":"token_revoked"})"), errc::not_permitted, "token_revoked"},
      {1, json(R"({"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] no"]}})"),
       errc::rejected, "[ERROR] no"},
      {1, json(R"({"ok":false,"error":"a\nb)" + std::string(5000, 'x') + R"("})"), errc::rejected, "a b"},
      {1, json(R"({"ok":"yes"})"), errc::rejected, "yes"},
      {1, http_text("204 No Content"), errc::rejected, "Slack"},
      {1, json("<html>an open door</html>"), errc::rejected, "an open door"},
      {2, http_text("403 No", "action_prohibited"), errc::not_permitted, "action_prohibited"},
      {2, http_text("404 No", "no_service"), errc::misdirected, "no_service"},
      {2, http_text("410 No", "channel_is_archived"), errc::misdirected, "channel_is_archived"},
      {2, http_text("500 No", "rollup_error"), errc::unavailable, ""},
      {2, json("<html>an open door</html>"), errc::rejected, "an open door"},
      {4, http_text("400 Bad", R"({"status":"invalid event","errors":["'summary' is missing"]})"), errc::rejected,
       "'summary' is missing"},
      {5, json(items), errc::throttled, "1 were put off and 1 refused"},
      {5, json("<html>an open door</html>"), errc::malformed_message, "an open door"},
      {5, http_text("204 No Content"), errc::malformed_message, "Elasticsearch"},
  };
  for (const own_words& each : rows) {
    CAPTURE(all[each.which].name, each.text.substr(0, 200));
    service_story at(all[each.which]);
    at.peer.then(saying(each.text)).listen();
    const service_story::ended got = at.deliver();
    CAPTURE(got.said);
    CHECK(got.said.size() < 1000);
    if (!each.told.empty()) CHECK(got.said.find(each.told) != std::string::npos);
    const bool comes_again = each.code == condition::retryable || at.is_sink();
    CHECK(at.exchanges().size() == (comes_again ? 2 : 1));
    CHECK(got.code == (comes_again ? std::error_code() : each.code));
    if (!at.is_sink()) continue;
    CHECK(at.failures() == std::vector<std::error_code>{each.code});
    const bool in_part = each.code == errc::throttled;
    CHECK(at.status().failed == (in_part ? 1 : 0));
    CHECK(at.status().delivered == service_story::lines - (in_part ? 1 : 0));
    CHECK(documents_in(body_of(at.peer.requests().back())) == (in_part ? 1 : service_story::lines));
  }
}

}  // namespace t_service_faults
