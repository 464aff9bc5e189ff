// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A growing array of plain values that costs the compiler few steps: std::vector takes five times as
// many during constant evaluation, and the steps are limited.
#pragma once

#include <cstddef>

namespace ovrseer::pattern_detail {

/// An array that grows. `Value` is trivially copyable; what `resize` adds is not initialised.
template <class Value>
class growable {
 public:
  constexpr growable() noexcept = default;
  constexpr explicit growable(std::size_t size) { resize(size); }
  constexpr growable(std::size_t size, const Value& value) {
    resize(size);
    for (Value *at = data_, *const end = data_ + size; at != end; ++at) *at = value;
  }
  // Without std::exchange and std::swap, each of which is six calls for the compiler.
  constexpr growable(growable&& other) noexcept : data_(other.data_), size_(other.size_), capacity_(other.capacity_) {
    other.data_ = nullptr;
    other.size_ = other.capacity_ = 0;
  }
  constexpr growable& operator=(growable&& other) noexcept {
    Value* const data = other.data_;
    const std::size_t size = other.size_;
    const std::size_t capacity = other.capacity_;
    other.data_ = data_;
    other.size_ = size_;
    other.capacity_ = capacity_;
    data_ = data;
    size_ = size;
    capacity_ = capacity;
    return *this;
  }
  constexpr ~growable() { delete[] data_; }

  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr Value* data() noexcept { return data_; }
  constexpr const Value* data() const noexcept { return data_; }
  constexpr Value& operator[](std::size_t i) noexcept { return data_[i]; }
  constexpr const Value& operator[](std::size_t i) const noexcept { return data_[i]; }
  constexpr Value* begin() noexcept { return data_; }
  constexpr Value* end() noexcept { return data_ + size_; }
  constexpr const Value* begin() const noexcept { return data_; }
  constexpr const Value* end() const noexcept { return data_ + size_; }
  constexpr Value& back() noexcept { return data_[size_ - 1]; }
  constexpr const Value& back() const noexcept { return data_[size_ - 1]; }

  constexpr void push_back(const Value& value) {
    if (size_ == capacity_) {
      const Value copy = value;  // it may live in the array that is about to move
      reserve(capacity_ == 0 ? 16 : capacity_ * 2);
      data_[size_++] = copy;
      return;
    }
    data_[size_++] = value;
  }
  constexpr void pop_back() noexcept { --size_; }
  constexpr void clear() noexcept { size_ = 0; }
  constexpr void resize(std::size_t size) {
    if (size > capacity_) reserve(size > 2 * capacity_ ? size : 2 * capacity_);
    size_ = size;
  }
  constexpr void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    Value* moved = new Value[capacity];
    for (std::size_t i = 0; i != size_; ++i) moved[i] = data_[i];
    delete[] data_;
    data_ = moved;
    capacity_ = capacity;
  }

 private:
  Value* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace ovrseer::pattern_detail
