// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/segment_reader.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/disk/segment_reader.hpp>

namespace ovrseer {

OVRSEER_DECL std::string to_text(const stored_gap& gap) {
  std::string text = "records " + std::to_string(gap.records.first) + " to " + std::to_string(gap.records.last);
  switch (gap.reason) {
    case gap_reason::missing: text += " are missing"; break;
    case gap_reason::corrupt: text += " are corrupt"; break;
    case gap_reason::rewound: text += " were lost and their numbers given again"; break;
  }
  if (!gap.file.empty()) text.append(": ").append(gap.file).append(" at offset ").append(std::to_string(gap.offset));
  return text;
}

OVRSEER_DECL std::optional<stored_entry> segment_reader::next() {
  while (true) {
    if (!scanner_ && !enter_first()) return std::nullopt;
    if (gap_) return std::exchange(gap_, std::nullopt);
    auto step = scanner_.next();
    // What lies beyond the successor's first number is not of the log: a tail that could not be cut off.
    if (step.first >= limit_) step = {disk_detail::scan_kind::end, limit_, limit_, step.offset, 0, {}};
    switch (step.kind) {
      case disk_detail::scan_kind::record:
        if (step.first < position_) continue;  // on the way to where reading begins
        position_ = step.first + 1;
        return stored_record{step.first, step.payload};
      case disk_detail::scan_kind::damage:
        if (step.last < position_) continue;
        return passed({{std::max(step.first, position_), std::min(step.last, limit_ - 1)},
                       gap_reason::corrupt,
                       scanner_.path(),
                       step.offset});
      case disk_detail::scan_kind::end:
        if (!enter_next(step)) return std::nullopt;
    }
  }
}

OVRSEER_DECL bool segment_reader::enter_first() {
  const auto segments = folder_.list();
  if (segments.empty()) return false;
  auto at = std::upper_bound(segments.begin(), segments.end(), position_,
                             [](std::uint64_t wanted, const auto& segment) { return wanted < segment.id.first; });
  if (at != segments.begin()) --at;
  if (!enter(segments, at)) return enter_first();
  if (position_ == 0) position_ = at->id.first;
  if (position_ < at->id.first) leave_gap({position_, at->id.first - 1}, gap_reason::missing);
  return true;
}

OVRSEER_DECL bool segment_reader::enter_next(const disk_detail::scan_step& end) {
  const auto segments = folder_.list();
  const auto at = std::upper_bound(segments.begin(), segments.end(), current_,
                                   [](const auto& id, const auto& segment) { return id < segment.id; });
  unfinished_.reset();
  if (at == segments.end()) {
    if (end.bytes != 0) unfinished_ = unfinished_tail{scanner_.path(), end.offset, end.bytes};
    return false;
  }
  // Only now is it sure that this segment grows no more; records that came meanwhile are read first.
  if (!std::exchange(is_left_, true)) return true;
  const std::string path = scanner_.path();
  const std::uint64_t begin = at->id.first;
  const std::uint64_t seen_until = std::min(scanner_.expected(), limit_);
  if (!enter(segments, at)) return true;
  if (position_ < begin) {
    const bool is_damage = end.bytes != 0;
    leave_gap({position_, begin - 1}, is_damage ? gap_reason::corrupt : gap_reason::missing);
    if (is_damage) gap_->file = path, gap_->offset = end.offset;
  } else if (begin < seen_until) {
    leave_gap({begin, position_ - 1}, gap_reason::rewound);
    position_ = begin;
  }
  return true;
}

OVRSEER_DECL bool segment_reader::enter(const segment_list& segments, segment_list::const_iterator at) {
  const disk_detail::segment_id id = at->id;
  auto opened = open_file(*files_, folder_.path_of(id), open_mode::read);
  if (!opened && opened.reason() == std::errc::no_such_file_or_directory) return false;
  if (!opened) throw error(opened.reason(), "open", folder_.path_of(id));
  scanner_ = disk_detail::segment_scanner(*files_, std::move(*opened), folder_.path_of(id), id.first);
  current_ = id;
  is_left_ = false;
  limit_ = at + 1 == segments.end() ? no_limit : (at + 1)->id.first;
  return true;
}

OVRSEER_DECL void segment_reader::leave_gap(sequence_range records, gap_reason reason) {
  gap_ = stored_gap{records, reason, {}, 0};
  position_ = records.last + 1;
}

OVRSEER_DECL stored_entry segment_reader::passed(stored_gap gap) {
  position_ = gap.records.last + 1;
  return gap;
}

OVRSEER_DECL log_verification verify_log(const std::string& folder, file_system* files) {
  log_verification found;
  segment_reader reader(folder, 0, files);
  while (const auto entry = reader.next()) {
    if (const auto* gap = std::get_if<stored_gap>(&*entry)) {
      found.lost += gap->records.count();
      found.gaps.push_back(*gap);
    } else {
      ++found.records;
    }
  }
  return found;
}

}  // namespace ovrseer
