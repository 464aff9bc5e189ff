// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What StatsD servers are told: metrics, and to Datadog's Agent events and service checks too, as lines of text. Pure.
// Sources: https://docs.datadoghq.com/developers/dogstatsd/datagram_shell and
// https://github.com/statsd/statsd/blob/master/docs/metric_types.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/net/datagram.hpp>

namespace ovrseer {

/// Whom we speak to. The two do not understand each other: Datadog's extensions are counters of strange names to StatsD.
/// `plain` is tested against the StatsD of Etsy, `datadog` against an emulator of the Agent's parser.
enum class statsd_dialect : std::uint8_t {
  datadog,  ///< DogStatsD, as Datadog's Agent has it: tags, events, service checks, moments
  plain,    ///< StatsD as it was made: names, numbers and rates
};

/// Tags by key, in their order. An empty value leaves the key alone; an empty key is left out.
using statsd_tags = std::vector<std::pair<std::string, std::string>>;

/// What a value means. In the plain dialect histograms and distributions are timings: that is what StatsD makes
/// distributions of.
enum class statsd_type : std::uint8_t { count, gauge, timing, histogram, set, distribution };

/// One value of one metric.
struct statsd_metric {
  statsd_metric(std::string of, double what, statsd_type as) : name(std::move(of)), value(what), type(as) {}
  /// A member of a set.
  statsd_metric(std::string of, std::string member)
      : name(std::move(of)), value(std::move(member)), type(statsd_type::set) {}

  std::string name;
  std::variant<double, std::string> value;
  statsd_type type;
  double rate = 1;  ///< the share of what happened that is told, above 0 to 1; of no meaning to gauges and sets
  statsd_tags tags;
  std::optional<wall_time> time;  ///< in whole seconds; for counts and gauges in Datadog's dialect alone
};

/// An event of Datadog's event stream.
struct statsd_event {
  enum class alert : std::uint8_t { info, warning, error, success };
  enum class rank : std::uint8_t { normal, low };

  statsd_event(std::string headline, std::string body) : title(std::move(headline)), text(std::move(body)) {}

  std::string title;  ///< cut at 100 characters
  std::string text;   ///< cut in its middle at 4,000 bytes, or at what a message may have; the title where it is empty
  std::optional<wall_time> time;
  std::string host;         ///< the Agent's own where it is empty
  std::string aggregation;  ///< events of one key are shown as one; cut at 100 characters
  std::string source;
  alert type = alert::info;
  rank priority = rank::normal;
  statsd_tags tags;
};

/// The state of a service. Datadog keeps one for each name and each set of tags: what is well again must have the tags
/// that it had when it was not.
struct statsd_check {
  enum class state : std::uint8_t { ok, warning, critical, unknown };

  statsd_check(std::string of, state is) : name(std::move(of)), status(is) {}

  std::string name;
  state status;
  std::string message;  ///< cut at what a message may have
  std::optional<wall_time> time;
  std::string host;
  statsd_tags tags;
};

/// A StatsD server, by its dialect.
///
/// Nothing that a name, a tag or a text holds makes a line or a field of its own. Names keep `[A-Za-z0-9_.]`, begin with a
/// letter, and have at most 200 characters for Datadog; other characters become '_', and what is before the first letter
/// is left out. In tags control characters and `|,#@` become '_', and a tag has at most 200 characters. In texts newlines
/// are sent as `\n` and other control characters as spaces. What is not UTF-8 becomes U+FFFD.
class statsd {
 public:
  explicit statsd(statsd_dialect dialect = statsd_dialect::datadog) : dialect_(dialect) {}

  /// What the names of metrics begin with, such as "shop."; none by default.
  statsd& prefix(std::string text) {
    prefix_ = std::move(text);
    return *this;
  }
  /// A tag of everything that is sent.
  statsd& tag(std::string key, std::string value) {
    tags_.emplace_back(std::move(key), std::move(value));
    return *this;
  }
  /// The most bytes of a message and of a datagram. Default 1432, which fits an Ethernet frame in whatever tunnel.
  statsd& limit(std::size_t bytes) {
    limit_ = bytes;
    return *this;
  }
  /// The limit for an address: 1432 for UDP, and 8192, which is the Agent's buffer, for a unix socket.
  static constexpr std::size_t limit_of(datagram_address::kind type) noexcept {
    return type == datagram_address::kind::udp ? 1432 : 8192;
  }

  statsd_dialect dialect() const noexcept { return dialect_; }
  std::size_t limit() const noexcept { return limit_; }

  /// The message for a metric, without a newline at its end. Empty for a number that is not finite, and for a
  /// member without a name.
  ///
  /// To a plain server a gauge with a sign is a change, so that a negative one is two lines: `0`, then `-n`.
  std::string message(const statsd_metric& metric) const;
  /// Empty in the plain dialect.
  std::string message(const statsd_event& event) const;
  /// Empty in the plain dialect.
  std::string message(const statsd_check& check) const;

 private:
  std::string name_of(std::string_view text) const;
  std::string tags_field(const statsd_tags& own) const;

  statsd_dialect dialect_;
  std::string prefix_;
  statsd_tags tags_;
  std::size_t limit_ = limit_of(datagram_address::kind::udp);
};

/// Joins messages by newlines to datagrams of at most so many bytes. Pure.
class datagram_packer {
 public:
  explicit datagram_packer(std::size_t limit) : limit_(limit) {}

  /// Adds a message; yields the datagram before it where both together would be too large. An empty message is none, and
  /// one that is larger than a datagram is counted and left out.
  std::optional<std::string> add(std::string_view message);
  /// What was added and not yielded; nothing where there is none.
  std::optional<std::string> take();

  std::uint64_t left_out() const noexcept { return left_out_; }

 private:
  std::size_t limit_;
  std::string gathered_;
  std::uint64_t left_out_ = 0;
};

/// A number as every server reads it: the shortest that reads back as the same, without an exponent and without "-0".
OVRSEER_DECL std::string statsd_number(double value);

/// Throws where the kernel did not take a datagram: `errc::message_too_large` where it never will, else `errc::unavailable`.
/// `what` is for the message.
OVRSEER_DECL void expect_taken(std::error_code answer, std::string_view what);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/service/impl/statsd.ipp>
#endif
