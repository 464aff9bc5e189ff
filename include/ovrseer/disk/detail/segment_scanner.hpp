// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Walks over the records of one segment file and tells whole ones, damage and the end apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/build.hpp>
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
  scan_step next();

 private:
  enum class verdict { whole, bad, incomplete };

  // A length that survived leads to the next record. As the checksum covers the sequence number, a whole
  // record found so cannot be one by chance. Every step goes forward, so this is linear in the file.
  scan_step beyond_damage();

  verdict check(std::uint64_t at, std::uint64_t sequence, std::string_view& payload);

  // `count` bytes at `at`, or fewer at the end of the file.
  std::string_view peek(std::uint64_t at, std::size_t count);

  void fill(std::uint64_t at, std::size_t count);

  std::uint64_t file_size();

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

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/detail/impl/segment_scanner.ipp>
#endif
