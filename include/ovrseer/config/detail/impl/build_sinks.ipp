// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/build_sinks.hpp>.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <ovrseer/config/detail/build_checks.hpp>
#include <ovrseer/config/detail/build_connection.hpp>
#include <ovrseer/config/detail/build_sinks.hpp>
#include <ovrseer/process/host_name.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL std::optional<sink_settings> sink_builder::build(const sink_draft& draft) {
  any_target to = target(draft);
  if (!to) return std::nullopt;
  sink_settings made(*draft.id, *std::move(to));
  if (draft.what) made.what = *draft.what;
  const bool is_plain = draft.json_lines || draft.stream;
  if (is_plain && !has_no_connection(reader_, draft.connection, "this sink has neither certificates nor a proxy")) {
    return std::nullopt;
  }
  std::optional<connection_settings> connection = connection_of(reader_, draft.connection);
  if (!connection) return std::nullopt;
  made.connection = *std::move(connection);
  return made;
}

OVRSEER_DECL sink_builder::any_target sink_builder::target(const sink_draft& draft) {
  if (draft.json_lines) return target(*draft.json_lines);
  if (draft.elasticsearch) return target(*draft.elasticsearch, *draft.elasticsearch.key);
  if (draft.http) return target(*draft.http);
  if (draft.stream) return target(draft.stream);
  return std::nullopt;
}

OVRSEER_DECL sink_builder::any_target sink_builder::target(const json_lines_draft& draft) {
  if (!draft.path) return std::nullopt;
  sink_settings::json_file made;
  made.path = *draft.path;
  if (draft.max_size) made.options.rotate.size = *draft.max_size;
  if (draft.max_age) made.options.rotate.age = std::chrono::ceil<std::chrono::milliseconds>(*draft.max_age);
  if (draft.keep) made.options.keep = static_cast<std::size_t>(draft.keep->value);
  return made;
}

OVRSEER_DECL sink_builder::any_target sink_builder::target(const elasticsearch_draft& draft, const config_node& place) {
  if (!draft.url) return std::nullopt;
  const bool by_key = draft.api_key && !(draft.api_key.is_usual() && draft.user);
  if (static_cast<bool>(draft.user) != static_cast<bool>(draft.password) || (by_key && draft.user)) {
    reader_.error(place, by_key ? "both an API key and a user" : "a user or a password alone").expected =
        "\"apiKey\", or \"user\" with \"password\", or none of them";
    return std::nullopt;
  }
  std::optional<url> base = http_url_of(reader_, draft.url, "a sink");
  if (!base) return std::nullopt;
  elasticsearch made(*std::move(base), draft.target.value_or("logs-ovrseer-default"));
  made.host_name(host_name());
  if (by_key) made.api_key(*draft.api_key);
  try {
    if (draft.user) made.basic(*draft.user, *draft.password);
  } catch (const error& refusal) {
    reader_.error(*draft.user.node, refusal.context());
    return std::nullopt;
  }
  if (draft.service_name) made.service_name(*draft.service_name);
  if (draft.environment) made.environment(*draft.environment);
  return made;
}

OVRSEER_DECL sink_builder::any_target sink_builder::target(const http_sink_draft& draft) {
  if (!draft.url) return std::nullopt;
  std::optional<url> where = http_url_of(reader_, draft.url, "a sink");
  if (!where) return std::nullopt;
  http_batch made(*std::move(where), draft.format.value_or(http_batch::format::ndjson));
  if (!add_headers(reader_, draft.headers, made)) return std::nullopt;
  return made;
}

OVRSEER_DECL sink_builder::any_target sink_builder::target(const given<std::string>& stream) {
  const result<stream_address, error> where = stream_address::parse(*stream);
  if (where) return *where;
  reader_.error(*stream.node, in_quotes(*stream) + ": " + where.reason().context()).expected =
      "tcp://host:port or unix:///path";
  return std::nullopt;
}

}  // namespace ovrseer::config_detail
