// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// When a unit that has ended is started again, after what delay, and when it is given up.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/async/backoff.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/process/exit_status.hpp>

namespace ovrseer {

/// The rules of restarting, as a description.
///
/// Defaults: on failure, 3 restarts until stable, delays of 1 s doubling to 30 s with a tenth of jitter,
/// stable after 30 s of being ready, no window of intensity.
class restart_rules {
 public:
  enum class when : std::uint8_t {
    never,           ///< configuration: `no`
    always,          ///< after every end that nobody asked for
    on_failure,      ///< after an end without success; `codes` and `signals` narrow it
    unless_stopped,  ///< the same; a supervisor that comes back leaves it stopped if it was stopped by request
  };

  restart_rules() = default;
  explicit restart_rules(when what) : when_(what) {}

  restart_rules& restart(when what);
  /// on_failure: only these exit codes (and the signals) are failures worth a restart; empty: all.
  restart_rules& codes(std::vector<int> only);
  restart_rules& signals(std::vector<signal_number> only);
  /// Exit codes that count as success beside 0.
  restart_rules& success_codes(std::vector<int> codes);
  /// Exit codes after which no restart is worth trying, whatever the other rules say: wrong usage, a configuration
  /// that cannot be read.
  restart_rules& permanent_codes(std::vector<int> codes);
  /// Restarts in a row until it was stable; zero: no limit.
  restart_rules& max_retries(std::uint32_t count);
  restart_rules& delays(backoff curve);
  /// Ready for this long, a unit is stable: its count of restarts and its backoff begin anew.
  restart_rules& stable_after(std::chrono::nanoseconds duration);
  /// Restarts in its whole life; zero: no limit.
  restart_rules& max_restarts(std::uint32_t count);
  /// Instead of giving up after `max_retries` or too much intensity: a circuit breaker. It rests for `open_for`, tries
  /// one start, and rests again, twice as long each time up to `longest`, until a start holds for `stable_after`.
  restart_rules& breaker(std::chrono::nanoseconds open_for, std::chrono::nanoseconds longest = {});
  /// At most `restarts` automatic restarts in any window of `period`, stable or not; zero: no limit.
  restart_rules& intensity(std::uint32_t restarts, std::chrono::nanoseconds period);

  when restart() const noexcept { return when_; }
  const std::vector<int>& codes() const noexcept { return codes_; }
  const std::vector<signal_number>& signals() const noexcept { return signals_; }
  const std::vector<int>& success_codes() const noexcept { return success_codes_; }
  const std::vector<int>& permanent_codes() const noexcept { return permanent_codes_; }
  std::uint32_t max_retries() const noexcept { return max_retries_; }
  std::uint32_t max_restarts() const noexcept { return max_restarts_; }
  bool has_breaker() const noexcept { return open_for_ != std::chrono::nanoseconds::zero(); }
  /// How long the breaker rests at its `nth` opening in a row, from 1.
  std::chrono::nanoseconds open_for(std::uint32_t nth) const noexcept;
  const backoff& delays() const noexcept { return delays_; }
  std::chrono::nanoseconds stable_after() const noexcept { return stable_after_; }
  std::uint32_t intensity() const noexcept { return intensity_; }
  std::chrono::nanoseconds period() const noexcept { return period_; }

  bool is_success(const exit_status& status) const {
    return status.is_success() || (status.is_exited() && std::ranges::count(success_codes_, status.code()) != 0);
  }

  bool is_permanent(const exit_status& status) const {
    return status.is_exited() && std::ranges::count(permanent_codes_, status.code()) != 0;
  }

  /// Whether an end that nobody asked for is one that these rules restart after.
  bool wants_restart(const exit_status& status) const;

 private:
  when when_ = when::on_failure;
  std::vector<int> codes_;
  std::vector<signal_number> signals_;
  std::vector<int> success_codes_;
  std::vector<int> permanent_codes_;
  std::uint32_t max_retries_ = 3;
  std::uint32_t max_restarts_ = 0;
  std::chrono::nanoseconds open_for_{};
  std::chrono::nanoseconds open_longest_{};
  backoff delays_ = backoff::exponential(std::chrono::seconds(1), std::chrono::seconds(30)).jitter(0.1);
  std::chrono::nanoseconds stable_after_ = std::chrono::seconds(30);
  std::uint32_t intensity_ = 0;
  std::chrono::nanoseconds period_{};
};

constexpr std::string_view to_text(restart_rules::when value) noexcept {
  constexpr std::string_view names[] = {"no", "always", "on-failure", "unless-stopped"};
  return names[static_cast<std::size_t>(value)];
}

/// What the rules decide after an end: a delay until the next start, or the reason to give up.
struct restart_decision {
  enum class verdict : std::uint8_t {
    restart,
    not_wanted,         ///< the rules do not restart after such an end
    permanent,          ///< a code of `permanent_codes`
    retries_exhausted,  ///< `max_retries` in a row
    too_intense,        ///< `intensity` in the window
    life_over,          ///< `max_restarts` in all
  };
  verdict what = verdict::not_wanted;
  std::chrono::nanoseconds delay{};
  std::uint32_t number = 0;  ///< of this restart since the unit was last stable, from 1
  bool is_trial = false;     ///< the breaker is open, and this restart is its trial
  std::string reason = {};   ///< of a policy of one's own: what it went by
};

/// What a policy of one's own is told of an end that nobody asked for.
struct restart_question {
  exit_status status = exit_status::lost();  ///< lost where there was no process, or it was stopped as unfit
  std::string what;                          ///< "exited with code 1 after 3.2s", "not ready: …", "3 times in a row, …"
  std::chrono::nanoseconds uptime{};         ///< zero where it could not be spawned
  std::chrono::nanoseconds ready_for{};      ///< zero where it was not ready when it ended
  std::uint32_t in_row = 0;                  ///< restarts since it was last stable
  std::uint32_t restarts = 0;                ///< automatic restarts in its whole life
  steady_time now{};
  double random = 0;          ///< in [0, 1)
  restart_decision standard;  ///< what the unit's `restart_rules` decide
};

/// Decides whether a unit is restarted, in place of its rules or beside them. A function of its argument and of what
/// it keeps itself; it neither waits nor asks the world. One that throws has no say: the rules decide.
template <class P>
concept restart_policy = requires(P decide, const restart_question& question) {
  { decide(question) } -> std::same_as<restart_decision>;
};

/// Any restart policy, or none.
class any_restart_policy {
 public:
  any_restart_policy() = default;
  template <restart_policy P>
    requires(!std::same_as<std::remove_cvref_t<P>, any_restart_policy>)
  any_restart_policy(P decide)  // a policy is an any_restart_policy wherever one is wanted
      : decide_(std::move(decide)) {}

  explicit operator bool() const noexcept { return decide_ != nullptr; }
  restart_decision operator()(const restart_question& question) const { return decide_(question); }

 private:
  std::function<restart_decision(const restart_question&)> decide_;
};

/// The memory of one unit's restarts, and the pure decision made from it.
class restart_history {
 public:
  /// Decides after an end (or a failed start, as `exit_status::lost()` with `force`) at `now`.
  /// `ready_for` is how long the incarnation was ready; `random` is in [0, 1).
  restart_decision decide(const restart_rules& rules, const exit_status& status, std::chrono::nanoseconds ready_for,
                          steady_time now, double random);

  /// The decision of somebody else stands instead of the last one of `decide`.
  restart_decision replace(const restart_rules& rules, const restart_decision& own, restart_decision other,
                           steady_time now);

  /// Forgets the row and the backoff, not the window of intensity.
  void reset();
  std::uint32_t in_row() const noexcept { return in_row_; }
  /// Automatic restarts in all.
  std::uint32_t total() const noexcept { return total_; }

 private:
  void count(const restart_rules& rules, steady_time now);

  std::uint32_t in_row_ = 0;
  std::uint32_t total_ = 0;
  std::uint32_t openings_ = 0;  // of the breaker, in a row
  std::chrono::nanoseconds previous_{};
  std::vector<steady_time> times_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/restart_policy.ipp>
#endif
