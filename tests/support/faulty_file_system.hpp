// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A file system that fails where a test wants it to: the n-th call, a write in its middle, a full disk.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer_test {

enum class file_call { open, read, write, truncate, sync, lock, status, rename, unlink, make_folder, list };

/// Passes every call on to another file system, unless a fault is due.
class faulty_file_system final : public ovrseer::file_system {
 public:
  explicit faulty_file_system(ovrseer::file_system& below) : below_(below) {}

  /// The `nth` call of this kind from now on (1: the next), and `times - 1` after it, fail.
  void fail(file_call call, std::size_t nth, int why, std::size_t times = 1) {
    rules_.push_back({call, count(call) + nth, count(call) + nth + times, why, 0});
  }
  void fail_always(file_call call, int why) { fail(call, 1, why, std::numeric_limits<std::size_t>::max() / 2); }
  /// The `nth` write takes only `bytes`, and the one after it fails.
  void tear_write(std::size_t nth, std::size_t bytes, int why) {
    rules_.push_back({file_call::write, count(file_call::write) + nth, count(file_call::write) + nth + 1, 0, bytes});
    fail(file_call::write, nth + 1, why);
  }
  /// Every write takes at most `bytes`; zero: all.
  void shorten_writes(std::size_t bytes) { largest_write_ = bytes; }
  /// The `nth` call of any kind from now on fails.
  void fail_call(std::size_t nth, int why) { any_ = any_rule{total_ + nth, total_ + nth + 1, why}; }
  /// The `nth` call of any kind from now on fails, and all after it: the power is gone.
  void fail_from(std::size_t nth, int why) {
    any_ = any_rule{total_ + nth, std::numeric_limits<std::size_t>::max(), why};
  }
  /// Writes take `bytes` in all, then the disk is full. Nothing that is deleted gives space back.
  void limit_space(std::uint64_t bytes) { space_ = bytes; }
  /// Called before every look into a folder: what another process does just then.
  void before_list(std::function<void()> act) { before_list_ = std::move(act); }
  void heal() {
    rules_.clear();
    any_.reset();
    space_.reset();
    largest_write_ = 0;
  }

  std::size_t count(file_call call) const { return counts_[static_cast<std::size_t>(call)]; }
  std::size_t total() const { return total_; }
  /// Files that are open now.
  std::size_t open_files() const { return open_; }

  ovrseer::io_result<int> open(const std::string& path, ovrseer::open_mode mode, unsigned permissions) override {
    if (const int why = next(file_call::open)) return broken(why);
    auto opened = below_.open(path, mode, permissions);
    if (opened) ++open_;
    return opened;
  }
  void close(int file) noexcept override {
    --open_;
    below_.close(file);
  }
  ovrseer::io_result<std::size_t> read_at(int file, std::span<char> into, std::uint64_t offset) override {
    if (const int why = next(file_call::read)) return broken(why);
    return below_.read_at(file, into, offset);
  }
  ovrseer::io_result<std::size_t> write(int file, std::string_view bytes) override {
    return limited(bytes, [&](std::string_view part) { return below_.write(file, part); });
  }
  ovrseer::io_result<std::size_t> write_at(int file, std::string_view bytes, std::uint64_t offset) override {
    return limited(bytes, [&](std::string_view part) { return below_.write_at(file, part, offset); });
  }
  std::error_code truncate(int file, std::uint64_t size) override {
    return coded(file_call::truncate, [&] { return below_.truncate(file, size); });
  }
  std::error_code sync(int file) override {
    return coded(file_call::sync, [&] { return below_.sync(file); });
  }
  std::error_code sync_data(int file) override {
    return coded(file_call::sync, [&] { return below_.sync_data(file); });
  }
  std::error_code lock(int file) override {
    return coded(file_call::lock, [&] { return below_.lock(file); });
  }
  ovrseer::io_result<ovrseer::file_status> status(int file) override {
    if (const int why = next(file_call::status)) return broken(why);
    return below_.status(file);
  }
  ovrseer::io_result<ovrseer::file_status> status(const std::string& path) override {
    if (const int why = next(file_call::status)) return broken(why);
    return below_.status(path);
  }
  std::error_code rename(const std::string& from, const std::string& to) override {
    return coded(file_call::rename, [&] { return below_.rename(from, to); });
  }
  std::error_code unlink(const std::string& path) override {
    return coded(file_call::unlink, [&] { return below_.unlink(path); });
  }
  std::error_code make_folder(const std::string& path, unsigned permissions) override {
    return coded(file_call::make_folder, [&] { return below_.make_folder(path, permissions); });
  }
  ovrseer::io_result<std::vector<std::string>> list(const std::string& folder) override {
    if (before_list_) before_list_();
    if (const int why = next(file_call::list)) return broken(why);
    return below_.list(folder);
  }

 private:
  struct rule {
    file_call call;
    std::size_t from;
    std::size_t until;
    int why;            // zero: the write is torn
    std::size_t bytes;  // that a torn write takes
  };

  struct any_rule {
    std::size_t from;
    std::size_t until;
    int why;
  };

  static ovrseer::failure<std::error_code> broken(int why) {
    return ovrseer::failure<std::error_code>(ovrseer::errno_code(why));
  }

  // Counts the call and gives the errno with which it fails, or zero.
  int next(file_call call) {
    const std::size_t index = ++counts_[static_cast<std::size_t>(call)];
    ++total_;
    torn_.reset();
    if (any_ && total_ >= any_->from && total_ < any_->until) return any_->why;
    for (const rule& each : rules_) {
      if (each.call != call || index < each.from || index >= each.until) continue;
      if (each.why != 0) return each.why;
      torn_ = each.bytes;
    }
    return 0;
  }

  template <class Call>
  std::error_code coded(file_call call, Call run) {
    if (const int why = next(call)) return ovrseer::errno_code(why);
    return run();
  }

  template <class Call>
  ovrseer::io_result<std::size_t> limited(std::string_view bytes, Call run) {
    if (const int why = next(file_call::write)) return broken(why);
    if (torn_) bytes = bytes.substr(0, *torn_);
    if (largest_write_ != 0) bytes = bytes.substr(0, largest_write_);
    if (space_) {
      if (*space_ == 0) return broken(ENOSPC);
      bytes = bytes.substr(0, static_cast<std::size_t>(*space_));
    }
    auto taken = run(bytes);
    if (taken && space_) *space_ -= *taken;
    return taken;
  }

  ovrseer::file_system& below_;
  std::vector<rule> rules_;
  std::optional<any_rule> any_;
  std::optional<std::uint64_t> space_;
  std::optional<std::size_t> torn_;
  std::function<void()> before_list_;
  std::size_t largest_write_ = 0;
  std::array<std::size_t, 11> counts_{};
  std::size_t total_ = 0;
  std::size_t open_ = 0;
};

}  // namespace ovrseer_test
