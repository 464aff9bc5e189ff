// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/build_exporters.hpp>.
#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <ovrseer/config/detail/build_exporters.hpp>

namespace ovrseer::config_detail {

/// The server at an address, by default that of this machine.
inline std::optional<statsd_target> target_at(config_reader& reader, const given<std::string>& to, statsd service) {
  statsd_target made;
  made.service = std::move(service);
  if (to) {
    const result<datagram_address, error> where = datagram_address::parse(*to);
    if (!where) {
      reader.error(*to.node, in_quotes(*to) + ": " + where.reason().context()).expected =
          "udp://host:port or unix:///path";
      return std::nullopt;
    }
    made.to = *where;
  }
  made.service.limit(statsd::limit_of(made.to.type()));
  return made;
}

/// "shop" as "shop.".
inline std::string as_prefix(const given<std::string>& written) {
  std::string made = written.value_or("");
  if (!made.empty() && !made.ends_with('.')) made += '.';
  return made;
}

OVRSEER_DECL std::optional<statsd_target> datadog_agent(config_reader& reader, const datadog_draft& draft) {
  statsd service(statsd_dialect::datadog);
  service.prefix(as_prefix(draft.prefix));
  const std::vector<std::string> tags = draft.tags.value_or({});
  const auto add = [&](std::string_view key, const given<std::string>& value) {
    const auto is_of_key = [&](std::string_view tag) { return tag.substr(0, tag.find(':')) == key; };
    if (!value || (value.is_usual() && std::ranges::any_of(tags, is_of_key))) return;
    service.tag(std::string(key), *value);
  };
  add("env", draft.env);
  add("service", draft.service);
  add("version", draft.version);
  for (const std::string& each : tags) {
    const std::size_t colon = each.find(':');
    service.tag(each.substr(0, colon), colon == std::string::npos ? "" : each.substr(colon + 1));
  }
  return target_at(reader, draft.to, std::move(service));
}

OVRSEER_DECL nanoseconds interval_of(config_reader& reader, const given<nanoseconds>& written, nanoseconds otherwise) {
  constexpr std::chrono::milliseconds shortest(100);
  if (written && *written < shortest) {
    reader.error(*written.node, "\"interval\" is " + to_text(*written)).expected = "at least " + to_text(shortest);
  }
  return written.value_or(otherwise);
}

OVRSEER_DECL std::optional<exporter_settings> exporter_builder::build(const exporter_draft& draft) {
  any_target to = target(draft);
  if (!to) return std::nullopt;
  exporter_settings made(*draft.id, *std::move(to));
  made.interval = interval_of(reader_, draft.interval, made.interval);
  return made;
}

OVRSEER_DECL exporter_builder::any_target exporter_builder::target(const exporter_draft& draft) {
  if (draft.statsd) {
    statsd service(statsd_dialect::plain);
    service.prefix(as_prefix(draft.statsd->prefix));
    return target_at(reader_, draft.statsd->to, std::move(service));
  }
  if (draft.datadog) return datadog_agent(reader_, *draft.datadog);
  if (draft.file) return *draft.file;
  return std::nullopt;
}

}  // namespace ovrseer::config_detail
