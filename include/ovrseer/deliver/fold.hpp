// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What deliverers that hold items back must know of them: what they are about, and how many are told as one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/event/vocabulary.hpp>

namespace ovrseer {

/// What is known of a kind of item; specialized for each. `crash_report` has it in <ovrseer/deliver/crash_facts.hpp>.
///
///     static std::string key(const T&);            // whose rate it counts for, such as the unit
///     static std::string fingerprint(const T&);    // the same for what is the same fault: no times, numbers, addresses
///     static severity level(const T&);
///     static T digest(const std::vector<folded<T>>&);  // one item that tells of all; there is at least one
///     static void seen(T&, std::uint64_t times);   // says that it stands for so many
template <class T>
struct item_facts;

/// Items with one fingerprint that were held back.
template <class T>
struct folded {
  folded(T one, std::uint64_t times) : first(std::move(one)), count(times) {}

  T first;
  std::uint64_t count;
};

/// Gathers items by their fingerprints, a bounded number of them: beyond it, the rest is counted under the last.
template <class T>
class item_fold {
 public:
  explicit item_fold(std::size_t most = 100) : most_(most == 0 ? 1 : most) {}

  void add(const T& item) {
    ++count_;
    const std::string fingerprint = item_facts<T>::fingerprint(item);
    for (std::size_t i = 0; i != fingerprints_.size(); ++i) {
      if (fingerprints_[i] == fingerprint || (i + 1 == most_)) {
        ++kept_[i].count;
        return;
      }
    }
    fingerprints_.push_back(fingerprint);
    kept_.emplace_back(item, 1);
  }

  bool empty() const noexcept { return count_ == 0; }
  std::uint64_t count() const noexcept { return count_; }
  /// One item for all that was added, which is then forgotten; not while it is empty.
  T take() {
    const std::vector<folded<T>> all = std::exchange(kept_, {});
    fingerprints_.clear();
    count_ = 0;
    return item_facts<T>::digest(all);
  }

 private:
  std::size_t most_;
  std::vector<std::string> fingerprints_;
  std::vector<folded<T>> kept_;
  std::uint64_t count_ = 0;
};

}  // namespace ovrseer
