// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The one ordered sequence of what happened. The supervisor writes it; reports, metrics, sinks and views
// are readers of it, each at its own pace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/broadcast.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/event/event.hpp>

namespace ovrseer {

/// Events that a reader asked for and cannot have any more: the journal had dropped them before.
struct journal_gap {
  std::uint64_t first_missing = 0;
  std::uint64_t count = 0;

  friend bool operator==(const journal_gap&, const journal_gap&) = default;
};

/// What a reader of the journal gets: an event, or where events are missing.
using journal_entry = std::variant<event, journal_gap>;

/// A random boot id in the form of a UUID (version 4).
OVRSEER_DECL std::string make_boot_id();

/// The journal in memory: numbered events of one supervisor's life, of which the last `capacity` are kept.
///
/// Numbers begin at 1 and have no holes; wall time may step back, `mono_ns` never does. Appending never
/// waits for a reader. One strand; readers may outlive the journal and then come to its end.
class journal {
  using feed = broadcast<bounded_history<event>>;

 public:
  static constexpr std::size_t default_capacity = 64UL * 1024;

  /// `capacity` counts events (0 means 1). `boot_id` tells this life from all others.
  explicit journal(const executor& ex, std::size_t capacity = default_capacity, std::string boot_id = make_boot_id())
      : clock_(clock_of(ex)), begin_(clock_.now()), boot_id_(std::move(boot_id)), events_(ex, capacity) {}

  const std::string& boot_id() const noexcept { return boot_id_; }
  /// When it began: what `mono_ns` of its events counts from.
  steady_time began() const noexcept { return begin_; }

  /// Numbers and stamps an event and gives it to the readers; yields its number.
  ///
  /// `cause_seq` is the event that led to this one, 0 where nothing did.
  /// Errors: `errc::closed` after `close`.
  std::uint64_t append(unit_id unit, std::uint32_t incarnation, event_type type, severity level,
                       std::uint64_t cause_seq = 0, event_data data = {});

  /// A reader; move-only.
  class reader {
   public:
    /// The next event, or the gap before it; nothing once the journal is closed and all is read.
    ///
    /// Errors: `errc::overrun` for a reader that chose to fail and fell behind after it had subscribed.
    /// Cancellation: every type abandons the wait; no entry is lost.
    task<std::optional<journal_entry>> next();

    /// The next entry if there is one now.
    std::optional<journal_entry> try_next();

    /// Events that came in gaps so far.
    std::uint64_t missed() const noexcept { return missed_; }
    /// The number of the event that comes next: what to resume from.
    std::uint64_t position() const noexcept { return expected_; }

   private:
    friend class journal;
    reader(feed::reader events, std::uint64_t from) : events_(std::move(events)), expected_(from) {}

    // A gap is told when the event behind it is there: only what came later drives an event out.
    std::optional<journal_entry> admit(std::optional<event> next);

    feed::reader events_;
    std::optional<event> held_;  // the event behind a gap that was just told
    std::uint64_t expected_;
    std::uint64_t missed_ = 0;
  };

  /// A reader that begins with the next event to come.
  ///
  /// `on_overrun::wait` is as `drop_oldest` here: the journal waits for nobody, and a reader that falls
  /// behind gets a gap.
  reader subscribe(on_overrun policy = on_overrun::drop_oldest) { return subscribe_from(end_seq(), policy); }

  /// A reader that begins with event `seq` (0 means 1). Where `seq` is no longer kept, the first entry is
  /// the gap, for every policy; where it is yet to come, it begins with the next event. Whoever resumes
  /// compares the boot id first: a number of another life means nothing here.
  reader subscribe_from(std::uint64_t seq, on_overrun policy = on_overrun::drop_oldest);

  /// Events with numbers in [begin_seq, end_seq) are kept.
  std::uint64_t begin_seq() const noexcept { return events_.store().begin_seq(); }
  std::uint64_t end_seq() const noexcept { return events_.store().end_seq(); }

  /// The event of that number, until it is dropped; null where it is not kept.
  const event* at(std::uint64_t seq) const {
    return seq >= begin_seq() && seq < end_seq() ? &events_.store().read(seq) : nullptr;
  }

  /// The unit's latest event of any type; null where none is kept.
  const event* last_of(const unit_id& unit) const;
  /// The unit's latest change of state; null where it is not kept.
  const event* last_transition_of(const unit_id& unit) const;

  /// The event `seq`, what led to it, what led to that, and so on: newest first. It is complete when the
  /// last entry has no cause; otherwise the cause is no longer kept.
  std::vector<event> chain(std::uint64_t seq) const;

  /// Nothing more comes: readers get what is left, then the end.
  void close() { events_.close(); }
  bool is_closed() const noexcept { return events_.is_closed(); }

 private:
  struct latest {
    std::uint64_t any = 0;
    std::uint64_t transition = 0;
  };

  // The index must not outgrow the events: units come and go.
  void forget_oldest();

  clock_service& clock_;
  steady_time begin_;
  std::string boot_id_;
  feed events_;
  std::map<unit_id, latest> last_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/journal.ipp>
#endif
