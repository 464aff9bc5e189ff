// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Exporters as a configuration names them: the one place where targets that are chosen at run time lose their types.
#pragma once

#include <filesystem>
#include <variant>

#include <ovrseer/asio.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/export/prometheus.hpp>
#include <ovrseer/export/statsd_exporter.hpp>
#include <ovrseer/metric/exporter.hpp>
#include <ovrseer/net/datagram.hpp>

namespace ovrseer {

namespace config_detail {

struct exporter_maker {
  const executor& ex;  // of datagrams

  any_metric_exporter operator()(const std::filesystem::path& file) const { return prometheus_file(file.string()); }
  any_metric_exporter operator()(const statsd_target& server) const {
    return statsd_exporter<>(server.service, datagram_socket(ex, server.to));
  }
};

}  // namespace config_detail

/// The exporter alone, for a `periodic_export`: one that failed is not tried again before the next.
inline any_metric_exporter exporter_of(const exporter_settings& from, const executor& ex) {
  return std::visit(config_detail::exporter_maker{ex}, from.target);
}

}  // namespace ovrseer
