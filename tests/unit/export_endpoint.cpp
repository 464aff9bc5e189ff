// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The three pages: status, type and body for every state, and what is refused.
#include <stdexcept>

#include <catch.hpp>
#include <ovrseer/export/endpoint.hpp>

namespace t_export_endpoint {

using namespace ovrseer;

health_view present;  // what the health function tells; set by each case

metric_snapshot numbers() { return {{"m_total", "M.", metric_type::counter, {}, {{{}, 1.0}}}}; }

endpoint pages() {
  return endpoint(numbers, [] { return present; });
}
http_request request_of(std::string_view path, std::string method = "GET") {
  return http_request(std::move(method), url("http://127.0.0.1" + std::string(path)));
}
http_response get(std::string_view path, std::string method = "GET") {
  return pages().respond(request_of(path, std::move(method)));
}
std::string type_of(const http_response& response) {
  return std::string(response.headers().get("Content-Type").value_or("none"));
}

TEST_CASE("metrics are text of the version that scrapers know") {
  const http_response response = get("/metrics?name=x");
  CHECK(response.status() == 200);
  CHECK(response.body() == "# HELP m_total M.\n# TYPE m_total counter\nm_total 1\n");
  CHECK(type_of(response) == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(response.headers().get("Cache-Control") == "no-store");
  CHECK(response.headers().get("Vary") == "Accept");
}

TEST_CASE("who asks for OpenMetrics gets it also by several headers") {
  const std::string page = "# HELP m M.\n# TYPE m counter\nm_total 1\n# EOF\n";
  const http_response one =
      pages().respond(request_of("/metrics").header("Accept", "application/openmetrics-text;version=1.0.0"));
  CHECK(one.body() == page);
  CHECK(type_of(one) == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  const http_response split = pages().respond(
      request_of("/metrics").header("Accept", "text/plain;q=0.5").header("accept", "application/openmetrics-text"));
  CHECK(split.body() == page);
}

TEST_CASE("a protected page is for those who know and the others stay open") {
  present = {};
  present.is_alive = true;
  endpoint guarded = pages();
  guarded.protect(http_credentials::bearer("secret"));
  const http_response refused = guarded.respond(request_of("/metrics"));
  CHECK(refused.status() == 401);
  CHECK(refused.headers().get("WWW-Authenticate") == "Bearer realm=\"ovrseer\"");
  CHECK(refused.body().find("m_total") == std::string::npos);
  CHECK(guarded.respond(request_of("/metrics").header("Authorization", "Bearer wrong")).status() == 401);
  CHECK(guarded.respond(request_of("/metrics", "POST")).status() == 401);
  CHECK(guarded.respond(request_of("/metrics").header("Authorization", "Bearer secret")).status() == 200);
  CHECK(guarded.respond(request_of("/metrics", "POST").header("Authorization", "Bearer secret")).status() == 405);
  CHECK(
      guarded
          .respond(
              request_of("/metrics").header("Authorization", "Bearer secret").header("authorization", "Bearer secret"))
          .status() == 401);
  CHECK(guarded.respond(request_of("/health")).status() == 200);
  CHECK(guarded.respond(request_of("/ready")).status() == 200);
  CHECK(guarded.respond(request_of("/nothing")).status() == 404);
}

TEST_CASE("all pages may be protected and then tell nothing of what is there") {
  present = {};
  present.is_alive = true;
  endpoint guarded = pages();
  guarded.protect(http_credentials::bearer("old"))
      .protect(http_credentials::basic("prometheus", "secret"), endpoint_paths::all);
  const std::string good = http_credentials::basic("prometheus", "secret").authorization();
  for (const char* path : {"/metrics", "/health", "/ready", "/nothing"}) {
    CHECK(guarded.respond(request_of(path)).status() == 401);
    CHECK(guarded.respond(request_of(path).header("Authorization", "Bearer old")).status() == 401);
    CHECK(guarded.respond(request_of(path).header("Authorization", good)).status() != 401);
  }
  CHECK(guarded.respond(request_of("/health")).headers().get("WWW-Authenticate") ==
        "Basic realm=\"ovrseer\", charset=\"UTF-8\"");
}

TEST_CASE("health tells whether the supervisor lives whatever its units do") {
  present = {};
  CHECK(get("/health").status() == 503);
  CHECK(get("/health").body() == "{\"status\":\"fail\"}\n");
  present.is_alive = true;
  present.not_ready.push_back({"api", unit_state::failed, ""});
  CHECK(get("/health").status() == 200);
  CHECK(get("/health").body() == "{\"status\":\"pass\"}\n");
  CHECK(type_of(get("/health")) == "application/json");
  present.is_stopping = true;
  CHECK(get("/health").status() == 200);
}

TEST_CASE("ready names who is not") {
  present = {};
  present.is_alive = true;
  CHECK(get("/ready").status() == 200);
  CHECK(get("/ready").body() == "{\"status\":\"pass\"}\n");
  present.not_ready.push_back({unit_id("space", "api"), unit_state::starting, "waits for \"db\""});
  present.not_ready.push_back({"db", unit_state::crashed, ""});
  CHECK(get("/ready").status() == 503);
  CHECK(get("/ready").body() ==
        "{\"status\":\"fail\",\"not_ready\":["
        "{\"namespace\":\"space\",\"unit\":\"api\",\"state\":\"starting\",\"why\":\"waits for \\\"db\\\"\"},"
        "{\"namespace\":\"default\",\"unit\":\"db\",\"state\":\"crashed\"}]}\n");
  CHECK(type_of(get("/ready")) == "application/json");
}

TEST_CASE("nothing is ready before the supervisor runs nor while it stops") {
  present = {};
  CHECK(get("/ready").status() == 503);
  CHECK(get("/ready").body() == "{\"status\":\"fail\",\"reason\":\"the supervisor does not run\",\"not_ready\":[]}\n");
  present.is_alive = true;
  present.is_stopping = true;
  CHECK(get("/ready").status() == 503);
  CHECK(get("/ready").body() == "{\"status\":\"fail\",\"reason\":\"the supervisor is stopping\",\"not_ready\":[]}\n");
}

TEST_CASE("a name that is not UTF-8 does not break the page") {
  present = {};
  present.is_alive = true;
  present.not_ready.push_back({"a\xFF", unit_state::ready, "\x80"});
  CHECK_THAT(get("/ready").body(), catchx::ContainsSubstring("\"a\xEF\xBF\xBD\""));
}

TEST_CASE("other paths are not found and other methods are not allowed") {
  present = {};
  for (const char* path : {"/", "/metrics/", "/Metrics", "/health/live", "/ready%20", "//metrics"}) {
    CHECK(get(path).status() == 404);
  }
  for (const char* path : {"/metrics", "/health", "/ready"}) {
    CHECK(get(path, "POST").status() == 405);
    CHECK(get(path, "POST").headers().get("Allow") == "GET, HEAD");
    CHECK(get(path, "HEAD").status() == get(path).status());
  }
}

TEST_CASE("the handler answers as the function does and leaves exceptions to the server") {
  present = {};
  asio::io_context context;
  int status = 0;
  http_handler handler = pages().handler();
  asio::co_spawn(context, handler(http_request::get(url("http://h/metrics"))),
                 [&](std::exception_ptr, http_response response) { status = response.status(); });
  context.run();
  CHECK(status == 200);

  const endpoint broken([]() -> metric_snapshot { throw std::runtime_error("no page"); }, [] { return present; });
  CHECK_THROWS_AS(broken.respond(http_request::get(url("http://h/metrics"))), std::runtime_error);
}

}  // namespace t_export_endpoint
