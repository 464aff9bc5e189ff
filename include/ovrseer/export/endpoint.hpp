// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The three pages that orchestrators and Prometheus ask for, as a function from request to response.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/json_members.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/metric/snapshot.hpp>
#include <ovrseer/net/credentials.hpp>
#include <ovrseer/net/http.hpp>
#include <ovrseer/net/server.hpp>

namespace ovrseer {

/// A unit that keeps everything from being ready.
struct unready_unit {
  unit_id unit;
  unit_state state = unit_state::created;
  std::string why;  ///< may be empty
};

/// What `/health` and `/ready` tell of a supervisor.
struct health_view {
  /// Whether the supervisor does its work; false before it runs and after it has stopped.
  bool is_alive = false;
  /// Whether it is stopping; then nothing is ready.
  bool is_stopping = false;
  std::vector<unready_unit> not_ready;

  bool is_ready() const noexcept { return is_alive && !is_stopping && not_ready.empty(); }
};

/// What credentials are asked for.
enum class endpoint_paths : std::uint8_t {
  metrics,  ///< `/metrics`
  all       ///< every path, also one that is not there
};

/// Answers GET and HEAD of three paths, whatever the query:
/// - `/metrics`: 200 and the snapshot that `metrics` yields, as text in the format that the request accepts
///   (see `negotiated_format`);
/// - `/health`: 200 while the supervisor is alive, else 503. Says nothing about units, so that an orchestrator
///   does not restart the supervisor because of one of them;
/// - `/ready`: 200 when everything is ready, else 503 and who is not, in which state and why.
///
/// Anything else is 404, another method 405. Health and ready are JSON with `status` pass or fail. A function
/// that throws is a matter of the server, which answers 500. Unless `protect` is called, who may ask is a matter of
/// where it listens: names of units are told to everybody who can connect.
class endpoint {
 public:
  using metrics_function = std::function<metric_snapshot()>;
  using health_function = std::function<health_view()>;

  /// Neither function may be empty; they are called on the server's strand.
  endpoint(metrics_function metrics, health_function health)
      : metrics_(std::move(metrics)), health_(std::move(health)) {}

  /// Answers 401 on these paths to who does not know `who`. Replaces what was asked for before. By default `/health` and
  /// `/ready` stay open, because orchestrators mostly have no credentials; `/ready` names units.
  endpoint& protect(http_credentials who, endpoint_paths which = endpoint_paths::metrics) {
    protection_.emplace(std::move(who), which);
    return *this;
  }

  http_response respond(const http_request& request) const;

  /// The same as the handler of a server. Holds a copy of the functions.
  http_handler handler() const {
    return [self = *this](http_request request) { return answer(self.respond(request)); };
  }

 private:
  static task<http_response> answer(http_response response);

  static http_response page(int status, std::string body, std::string type) {
    return http_response(status).body(std::move(body), std::move(type)).header("Cache-Control", "no-store");
  }
  static http_response plain(int status, std::string body) {
    return page(status, std::move(body), "text/plain; charset=utf-8");
  }
  static http_response json(int status, const ordered_json& body) {
    return page(status, to_json_text(body) + "\n", "application/json");
  }

  bool is_refused(const http_request& request) const;

  http_response metrics(const http_request& request) const;

  static http_response health(const health_view& view);

  static http_response ready(const health_view& view);

  metrics_function metrics_;
  health_function health_;
  std::optional<std::pair<http_credentials, endpoint_paths>> protection_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/export/impl/endpoint.ipp>
#endif
