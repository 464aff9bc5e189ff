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
      field<&draft::token>("token", "", "The token of a bot, xoxb-...; it posts to a channel."),
      field<&draft::channel>("channel", "", "The channel that a token posts to, by its id or #name."),
      field<&draft::webhook>("webhook", "", "The address of an incoming webhook, instead of a token."),
      field<&draft::url>("url", "https://slack.com", "Where the Web API is."),
  };
  static constexpr section_shape shape{"a reporter to Slack", keys};
  return shape;
}

template <>
inline const section_shape& section_for<pagerduty_draft>() {
  using draft = pagerduty_draft;
  static constexpr std::array keys{
      field<&draft::routing_key>("routingKey", "", "The key of an Events API v2 integration.", need::required),
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
      field<&draft::dsn>("dsn", "", "The DSN of a project.", need::required),
      field<&draft::environment>("environment", "production", "The environment of its events."),
      field<&draft::release>("release", "none", "The release of its events."),
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
inline const section_shape& section_for<reporter_draft>() {
  using draft = reporter_draft;
  static constexpr std::array keys{
      field<&draft::id>("id", "", "Its name, for messages and send-test.", need::required),
      field<&draft::slack>("slack", "", "Messages in Slack."),
      field<&draft::pagerduty>("pagerduty", "", "Incidents in PagerDuty."),
      field<&draft::sentry>("sentry", "", "Events in Sentry."),
      field<&draft::webhook>("webhook", "", "Posts to an address of one's own."),
      field<&draft::repeat_after>("repeatAfter", "10m", "How long the same fault is only counted; 0: each is told."),
      field<&draft::per_minute>("perMinute", "6", "Reports of one process in a minute; the rest is told together."),
  };
  static constexpr section_shape shape{"a reporter", keys};
  return shape;
}

}  // namespace ovrseer::config_detail
