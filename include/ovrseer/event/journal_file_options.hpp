// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a user decides about a journal on disk, and what its writer tells of itself.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// When events are made durable against a power loss. The death of the supervisor alone costs no event that was
/// written, whatever is chosen here.
class journal_sync {
 public:
  /// As soon as an event is written; those that come together share one fsync.
  static constexpr journal_sync every_event() noexcept { return journal_sync(std::chrono::nanoseconds::zero()); }
  /// At most so long after an event was written. Zero or less is `every_event`.
  static constexpr journal_sync within(std::chrono::nanoseconds longest) noexcept {
    return journal_sync(std::max(longest, std::chrono::nanoseconds::zero()));
  }
  /// When the system likes; and at the end.
  static constexpr journal_sync left_to_system() noexcept { return journal_sync(std::chrono::nanoseconds::max()); }

  constexpr bool is_every_event() const noexcept { return delay_ == std::chrono::nanoseconds::zero(); }
  constexpr bool is_left_to_system() const noexcept { return delay_ == std::chrono::nanoseconds::max(); }
  constexpr std::chrono::nanoseconds delay() const noexcept { return delay_; }

  friend constexpr bool operator==(journal_sync, journal_sync) noexcept = default;

 private:
  constexpr explicit journal_sync(std::chrono::nanoseconds delay) noexcept : delay_(delay) {}
  std::chrono::nanoseconds delay_;
};

/// How a journal is kept on disk.
struct journal_file_options {
  journal_file_options() = default;
  explicit journal_file_options(std::string where) : folder(std::move(where)) {}

  std::string folder;  ///< made with its parents; one writer at a time
  journal_sync sync = journal_sync::within(std::chrono::seconds(1));
  byte_size segment_size{8U << 20U};   ///< of one file; zero: no limit but half of `max_size`
  byte_size max_size{256U << 20U};     ///< of all files, the oldest go first; zero: no limit
  std::chrono::nanoseconds max_age{};  ///< files with older events alone go, when something is written; zero: no limit
  byte_size largest_event{1U << 20U};  ///< a longer line is not written but noted as dropped
  std::size_t batch = 256;             ///< events that are handed to the disk at once; 0 means 1
  std::chrono::nanoseconds retry_delay = std::chrono::milliseconds(250);    ///< after a failure; then it doubles …
  std::chrono::nanoseconds longest_retry_delay = std::chrono::seconds(10);  ///< … up to this
  /// A disk that does not answer for so long counts as failing.
  std::chrono::nanoseconds slow_after = std::chrono::seconds(10);
  /// How long a disk that fails is still tried once the journal is closed.
  std::chrono::nanoseconds close_patience = std::chrono::seconds(2);
  file_system* files =
      nullptr;     ///< null: the real ones; must outlive the thread of a `journal_file`, which ends by itself
  wall_clock now;  ///< empty: the system's; for the age of files
};

/// What a writer has done so far.
struct journal_file_counts {
  std::uint64_t written = 0;        ///< events that are in the files
  std::uint64_t dropped = 0;        ///< events that are not, as noted in the files
  std::uint64_t doubtful = 0;       ///< events in the files whose fsync failed
  std::uint64_t unsynced = 0;       ///< events that wait for their fsync
  std::uint64_t last_seq = 0;       ///< the newest event that is written or noted
  std::uint64_t syncs = 0;          ///< that worked
  std::uint64_t failed_writes = 0;  ///< attempts, the opening included
  std::uint64_t failed_syncs = 0;
};

/// A change in how writing goes.
struct journal_file_notice {
  enum class kind : std::uint8_t {
    recovered,    ///< the files end with a write that did not finish, or are damaged, from before
    failing,      ///< writing does not work, or not for the reason told before; it is tried again
    working,      ///< it works again; `lost` events came and went meanwhile
    fell_behind,  ///< the disk works and is too slow: `lost` events came and went
    given_up,     ///< the journal has closed and `lost` events could not be written
  };
  kind what = kind::failing;
  severity level = severity::error;
  std::string message;
  std::error_code code{};  ///< of `failing` and `given_up`
  std::uint64_t lost = 0;
};

/// Hears of such a change, on the strand of the one who writes. What it throws is ignored.
using journal_notice_hook = std::function<void(const journal_file_notice&)>;

}  // namespace ovrseer
