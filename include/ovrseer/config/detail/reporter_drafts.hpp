// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who is told of crashes, as a configuration gives it, key by key.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <ovrseer/config/detail/check_drafts.hpp>
#include <ovrseer/config/detail/connection_drafts.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/detail/words.hpp>
#include <ovrseer/net/mail_server.hpp>

namespace ovrseer::config_detail {

struct slack_draft {
  given<std::string> token;
  given<std::string> channel;
  given<std::string> webhook;
  given<std::string> url;
};
struct pagerduty_draft {
  given<std::string> routing_key;
  given<std::string> source;
  given<any_count> from_restarts;
  given<std::string> url;
};
struct sentry_draft {
  given<std::string> dsn;
  given<std::string> environment;
  given<std::string> release;
};
struct webhook_draft {
  using short_type = std::string;
  given<std::string> url;
  given<std::string> body;
  given<std::string> content_type;
  given<env_draft> headers;
};
struct mail_draft {
  given<std::string> server;
  given<std::string> user;
  given<std::string> password;
  given<mail_security> security;
  given<std::string> from;
  given<std::vector<std::string>> to;
};
struct datadog_draft {
  using short_type = std::string;
  given<std::string> to;
  given<std::string> env;
  given<std::string> service;
  given<std::string> version;
  given<std::vector<std::string>> tags;
  given<std::string> prefix;  // of an exporter
};
struct outbox_draft {
  using short_type = std::filesystem::path;
  given<std::filesystem::path> path;
  given<byte_size> max_size;
};
struct reporter_draft {
  given<std::string> id;
  given<slack_draft> slack;
  given<pagerduty_draft> pagerduty;
  given<sentry_draft> sentry;
  given<webhook_draft> webhook;
  given<mail_draft> mail;
  given<command_line_draft> exec;
  given<datadog_draft> datadog;
  given<outbox_draft> outbox;
  given<nanoseconds> repeat_after;
  given<any_count> per_minute;
  given<nanoseconds> settled_after;
  given<connection_draft> connection;
};

// In short_forms.hpp.

bool read_short_form(config_reader& reader, const config_node& node, webhook_draft& into);
bool read_short_form(config_reader& reader, const config_node& node, datadog_draft& into);
bool read_short_form(config_reader& reader, const config_node& node, outbox_draft& into);
bool check_section(config_reader& reader, const config_node& node, const reporter_draft& read);

// The tables, in reporter_tables.hpp.

template <>
const section_shape& section_for<slack_draft>();
template <>
const section_shape& section_for<pagerduty_draft>();
template <>
const section_shape& section_for<sentry_draft>();
template <>
const section_shape& section_for<webhook_draft>();
template <>
const section_shape& section_for<mail_draft>();
template <>
const section_shape& section_for<datadog_draft>();
template <>
const section_shape& section_for<outbox_draft>();
template <>
const section_shape& section_for<reporter_draft>();

}  // namespace ovrseer::config_detail
