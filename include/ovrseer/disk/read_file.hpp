// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The whole of a small file at once, with a limit, so that nobody reads a disk into memory by mistake.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <system_error>

#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/real_file_system.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// The content of a file, or the error code that says why not.
///
/// Works for files whose size is not known before (`/proc`). `files` null means the real ones.
/// Errors: those of open and read; `std::errc::file_too_large` when more than `limit` bytes are there.
inline io_result<std::string> read_file(const std::string& path, byte_size limit = byte_size(64U << 20U),
                                        file_system* files = nullptr) {
  file_system& system = files_or_real(files);
  const auto opened = open_file(system, path, open_mode::read);
  if (!opened) return failure(opened.reason());
  constexpr std::size_t first_chunk = 4096;
  std::string content;
  std::size_t filled = 0;
  while (true) {
    if (filled == content.size()) {
      // One byte beyond the limit, to tell "at the limit" from "more than that".
      content.resize(static_cast<std::size_t>(
          std::min<std::uint64_t>(limit.count() + 1, std::max(first_chunk, content.size() * 2))));
    }
    const auto count = system.read_at(opened->get(), std::span(content).subspan(filled), filled);
    if (!count) return failure(count.reason());
    if (*count == 0) break;
    filled += *count;
    if (filled > limit.count()) return failure(std::make_error_code(std::errc::file_too_large));
  }
  content.resize(filled);
  return content;
}

}  // namespace ovrseer
