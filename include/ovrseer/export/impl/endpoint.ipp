// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/endpoint.hpp>.
#pragma once

#include <string>

#include <ovrseer/export/endpoint.hpp>
#include <ovrseer/export/negotiation.hpp>
#include <ovrseer/metric/text.hpp>

namespace ovrseer {

OVRSEER_DECL http_response endpoint::respond(const http_request& request) const {
  if (is_refused(request)) {
    return plain(401, "credentials are asked for\n").header("WWW-Authenticate", protection_->first.challenge());
  }
  const std::string& path = request.target().path();
  if (path != "/metrics" && path != "/health" && path != "/ready") return plain(404, "not found\n");
  if (request.method() != "GET" && request.method() != "HEAD") {
    return plain(405, "only GET and HEAD\n").header("Allow", "GET, HEAD");
  }
  if (path == "/metrics") return metrics(request);
  const health_view view = health_();
  return path == "/health" ? health(view) : ready(view);
}

OVRSEER_DECL bool endpoint::is_refused(const http_request& request) const {
  if (!protection_) return false;
  const auto& [who, which] = *protection_;
  if (which == endpoint_paths::metrics && request.target().path() != "/metrics") return false;
  // Of several headers a proxy may have judged another one than we would.
  return request.headers().count("Authorization") != 1 || !who.match(*request.headers().get("Authorization"));
}

OVRSEER_DECL http_response endpoint::metrics(const http_request& request) const {
  std::string accept;
  for (const http_header& header : request.headers()) {
    if (net_detail::equal_ignoring_case(header.name, "Accept")) accept.append(header.value).append(",");
  }
  const metric_format format = negotiated_format(accept);
  return page(200, to_text(metrics_(), format), std::string(content_type(format))).header("Vary", "Accept");
}

OVRSEER_DECL task<http_response> endpoint::answer(http_response response) { co_return response; }

OVRSEER_DECL http_response endpoint::health(const health_view& view) {
  ordered_json body;
  body["status"] = view.is_alive ? "pass" : "fail";
  return json(view.is_alive ? 200 : 503, body);
}

OVRSEER_DECL http_response endpoint::ready(const health_view& view) {
  ordered_json body;
  body["status"] = view.is_ready() ? "pass" : "fail";
  if (view.is_ready()) return json(200, body);
  if (!view.is_alive) body["reason"] = "the supervisor does not run";
  if (view.is_alive && view.is_stopping) body["reason"] = "the supervisor is stopping";
  ordered_json& list = body["not_ready"] = ordered_json::array();
  for (const unready_unit& each : view.not_ready) {
    ordered_json& unit = list.emplace_back(ordered_json::object());
    unit["namespace"] = each.unit.name_space;
    unit["unit"] = each.unit.name;
    unit["state"] = to_text(each.state);
    if (!each.why.empty()) unit["why"] = each.why;
  }
  return json(503, body);
}

}  // namespace ovrseer
