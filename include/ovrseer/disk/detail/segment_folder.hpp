// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The folder of a segment log as files: which there are, opening one, beginning one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/disk/detail/segment.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer::disk_detail {

struct segment_file {
  segment_id id;
  std::uint64_t bytes = 0;
};

struct found_header {
  bool is_whole = false;
  std::chrono::system_clock::time_point created{};  // where the header is damaged: of the last change
};

class segment_folder {
 public:
  segment_folder(file_system& files, std::string path) : files_(&files), path_(std::move(path)) {}

  const std::string& path() const noexcept { return path_; }
  std::string path_of(segment_id id) const { return path_ + '/' + segment_name(id); }

  // Oldest first. Files that are no segments are passed over, and those that vanish meanwhile.
  std::vector<segment_file> list() const;

  owned_file open(segment_id id, open_mode mode) const;

  // A header that does not hold costs no record: what matters of it is in the file's name too.
  found_header read_header(int file, segment_id id) const;

  // A new segment whose name is durable, or nothing at all.
  io_result<owned_file> create(const segment_header& header, unsigned permissions) const;

 private:
  file_system* files_;
  std::string path_;
};

}  // namespace ovrseer::disk_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/detail/impl/segment_folder.ipp>
#endif
