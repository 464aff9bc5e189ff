// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From the drafts of exporters to who is sent metrics.
#pragma once

#include <optional>
#include <string>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/exporter_drafts.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/model.hpp>

namespace ovrseer::config_detail {

/// Datadog's Agent where it was written, with the tags of all that it is told; nothing where something is wrong, which was
/// reported. A tag that is written under `tags` goes before one that the environment has.
OVRSEER_DECL std::optional<statsd_target> datadog_agent(config_reader& reader, const datadog_draft& draft);

/// An interval, or `otherwise`; one that is too short is reported.
OVRSEER_DECL nanoseconds interval_of(config_reader& reader, const given<nanoseconds>& written, nanoseconds otherwise);

class exporter_builder {
 public:
  explicit exporter_builder(config_reader& reader) : reader_(reader) {}

  /// Nothing where something is wrong, which was reported where it stands.
  std::optional<exporter_settings> build(const exporter_draft& draft);

 private:
  using any_target = std::optional<exporter_settings::any_target>;

  any_target target(const exporter_draft& draft);

  config_reader& reader_;
};

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/build_exporters.ipp>
#endif
