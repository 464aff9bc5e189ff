// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Items that a receiver refuses for good, kept until a person has decided what becomes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/disk/file_system.hpp>

namespace ovrseer {

/// An item that a receiver refused for good, and why.
struct dead_letter {
  std::uint64_t sequence = 0;  ///< of the item in its outbox
  std::string reason;
  std::string item;  ///< as it was encoded
};

/// The dead letters of an outbox: a file each, `<outbox>/dead/<sequence>.json`, so that another program may read and forget
/// them while the outbox is in use. Calls block for as long as the disk does.
class dead_letters {
 public:
  /// `outbox` is its folder; that of the letters is made with the first one. `files` null means the real ones.
  explicit dead_letters(const std::string& outbox, file_system* files = nullptr);

  /// Returns when the letter is on the disk; replaces one of the same number. Of more than `most` the oldest are forgotten.
  /// Returns how many those are. Throws as `write_atomic`, and the errno at step "make folder" or "list".
  std::size_t add(const dead_letter& letter, std::size_t most);

  /// Oldest first. Files that are no letters are left out. Throws the errno at step "list" or "read".
  std::vector<dead_letter> all() const;

  /// Removes the letter; it need not be there. Throws the errno at step "unlink".
  void forget(std::uint64_t sequence);

 private:
  std::string path_of(std::uint64_t sequence) const;
  std::vector<std::uint64_t> numbers() const;

  std::string folder_;
  file_system* files_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/deliver/impl/dead_letters.ipp>
#endif
