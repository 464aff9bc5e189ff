// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The keys of sinks: each with its type, its default and its meaning.
#pragma once

#include <array>

#include <ovrseer/config/detail/short_forms.hpp>
#include <ovrseer/config/detail/sink_drafts.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

template <>
inline const section_shape& section_for<json_lines_draft>() {
  using draft = json_lines_draft;
  static constexpr std::array keys{
      field<&draft::path>("path", "", "The file, one JSON object a line.", need::required),
      field<&draft::max_size>("maxSize", "10MiB", "A new file is begun at this size."),
      field<&draft::max_age>("maxAge", "no limit", "A new file is begun at this age."),
      field<&draft::keep>("keep", "5", "How many old files stay."),
  };
  static constexpr section_shape shape{"a sink of JSON lines", keys};
  return shape;
}

template <>
inline const section_shape& section_for<elasticsearch_draft>() {
  using draft = elasticsearch_draft;
  static constexpr std::array keys{
      field<&draft::url>("url", "${ELASTICSEARCH_URL}", "The address of the cluster.", need::required),
      field<&draft::target>("target", "logs-ovrseer-default", "A data stream or an index."),
      field<&draft::api_key>("apiKey", "${ELASTICSEARCH_API_KEY}",
                             "An API key, as Elasticsearch shows it under \"encoded\"."),
      field<&draft::user>("user", "", "A user, instead of an API key."),
      field<&draft::password>("password", "", "The user's."),
      field<&draft::service_name>("serviceName", "each process's name", "What all processes are together."),
      field<&draft::environment>("environment", "none", "production, staging."),
  };
  static constexpr section_shape shape{"a sink to Elasticsearch", keys};
  return shape;
}

template <>
inline const section_shape& section_for<http_sink_draft>() {
  using draft = http_sink_draft;
  static constexpr std::array keys{
      field<&draft::url>("url", "", "The address that batches are posted to.", need::required),
      field<&draft::format>("format", "ndjson", "An object a line, or one array."),
      field<&draft::headers>("headers", "none", "Headers to send as well."),
  };
  static constexpr section_shape shape{"a sink to an address", keys};
  return shape;
}

template <>
inline const section_shape& section_for<sink_draft>() {
  using draft = sink_draft;
  static constexpr std::array keys{
      field<&draft::id>("id", "", "Its name, for messages and metrics.", need::required),
      field<&draft::json_lines>("jsonLines", "", "A file of JSON lines."),
      field<&draft::elasticsearch>("elasticsearch", "", "Elasticsearch or OpenSearch."),
      field<&draft::http>("http", "", "Batches to an address of one's own."),
      field<&draft::stream>("stream", "", "JSON lines to tcp://host:port or unix:///path."),
      field<&draft::what>("what", "both", "Lines of processes, events of the supervisor, or both."),
      field<&draft::connection>("connection", "as the system has it", "Certificates and the proxy."),
  };
  static constexpr section_shape shape{"a sink", keys};
  return shape;
}

}  // namespace ovrseer::config_detail
