// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The file that a unit's lines are written to beside the ring: a description; `log_file` carries it out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <utility>

#include <ovrseer/disk/compression.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// How a line is written to a file.
enum class log_format : std::uint8_t {
  text,        ///< the line as it came
  timed_text,  ///< the time (UTC, milliseconds) and the stream before it
  jsonl,       ///< one JSON object a line, `"v":1`
};

/// Describes a log file. All setters return the description, so that they chain.
class log_file_spec {
 public:
  explicit log_file_spec(std::filesystem::path path) : path_(std::move(path)) {}

  /// A new file is begun before this one grows beyond. Default 10 MiB; zero: no limit.
  log_file_spec& max_size(byte_size size) noexcept {
    max_size_ = size;
    return *this;
  }
  /// A new file is begun when this one is older. Default zero: no limit.
  log_file_spec& max_age(std::chrono::milliseconds age) noexcept {
    max_age_ = age;
    return *this;
  }
  /// How many old files stay beside the one in use, as `path.1` (the youngest) and so on. Default 5; zero: none.
  log_file_spec& keep(std::size_t files) noexcept {
    keep_ = files;
    return *this;
  }
  /// Default: text.
  log_file_spec& format(log_format how) noexcept {
    format_ = how;
    return *this;
  }

  /// Old files are compressed, and their names end in its suffix. Default: they are not.
  log_file_spec& compress(compression how) {
    compression_ = std::move(how);
    return *this;
  }

  const std::filesystem::path& path() const noexcept { return path_; }
  byte_size max_size() const noexcept { return max_size_; }
  std::chrono::milliseconds max_age() const noexcept { return max_age_; }
  std::size_t keep() const noexcept { return keep_; }
  log_format format() const noexcept { return format_; }
  const compression& compress() const noexcept { return compression_; }

 private:
  std::filesystem::path path_;
  byte_size max_size_ = 10_MiB;
  std::chrono::milliseconds max_age_{0};
  std::size_t keep_ = 5;
  log_format format_ = log_format::text;
  compression compression_;
};

}  // namespace ovrseer
