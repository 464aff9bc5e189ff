// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Metrics to a StatsD server or Datadog's Agent: what is new of every total, and every gauge as it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/async/cancellation.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/metric/exporter.hpp>
#include <ovrseer/net/datagram.hpp>
#include <ovrseer/service/statsd.hpp>

namespace ovrseer {

/// The messages for snapshots: keeps what was said of each total, and says what is new. Pure.
///
/// A counter is told as a count of what came since the last snapshot; the first tells all, and zero too, so that the
/// series begins. A counter that went back began anew. A gauge is told each time.
///
/// A histogram is told as counts as well: `NAME.count`, `NAME.sum`, and `NAME.bucket` with the tags `lower_bound` and
/// `upper_bound`, each bucket by itself and only where it has something new. So Datadog itself names what it makes of the
/// histograms of OpenTelemetry as counters, and but for the lower bound of those of Prometheus. Such counts add up over
/// hosts and time, and the share below a bound is exact. Datadog's distributions want every observation: points made up
/// from buckets would give quantiles that nobody measured.
///
/// In the plain dialect, which has no tags, the values of the labels follow the name: `NAME.VALUE.VALUE`,
/// `NAME.VALUE.bucket.0_5`; dots in them become '_'.
class statsd_totals {
 public:
  /// What is kept of one total.
  struct total {
    double last = 0;  ///< in the last snapshot
    double owed = 0;  ///< came until then and is not said yet
    bool is_begun = false;
  };
  /// A message, and what is owed again if it does not leave.
  struct message {
    std::string text;
    std::shared_ptr<total> of;  ///< none for a gauge
    double said = 0;
  };

  explicit statsd_totals(statsd service) : service_(std::move(service)) {}

  /// What is to be said now. All of it counts as said until it is given back. Series that are gone are forgotten.
  std::vector<message> take(const metric_snapshot& snapshot);
  /// The message did not leave: the next `take` says it with what is new then.
  static void give_back(const message& lost) noexcept;

  const statsd& service() const noexcept { return service_; }

 private:
  using series_name = std::vector<std::string>;  // the family's, and the values of its labels
  struct series {
    std::shared_ptr<std::vector<total>> totals;
    std::uint64_t round = 0;
  };
  struct part;

  static std::vector<part> parts_of(const metric_sample& sample);
  void take_totals(const metric_family& family, const metric_sample& sample, std::vector<message>& out);
  std::string text_of(const metric_family& family, const metric_sample& sample, const part& which, double value) const;

  statsd service_;
  std::map<series_name, series> series_;
  std::uint64_t round_ = 0;
};

/// Messages that leave as one datagram.
struct statsd_parcel {
  std::string datagram;
  std::vector<statsd_totals::message> messages;
};
struct statsd_parcels {
  std::vector<statsd_parcel> parcels;
  std::uint64_t left_out = 0;  ///< messages that are larger than a datagram
};

/// Packs messages in their order into datagrams of at most `limit` bytes.
OVRSEER_DECL statsd_parcels pack_parcels(std::vector<statsd_totals::message> messages, std::size_t limit);

/// Exports through a datagram sender.
template <datagram_sender Sender = datagram_socket>
class statsd_exporter {
 public:
  statsd_exporter(statsd service, Sender sender) : totals_(std::move(service)), sender_(std::move(sender)) {}

  /// Sends what is new. Where the receiver is full, or its host's name is still looked up, it waits for it 5 ms at a time, at
  /// most 100 ms in all.
  ///
  /// Errors: as `expect_taken`, after everything was tried. What did not leave of a total is said with the next
  /// snapshot; of a gauge only its value then.
  /// Cancellation: every type ends a wait; as with errors nothing of a total is lost.
  task<void> deliver(const metric_snapshot& snapshot) {
    co_await detail::admit_all_cancellation();
    const statsd_parcels packed = pack_parcels(totals_.take(snapshot), totals_.service().limit());
    const std::vector<statsd_parcel>& parcels = packed.parcels;
    left_out_ += packed.left_out;
    std::size_t at = 0;
    std::size_t lost = 0;
    std::size_t pauses = 0;
    std::error_code why;
    try {
      while (at != parcels.size()) {
        const std::error_code answer = sender_.send(parcels[at].datagram);
        if (may_pass(answer) && pauses != most_pauses) {
          ++pauses;
          co_await sleep_for(pause);
          continue;
        }
        if (answer) {
          give_back(parcels[at]);
          if (lost++ == 0) why = answer;
        }
        ++at;
      }
    } catch (...) {
      for (; at != parcels.size(); ++at) give_back(parcels[at]);
      throw;
    }
    if (lost != 0) {
      expect_taken(why, "StatsD: " + std::to_string(lost) + " of " + std::to_string(parcels.size()) + " datagrams");
    }
  }

  /// How many messages were larger than a datagram, and left out.
  std::uint64_t left_out() const noexcept { return left_out_; }
  const Sender& sender() const noexcept { return sender_; }

 private:
  static constexpr std::chrono::milliseconds pause{5};
  static constexpr std::size_t most_pauses = 20;

  static bool may_pass(std::error_code answer) noexcept {
    return answer == std::errc::resource_unavailable_try_again || answer == std::errc::no_buffer_space ||
           answer == asio::error::host_not_found_try_again;
  }
  static void give_back(const statsd_parcel& lost) noexcept {
    for (const statsd_totals::message& each : lost.messages) statsd_totals::give_back(each);
  }

  statsd_totals totals_;
  Sender sender_;
  std::uint64_t left_out_ = 0;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/export/impl/statsd_exporter.ipp>
#endif
