// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The places of a match: few groups need no memory of their own.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

namespace ovrseer::pattern_detail {

class slot_buffer {
 public:
  explicit slot_buffer(std::size_t size) : size_(size) {
    if (size > near_.size()) far_ = std::make_unique<std::size_t[]>(size);
  }
  slot_buffer(const slot_buffer& other) : slot_buffer(other.size_) { copy(other); }
  slot_buffer(slot_buffer&& other) noexcept : far_(std::move(other.far_)), size_(other.size_) {
    if (far_ == nullptr) copy(other);
  }
  slot_buffer& operator=(slot_buffer other) noexcept {
    far_ = std::move(other.far_);
    size_ = other.size_;
    if (far_ == nullptr) copy(other);
    return *this;
  }
  ~slot_buffer() = default;

  std::size_t size() const noexcept { return size_; }
  std::size_t* data() noexcept { return far_ == nullptr ? near_.data() : far_.get(); }
  const std::size_t* data() const noexcept { return far_ == nullptr ? near_.data() : far_.get(); }
  std::size_t operator[](std::size_t i) const noexcept { return data()[i]; }

 private:
  void copy(const slot_buffer& other) noexcept {
    const std::size_t* const from = other.data();
    std::size_t* const to = data();
    for (std::size_t i = 0; i != size_; ++i) to[i] = from[i];
  }

  std::array<std::size_t, 16> near_;  // what is not used is not written
  std::unique_ptr<std::size_t[]> far_;
  std::size_t size_;
};

}  // namespace ovrseer::pattern_detail
