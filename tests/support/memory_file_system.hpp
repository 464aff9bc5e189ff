// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Files in memory that forget, at a crash, what was not synced: the strictest disk that POSIX allows.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer_test {

/// What a crash leaves.
enum class blackout {
  process,      ///< the process alone died: everything that was written is there
  power,        ///< nothing is there but what was synced
  power_mixed,  ///< by chance, each unsynced thing is there or not: a name, a size, a block of a file
};

class memory_file_system final : public ovrseer::file_system {
 public:
  /// Closes all files, frees all locks and forgets; the same seed forgets the same.
  void crash(blackout kind, std::uint64_t seed = 1) {
    open_.clear();
    for (auto& [path, folder] : folders_) recover_names(folder, kind, seed);
    std::set<node*> seen;
    for (auto& [path, folder] : folders_) {
      for (auto& [name, file] : folder.now) {
        if (seen.insert(file.get()).second) recover_content(*file, kind, seed);
        file->is_locked = false;
      }
      folder.synced = folder.now;
    }
  }

  /// Puts a file there, durable, with this content.
  void put(const std::string& path, std::string content) {
    auto& folder = folders_[ovrseer::folder_of(path)];
    auto file = std::make_shared<node>();
    file->now = file->synced = std::move(content);
    folder.now[name_of(path)] = folder.synced[name_of(path)] = file;
  }
  /// The content of a file; empty when it is absent.
  std::string get(const std::string& path) {
    const auto file = find(path);
    return file ? file->now : std::string();
  }
  bool has(const std::string& path) { return find(path) != nullptr; }
  void erase(const std::string& path) {
    folders_[ovrseer::folder_of(path)].now.erase(name_of(path));
    folders_[ovrseer::folder_of(path)].synced.erase(name_of(path));
  }
  std::size_t open_files() const { return open_.size(); }

  ovrseer::io_result<int> open(const std::string& path, ovrseer::open_mode mode, unsigned) override {
    using enum ovrseer::open_mode;
    descriptor opened;
    if (mode == folder) {
      if (!folders_.contains(path)) return no(ENOENT);
      opened.folder = path;
    } else {
      const auto parent = folders_.find(ovrseer::folder_of(path));
      if (parent == folders_.end()) return no(ENOENT);
      opened.file = find(path);
      if (opened.file && mode == create_new) return no(EEXIST);
      if (!opened.file && (mode == read || mode == read_write)) return no(ENOENT);
      if (!opened.file) {
        opened.file = std::make_shared<node>();
        parent->second.now[name_of(path)] = opened.file;
      }
    }
    open_[++last_] = opened;
    return last_;
  }
  void close(int file) noexcept override {
    if (const auto at = open_.find(file); at != open_.end()) {
      if (at->second.has_lock) at->second.file->is_locked = false;
      open_.erase(at);
    }
  }
  ovrseer::io_result<std::size_t> read_at(int file, std::span<char> into, std::uint64_t offset) override {
    const auto found = open_.find(file);
    if (found == open_.end()) return no(EBADF);
    const std::string& content = found->second.file->now;
    if (offset >= content.size()) return std::size_t{0};
    const std::size_t count = std::min(into.size(), content.size() - static_cast<std::size_t>(offset));
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
    return count;
  }
  ovrseer::io_result<std::size_t> write(int file, std::string_view bytes) override {
    if (!open_.contains(file)) return no(EBADF);
    return write_at(file, bytes, open_[file].file->now.size());
  }
  ovrseer::io_result<std::size_t> write_at(int file, std::string_view bytes, std::uint64_t offset) override {
    if (!open_.contains(file)) return no(EBADF);
    std::string& content = open_[file].file->now;
    const auto at = static_cast<std::size_t>(offset);
    if (content.size() < at + bytes.size()) content.resize(at + bytes.size());
    std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(at));
    return bytes.size();
  }
  std::error_code truncate(int file, std::uint64_t size) override {
    if (!open_.contains(file)) return ovrseer::errno_code(EBADF);
    open_[file].file->now.resize(static_cast<std::size_t>(size));
    return {};
  }
  std::error_code sync(int file) override { return sync_data(file); }
  std::error_code sync_data(int file) override {
    const auto found = open_.find(file);
    if (found == open_.end()) return ovrseer::errno_code(EBADF);
    if (found->second.file) {
      found->second.file->synced = found->second.file->now;
    } else {
      folders_[found->second.folder].synced = folders_[found->second.folder].now;
    }
    return {};
  }
  std::error_code lock(int file) override {
    descriptor& found = open_[file];
    if (found.file->is_locked) return ovrseer::errno_code(EAGAIN);
    found.file->is_locked = found.has_lock = true;
    return {};
  }
  ovrseer::io_result<ovrseer::file_status> status(int file) override {
    const auto found = open_.find(file);
    if (found == open_.end()) return no(EBADF);
    return status_of(*found->second.file);
  }
  ovrseer::io_result<ovrseer::file_status> status(const std::string& path) override {
    if (folders_.contains(path)) return ovrseer::file_status{ovrseer::file_kind::folder, 0, {}, {}};
    const auto file = find(path);
    if (!file) return no(ENOENT);
    return status_of(*file);
  }
  std::error_code rename(const std::string& from, const std::string& to) override {
    const auto file = find(from);
    if (!file) return ovrseer::errno_code(ENOENT);
    folders_[ovrseer::folder_of(from)].now.erase(name_of(from));
    folders_[ovrseer::folder_of(to)].now[name_of(to)] = file;
    return {};
  }
  std::error_code unlink(const std::string& path) override {
    const auto folder = folders_.find(ovrseer::folder_of(path));
    if (folder == folders_.end() || folder->second.now.erase(name_of(path)) == 0) return ovrseer::errno_code(ENOENT);
    return {};
  }
  std::error_code make_folder(const std::string& path, unsigned) override {
    return folders_.try_emplace(path).second ? std::error_code() : ovrseer::errno_code(EEXIST);
  }
  ovrseer::io_result<std::vector<std::string>> list(const std::string& path) override {
    const auto folder = folders_.find(path);
    if (folder == folders_.end()) return no(ENOENT);
    std::vector<std::string> found;
    for (const auto& [name, file] : folder->second.now) found.push_back(name);
    return found;
  }

 private:
  struct node {
    std::string now;
    std::string synced;
    bool is_locked = false;
  };
  using names = std::map<std::string, std::shared_ptr<node>>;
  struct folder_node {
    names now;
    names synced;
  };
  struct descriptor {
    std::shared_ptr<node> file;
    std::string folder;
    bool has_lock = false;
  };

  static ovrseer::failure<std::error_code> no(int why) {
    return ovrseer::failure<std::error_code>(ovrseer::errno_code(why));
  }
  static std::string name_of(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }
  static ovrseer::file_status status_of(const node& file) {
    return {ovrseer::file_kind::regular, file.now.size(), {}, {}};
  }
  static bool toss(std::uint64_t& seed) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (seed >> 40U & 1U) != 0;
  }

  std::shared_ptr<node> find(const std::string& path) {
    const auto folder = folders_.find(ovrseer::folder_of(path));
    if (folder == folders_.end()) return nullptr;
    const auto at = folder->second.now.find(name_of(path));
    return at == folder->second.now.end() ? nullptr : at->second;
  }

  // Each name by itself: a rename may so be seen with both names, but never with neither.
  static void recover_names(folder_node& folder, blackout kind, std::uint64_t& seed) {
    if (kind == blackout::power) folder.now = folder.synced;
    if (kind != blackout::power_mixed) return;
    names mixed = folder.now;
    for (const auto& [name, file] : folder.synced) {
      if (toss(seed)) mixed[name] = file;
    }
    for (const auto& [name, file] : folder.now) {
      if (!folder.synced.contains(name) && toss(seed) && mixed.size() > 1) mixed.erase(name);
    }
    // What had a name before the rename keeps one of them.
    for (const auto& [name, file] : folder.synced) {
      const bool is_there = std::any_of(mixed.begin(), mixed.end(), [&](const auto& e) { return e.second == file; });
      const bool was_kept =
          std::any_of(folder.now.begin(), folder.now.end(), [&](const auto& e) { return e.second == file; });
      if (!is_there && was_kept) mixed[name] = file;
    }
    folder.now = std::move(mixed);
  }

  static void recover_content(node& file, blackout kind, std::uint64_t& seed) {
    if (kind == blackout::power) file.now = file.synced;
    if (kind == blackout::power_mixed && file.now != file.synced) {
      constexpr std::size_t block = 16;
      std::string mixed = file.now;
      for (std::size_t at = 0; at < mixed.size(); at += block) {
        if (toss(seed)) continue;  // this block had been written back
        for (std::size_t i = at; i < std::min(at + block, mixed.size()); ++i) {
          mixed[i] = i < file.synced.size() ? file.synced[i] : '\0';
        }
      }
      if (mixed.size() > file.synced.size() && toss(seed)) {
        mixed.resize(file.synced.size() + (mixed.size() - file.synced.size()) / 2);
      }
      file.now = std::move(mixed);
    }
    file.synced = file.now;
  }

  std::map<std::string, folder_node> folders_{{".", {}}};
  std::map<int, descriptor> open_;
  int last_ = 2;
};

}  // namespace ovrseer_test
