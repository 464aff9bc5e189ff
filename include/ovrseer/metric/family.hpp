// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// All series of one metric name, told apart by the values of their labels, and never more than a limit.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
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
  virtual void expire(std::chrono::steady_clock::time_point now) = 0;

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
/// Usable from any thread: finding a series takes a shared mutex for a moment, using one takes none, so that a
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
    return std::erase_if(series_, [&](const auto& each) { return matches(std::span(each.first)); });
  }

  /// At most so many series from now on; what exists stays. 0 refuses all.
  void limit(std::size_t series) {
    const std::lock_guard lock(mutex_);
    limit_ = series;
  }

  /// A series whose value has not changed for so long is left out of what is collected, until it changes. Zero, the
  /// default, means never. Time passes with `registry::collect(now)` alone, and begins for a series when that first sees it
  /// or a new value of it.
  ///
  /// While somebody holds its handle a series keeps its value and its place under the limit, and comes back with all that
  /// it counted. One that nobody holds is freed: `with` makes it again from zero, which Prometheus takes for the reset of a
  /// counter, so that nothing is counted twice. Either way a rate over a range without the last sample before the gap does
  /// not have the first change after it, as with every series that is new. Not for gauges that say something by staying as
  /// they are, such as `up`, nor for what an alert must be able to tell from absent.
  void idle_for(std::chrono::nanoseconds time) {
    const std::lock_guard lock(mutex_);
    idle_for_ = time;
  }
  /// Frees and hides what is idle at this moment; `registry::collect(now)` calls it.
  void expire(std::chrono::steady_clock::time_point now) override {
    const std::lock_guard lock(mutex_);
    if (idle_for_ == idle_for_.zero()) return;
    for (auto at = series_.begin(); at != series_.end();) {
      at = is_over(at->second, now) ? series_.erase(at) : std::next(at);
    }
  }

  /// Series that exist, hidden ones too.
  std::size_t size() const {
    const std::shared_lock lock(mutex_);
    return series_.size();
  }
  /// How many look-ups were refused a series of their own.
  std::uint64_t refused() const override {
    const std::shared_lock lock(mutex_);
    return refused_;
  }

 private:
  template <class Values>
  handle find_valid(const Values& values) {
    {
      const std::shared_lock lock(mutex_);  // a scrape holds it too, for long: only what is new waits for it
      if (const auto found = series_.find(values); found != series_.end()) return found->second.instrument;
    }
    const std::lock_guard lock(mutex_);
    if (const auto found = series_.find(values); found != series_.end()) return found->second.instrument;
    if (series_.size() >= limit_) {
      ++refused_;
      return overflow_;
    }
    return series_.emplace(std::vector<std::string>(values.begin(), values.end()), make_()).first->second.instrument;
  }

  // One series, and what the last look at it has found.
  struct entry {
    explicit entry(handle made) : instrument(std::move(made)) {}

    handle instrument;
    std::uint64_t mark = 0;
    std::optional<std::chrono::steady_clock::time_point> unchanged_since;
    bool is_idle = false;
  };

  // Differs where the value does.
  static std::uint64_t mark_of(const Instrument& instrument) noexcept {
    if constexpr (std::is_same_v<Instrument, histogram>) {
      return instrument.count();
    } else {
      return std::bit_cast<std::uint64_t>(instrument.value());
    }
  }

  // Looks at a series; whether it may be freed.
  bool is_over(entry& one, std::chrono::steady_clock::time_point now) const {
    const bool is_unheld = one.instrument.use_count() == 1;
    // Nobody can take a handle meanwhile. To copy and drop one is to come after all who have dropped theirs, so that the
    // last thing they counted is seen and not freed.
    if (is_unheld) handle(one.instrument).reset();
    const std::uint64_t mark = mark_of(*one.instrument);
    if (!one.unchanged_since || mark != one.mark) {
      one.mark = mark;
      one.unchanged_since = now;
    }
    one.is_idle = now - *one.unchanged_since >= idle_for_;
    return one.is_idle && is_unheld;
  }

  bool is_shown(const entry& one) const noexcept {
    return idle_for_ == idle_for_.zero() || !one.is_idle || mark_of(*one.instrument) != one.mark;
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
    const std::shared_lock lock(mutex_);
    std::vector<metric_sample> taken;
    taken.reserve(series_.size() + 1);
    for (const auto& [values, one] : series_) {
      if (is_shown(one)) taken.push_back(sample_of(values, *one.instrument));
    }
    const std::vector<std::string> folded(label_names().size(), std::string(overflow_label));
    if (refused_ != 0 && type() != metric_type::gauge && !series_.contains(folded)) {
      taken.push_back(sample_of(folded, *overflow_));
    }
    return taken;
  }

  mutable std::shared_mutex mutex_;
  std::map<std::vector<std::string>, entry, metric_detail::values_less> series_;
  std::chrono::nanoseconds idle_for_{0};
  std::size_t limit_;
  std::uint64_t refused_ = 0;
  factory make_;
  handle overflow_;
};

}  // namespace ovrseer
