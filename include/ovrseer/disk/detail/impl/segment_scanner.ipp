// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/detail/segment_scanner.hpp>.
#pragma once

#include <algorithm>
#include <span>
#include <system_error>

#include <ovrseer/disk/detail/segment_scanner.hpp>

namespace ovrseer::disk_detail {

OVRSEER_DECL scan_step segment_scanner::next() {
  std::string_view payload;
  if (check(offset_, expected_, payload) == verdict::whole) {
    const scan_step step{scan_kind::record, expected_, expected_, offset_, record_prefix + payload.size(), payload};
    ++expected_;
    offset_ += step.bytes;
    return step;
  }
  return beyond_damage();
}

OVRSEER_DECL scan_step segment_scanner::beyond_damage() {
  std::uint64_t at = offset_;
  std::uint64_t sequence = expected_;
  std::string_view payload;
  while (true) {
    switch (check(at, sequence, payload)) {
      case verdict::whole: {
        const scan_step step{scan_kind::damage, expected_, sequence - 1, offset_, at - offset_, {}};
        expected_ = sequence;
        offset_ = at;
        return step;
      }
      case verdict::incomplete: {
        const std::uint64_t size = std::max(file_size(), offset_);
        return {scan_kind::end, expected_, expected_, offset_, size - offset_, {}};
      }
      case verdict::bad: at += record_prefix + get_little<4>(peek(at, record_prefix).data()); ++sequence;
    }
  }
}

OVRSEER_DECL segment_scanner::verdict segment_scanner::check(std::uint64_t at, std::uint64_t sequence,
                                                             std::string_view& payload) {
  const std::string_view prefix = peek(at, record_prefix);
  if (prefix.size() < record_prefix) return verdict::incomplete;
  const std::uint64_t length = get_little<4>(prefix.data());
  const auto checksum = static_cast<std::uint32_t>(get_little<4>(prefix.data() + 4));
  if (length > largest_payload) return verdict::incomplete;
  // A length that is garbage must not make us reserve gigabytes: ask for the size before.
  if (length > buffer_.size() && at + record_prefix + length > file_size()) return verdict::incomplete;
  const std::string_view whole = peek(at, record_prefix + static_cast<std::size_t>(length));
  if (whole.size() < record_prefix + length) return verdict::incomplete;
  payload = whole.substr(record_prefix);
  return checksum == record_checksum(sequence, payload) ? verdict::whole : verdict::bad;
}

OVRSEER_DECL std::string_view segment_scanner::peek(std::uint64_t at, std::size_t count) {
  if (at < held_at_ || at + count > held_at_ + held_) fill(at, count);
  const std::string_view held(buffer_.data(), held_);
  return at > held_at_ + held_ ? std::string_view() : held.substr(static_cast<std::size_t>(at - held_at_), count);
}

OVRSEER_DECL void segment_scanner::fill(std::uint64_t at, std::size_t count) {
  constexpr std::size_t chunk = 64U << 10U;
  if (at >= held_at_ && at <= held_at_ + held_) {
    const auto skipped = static_cast<std::size_t>(at - held_at_);
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(skipped),
              buffer_.begin() + static_cast<std::ptrdiff_t>(held_), buffer_.begin());
    held_ -= skipped;
  } else {
    held_ = 0;
  }
  held_at_ = at;
  if (buffer_.size() < std::max(count, chunk)) buffer_.resize(std::max(count, chunk));
  while (held_ < count) {
    const auto got = files_->read_at(file_.get(), std::span(buffer_).subspan(held_), held_at_ + held_);
    if (!got) throw error(got.reason(), "read", path_);
    if (*got == 0) return;
    held_ += *got;
  }
}

OVRSEER_DECL std::uint64_t segment_scanner::file_size() {
  const auto status = files_->status(file_.get());
  if (!status) throw error(status.reason(), "read", path_);
  return status->size;
}

}  // namespace ovrseer::disk_detail
