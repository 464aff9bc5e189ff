// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The keys of reporters: each with its type, its default and its meaning.
#pragma once

#include <array>

#include <ovrseer/config/detail/reporter_drafts.hpp>
#include <ovrseer/config/detail/short_forms.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

template <>
inline const section_shape& section_for<slack_draft>() {
  using draft = slack_draft;
  static constexpr std::array keys{
      field<&draft::token>("token", "${SLACK_BOT_TOKEN}", "The token of a bot, xoxb-...; it posts to a channel."),
      field<&draft::channel>("channel", "${SLACK_CHANNEL}", "The channel that a token posts to, by its id or #name."),
      field<&draft::webhook>("webhook", "${SLACK_WEBHOOK_URL}",
                             "The address of an incoming webhook, instead of a token."),
      field<&draft::url>("url", "https://slack.com", "Where the Web API is."),
  };
  static constexpr section_shape shape{"a reporter to Slack", keys};
  return shape;
}

template <>
inline const section_shape& section_for<pagerduty_draft>() {
  using draft = pagerduty_draft;
  static constexpr std::array keys{
      field<&draft::routing_key>("routingKey", "${PAGERDUTY_ROUTING_KEY}", "The key of an Events API v2 integration.",
                                 need::required),
      field<&draft::source>("source", "the host's name", "What tells this machine from others."),
      field<&draft::from_restarts>("fromRestarts", "0", "Crashes trigger from so many restarts on."),
      field<&draft::url>("url", "https://events.pagerduty.com", "Where the API is."),
  };
  static constexpr section_shape shape{"a reporter to PagerDuty", keys};
  return shape;
}

template <>
inline const section_shape& section_for<sentry_draft>() {
  using draft = sentry_draft;
  static constexpr std::array keys{
      field<&draft::dsn>("dsn", "${SENTRY_DSN}", "The DSN of a project.", need::required),
      field<&draft::environment>("environment", "${SENTRY_ENVIRONMENT:-production}", "The environment of its events."),
      field<&draft::release>("release", "${SENTRY_RELEASE}", "The release of its events."),
  };
  static constexpr section_shape shape{"a reporter to Sentry", keys};
  return shape;
}

template <>
inline const section_shape& section_for<webhook_draft>() {
  using draft = webhook_draft;
  static constexpr std::array keys{
      field<&draft::url>("url", "", "The address that is posted to.", need::required),
      field<&draft::body>("body", "our JSON", "A text with places such as {{headline}}."),
      field<&draft::content_type>("contentType", "application/json", "Of the body; places are escaped for it."),
      field<&draft::headers>("headers", "none", "Headers to send as well."),
  };
  static constexpr section_shape shape{"a reporter to a webhook", keys};
  return shape;
}

template <>
inline const section_shape& section_for<mail_draft>() {
  using draft = mail_draft;
  static constexpr std::array keys{
      field<&draft::server>("server", "smtp://${SMTP_HOST}:${SMTP_PORT:-587}",
                            "smtp://host[:587] with STARTTLS, or smtps://host[:465].", need::required),
      field<&draft::user>("user", "${SMTP_USER}", "Who signs in."),
      field<&draft::password>("password", "${SMTP_PASSWORD}", "The user's."),
      field<&draft::security>("security", "tls", "plain: never encrypted, for a server on the same machine."),
      field<&draft::from>("from", "${SMTP_FROM}", "The sender: a@b.example or Name <a@b.example>.", need::required),
      field<&draft::to>("to", "${SMTP_TO}", "The receivers.", need::required),
  };
  static constexpr section_shape shape{"a reporter by mail", keys};
  return shape;
}

inline constexpr std::array datadog_keys{
    field<&datadog_draft::to>("to", "${DD_DOGSTATSD_URL:-udp://${DD_AGENT_HOST:-127.0.0.1}:${DD_DOGSTATSD_PORT:-8125}}",
                              "The Agent: udp://host:port or unix:///path."),
    field<&datadog_draft::env>("env", "${DD_ENV}", "The tag env of all that is sent."),
    field<&datadog_draft::service>("service", "${DD_SERVICE}", "The tag service of all that is sent."),
    field<&datadog_draft::version>("version", "${DD_VERSION}", "The tag version of all that is sent."),
    field<&datadog_draft::tags>("tags", "none", "More tags of all that is sent, as key:value."),
};

template <>
inline const section_shape& section_for<datadog_draft>() {
  static constexpr section_shape shape{"a reporter to Datadog", datadog_keys};
  return shape;
}

template <>
inline const section_shape& section_for<outbox_draft>() {
  using draft = outbox_draft;
  static constexpr std::array keys{
      field<&draft::path>("path", "", "The folder; of this reporter alone.", need::required),
      field<&draft::max_size>("maxSize", "64MiB", "So much may wait; beyond it reports are refused."),
  };
  static constexpr section_shape shape{"an outbox", keys};
  return shape;
}

template <>
inline const section_shape& section_for<reporter_draft>() {
  using draft = reporter_draft;
  static constexpr std::array keys{
      field<&draft::id>("id", "", "Its name, for messages and send-test.", need::required),
      field<&draft::slack>("slack", "", "Messages in Slack."),
      field<&draft::pagerduty>("pagerduty", "", "Incidents in PagerDuty."),
      field<&draft::sentry>("sentry", "", "Events in Sentry."),
      field<&draft::webhook>("webhook", "", "Posts to an address of one's own."),
      field<&draft::mail>("mail", "", "Mails."),
      field<&draft::exec>("exec", "", "A command that is run for each report, with it as JSON on its input."),
      field<&draft::datadog>("datadog", "", "Events and service checks of Datadog, through its Agent."),
      field<&draft::outbox>("outbox", "none",
                            "A folder where reports wait until they are delivered, over restarts too."),
      field<&draft::repeat_after>("repeatAfter", "10m", "How long the same fault is only counted; 0: each is told."),
      field<&draft::per_minute>("perMinute", "6", "Reports of one process in a minute; the rest is told together."),
      field<&draft::settled_after>("settledAfter", "30s",
                                   "Of pagerduty and datadog: how long a process must be well to have recovered."),
      field<&draft::connection>("connection", "as the system has it", "Certificates and the proxy."),
  };
  static constexpr section_shape shape{"a reporter", keys};
  return shape;
}

}  // namespace ovrseer::config_detail
