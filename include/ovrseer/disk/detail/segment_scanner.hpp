// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Walks over the records of one segment file and tells whole ones, damage and the end apart.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ovrseer/disk/detail/segment.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer::disk_detail {

enum class scan_kind {
  record,  // a whole record
  damage,  // records that do not hold, with a whole one after them
  end,     // no whole record from here on; what is there are `bytes` of a torn tail
};

struct scan_step {
  scan_kind kind = scan_kind::end;
  std::uint64_t first = 0;     // the sequence number of the record, or of the first damaged one
  std::uint64_t last = 0;      // of the last damaged one
  std::uint64_t offset = 0;    // where it begins in the file
  std::uint64_t bytes = 0;     // how long it is there
  std::string_view payload{};  // of a record; lives until the next call
};

/// Reads a segment from its first record on. At the end it stays where it is, so that a file that still
/// grows can be asked again.
class segment_scanner {
 public:
  segment_scanner() = default;
  segment_scanner(file_system& files, owned_file file, std::string path, std::uint64_t first)
      : files_(&files), file_(std::move(file)), path_(std::move(path)), expected_(first) {}

  explicit operator bool() const noexcept { return files_ != nullptr; }
  std::uint64_t expected() const noexcept { return expected_; }
  std::uint64_t offset() const noexcept { return offset_; }
  const std::string& path() const noexcept { return path_; }

  /// Throws `error` with step "read" when the system cannot read.
  scan_step next() {
    std::string_view payload;
    if (check(offset_, expected_, payload) == verdict::whole) {
      const scan_step step{scan_kind::record, expected_, expected_, offset_, record_prefix + payload.size(), payload};
      ++expected_;
      offset_ += step.bytes;
      return step;
    }
    return beyond_damage();
  }

 private:
  enum class verdict { whole, bad, incomplete };

  // A length that survived leads to the next record. As the checksum covers the sequence number, a whole
  // record found so cannot be one by chance. Every step goes forward, so this is linear in the file.
  scan_step beyond_damage() {
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

  verdict check(std::uint64_t at, std::uint64_t sequence, std::string_view& payload) {
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

  // `count` bytes at `at`, or fewer at the end of the file.
  std::string_view peek(std::uint64_t at, std::size_t count) {
    if (at < held_at_ || at + count > held_at_ + held_) fill(at, count);
    const std::string_view held(buffer_.data(), held_);
    return at > held_at_ + held_ ? std::string_view() : held.substr(static_cast<std::size_t>(at - held_at_), count);
  }

  void fill(std::uint64_t at, std::size_t count) {
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

  std::uint64_t file_size() {
    const auto status = files_->status(file_.get());
    if (!status) throw error(status.reason(), "read", path_);
    return status->size;
  }

  file_system* files_ = nullptr;
  owned_file file_;
  std::string path_;
  std::uint64_t expected_ = 0;
  std::uint64_t offset_ = header_size;
  std::string buffer_;
  std::uint64_t held_at_ = 0;
  std::size_t held_ = 0;
};

}  // namespace ovrseer::disk_detail
