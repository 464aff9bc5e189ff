// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From the drafts of sinks to where lines and events go.
#pragma once

#include <optional>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/detail/sink_drafts.hpp>
#include <ovrseer/config/model.hpp>

namespace ovrseer::config_detail {

class sink_builder {
 public:
  explicit sink_builder(config_reader& reader) : reader_(reader) {}

  /// Nothing where something is wrong, which was reported where it stands.
  std::optional<sink_settings> build(const sink_draft& draft);

 private:
  using any_target = std::optional<sink_settings::any_target>;

  any_target target(const sink_draft& draft);
  any_target target(const json_lines_draft& draft);
  any_target target(const elasticsearch_draft& draft, const config_node& place);
  any_target target(const http_sink_draft& draft);
  any_target target(const given<std::string>& stream);

  config_reader& reader_;
};

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/build_sinks.ipp>
#endif
