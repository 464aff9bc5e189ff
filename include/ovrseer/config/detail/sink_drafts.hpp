// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where lines and events go, as a configuration gives it, key by key.
#pragma once

#include <filesystem>
#include <string>

#include <ovrseer/config/detail/check_drafts.hpp>
#include <ovrseer/config/detail/connection_drafts.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/detail/words.hpp>
#include <ovrseer/config/model.hpp>

namespace ovrseer::config_detail {

struct json_lines_draft {
  using short_type = std::filesystem::path;
  given<std::filesystem::path> path;
  given<byte_size> max_size;
  given<nanoseconds> max_age;
  given<any_count> keep;
};
struct elasticsearch_draft {
  given<std::string> url;
  given<std::string> target;
  given<std::string> api_key;
  given<std::string> user;
  given<std::string> password;
  given<std::string> service_name;
  given<std::string> environment;
};
struct http_sink_draft {
  using short_type = std::string;
  given<std::string> url;
  given<http_batch::format> format;
  given<env_draft> headers;
};
struct sink_draft {
  given<std::string> id;
  given<json_lines_draft> json_lines;
  given<elasticsearch_draft> elasticsearch;
  given<http_sink_draft> http;
  given<std::string> stream;
  given<sink_settings::content> what;
  given<connection_draft> connection;
};

// In short_forms.hpp.

bool read_short_form(config_reader& reader, const config_node& node, json_lines_draft& into);
bool read_short_form(config_reader& reader, const config_node& node, http_sink_draft& into);
bool check_section(config_reader& reader, const config_node& node, const sink_draft& read);

// The tables, in sink_tables.hpp.

template <>
const section_shape& section_for<json_lines_draft>();
template <>
const section_shape& section_for<elasticsearch_draft>();
template <>
const section_shape& section_for<http_sink_draft>();
template <>
const section_shape& section_for<sink_draft>();

}  // namespace ovrseer::config_detail
