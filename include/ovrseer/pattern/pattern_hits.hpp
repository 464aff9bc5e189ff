// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which patterns of a set matched a line.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

namespace ovrseer {

/// The slots of the patterns that matched, in rising order: `for (std::size_t slot : hits)`.
class pattern_hits {
 public:
  using value_type = std::size_t;

  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::size_t*;
    using reference = std::size_t;

    iterator() = default;
    iterator(const pattern_hits& hits, std::size_t slot) noexcept : hits_(&hits), slot_(hits.next(slot)) {}
    std::size_t operator*() const noexcept { return slot_; }
    iterator& operator++() noexcept {
      slot_ = hits_->next(slot_ + 1);
      return *this;
    }
    iterator operator++(int) noexcept {
      iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.slot_ == b.slot_; }

   private:
    const pattern_hits* hits_ = nullptr;
    std::size_t slot_ = 0;
  };

  bool any() const noexcept { return count_ != 0; }
  std::size_t size() const noexcept { return count_; }
  bool contains(std::size_t slot) const noexcept {
    return slot / 64 < words_.size() && ((words_[slot / 64] >> (slot % 64)) & 1U) != 0;
  }
  iterator begin() const noexcept { return {*this, 0}; }
  iterator end() const noexcept { return {*this, words_.size() * 64}; }

  /// Forgets all hits and keeps the memory.
  void clear() noexcept {
    if (count_ == 0) return;
    for (std::uint64_t& word : words_) word = 0;
    count_ = 0;
  }
  void insert(std::size_t slot) {
    if (slot / 64 >= words_.size()) words_.resize(slot / 64 + 1, 0);
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    count_ += (words_[slot / 64] & bit) == 0 ? 1 : 0;
    words_[slot / 64] |= bit;
  }

 private:
  // The first hit at `slot` or later.
  std::size_t next(std::size_t slot) const noexcept {
    for (std::size_t word = slot / 64; word < words_.size(); ++word) {
      std::uint64_t rest = words_[word];
      if (word == slot / 64) rest &= ~std::uint64_t{0} << (slot % 64);
      if (rest != 0) return word * 64 + static_cast<std::size_t>(std::countr_zero(rest));
    }
    return words_.size() * 64;
  }

  std::vector<std::uint64_t> words_;
  std::size_t count_ = 0;
};

}  // namespace ovrseer
