// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The text formats that Prometheus reads: its own, version 0.0.4, and OpenMetrics 1.0. Pure: a snapshot in, a page out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/metric/snapshot.hpp>

namespace ovrseer {

/// The Content-Type of what `to_prometheus_text` writes.
inline constexpr std::string_view prometheus_content_type = "text/plain; version=0.0.4; charset=utf-8";
/// The Content-Type of what `to_openmetrics_text` writes.
inline constexpr std::string_view openmetrics_content_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How a page is written.
enum class metric_format : std::uint8_t { prometheus, openmetrics };

constexpr std::string_view content_type(metric_format format) noexcept {
  return format == metric_format::prometheus ? prometheus_content_type : openmetrics_content_type;
}

namespace metric_detail {

/// The shortest text that reads back as the same number; whole numbers without exponent where they are exact.
OVRSEER_DECL std::string number_text(double value);

/// The same as the label of a bucket, which readers compare as text: as Go writes it, "1.0" and "1e+06".
OVRSEER_DECL std::string canonical_text(double value);

/// What a backslash stands before: of a line of help, or of a text between quotes.
enum class escapes : std::uint8_t { line, quoted };

OVRSEER_DECL void append_escaped(std::string& out, std::string_view text, escapes which);

OVRSEER_DECL void append_label(std::string& out, std::string_view name, std::string_view value);

/// Writes the families of a snapshot one after another.
class page_writer {
 public:
  explicit page_writer(metric_format format) : format_(format) {}
  void append(const metric_family& family);
  std::string finish();

 private:
  bool is_openmetrics() const noexcept { return format_ == metric_format::openmetrics; }
  void append_sample(const metric_family& family, const metric_sample& sample);
  void append_histogram(const histogram_value& value, const std::vector<exemplar>& exemplars);
  void append_line(std::string_view suffix, std::string_view number);
  void append_bucket(double bound, std::uint64_t count, const exemplar* example);
  void append_exemplar(const exemplar& example);

  metric_format format_;
  std::string page_;
  std::string name_;    // of the family in this format
  std::string labels_;  // of the sample, as text
};

}  // namespace metric_detail

/// The page that every Prometheus server scrapes: HELP, TYPE and samples of each family, in the snapshot's
/// order. Names and UTF-8 must be as a `registry` leaves them.
OVRSEER_DECL std::string to_prometheus_text(const metric_snapshot& snapshot);

/// The same as OpenMetrics 1.0, which has exemplars and an end by which a reader knows that nothing is cut off.
///
/// A counter is the family `x` with the sample `x_total`, whether it was registered as `x_total` or `x`. A bucket's bound is
/// written `1.0` where the older format has `1`. An exemplar that is not `is_showable` is left out; so are sum and count of a
/// histogram with negative bounds, whose last bucket has the count.
OVRSEER_DECL std::string to_openmetrics_text(const metric_snapshot& snapshot);

/// One of both.
OVRSEER_DECL std::string to_text(const metric_snapshot& snapshot, metric_format format);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/metric/impl/text.ipp>
#endif
