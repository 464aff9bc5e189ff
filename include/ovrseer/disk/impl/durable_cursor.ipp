// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/durable_cursor.hpp>.
#pragma once

#include <algorithm>
#include <system_error>
#include <utility>
#include <variant>

#include <ovrseer/disk/crc32c.hpp>
#include <ovrseer/disk/detail/segment.hpp>
#include <ovrseer/disk/durable_cursor.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/disk/write_atomic.hpp>

namespace ovrseer::disk_detail {

OVRSEER_DECL std::string encode_cursor(cursor_place place) {
  std::string bytes(cursor_magic);
  bytes.resize(cursor_size);
  put_little<8>(bytes.data() + 8, place.next);
  put_little<4>(bytes.data() + 16, place.generation);
  put_little<4>(bytes.data() + 20, crc32c(std::string_view(bytes).substr(0, 20)));
  return bytes;
}

OVRSEER_DECL std::optional<cursor_place> decode_cursor(std::string_view bytes) {
  if (bytes.size() != cursor_size || !bytes.starts_with(cursor_magic)) return std::nullopt;
  if (get_little<4>(bytes.data() + 20) != crc32c(bytes.substr(0, 20))) return std::nullopt;
  const std::uint64_t next = get_little<8>(bytes.data() + 8);
  if (next == 0 || next > largest_sequence) return std::nullopt;
  return cursor_place{next, static_cast<std::uint32_t>(get_little<4>(bytes.data() + 16))};
}

}  // namespace ovrseer::disk_detail

namespace ovrseer {

OVRSEER_DECL durable_cursor::durable_cursor(segment_log& log, std::string_view name, cursor_start start)
    : log_(&log), path_(log.folder() + '/' + std::string(name) + ".cursor"), reader_(log.folder(), 0, &log.files()) {
  find_place(start);
  seek(committed_);
}

OVRSEER_DECL std::optional<stored_entry> durable_cursor::next() {
  if (rewound_) return std::exchange(rewound_, std::nullopt);
  if (position_ >= log_->next_sequence()) return std::nullopt;
  auto entry = reader_.next();
  if (entry) advance(*entry);
  return entry;
}

OVRSEER_DECL void durable_cursor::commit(std::uint64_t sequence) {
  const std::uint64_t next = std::clamp(sequence + 1, committed_, std::max(committed_, position_));
  if (next == committed_ && is_stored_) return;
  if (log_->synced_until() < next) log_->sync();
  write_options options;
  options.permissions = 0640;
  options.files = &log_->files();
  write_atomic(path_, disk_detail::encode_cursor({next, log_->generation()}), options);
  committed_ = next;
  is_stored_ = true;
}

OVRSEER_DECL void durable_cursor::find_place(cursor_start start) {
  const auto content = read_file(path_, byte_size(disk_detail::cursor_size), &log_->files());
  committed_ = start == cursor_start::oldest ? log_->first_sequence() : log_->next_sequence();
  if (!content && content.reason() == std::errc::no_such_file_or_directory) return;
  if (!content && content.reason() != std::errc::file_too_large) throw error(content.reason(), "read", path_);
  const auto place = content ? disk_detail::decode_cursor(*content) : std::nullopt;
  if (!place) {
    origin_ = cursor_origin::damaged;
    committed_ = log_->first_sequence();
    return;
  }
  is_stored_ = true;
  committed_ = log_->resume_point(place->next, place->generation);
  origin_ = committed_ == place->next ? cursor_origin::resumed : cursor_origin::rewound;
  if (origin_ == cursor_origin::resumed) return;
  is_stored_ = false;
  rewound_ = stored_gap{{committed_, place->next - 1}, gap_reason::rewound, {}, 0};
}

OVRSEER_DECL void durable_cursor::seek(std::uint64_t to) {
  position_ = to;
  reader_ = segment_reader(log_->folder(), to, &log_->files());
}

OVRSEER_DECL void durable_cursor::advance(const stored_entry& entry) {
  if (const auto* record = std::get_if<stored_record>(&entry)) {
    position_ = record->sequence + 1;
  } else {
    position_ = reader_.position();
  }
}

}  // namespace ovrseer
