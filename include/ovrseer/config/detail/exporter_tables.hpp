// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The keys of exporters and of what is measured of the machine: each with its type, its default and its meaning.
#pragma once

#include <array>

#include <ovrseer/config/detail/exporter_drafts.hpp>
#include <ovrseer/config/detail/flag_tables.hpp>
#include <ovrseer/config/detail/reporter_tables.hpp>
#include <ovrseer/config/detail/short_forms.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

template <>
struct value_traits<dogstatsd_draft> {
  static constexpr bool keeps_parts = true;
  static constexpr value_shape shape{
      value_kind::section, "a mapping", {}, nullptr, &section_for<dogstatsd_draft>, &value_traits<std::string>::shape};
  static bool read(config_reader& reader, const config_node& node, dogstatsd_draft& into) {
    datadog_draft& agent = into;
    if (!node.is_mapping()) return read_short_form(reader, node, agent);
    return reader.section(node, section_for<dogstatsd_draft>(), &agent);
  }
};

template <>
inline const section_shape& section_for<statsd_draft>() {
  using draft = statsd_draft;
  static constexpr std::array keys{
      field<&draft::to>("to", "udp://${STATSD_HOST:-127.0.0.1}:${STATSD_PORT:-8125}",
                        "The server: udp://host:port or unix:///path."),
      field<&draft::prefix>("prefix", "${STATSD_PREFIX}", "What names begin with: shop makes shop.NAME."),
  };
  static constexpr section_shape shape{"an exporter to StatsD", keys};
  return shape;
}

template <>
inline const section_shape& section_for<dogstatsd_draft>() {
  static constexpr std::array more{
      field<&datadog_draft::prefix>("prefix", "none", "What names begin with: shop makes shop.NAME."),
  };
  static constexpr std::array keys = joined(datadog_keys, more);
  static constexpr section_shape shape{"an exporter to Datadog", keys};
  return shape;
}

template <>
inline const section_shape& section_for<exporter_draft>() {
  using draft = exporter_draft;
  static constexpr std::array keys{
      field<&draft::id>("id", "", "Its name, for messages, metrics and send-test.", need::required),
      field<&draft::statsd>("statsd", "", "A StatsD server, which knows names and no labels."),
      field<&draft::datadog>("datadog", "", "Datadog, through its Agent: labels are tags."),
      field<&draft::file>("file", "", "A file in the format of Prometheus, such as for the textfile collector."),
      field<&draft::interval>("interval", "10s", "How often; at the end once more."),
  };
  static constexpr section_shape shape{"an exporter", keys};
  return shape;
}

template <>
inline const section_shape& section_for<host_draft>() {
  using draft = host_draft;
  static constexpr std::array keys{
      field<&draft::mount_points>("mountPoints", "/", "The file systems whose room is measured, by a folder on each."),
      field<&draft::interval>("interval", "15s", "How often."),
  };
  static constexpr section_shape shape{"figures of the machine", keys};
  return shape;
}

}  // namespace ovrseer::config_detail
