// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/rotating_file.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include <ovrseer/disk/rotating_file.hpp>

namespace ovrseer {

OVRSEER_DECL rotating_file::~rotating_file() {
  (void)flush();
  if (compressing_) abandon_compression();
}

OVRSEER_DECL std::error_code rotating_file::append(std::string_view lines) {
  if (lines.empty()) return {};
  if (options_.compress) compress_some(lines.size());
  std::error_code code;
  if (must_rotate(lines.size())) code = rotate();
  const std::uint64_t room = std::max(options_.largest_backlog.count(), options_.buffer.count());
  if (pending() + lines.size() <= options_.buffer.count()) {
    buffer_ += lines;
    return code;
  }
  if (const auto failed = flush(); failed) code = failed;
  if (pending() == 0 && lines.size() >= options_.buffer.count()) return append_directly(lines, room, code);
  if (pending() != 0 && pending() + lines.size() > room) {
    drop(lines);
    return code;
  }
  buffer_ += lines;
  return code;
}

OVRSEER_DECL std::error_code rotating_file::flush() {
  if (pending() == 0) return {};
  const auto progress = write_all(files_, file_.get(), std::string_view(buffer_).substr(taken_));
  taken_ += progress.written;
  count(progress);
  if (taken_ == buffer_.size()) {
    buffer_.clear();
    taken_ = 0;
  } else if (taken_ > buffer_.size() / 2) {
    buffer_.erase(0, std::exchange(taken_, 0));
  }
  return progress.code;
}

OVRSEER_DECL std::error_code rotating_file::sync() {
  const auto flushed = flush();
  const auto synced = files_.sync_data(file_.get());
  if (synced) stats_.last_failure = synced;
  return flushed ? flushed : synced;
}

OVRSEER_DECL std::error_code rotating_file::rotate() {
  if (!is_regular_) return {};
  std::error_code code = flush();
  // What the old file did not take belongs there: it must not come after lines of the new one.
  if (!code) code = shift_and_begin();
  if (!code) {
    ++stats_.rotations;
    may_have_uncompressed_ = true;
    retry_beyond_ = 0;
    return code;
  }
  ++stats_.failed_rotations;
  stats_.last_failure = code;
  // Not at every line again: when an eighth more has come.
  retry_beyond_ = size() + options_.rotate.size.count() / 8 + 4096;
  return code;
}

OVRSEER_DECL std::error_code rotating_file::reopen() {
  const auto flushed = flush();
  if (flushed) return flushed;
  return open_current();
}

OVRSEER_DECL std::error_code rotating_file::append_directly(std::string_view lines, std::uint64_t room,
                                                            std::error_code before) {
  const auto progress = write_all(files_, file_.get(), lines);
  count(progress);
  const std::string_view rest = lines.substr(progress.written);
  if (rest.empty()) return before;
  // A line that was begun is always finished, even beyond the bound.
  if (progress.written != 0 || rest.size() <= room) {
    buffer_ = rest;
  } else {
    drop(lines);
  }
  return progress.code;
}

OVRSEER_DECL bool rotating_file::must_rotate(std::size_t more) const {
  if (!is_regular_ || size() < retry_beyond_) return false;
  if (options_.rotate.is_full(size(), more)) return true;
  return options_.rotate.age.count() > 0 && size() != 0 && options_.rotate.is_due(begun_, now());
}

OVRSEER_DECL std::error_code rotating_file::open_current() {
  auto opened = open_file(files_, path_, open_mode::append, options_.permissions);
  if (!opened) return note(opened.reason());
  const auto status = files_.status(opened->get());
  if (!status) return note(status.reason());
  file_ = std::move(*opened);
  is_regular_ = status->kind == file_kind::regular;
  written_ = status->size;
  // A file that keeps no birth: its last change is the latest moment at which it can have begun.
  begun_ = status->size == 0 ? now() : status->created.value_or(status->modified);
  return {};
}

OVRSEER_DECL std::error_code rotating_file::shift_and_begin() {
  const std::string fresh = path_ + ".new";
  auto opened = open_file(files_, fresh, open_mode::append, options_.permissions);
  if (!opened) return opened.reason();
  std::error_code code = shift();
  if (!code && options_.keep != 0) code = files_.rename(path_, old_path(1));
  // Somebody else has moved it away: nothing to keep.
  if (code == std::errc::no_such_file_or_directory) code.clear();
  if (!code) {
    code = files_.rename(fresh, path_);
    if (code && options_.keep != 0) (void)files_.rename(old_path(1), path_);
  }
  if (code) {
    (void)files_.unlink(fresh);
    return code;
  }
  file_ = std::move(*opened);
  written_ = 0;
  begun_ = now();
  return code;
}

OVRSEER_DECL std::error_code rotating_file::shift() {
  const bool compresses = static_cast<bool>(options_.compress);
  std::size_t there = 0;
  std::vector<bool> is_compressed;
  for (;;) {
    std::error_code code;
    const bool is_plain = is_there(old_path(there + 1), code);
    const bool is_small = compresses && !code && is_there(compressed_path(there + 1), code);
    if (code) return code;
    if (!is_plain && !is_small) break;
    // Both are there where a crash came between the last two steps: the compressed one is whole.
    if (is_plain && is_small) (void)files_.unlink(old_path(there + 1));
    is_compressed.push_back(is_small);
    ++there;
  }
  for (; there != 0 && there >= options_.keep; --there) {
    (void)files_.unlink(is_compressed[there - 1] ? compressed_path(there) : old_path(there));
    if (compressing_ && compressing_->number == there) abandon_compression();
  }
  for (std::size_t n = there; n != 0; --n) {
    const bool is_small = is_compressed[n - 1];
    const auto code =
        files_.rename(is_small ? compressed_path(n) : old_path(n), is_small ? compressed_path(n + 1) : old_path(n + 1));
    if (code) return code;
    if (compressing_ && compressing_->number == n) ++compressing_->number;
  }
  return {};
}

OVRSEER_DECL bool rotating_file::is_there(const std::string& path, std::error_code& code) const {
  const auto status = files_.status(path);
  if (!status && status.reason() != std::errc::no_such_file_or_directory) code = status.reason();
  return static_cast<bool>(status);
}

OVRSEER_DECL void rotating_file::compress_some(std::size_t appended) {
  constexpr std::size_t piece = std::size_t{64} << 10U;
  std::error_code code;
  for (std::size_t done = 0; !code && done < piece + appended; done += piece) {
    if (!compressing_ && may_have_uncompressed_) code = begin_compression();
    if (code || !compressing_) break;
    code = compress_piece();
  }
  if (!code) return;
  abandon_compression();
  may_have_uncompressed_ = false;
  ++stats_.failed_compressions;
  stats_.last_failure = code;
}

OVRSEER_DECL std::error_code rotating_file::begin_compression() {
  may_have_uncompressed_ = false;
  for (std::size_t n = 1;; ++n) {
    std::error_code code;
    const bool is_plain = is_there(old_path(n), code);
    const bool is_small = !code && is_there(compressed_path(n), code);
    if (code) return code;
    if (is_plain && is_small) (void)files_.unlink(old_path(n));
    if (!is_plain && !is_small) return {};
    if (is_small) continue;
    auto from = open_file(files_, old_path(n), open_mode::read);
    if (!from) return from.reason();
    auto to = open_file(files_, temporary_path(), open_mode::create, options_.permissions);
    if (!to) return to.reason();
    compressing_.emplace(n);
    compressing_->from = std::move(*from);
    compressing_->to = std::move(*to);
    // Where it could not be removed before.
    if (const auto cut = files_.truncate(compressing_->to.get(), 0); cut) return cut;
    try {
      compressing_->stream = options_.compress.make();
    } catch (const std::system_error& failure) {
      return failure.code();
    } catch (...) {}
    return compressing_->stream ? std::error_code() : errno_code(ENOMEM);
  }
}

OVRSEER_DECL std::error_code rotating_file::compress_piece() {
  std::string piece(std::size_t{64} << 10U, '\0');
  const auto read = files_.read_at(compressing_->from.get(), piece, compressing_->taken);
  if (!read) return read.reason();
  piece.resize(*read);
  compressing_->taken += piece.size();
  std::string made;
  const auto code = piece.empty() ? compressing_->stream->finish(made) : compressing_->stream->add(piece, made);
  if (code) return code;
  if (const auto progress = write_all(files_, compressing_->to.get(), made); progress.code) return progress.code;
  return piece.empty() ? end_compression() : std::error_code();
}

OVRSEER_DECL std::error_code rotating_file::end_compression() {
  const std::size_t number = compressing_->number;
  if (const auto code = files_.sync(compressing_->to.get()); code) return code;
  if (const auto code = files_.rename(temporary_path(), compressed_path(number)); code) return code;
  compressing_.reset();
  // The next one is looked for, and whatever becomes of the rest: the compressed file is whole.
  may_have_uncompressed_ = true;
  ++stats_.compressed_files;
  if (const auto code = sync_folder(files_, folder_of(path_)); code) return code;
  return files_.unlink(old_path(number));
}

OVRSEER_DECL void rotating_file::abandon_compression() {
  if (!compressing_) return;
  compressing_.reset();
  (void)files_.unlink(temporary_path());
}

OVRSEER_DECL void rotating_file::drop(std::string_view lines) {
  stats_.dropped_bytes += lines.size();
  stats_.dropped_lines += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
}

OVRSEER_DECL void rotating_file::count(const write_progress& progress) {
  written_ += progress.written;
  stats_.written_bytes += progress.written;
  if (!progress.code) return;
  ++stats_.failed_writes;
  stats_.last_failure = progress.code;
}

OVRSEER_DECL std::error_code rotating_file::note(std::error_code code) {
  stats_.last_failure = code;
  return code;
}

}  // namespace ovrseer
