// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A deliverer that says of each item where it comes from: the host, the region, the commit.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/incident_update.hpp>

namespace ovrseer {

/// Where a kind of item keeps its fields, by name; specialized for each. Null for an item that has none.
template <class T>
struct item_fields;

template <>
struct item_fields<crash_report> {
  static std::vector<std::pair<std::string, std::string>>* of(crash_report& report) noexcept { return &report.fields; }
};
template <>
struct item_fields<incident_update> {
  static std::vector<std::pair<std::string, std::string>>* of(incident_update& update) noexcept {
    auto* report = std::get_if<crash_report>(&update.what);
    return report == nullptr ? nullptr : &report->fields;
  }
};

/// Adds fields, such as `deployment_fields` makes, to a copy of each item and hands that on to `D`. A field that the item
/// has already stays as it is; the added ones stand behind it in their order.
template <class D, class T = crash_report>
  requires deliverer<D, T>
class enriched {
 public:
  /// Of two fields with one name the first is taken.
  enriched(D inner, std::vector<std::pair<std::string, std::string>> fields)
      : inner_(std::move(inner)), fields_(std::move(fields)) {}

  /// Errors and cancellation: those of `D`.
  task<void> deliver(const T& item) {
    T richer = item;
    if (auto* has = item_fields<T>::of(richer)) {
      for (const auto& field : fields_) {
        const bool is_there = std::ranges::any_of(*has, [&](const auto& each) { return each.first == field.first; });
        if (!is_there) has->push_back(field);
      }
    }
    co_await inner_.deliver(richer);
  }

  std::optional<steady_time> due() const { return due_of(inner_); }
  task<void> flush(steady_time until) { return flush_of(inner_, until); }
  void add_to(delivery_status& into) const { add_status(inner_, into); }

 private:
  D inner_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace ovrseer
