// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/ring.hpp>.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <optional>
#include <utility>

#include <ovrseer/log/ring.hpp>

namespace ovrseer {

OVRSEER_DECL ring::ring(const log_limits& limits, std::uint64_t first_seq) noexcept
    : text_limit_(static_cast<std::uint32_t>(limits.ring_size().count())),
      line_limit_(limits.ring_lines()),
      begin_(first_seq),
      end_(first_seq) {}

OVRSEER_DECL line ring::read(std::uint64_t seq) const noexcept {
  const entry& at = entry_of(seq);
  const std::uint32_t stated = at.about >> stated_shift;
  return {{text_.get() + at.offset, at.about & length_mask},
          seq,
          wall_time(wall_time::duration(at.time)),
          static_cast<line_source>(at.about >> source_shift & 3U),
          static_cast<line_part>(at.about >> part_shift & 3U),
          stated == unstated ? std::nullopt : std::optional(static_cast<level>(stated))};
}

OVRSEER_DECL void ring::push(const line& what) {
  const std::size_t size = what.text.size();
  if (size > std::min(text_limit_, length_mask)) {
    evicted_ += this->size() + 1;
    begin_ = ++end_;
    return;
  }
  has_claim_ = false;
  if (this->size() == line_limit_) evict_oldest();
  const std::uint32_t offset = place(static_cast<std::uint32_t>(size));
  if (size != 0) std::memcpy(text_.get() + offset, what.text.data(), size);
  add(what, offset);
}

OVRSEER_DECL bool ring::claim(std::string_view text) {
  has_claim_ = false;
  if (text.empty() || text.size() > claim_limit()) return false;
  claimed_at_ = write_at_ = place(static_cast<std::uint32_t>(text.size()));
  std::memcpy(text_.get() + claimed_at_, text.data(), text.size());
  has_claim_ = true;
  return true;
}

OVRSEER_DECL void ring::push_claimed(const line& what, std::size_t place_in_claim) {
  if (this->size() == line_limit_) evict_oldest();
  add(what, claimed_at_ + static_cast<std::uint32_t>(place_in_claim));
}

OVRSEER_DECL bool ring::must_evict(std::size_t size) const noexcept {
  if (is_empty()) return false;
  if (this->size() == line_limit_) return true;
  return !fits_ahead(size) && !fits_at_front(size) && !may_grow_by(size);
}

OVRSEER_DECL void ring::evict_oldest() noexcept {
  if (is_empty()) return;
  if (is_wrapped_ && size() > 1 && entry_of(begin_ + 1).offset < oldest_offset()) is_wrapped_ = false;
  ++begin_;
  ++evicted_;
}

OVRSEER_DECL std::size_t ring::live_bytes() const noexcept {
  if (is_empty()) return 0;
  return is_wrapped_ ? text_capacity_ - oldest_offset() + write_at_ : write_at_ - oldest_offset();
}

OVRSEER_DECL void ring::add(const line& what, std::uint32_t offset) {
  if (this->size() == entry_capacity()) grow_index();
  entry& added = entry_of(end_++);
  const auto size = static_cast<std::uint32_t>(what.text.size());
  const std::uint32_t stated = what.stated ? static_cast<std::uint32_t>(*what.stated) : unstated;
  added.time = what.time.time_since_epoch().count();
  added.offset = offset;
  added.about = size | static_cast<std::uint32_t>(what.source) << source_shift |
                static_cast<std::uint32_t>(what.part) << part_shift | stated << stated_shift;
  write_at_ = offset + size;
}

OVRSEER_DECL std::uint32_t ring::place(std::uint32_t size) {
  for (;;) {
    if (is_empty()) {
      is_wrapped_ = false;
      if (size > text_capacity_) grow_text(size);
      return 0;
    }
    if (fits_ahead(size)) return write_at_;
    if (fits_at_front(size)) {
      is_wrapped_ = true;
      return 0;
    }
    may_grow_by(size) ? grow_text(size) : evict_oldest();
  }
}

OVRSEER_DECL void ring::grow_text(std::size_t size) {
  std::size_t capacity = std::max<std::size_t>(text_capacity_ * std::size_t{2}, first_text);
  while (capacity < live_bytes() + size) capacity *= 2;
  capacity = std::min<std::size_t>(capacity, text_limit_);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  std::uint32_t offset = 0;
  for (std::uint64_t seq = begin_; seq != end_; ++seq) {
    entry& moved = entry_of(seq);
    const std::uint32_t length = moved.about & length_mask;
    if (length != 0) std::memcpy(larger.get() + offset, text_.get() + moved.offset, length);
    moved.offset = offset;
    offset += length;
  }
  text_ = std::move(larger);
  text_capacity_ = static_cast<std::uint32_t>(capacity);
  write_at_ = offset;
  is_wrapped_ = false;
}

OVRSEER_DECL void ring::grow_index() {
  const std::size_t most = std::bit_ceil(line_limit_);
  const std::size_t capacity = std::min(std::max(entry_capacity() * 2, first_entries), most);
  auto larger = std::make_unique_for_overwrite<entry[]>(capacity);
  for (std::uint64_t seq = begin_; seq != end_; ++seq) {
    larger[static_cast<std::size_t>(seq) & (capacity - 1)] = entry_of(seq);
  }
  entries_ = std::move(larger);
  entry_mask_ = capacity - 1;
}

}  // namespace ovrseer
