// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A deliverer that lets no secret out: for receivers beyond those that the supervisor trusts.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/deliver/item_redactor.hpp>

namespace ovrseer {

/// Hides the secrets in every text of a copy of each item and hands that on to `D`; an item without secrets goes on as it is.
///
/// A supervisor redacts crash reports when it makes them, and `attach_lines` redacts lines by default. This is for what is
/// added later, such as by `enriched`, for rules of one's own, and for one of several receivers:
///
///     fan_out both(json_lines(…), redacted<elasticsearch_sink<>, log_record>(…));
///
/// Identity stays: ids, names of units and flags, times and numbers.
template <class D, class T = crash_report, redaction R = redactor>
  requires deliverer<D, T>
class redacted {
 public:
  explicit redacted(D inner, R rules = {}) : inner_(std::move(inner)), rules_(std::move(rules)) {}

  /// Errors and cancellation: those of `D`.
  task<void> deliver(const T& item) {
    if (!rules_.may_contain_secret(item)) return inner_.deliver(item);
    T copy = item;
    if (!rules_.redact(copy)) return inner_.deliver(item);
    ++hidden_;
    return deliver_copy(std::move(copy));
  }

  std::optional<steady_time> due() const { return due_of(inner_); }
  task<void> flush(steady_time until) { return flush_of(inner_, until); }
  void add_to(delivery_status& into) const { add_status(inner_, into); }

  /// How many items were handed on with something hidden.
  std::uint64_t hidden() const noexcept { return hidden_; }

 private:
  task<void> deliver_copy(T copy) { co_await inner_.deliver(copy); }

  D inner_;
  item_redactor<T, R> rules_;
  std::uint64_t hidden_ = 0;
};

}  // namespace ovrseer
