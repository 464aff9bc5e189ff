// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reads a journal from disk, also while a supervisor writes it, and says where events are missing instead of
// passing over them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/disk/segment_reader.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/event/journal_record.hpp>
#include <ovrseer/event/json.hpp>

namespace ovrseer {

/// Events that a journal on disk should have and has not, or not for sure.
struct journal_loss {
  enum class kind : std::uint8_t {
    removed,     ///< older than what is kept: the beginning of the oldest life
    dropped,     ///< noted by the writer: it fell behind, or the disk did not take them
    doubtful,    ///< noted by the writer: their fsync failed; those that are left have been read
    damaged,     ///< records that do not hold
    unreadable,  ///< records that hold and are no events that this version can read
    missing,     ///< no record says why: a power loss, or files that somebody removed
    unfinished,  ///< the end of the last file is not whole: a write under way, or one that never finished
  };
  kind why = kind::missing;
  std::string boot_id;                  ///< of the life that they belong to; empty where that is not known
  std::uint64_t first_seq = 0;          ///< the number of the first; 0 where that is not known
  std::optional<std::uint64_t> events;  ///< how many; nothing where no number tells
  std::uint64_t records = 0;            ///< of `damaged` and `unreadable`
  std::string file;                     ///< where that is a place in a file
  std::uint64_t offset = 0;             ///< the same
  std::uint64_t bytes = 0;              ///< of `unfinished`
  std::string detail;                   ///< of `unreadable`: what is wrong with it
};

constexpr std::string_view to_text(journal_loss::kind why) noexcept {
  constexpr std::string_view names[] = {"removed",    "dropped", "doubtful",  "damaged",
                                        "unreadable", "missing", "unfinished"};
  return names[static_cast<std::size_t>(why)];
}

/// "3 events from number 12 on are damaged: FILE at offset 120", for people.
OVRSEER_DECL std::string to_text(const journal_loss& loss);

/// What a reader gets: an event with its life, or where events are missing.
using journal_item = std::variant<stored_event, journal_loss>;

/// Reads the journal in a folder, life after life, each event once and in its order; takes no lock and writes nothing.
/// A number that goes back begins another life, also under the same boot id.
///
/// What is told of a loss is exact where numbers tell it: a life's events are numbered without holes. How many were lost
/// at the very end of a life that did not end well, nobody knows.
class journal_file_reader {
 public:
  /// `files` null means the real ones. Touches no file before the first `next()`.
  explicit journal_file_reader(std::string folder, file_system* files = nullptr)
      : records_(std::move(folder), 0, files) {}

  /// The next event or loss; nothing at the present end, where a later call may give more.
  ///
  /// Throws `error` at step "list" (no such folder), "open" or "read".
  std::optional<journal_item> next();

  /// To be asked at the end: losses behind the last event, which the next event would tell more of. Where a
  /// supervisor writes, an unfinished end may be whole the next moment.
  std::vector<journal_loss> at_end() const;

 private:
  using kind = journal_loss::kind;

  void take(const stored_gap& gap);

  void take(const stored_record& record);

  void unreadable(std::string detail);

  void note(kind why, const std::string& boot_id, journal_gap events);

  /// Tells what is missing before an event; the numbers say how much that is.
  void settle(const stored_event& behind);

  void place(journal_loss& loss) const;

  static constexpr std::uint64_t largest_count = std::uint64_t{1} << 62U;

  segment_reader records_;
  std::string boot_id_;
  std::uint64_t next_ = 1;
  std::vector<journal_loss> pending_;  // until the next event tells how much it was
  std::deque<journal_item> ready_;
};

/// One life of a supervisor in a journal.
struct journal_life {
  std::string boot_id;
  std::uint64_t first_seq = 0;
  std::uint64_t last_seq = 0;  ///< that is there or known to be missing
  wall_time begin{};           ///< of its first event that is there
  wall_time end{};             ///< of its last
  std::uint64_t events = 0;    ///< that are there
  std::uint64_t missing = 0;   ///< as far as numbers tell
  bool has_ended = false;      ///< its last event says that the supervisor stopped in order
};

/// What reading a whole journal found.
struct journal_reading {
  std::vector<journal_life> lives;  ///< oldest first
  std::uint64_t events = 0;
  std::uint64_t missing = 0;   ///< events that are not there, as far as numbers tell; those in doubt not counted
  std::uint64_t losses = 0;    ///< places where events are missing or in doubt
  bool is_unfinished = false;  ///< the last file ends within a write
};

/// Reads the whole journal in a folder and hands every event and every loss to `sink`, in order. Losses of life's
/// beginnings that are no longer kept are told and not counted as missing.
///
/// Safe beside a supervisor that writes: what comes meanwhile may or may not be read. Throws as
/// `journal_file_reader::next`, and what `sink` throws.
template <class Sink>
journal_reading read_journal(std::string folder, Sink sink, file_system* files = nullptr) {
  journal_reading found;
  journal_file_reader reader(std::move(folder), files);
  const auto life_of = [&found](const std::string& boot_id, std::uint64_t seq) -> journal_life& {
    const bool is_new =
        found.lives.empty() || found.lives.back().boot_id != boot_id || seq <= found.lives.back().last_seq;
    if (is_new) {
      found.lives.emplace_back();
      found.lives.back().boot_id = boot_id;
    }
    return found.lives.back();
  };
  const auto count_loss = [&](const journal_loss& loss) {
    ++found.losses;
    found.is_unfinished = found.is_unfinished || loss.why == journal_loss::kind::unfinished;
    if (loss.why == journal_loss::kind::removed || loss.why == journal_loss::kind::doubtful) return;
    found.missing += loss.events.value_or(0);
    if (loss.boot_id.empty()) return;
    journal_life& life = life_of(loss.boot_id, loss.first_seq);
    life.missing += loss.events.value_or(0);
    if (loss.events && *loss.events != 0) life.last_seq = loss.first_seq + *loss.events - 1;
  };
  while (const std::optional<journal_item> item = reader.next()) {
    if (const auto* loss = std::get_if<journal_loss>(&*item)) {
      count_loss(*loss);
    } else {
      const auto& [entry, boot_id] = std::get<stored_event>(*item);
      journal_life& life = life_of(boot_id, entry.seq);
      if (life.events == 0) life.first_seq = entry.seq, life.begin = entry.time;
      ++found.events;
      ++life.events;
      life.last_seq = entry.seq;
      life.end = entry.time;
      life.has_ended = entry.type == event_type::supervisor_stopped;
    }
    sink(*item);
  }
  for (const journal_loss& loss : reader.at_end()) {
    count_loss(loss);
    sink(journal_item(loss));
  }
  return found;
}

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/read_journal.ipp>
#endif
