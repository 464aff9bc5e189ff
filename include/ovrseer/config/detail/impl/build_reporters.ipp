// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/build_reporters.hpp>.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include <ovrseer/config/detail/build_checks.hpp>
#include <ovrseer/config/detail/build_connection.hpp>
#include <ovrseer/config/detail/build_exporters.hpp>
#include <ovrseer/config/detail/build_reporters.hpp>
#include <ovrseer/process/host_name.hpp>

namespace ovrseer::config_detail {

/// A count beyond what is counted is the largest that is.
inline std::uint32_t count_of(any_count written) {
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::min<std::int64_t>(written.value, most));
}

OVRSEER_DECL std::optional<reporter_settings> reporter_builder::build(const reporter_draft& draft) {
  any_service to = service(draft);
  if (!to) return std::nullopt;
  reporter_settings made(*draft.id, *std::move(to));
  if ((draft.exec || draft.datadog) && !has_no_connection(reader_, draft.connection, "this reporter asks none"))
    return std::nullopt;
  std::optional<connection_settings> connection = connection_of(reader_, draft.connection);
  if (!connection) return std::nullopt;
  made.connection = *std::move(connection);
  if (draft.repeat_after) made.repeat_after = *draft.repeat_after;
  if (draft.per_minute) made.per_minute = count_of(*draft.per_minute);
  if (draft.settled_after) made.settled_after = *draft.settled_after;
  if (draft.settled_after && !draft.pagerduty && !draft.datadog) {
    reader_.error(*draft.settled_after.node, "this service is not told of recoveries").cure =
        "remove settledAfter, or tell pagerduty or datadog";
    return std::nullopt;
  }
  if (draft.outbox && draft.outbox->path) {
    made.keep.emplace().folder = *draft.outbox->path;
    if (draft.outbox->max_size) made.keep->bytes = *draft.outbox->max_size;
  }
  return made;
}

OVRSEER_DECL std::optional<url> reporter_builder::address(const given<std::string>& written) {
  return http_url_of(reader_, written, "a reporter");
}

template <class Service>
reporter_builder::any_service reporter_builder::at(Service made, const given<std::string>& written) {
  if (!written) return made;
  std::optional<url> base = address(written);
  if (!base) return std::nullopt;
  made.base(*std::move(base));
  return made;
}

OVRSEER_DECL reporter_builder::any_service reporter_builder::service(const reporter_draft& draft) {
  if (draft.slack) return service(*draft.slack, *draft.slack.key);
  if (draft.pagerduty) return service(*draft.pagerduty);
  if (draft.sentry) return service(*draft.sentry);
  if (draft.webhook) return service(*draft.webhook);
  if (draft.mail) return service(*draft.mail, *draft.mail.key);
  if (draft.exec) return service(*draft.exec);
  if (draft.datadog) return service(*draft.datadog);
  return std::nullopt;
}

template <class Value>
std::optional<Value> reporter_builder::parsed(const std::string& text, const config_node& place, const char* expected) {
  const result<Value, error> made = Value::parse(text);
  if (made) return *made;
  reader_.error(place, in_quotes(text) + ": " + made.reason().context()).expected = expected;
  return std::nullopt;
}

OVRSEER_DECL reporter_builder::any_service reporter_builder::service(const mail_draft& draft,
                                                                     const config_node& place) {
  if (!draft.server || !draft.from || !draft.to) return std::nullopt;
  constexpr const char* an_address = "an address such as a@b.example or Name <a@b.example>";
  const auto server = url_of(reader_, draft.server, "smtp://mail.example.com");
  const auto from = parsed<mail_address>(*draft.from, *draft.from.node, an_address);
  std::vector<mail_address> to;
  for (const std::string& each : *draft.to) {
    const auto one = parsed<mail_address>(each, *draft.to.node, an_address);
    if (one) to.push_back(*one);
  }
  if (!server || !from || to.size() != draft.to->size()) return std::nullopt;
  try {
    mail_server where(*server);
    if (draft.user || draft.password) where.login(draft.user.value_or(""), draft.password.value_or(""));
    if (draft.security) where.security(*draft.security);
    return reporter_settings::mail{std::move(where), mail_report(*from, std::move(to))};
  } catch (const error& refusal) {
    reader_.error(place, refusal.context());
    return std::nullopt;
  }
}

OVRSEER_DECL reporter_builder::any_service reporter_builder::service(const command_line_draft& draft) {
  command what = draft.shell ? command::shell(*draft.shell) : command(draft.command.value_or(""));
  if (!draft.shell) what.arg_list(draft.args.value_or({}));
  return what;
}

OVRSEER_DECL reporter_builder::any_service reporter_builder::service(const datadog_draft& draft) {
  return datadog_agent(reader_, draft);
}

OVRSEER_DECL reporter_builder::any_service reporter_builder::service(const slack_draft& draft,
                                                                     const config_node& place) {
  // What is written goes before what the environment has, and there a webhook before a token.
  const bool by_webhook = draft.webhook && (!draft.webhook.is_usual() || !draft.token || draft.token.is_usual());
  const bool by_token = draft.token && (!draft.token.is_usual() || !draft.webhook);
  if (by_token == by_webhook) {
    const char* const what = draft.token ? "both a token and a webhook" : "neither a token nor a webhook";
    reader_.error(place, what).expected = "\"token\" with \"channel\", or \"webhook\"";
    return std::nullopt;
  }
  if (by_webhook) {
    std::optional<url> where = address(draft.webhook);
    if (!where) return std::nullopt;
    return slack::with_webhook(*std::move(where));
  }
  if (!draft.channel) {
    reader_.error(place, "a token without a channel").cure = "say where to post: channel: \"#ops\"";
    return std::nullopt;
  }
  slack made = slack::with_token(*draft.token, *draft.channel);
  return at(std::move(made), draft.url);
}

OVRSEER_DECL reporter_builder::any_service reporter_builder::service(const pagerduty_draft& draft) {
  if (!draft.routing_key) return std::nullopt;
  pagerduty made(*draft.routing_key, draft.source.value_or(host_name()));
  if (draft.from_restarts) made.from_restarts(count_of(*draft.from_restarts));
  return at(std::move(made), draft.url);
}

OVRSEER_DECL reporter_builder::any_service reporter_builder::service(const sentry_draft& draft) {
  if (!draft.dsn) return std::nullopt;
  const result<sentry_dsn, error> dsn = sentry_dsn::parse(*draft.dsn);
  if (!dsn) {
    diagnostic& finding = reader_.error(*draft.dsn.node, "this is not a DSN: " + dsn.reason().context());
    finding.expected = "a DSN such as https://KEY@HOST/PROJECT";
    return std::nullopt;
  }
  sentry made(*dsn);
  made.server_name(host_name());
  if (draft.environment) made.environment(*draft.environment);
  if (draft.release) made.release(*draft.release);
  return made;
}

OVRSEER_DECL reporter_builder::any_service reporter_builder::service(const webhook_draft& draft) {
  if (!draft.url) return std::nullopt;
  std::optional<url> where = address(draft.url);
  if (!where) return std::nullopt;
  webhook made(*std::move(where));
  if (draft.body) {
    const result<report_template, error> text = report_template::parse(*draft.body);
    if (!text) {
      reader_.error(*draft.body.node, text.reason().context());
      return std::nullopt;
    }
    made.body(*text, draft.content_type.value_or("application/json"));
  }
  if (!add_headers(reader_, draft.headers, made)) return std::nullopt;
  return made;
}

}  // namespace ovrseer::config_detail
