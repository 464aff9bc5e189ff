// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// All series of one metric name, told apart by the values of their labels, and never more than a limit.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/error.hpp>
#include <ovrseer/metric/counter.hpp>
#include <ovrseer/metric/gauge.hpp>
#include <ovrseer/metric/histogram.hpp>
#include <ovrseer/metric/snapshot.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

/// The label value of the series that takes what the limit has refused.
inline constexpr std::string_view overflow_label = "__overflow__";

namespace metric_detail {

/// What a registry sees of a family.
class any_family {
 public:
  any_family(std::string name, std::string help, metric_type type, std::vector<std::string> label_names)
      : name_(std::move(name)), help_(std::move(help)), type_(type), label_names_(std::move(label_names)) {}
  any_family(const any_family&) = delete;
  any_family& operator=(const any_family&) = delete;
  virtual ~any_family() = default;

  const std::string& name() const noexcept { return name_; }
  metric_type type() const noexcept { return type_; }
  const std::vector<std::string>& label_names() const noexcept { return label_names_; }
  metric_family collect() const { return {name_, help_, type_, label_names_, samples()}; }
  virtual std::uint64_t refused() const = 0;

 protected:
  virtual std::vector<metric_sample> samples() const = 0;

 private:
  std::string name_;
  std::string help_;
  metric_type type_;
  std::vector<std::string> label_names_;
};

// Orders label values whether they are owned or only looked at, so that a look-up allocates nothing.
struct values_less {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const noexcept {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  }
};

template <class Instrument>
constexpr metric_type type_of_instrument() noexcept {
  if constexpr (std::is_same_v<Instrument, counter>) return metric_type::counter;
  if constexpr (std::is_same_v<Instrument, gauge>) return metric_type::gauge;
  return metric_type::histogram;
}

}  // namespace metric_detail

/// The series of one metric. `Instrument` is `counter`, `gauge` or `histogram`. Made by a `registry`.
///
/// Usable from any thread: finding a series takes a mutex for a moment, using one takes none, so that a
/// hot path keeps the handle. A handle stays usable after its series was removed, but is no longer shown.
template <class Instrument>
class family final : public metric_detail::any_family {
 public:
  using handle = std::shared_ptr<Instrument>;
  using factory = std::function<handle()>;

  family(std::string name, std::string help, std::vector<std::string> label_names, std::size_t limit, factory make)
      : any_family(std::move(name), std::move(help), metric_detail::type_of_instrument<Instrument>(),
                   std::move(label_names)),
        limit_(limit),
        make_(std::move(make)),
        overflow_(make_()) {}

  /// The series with these label values, one for each label in its order; made when it is new.
  ///
  /// Bytes of a value that are not UTF-8 become U+FFFD. Beyond the limit of series a new one is refused
  /// and counted, and the handle is the overflow series, whose labels all are `__overflow__`; that of
  /// gauges is not shown, because a sum of several states means nothing.
  /// Errors: `std::errc::invalid_argument` for a wrong number of values.
  template <class... Values>
  handle with(const Values&... values) {
    const std::array<std::string_view, sizeof...(Values)> list{std::string_view(values)...};
    return find(std::span<const std::string_view>(list));
  }
  handle find(std::span<const std::string_view> values) {
    check_count(values.size());
    if (!std::all_of(values.begin(), values.end(), is_valid_utf8)) {
      std::vector<std::string> cleaned;
      for (const std::string_view value : values) cleaned.push_back(valid_utf8(value));
      return find_valid(cleaned);
    }
    return find_valid(values);
  }

  /// Drops the series for which `matches(std::span<const std::string>)` says so; yields how many.
  template <class Predicate>
  std::size_t remove_if(Predicate matches) {
    const std::lock_guard lock(mutex_);
    return std::erase_if(series_, [&](const auto& entry) { return matches(std::span(entry.first)); });
  }

  /// At most so many series from now on; what exists stays. 0 refuses all.
  void limit(std::size_t series) {
    const std::lock_guard lock(mutex_);
    limit_ = series;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return series_.size();
  }
  /// How many look-ups were refused a series of their own.
  std::uint64_t refused() const override {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  template <class Values>
  handle find_valid(const Values& values) {
    const std::lock_guard lock(mutex_);
    const auto found = series_.find(values);
    if (found != series_.end()) return found->second;
    if (series_.size() >= limit_) {
      ++refused_;
      return overflow_;
    }
    return series_.emplace(std::vector<std::string>(values.begin(), values.end()), make_()).first->second;
  }

  void check_count(std::size_t given) const {
    if (given == label_names().size()) return;
    throw error(std::make_error_code(std::errc::invalid_argument), "with",
                name() + " has " + std::to_string(label_names().size()) + " labels, not " + std::to_string(given));
  }

  static metric_sample sample_of(const std::vector<std::string>& values, const Instrument& instrument) {
    if constexpr (std::is_same_v<Instrument, gauge>) {
      return {values, instrument.value()};
    } else {
      auto exemplars = instrument.exemplars();  // first, so that what they are examples of is counted
      return {values, instrument.value(), std::move(exemplars)};
    }
  }

  std::vector<metric_sample> samples() const override {
    const std::lock_guard lock(mutex_);
    std::vector<metric_sample> taken;
    taken.reserve(series_.size() + 1);
    for (const auto& [values, instrument] : series_) taken.push_back(sample_of(values, *instrument));
    const std::vector<std::string> folded(label_names().size(), std::string(overflow_label));
    if (refused_ != 0 && type() != metric_type::gauge && !series_.contains(folded)) {
      taken.push_back(sample_of(folded, *overflow_));
    }
    return taken;
  }

  mutable std::mutex mutex_;
  std::map<std::vector<std::string>, handle, metric_detail::values_less> series_;
  std::size_t limit_;
  std::uint64_t refused_ = 0;
  factory make_;
  handle overflow_;
};

}  // namespace ovrseer
