// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who is sent metrics, and what is measured, as a configuration gives it, key by key.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <ovrseer/config/detail/reporter_drafts.hpp>
#include <ovrseer/config/detail/traits.hpp>

namespace ovrseer::config_detail {

struct statsd_draft {
  using short_type = std::string;
  given<std::string> to;
  given<std::string> prefix;
};
/// The Agent as one that is sent metrics; its table has more keys.
struct dogstatsd_draft : datadog_draft {};
struct exporter_draft {
  given<std::string> id;
  given<statsd_draft> statsd;
  given<dogstatsd_draft> datadog;
  given<std::filesystem::path> file;
  given<nanoseconds> interval;
};

/// `true`, `false`, or what is measured of the machine.
struct host_draft {
  using short_type = bool;
  bool is_wanted = true;
  given<std::vector<std::filesystem::path>> mount_points;
  given<nanoseconds> interval;
};

// In short_forms.hpp.

bool read_short_form(config_reader& reader, const config_node& node, statsd_draft& into);
bool check_section(config_reader& reader, const config_node& node, const exporter_draft& read);
bool read_short_form(config_reader& reader, const config_node& node, host_draft& into);
bool check_section(config_reader& reader, const config_node& node, host_draft& into);

// The tables, in exporter_tables.hpp.

template <>
const section_shape& section_for<statsd_draft>();
template <>
const section_shape& section_for<dogstatsd_draft>();
template <>
const section_shape& section_for<exporter_draft>();
template <>
const section_shape& section_for<host_draft>();

}  // namespace ovrseer::config_detail
