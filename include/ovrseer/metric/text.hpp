// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The Prometheus text exposition format, version 0.0.4. Pure: a snapshot in, a page out.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/metric/snapshot.hpp>

namespace ovrseer {

/// The Content-Type of what `to_prometheus_text` writes.
inline constexpr std::string_view prometheus_content_type = "text/plain; version=0.0.4; charset=utf-8";

namespace metric_detail {

/// The shortest text that reads back as the same number; whole numbers without exponent where they are exact.
OVRSEER_DECL std::string number_text(double value);

OVRSEER_DECL void append_help(std::string& page, std::string_view help);

OVRSEER_DECL void append_label(std::string& page, std::string_view name, std::string_view value);

/// One line: `name[suffix]{labels[,le="bound"]} number`.
class sample_line {
 public:
  sample_line(const metric_family& family, const metric_sample& sample);
  void append(std::string& page, std::string_view suffix, std::string_view number) const;
  void append_bucket(std::string& page, std::string_view bound, std::uint64_t count) const;

 private:
  const metric_family& family_;
  std::string labels_;
};

OVRSEER_DECL void append_sample(std::string& page, const metric_family& family, const metric_sample& sample);

}  // namespace metric_detail

/// The page that a Prometheus server scrapes: HELP, TYPE and samples of each family, in the snapshot's
/// order. Names and UTF-8 must be as a `registry` leaves them.
OVRSEER_DECL std::string to_prometheus_text(const metric_snapshot& snapshot);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/metric/impl/text.ipp>
#endif
