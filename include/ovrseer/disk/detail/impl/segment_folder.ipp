// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/detail/segment_folder.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>

#include <ovrseer/disk/detail/segment_folder.hpp>

namespace ovrseer::disk_detail {

OVRSEER_DECL std::vector<segment_file> segment_folder::list() const {
  const auto names = files_->list(path_);
  if (!names) throw error(names.reason(), "list", path_);
  std::vector<segment_file> found;
  for (const std::string& name : *names) {
    const auto id = parse_segment_name(name);
    if (!id) continue;
    const auto status = files_->status(path_of(*id));
    if (status && status->kind == file_kind::regular) found.push_back({*id, status->size});
    if (!status && status.reason() != std::errc::no_such_file_or_directory) {
      throw error(status.reason(), "open", path_of(*id));
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return found;
}

OVRSEER_DECL owned_file segment_folder::open(segment_id id, open_mode mode) const {
  auto opened = open_file(*files_, path_of(id), mode);
  if (!opened) throw error(opened.reason(), "open", path_of(id));
  return std::move(*opened);
}

OVRSEER_DECL found_header segment_folder::read_header(int file, segment_id id) const {
  std::array<char, header_size> bytes{};
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = files_->read_at(file, std::span(bytes).subspan(filled), filled);
    if (!got) throw error(got.reason(), "read", path_of(id));
    if (*got == 0) break;
    filled += *got;
  }
  const auto header = decode_header(std::string_view(bytes.data(), filled));
  if (header && header->id == id) return {true, header->created};
  const auto status = files_->status(file);
  return {false, status ? status->modified : std::chrono::system_clock::time_point{}};
}

OVRSEER_DECL io_result<owned_file> segment_folder::create(const segment_header& header, unsigned permissions) const {
  const std::string path = path_of(header.id);
  auto opened = open_file(*files_, path, open_mode::create_new, permissions);
  if (!opened) return failure(opened.reason());
  std::error_code code = write_all_at(*files_, opened->get(), encode_header(header), 0).code;
  if (!code) code = sync_folder(*files_, path_);
  if (!code) return std::move(*opened);
  (void)files_->unlink(path);
  return failure(code);
}

}  // namespace ovrseer::disk_detail
