// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The place where all metrics of a program meet: it names them once and shows them together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/metric/family.hpp>
#include <ovrseer/metric/snapshot.hpp>

namespace ovrseer {

/// Families of metrics by name. Usable from any thread; a family lives as long as its registry.
///
/// Asking again for a name with the same type and labels (and bounds) gives the same family. Errors of all
/// three: `std::errc::invalid_argument` for a name or label that Prometheus would not take, a name that is
/// taken by another kind of family, or bounds that are not ascending.
class registry {
 public:
  static constexpr std::size_t default_series_per_family = 2000;
  /// Counts, by family, the look-ups that were refused a series of their own; there once one was.
  static constexpr std::string_view overflow_metric = "ovrseer_metrics_overflow_total";

  /// `series_per_family` is the limit that a new family begins with. `idle_for` is what one of counters or histograms with
  /// labels begins with; gauges and single series are shown for ever unless their family says otherwise.
  explicit registry(std::size_t series_per_family = default_series_per_family, std::chrono::nanoseconds idle_for = {})
      : limit_(series_per_family), idle_for_(idle_for) {
    reserve(std::string(overflow_metric), metric_type::counter);
  }
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  family<counter>& counters(std::string name, std::string help, std::vector<std::string> label_names = {});
  family<gauge>& gauges(std::string name, std::string help, std::vector<std::string> label_names = {});
  family<histogram>& histograms(std::string name, std::string help, std::vector<std::string> label_names = {},
                                std::vector<double> bounds = default_buckets());

  /// All series as they are now, ordered by name and labels. While a family is read, only series that are new to
  /// it wait.
  metric_snapshot collect() const;
  /// The same, and lets what is idle at this moment expire first; see `family::idle_for`. `now` never goes back.
  metric_snapshot collect(std::chrono::steady_clock::time_point now);

 private:
  template <class Instrument>
  family<Instrument>& obtain(std::string name, std::string help, std::vector<std::string> label_names,
                             typename family<Instrument>::factory make) {
    check_names(name, label_names);
    const std::lock_guard lock(mutex_);
    if (const auto found = families_.find(name); found != families_.end()) {
      auto* same = dynamic_cast<family<Instrument>*>(found->second.get());
      if (same == nullptr || same->label_names() != label_names) refuse(name, "taken by another kind of family");
      return *same;
    }
    reserve(name, metric_detail::type_of_instrument<Instrument>());
    auto created =
        std::make_unique<family<Instrument>>(name, valid_utf8(help), std::move(label_names), limit_, std::move(make));
    auto& stays = *created;
    if (!std::is_same_v<Instrument, gauge> && !stays.label_names().empty()) stays.idle_for(idle_for_);
    families_.emplace(std::move(name), std::move(created));
    return stays;
  }

  // A family is shown under several names, in either text format, which must not meet another family's: a scraper would
  // refuse the whole page.
  void reserve(const std::string& name, metric_type type);

  static void check_names(const std::string& name, const std::vector<std::string>& label_names);

  [[noreturn]] static void refuse(const std::string& name, const std::string& why) {
    throw error(std::make_error_code(std::errc::invalid_argument), "register metric", "\"" + name + "\": " + why);
  }

  std::vector<metric_detail::any_family*> all() const;

  mutable std::mutex mutex_;
  std::size_t limit_;
  std::chrono::nanoseconds idle_for_;
  std::map<std::string, std::unique_ptr<metric_detail::any_family>> families_;
  std::map<std::string, std::vector<double>> bounds_;
  std::set<std::string> shown_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/metric/impl/registry.ipp>
#endif
