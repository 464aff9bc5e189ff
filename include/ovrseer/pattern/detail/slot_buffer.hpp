// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The places of a match: few groups need no memory of their own.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace ovrseer::pattern_detail {

class slot_buffer {
 public:
  explicit slot_buffer(std::size_t size) : size_(size) {
    if (size > near_.size()) far_.resize(size);
  }

  std::size_t size() const noexcept { return size_; }
  std::size_t* data() noexcept { return far_.empty() ? near_.data() : far_.data(); }
  std::size_t operator[](std::size_t i) const noexcept { return far_.empty() ? near_[i] : far_[i]; }

 private:
  std::array<std::size_t, 16> near_{};
  std::vector<std::size_t> far_;
  std::size_t size_;
};

}  // namespace ovrseer::pattern_detail
