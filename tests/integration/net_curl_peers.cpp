// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The client against servers that are not ours: Node's HTTP in its moods, and OpenSSL's TLS.
#include <ovrseer/check/probe.hpp>
#include <ovrseer/net/curl.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include <asio/ip/tcp.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/check/ready.hpp>
#include <ovrseer/check/tcp.hpp>
#include <ovrseer/process/process.hpp>

#include "catch.hpp"
#include "certificates.hpp"
#include "counterparty.hpp"
#include "http_run.hpp"
#include "leaks.hpp"

namespace t_net_curl_peers {

namespace fs = std::filesystem;

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

/// Node's server in one mood, asked `count` times; the last answer.
attempted<http_response> ask_node(const std::string& mood, int count = 1, std::chrono::milliseconds limit = 10s) {
  asio::io_context context;
  const std::uint16_t port = free_port(context);
  const peer server(context, command("node", counterparty("sink.mjs"), std::to_string(port), mood), port);
  REQUIRE(server.readiness().is_ready());
  curl_client client(context.get_executor());
  auto scenario = [&]() -> task<http_response> {
    http_response response;
    for (int i = 0; i < count; ++i) {
      http_request request =
          http_request::post("http://127.0.0.1:" + std::to_string(port) + "/x", "{}", "application/json");
      response = co_await with_deadline(client.exchange(std::move(request)), limit);
    }
    co_return response;
  };
  return run_task(context, attempt(scenario()));
}

TEST_CASE("the HTTP server of Node is understood in every mood") {
  if (!fs::exists(counterparty("sink.mjs")) || !has_program("node"))
    SKIP("needs node and " << counterparty("sink.mjs"));
  const no_leaks nothing_left;
  const auto ok = ask_node("ok");
  REQUIRE(ok.has_value());
  CHECK(ok->status() == 200);
  CHECK(ok->body() == "{\"ok\":true}");
  const auto limited = ask_node("429");
  REQUIRE(limited.has_value());
  CHECK(limited->status() == 429);
  CHECK(limited->headers().get("retry-after") == "1");
  CHECK(ask_node("429", 2)->status() == 200);
  CHECK(ask_node("500")->status() == 500);
  CHECK(ask_node("chunked")->body() == "{\"ok\":true}");
  const auto reset = ask_node("reset");
  REQUIRE_FALSE(reset.has_value());
  CHECK(reset.reason().code() == condition::retryable);
  const auto slow = ask_node("slow", 1, 100ms);
  REQUIRE_FALSE(slow.has_value());
  CHECK(slow.reason().code() == errc::timed_out);
}

TEST_CASE("a certificate is verified against who is trusted and against the name") {
  if (!has_program("openssl")) SKIP("needs openssl");
  const no_leaks nothing_left;
  std::string folder = "/tmp/ovrseer-tls-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string key = folder + "/key.pem";
  const std::string certificate = folder + "/cert.pem";
  const std::string make =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout " + key + " -out " +
      certificate + " -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null";
  REQUIRE(std::system(make.c_str()) == 0);
  {
    asio::io_context context;
    const std::uint16_t port = free_port(context);
    const std::string at = ":" + std::to_string(port) + "/";
    const peer server(context,
                      command("openssl", "s_server", "-quiet", "-www", "-accept", "127.0.0.1:" + std::to_string(port),
                              "-key", key, "-cert", certificate),
                      port);
    REQUIRE(server.readiness().is_ready());
    const auto ask = [&](const std::string& host, curl_options options) {
      curl_client client(context.get_executor(), std::move(options));
      return run_task(context, attempt(client.exchange(http_request::get("https://" + host + at))));
    };
    const auto stranger = ask("localhost", {});
    REQUIRE_FALSE(stranger.has_value());
    CHECK(stranger.reason().code().category() == curl_category());
    CHECK(stranger.reason().code() == condition::fatal);
    CHECK_THAT(stranger.reason().what(), catchx::ContainsSubstring("certificate"));
    const auto trusted = ask("localhost", curl_options().trust(certificate));
    REQUIRE(trusted.has_value());
    CHECK(trusted->status() == 200);
    CHECK_FALSE(ask("127.0.0.1", curl_options().trust(certificate)).has_value());
  }
  fs::remove_all(folder);
}

TEST_CASE("a server that asks who we are is shown our certificate and lets no other in") {
  if (!has_program("openssl")) SKIP("needs openssl");
  const no_leaks nothing_left;
  certificates by;
  by.sign("ours").run("openssl ec -aes256 -passout pass:word -in" + by.in("ours.key") + " -out" + by.in("locked.key"));
  by.run("cat" + by.in("ours.pem") + by.in("ours.key") + " >" + by / "both.pem");
  certificates others("another");
  others.sign("theirs").run("cp" + others.in("theirs.pem") + others.in("theirs.key") + by.in(""));
  REQUIRE((by.was_made() && others.was_made()));
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    CAPTURE(version);
    asio::io_context context;
    const std::uint16_t port = free_port(context);
    command serves("openssl", "s_server", "-quiet", "-www", version, "-accept", "127.0.0.1:" + std::to_string(port));
    serves.args("-key", by / "ours.key", "-cert", by / "ours.pem");
    serves.args("-Verify", "1", "-verify_return_error", "-CAfile", by / "ca.pem");
    const peer server(context, std::move(serves), port);
    REQUIRE(server.readiness().is_ready());
    const auto ask = [&](const std::string& certificate, const std::string& key) {
      curl_options options = curl_options().trust(by / "ca.pem");
      if (!certificate.empty()) options.certificate(by / certificate, by / key);
      curl_client client(context.get_executor(), std::move(options));
      return run_task(context,
                      attempt(client.exchange(http_request::get("https://127.0.0.1:" + std::to_string(port) + "/"))));
    };
    for (const auto& [certificate, key] : {std::pair("ours.pem", "ours.key"), std::pair("both.pem", "both.pem")}) {
      const auto known = ask(certificate, key);
      REQUIRE(known.has_value());
      CHECK(known->status() == 200);
      CHECK_THAT(known->body(),
                 catchx::ContainsSubstring("Subject: CN=ours\n") || catchx::ContainsSubstring("Subject: CN = ours\n"));
    }
    CHECK_FALSE(ask("", "").has_value());
    CHECK_FALSE(ask("theirs.pem", "theirs.key").has_value());
    for (const auto& [certificate, key] : {std::pair("ours.pem", "none.key"), std::pair("none.pem", "ours.key"),
                                           std::pair("ours.pem", "theirs.key"), std::pair("ours.pem", "locked.key")}) {
      CAPTURE(certificate, key);
      const auto wrong = ask(certificate, key);
      REQUIRE_FALSE(wrong.has_value());
      CHECK(wrong.reason().code() == std::error_code(CURLE_SSL_CERTPROBLEM, curl_category()));
      CHECK(wrong.reason().code() == condition::fatal);
    }
    CHECK(ask("ours.pem", "ours.key").has_value());
  }
}

}  // namespace t_net_curl_peers
