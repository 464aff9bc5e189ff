// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What follows of the answers of a source over time: which version holds, what is worth telling, when to ask again. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/backoff.hpp>
#include <ovrseer/config/document_source.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// When a source is asked again.
struct poll_schedule {
  poll_schedule() = default;
  explicit poll_schedule(std::chrono::nanoseconds every) : interval(every) {}

  std::chrono::nanoseconds interval = std::chrono::minutes(1);
  /// After the first of several failures; each further one doubles it, up to the interval.
  std::chrono::nanoseconds first_retry = std::chrono::seconds(5);
  /// A source that asks to be left alone is, up to so long.
  std::chrono::nanoseconds longest_asked = std::chrono::hours(1);
};

/// What the answers were.
struct poll_counts {
  std::uint64_t fetched = 0;    ///< a new version, that is good
  std::uint64_t unchanged = 0;  ///< the version that was there
  std::uint64_t refused = 0;    ///< a new version, with which something is wrong
  std::uint64_t failed = 0;     ///< no answer

  friend bool operator==(const poll_counts&, const poll_counts&) = default;
};

/// What an answer changes.
enum class poll_news : std::uint8_t {
  none,
  swapped,      ///< a new version holds
  refused,      ///< a new version is wrong; the one before goes on
  unreachable,  ///< the first of several failures, or one for another reason; the version goes on
  reachable,    ///< the first answer after failures; it changes nothing
};

/// The versions of one document, read as a `T`: the last good one holds until a better one comes.
///
/// A version that was refused is not read again until the source has another. Where a source has no tags, the text itself
/// tells whether it has changed.
template <class T>
class polled_document {
 public:
  explicit polled_document(poll_schedule when = {}) : when_(when) {}

  /// Takes in what `fetch` yielded. `read` makes a `result<T, std::string>` of a text, and is called for a new one alone.
  template <std::invocable<const std::string&> Read>
  poll_news take(std::optional<fetched_document> answer, Read read) {
    const poll_news silent = std::exchange(failures_, 0) != 0 ? poll_news::reachable : poll_news::none;
    asked_.reset();
    delay_ = {};
    if (!answer || (seen_ && seen_->text == answer->text)) {
      if (answer) seen_->tag = std::move(answer->tag);
      ++counts_.unchanged;
      if (silent == poll_news::reachable) reason_ = seen_why_;
      return silent;
    }
    seen_ = std::move(answer);
    result<T, std::string> made = read(seen_->text);
    if (!made) {
      ++counts_.refused;
      reason_ = seen_why_ = std::move(made).reason();
      return poll_news::refused;
    }
    ++counts_.fetched;
    reason_.clear();
    seen_why_.clear();
    good_ = *std::move(made);
    return poll_news::swapped;
  }

  /// Takes in that the source could not be asked, and for how long it asks to be left alone.
  poll_news fail(std::string why, std::optional<std::chrono::nanoseconds> asked = std::nullopt) {
    const bool is_new = failures_ == 0 || why != reason_;
    ++counts_.failed;
    ++failures_;
    asked_ = asked;
    reason_ = std::move(why);
    return is_new ? poll_news::unreachable : poll_news::none;
  }

  /// How long to wait before the next question. `random` in [0, 1) spreads the retries of many.
  std::chrono::nanoseconds next_delay(double random) {
    if (failures_ == 0) return when_.interval;
    backoff curve = backoff::exponential(std::min(when_.first_retry, when_.interval), when_.interval);
    delay_ = curve.jitter(0.25).delay_after(failures_, delay_, random);
    return std::max(delay_, std::min(asked_.value_or(std::chrono::nanoseconds::zero()), when_.longest_asked));
  }

  /// Forgets which version was there last, so that the next answer is read in any case. What holds goes on.
  void forget() { seen_.reset(); }

  /// The tag to ask with.
  std::string tag() const { return seen_ ? seen_->tag : std::string(); }
  /// The last good version; nothing before the first.
  const std::optional<T>& good() const noexcept { return good_; }
  /// Why the last version was refused or the last question failed; empty where all is well.
  const std::string& last_failure() const noexcept { return reason_; }
  const poll_counts& counts() const noexcept { return counts_; }

 private:
  poll_schedule when_;
  std::optional<fetched_document> seen_;  // also one that was refused
  std::string seen_why_;                  // it was
  std::optional<T> good_;
  std::string reason_;
  poll_counts counts_;
  std::uint32_t failures_ = 0;  // since the last answer
  std::chrono::nanoseconds delay_{};
  std::optional<std::chrono::nanoseconds> asked_;
};

}  // namespace ovrseer
