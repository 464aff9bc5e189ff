// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The lines of a unit in memory: bounded in bytes and in lines, and next to nothing while little is said.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <ovrseer/log/line.hpp>
#include <ovrseer/log/log_limits.hpp>

namespace ovrseer {

/// The newest lines, numbered; a `sequence_store`. What does not fit drops the oldest and is counted.
///
/// One buffer of text in which every line is contiguous, and one index of 16 bytes a line; both begin empty and
/// double up to their limits. Adding a line is one copy of its text.
class ring {
 public:
  using value_type = line;

  explicit ring(const log_limits& limits = {}, std::uint64_t first_seq = 1) noexcept
      : text_limit_(static_cast<std::uint32_t>(limits.ring_size().count())),
        line_limit_(limits.ring_lines()),
        begin_(first_seq),
        end_(first_seq) {}

  std::uint64_t begin_seq() const noexcept { return begin_; }
  /// The number that the next line gets.
  std::uint64_t end_seq() const noexcept { return end_; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
  bool is_empty() const noexcept { return begin_ == end_; }

  /// The line of a number in [begin_seq, end_seq). Its text lives until the ring is next changed.
  line read(std::uint64_t seq) const noexcept {
    const entry& at = entry_of(seq);
    const std::uint32_t stated = at.about >> stated_shift;
    return {{text_.get() + at.offset, at.about & length_mask},
            seq,
            wall_time(wall_time::duration(at.time)),
            static_cast<line_source>(at.about >> source_shift & 3U),
            static_cast<line_part>(at.about >> part_shift & 3U),
            stated == unstated ? std::nullopt : std::optional(static_cast<level>(stated))};
  }

  /// Adds a line; `seq` of the argument is ignored. Text beyond the limit of the whole ring cannot be kept: the
  /// line counts as dropped at once, together with all older ones.
  void push(const line& what) {
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

  /// Copies the text of several lines to one place at once, so that `push_claimed` need not copy each. Drops what
  /// lies there. Says whether it did: not where the text is more than an eighth of the ring, so that little is
  /// wasted at its end.
  bool claim(std::string_view text) {
    has_claim_ = false;
    if (text.empty() || text.size() > claim_limit()) return false;
    claimed_at_ = write_at_ = place(static_cast<std::uint32_t>(text.size()));
    std::memcpy(text_.get() + claimed_at_, text.data(), text.size());
    has_claim_ = true;
    return true;
  }
  std::size_t claim_limit() const noexcept { return text_limit_ / 8; }
  /// Whether the claimed text is still there: until the next `push`.
  bool has_claim() const noexcept { return has_claim_; }
  /// Adds a line whose text stands at `place` of the claimed one, behind that of the line before it.
  void push_claimed(const line& what, std::size_t place_in_claim) {
    if (this->size() == line_limit_) evict_oldest();
    add(what, claimed_at_ + static_cast<std::uint32_t>(place_in_claim));
  }

  /// Whether adding a line of `size` bytes drops one.
  bool must_evict(std::size_t size) const noexcept {
    if (is_empty()) return false;
    if (this->size() == line_limit_) return true;
    return !fits_ahead(size) && !fits_at_front(size) && !may_grow_by(size);
  }

  /// Drops the oldest line, if there is one, and counts it.
  void evict_oldest() noexcept {
    if (is_empty()) return;
    if (is_wrapped_ && size() > 1 && entry_of(begin_ + 1).offset < oldest_offset()) is_wrapped_ = false;
    ++begin_;
    ++evicted_;
  }

  /// Lines that were dropped so far.
  std::uint64_t evicted() const noexcept { return evicted_; }
  /// The memory in use, in bytes.
  std::size_t allocated() const noexcept { return text_capacity_ + entry_capacity() * sizeof(entry); }

 private:
  struct entry {
    std::int64_t time;
    std::uint32_t offset;
    std::uint32_t about;  // 24 bits of length, 2 of source, 2 of part, 4 of the stated level
  };
  static_assert(sizeof(entry) == 16);
  static constexpr std::uint32_t length_mask = 0xFFFFFFU;
  static constexpr std::uint32_t source_shift = 24;
  static constexpr std::uint32_t part_shift = 26;
  static constexpr std::uint32_t stated_shift = 28;
  static constexpr std::uint32_t unstated = 15;
  static constexpr std::uint32_t first_text = 1'024;
  static constexpr std::size_t first_entries = 16;

  std::size_t entry_capacity() const noexcept { return entries_ ? entry_mask_ + 1 : 0; }
  entry& entry_of(std::uint64_t seq) noexcept { return entries_[static_cast<std::size_t>(seq) & entry_mask_]; }
  const entry& entry_of(std::uint64_t seq) const noexcept {
    return entries_[static_cast<std::size_t>(seq) & entry_mask_];
  }
  std::uint32_t oldest_offset() const noexcept { return entry_of(begin_).offset; }

  // The text lies in [oldest, write_at_), or, wrapped, in [oldest, the end) and [0, write_at_).
  bool fits_ahead(std::size_t size) const noexcept {
    return write_at_ + size <= (is_wrapped_ ? oldest_offset() : text_capacity_);
  }

  // The bytes of all lines, with the gap at the end that a wrap left.
  std::size_t live_bytes() const noexcept {
    if (is_empty()) return 0;
    return is_wrapped_ ? text_capacity_ - oldest_offset() + write_at_ : write_at_ - oldest_offset();
  }

  void add(const line& what, std::uint32_t offset) {
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

  bool fits_at_front(std::size_t size) const noexcept { return !is_wrapped_ && size <= oldest_offset(); }
  bool may_grow_by(std::size_t size) const noexcept {
    return text_capacity_ < text_limit_ && live_bytes() + size <= text_limit_;
  }

  // Finds room for contiguous bytes: ahead, at the front, in a larger buffer, or in place of the oldest lines.
  std::uint32_t place(std::uint32_t size) {
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

  void grow_text(std::size_t size) {
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

  void grow_index() {
    const std::size_t most = std::bit_ceil(line_limit_);
    const std::size_t capacity = std::min(std::max(entry_capacity() * 2, first_entries), most);
    auto larger = std::make_unique_for_overwrite<entry[]>(capacity);
    for (std::uint64_t seq = begin_; seq != end_; ++seq) {
      larger[static_cast<std::size_t>(seq) & (capacity - 1)] = entry_of(seq);
    }
    entries_ = std::move(larger);
    entry_mask_ = capacity - 1;
  }

  std::unique_ptr<char[]> text_;
  std::unique_ptr<entry[]> entries_;
  std::size_t entry_mask_ = 0;
  std::uint32_t text_capacity_ = 0;
  std::uint32_t text_limit_;
  std::uint32_t write_at_ = 0;
  std::uint32_t claimed_at_ = 0;
  bool has_claim_ = false;
  bool is_wrapped_ = false;
  std::size_t line_limit_;
  std::uint64_t begin_;
  std::uint64_t end_;
  std::uint64_t evicted_ = 0;
};

}  // namespace ovrseer
