// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The exemplars of one instrument, kept where an instrument without any pays for a null pointer and nothing else.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <ovrseer/metric/exemplar.hpp>

namespace ovrseer::metric_detail {

/// The latest exemplar of each bucket. Usable from any thread; the first one allocates.
class exemplar_slots {
 public:
  exemplar_slots() noexcept = default;
  exemplar_slots(const exemplar_slots&) = delete;
  exemplar_slots& operator=(const exemplar_slots&) = delete;
  ~exemplar_slots() { delete slots_.load(std::memory_order_relaxed); }

  /// What no encoder would show is not kept, so that an exemplar has a greatest size.
  void keep(std::size_t bucket, double value, exemplar latest) {
    if (!is_showable(latest)) return;
    latest.value = value;
    slots& mine = made();
    const std::lock_guard lock(mine.mutex);
    mine.latest.insert_or_assign(bucket, std::move(latest));
  }

  /// In the order of their buckets.
  std::vector<exemplar> all() const {
    std::vector<exemplar> list;
    slots* const mine = slots_.load(std::memory_order_acquire);
    if (mine == nullptr) return list;
    const std::lock_guard lock(mine->mutex);
    for (const auto& [bucket, latest] : mine->latest) list.push_back(latest);
    return list;
  }

 private:
  struct slots {
    std::mutex mutex;
    std::map<std::size_t, exemplar> latest;
  };

  slots& made() {
    slots* there = slots_.load(std::memory_order_acquire);
    if (there != nullptr) return *there;
    auto created = std::make_unique<slots>();
    if (slots_.compare_exchange_strong(there, created.get(), std::memory_order_acq_rel)) return *created.release();
    return *there;  // another thread was first
  }

  std::atomic<slots*> slots_{nullptr};
};

}  // namespace ovrseer::metric_detail
