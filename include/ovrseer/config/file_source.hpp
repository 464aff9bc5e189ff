// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A document in a file that somebody else writes, in place or by renaming another over it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/config/document_source.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// A source that reads the whole file each time: who asks compares the content, which no time stamp, size or rename can
/// deceive. The operating-system service is asked, which may be a scripted one.
class file_source {
 public:
  /// A file beyond `largest` is refused. Default 1 MiB.
  explicit file_source(std::filesystem::path path, byte_size largest = byte_size(std::uint64_t{1} << 20U))
      : path_(std::move(path)), largest_(largest) {}

  /// Errors: what the system says; `errc::rejected` for what is no regular file; `errc::message_too_large`.
  /// Cancellation: it does not wait, so there is nothing to cancel.
  task<std::optional<fetched_document>> fetch(std::string) { return read(path_, largest_); }

  /// The path.
  std::string describe() const { return path_.string(); }

 private:
  static task<std::optional<fetched_document>> read(std::filesystem::path path, byte_size largest);

  std::filesystem::path path_;
  byte_size largest_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/file_source.ipp>
#endif
