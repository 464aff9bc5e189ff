// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The lines of a unit in memory: bounded in bytes and in lines, and next to nothing while little is said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include <ovrseer/build.hpp>
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

  explicit ring(const log_limits& limits = {}, std::uint64_t first_seq = 1) noexcept;

  std::uint64_t begin_seq() const noexcept { return begin_; }
  /// The number that the next line gets.
  std::uint64_t end_seq() const noexcept { return end_; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
  bool is_empty() const noexcept { return begin_ == end_; }

  /// The line of a number in [begin_seq, end_seq). Its text lives until the ring is next changed.
  line read(std::uint64_t seq) const noexcept;

  /// Adds a line; `seq` of the argument is ignored. Text beyond the limit of the whole ring cannot be kept: the
  /// line counts as dropped at once, together with all older ones.
  void push(const line& what);

  /// Copies the text of several lines to one place at once, so that `push_claimed` need not copy each. Drops what
  /// lies there. Says whether it did: not where the text is more than an eighth of the ring, so that little is
  /// wasted at its end.
  bool claim(std::string_view text);
  std::size_t claim_limit() const noexcept { return text_limit_ / 8; }
  /// Whether the claimed text is still there: until the next `push`.
  bool has_claim() const noexcept { return has_claim_; }
  /// Adds a line whose text stands at `place` of the claimed one, behind that of the line before it.
  void push_claimed(const line& what, std::size_t place_in_claim);

  /// Whether adding a line of `size` bytes drops one.
  bool must_evict(std::size_t size) const noexcept;

  /// Drops the oldest line, if there is one, and counts it.
  void evict_oldest() noexcept;

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
  std::size_t live_bytes() const noexcept;

  void add(const line& what, std::uint32_t offset);

  bool fits_at_front(std::size_t size) const noexcept { return !is_wrapped_ && size <= oldest_offset(); }
  bool may_grow_by(std::size_t size) const noexcept {
    return text_capacity_ < text_limit_ && live_bytes() + size <= text_limit_;
  }

  // Finds room for contiguous bytes: ahead, at the front, in a larger buffer, or in place of the oldest lines.
  std::uint32_t place(std::uint32_t size);

  void grow_text(std::size_t size);

  void grow_index();

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

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/ring.ipp>
#endif
