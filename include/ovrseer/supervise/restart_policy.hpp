// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// When a unit that has ended is started again, after what delay, and when it is given up.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <ovrseer/async/backoff.hpp>
#include <ovrseer/async/clock.hpp>
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

  restart_rules& restart(when what) {
    when_ = what;
    return *this;
  }
  /// on_failure: only these exit codes (and the signals) are failures worth a restart; empty: all.
  restart_rules& codes(std::vector<int> only) {
    codes_ = std::move(only);
    return *this;
  }
  restart_rules& signals(std::vector<signal_number> only) {
    signals_ = std::move(only);
    return *this;
  }
  /// Exit codes that count as success beside 0.
  restart_rules& success_codes(std::vector<int> codes) {
    success_codes_ = std::move(codes);
    return *this;
  }
  /// Exit codes after which no restart is worth trying, whatever the other rules say: wrong usage, a configuration
  /// that cannot be read.
  restart_rules& permanent_codes(std::vector<int> codes) {
    permanent_codes_ = std::move(codes);
    return *this;
  }
  /// Restarts in a row until it was stable; zero: no limit.
  restart_rules& max_retries(std::uint32_t count) {
    max_retries_ = count;
    return *this;
  }
  restart_rules& delays(backoff curve) {
    delays_ = curve;
    return *this;
  }
  /// Ready for this long, a unit is stable: its count of restarts and its backoff begin anew.
  restart_rules& stable_after(std::chrono::nanoseconds duration) {
    stable_after_ = duration;
    return *this;
  }
  /// At most `restarts` automatic restarts in any window of `period`, stable or not; zero: no limit.
  restart_rules& intensity(std::uint32_t restarts, std::chrono::nanoseconds period) {
    intensity_ = restarts;
    period_ = period;
    return *this;
  }

  when restart() const noexcept { return when_; }
  const std::vector<int>& codes() const noexcept { return codes_; }
  const std::vector<signal_number>& signals() const noexcept { return signals_; }
  const std::vector<int>& success_codes() const noexcept { return success_codes_; }
  const std::vector<int>& permanent_codes() const noexcept { return permanent_codes_; }
  std::uint32_t max_retries() const noexcept { return max_retries_; }
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
  bool wants_restart(const exit_status& status) const {
    if (is_permanent(status)) return false;
    switch (when_) {
      case when::never: return false;
      case when::always:
      case when::unless_stopped: return true;
      case when::on_failure: break;
    }
    if (is_success(status)) return false;
    if (codes_.empty() && signals_.empty()) return true;
    if (status.is_exited()) return std::ranges::count(codes_, status.code()) != 0;
    if (status.is_signaled()) return std::ranges::count(signals_, status.signal()) != 0;
    return true;
  }

 private:
  when when_ = when::on_failure;
  std::vector<int> codes_;
  std::vector<signal_number> signals_;
  std::vector<int> success_codes_;
  std::vector<int> permanent_codes_;
  std::uint32_t max_retries_ = 3;
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
  };
  verdict what = verdict::not_wanted;
  std::chrono::nanoseconds delay{};
  std::uint32_t number = 0;  ///< of this restart since the unit was last stable, from 1
};

/// The memory of one unit's restarts, and the pure decision made from it.
class restart_history {
 public:
  /// Decides after an end (or a failed start, as `exit_status::lost()` with `force`) at `now`.
  /// `ready_for` is how long the incarnation was ready; `random` is in [0, 1).
  restart_decision decide(const restart_rules& rules, const exit_status& status, std::chrono::nanoseconds ready_for,
                          steady_time now, double random) {
    if (rules.stable_after() <= ready_for && ready_for != std::chrono::nanoseconds::zero()) reset();
    using verdict = restart_decision::verdict;
    if (rules.is_permanent(status)) return {verdict::permanent, {}, in_row_};
    if (!rules.wants_restart(status)) return {};
    if (rules.max_retries() != 0 && in_row_ >= rules.max_retries()) return {verdict::retries_exhausted, {}, in_row_};
    if (rules.intensity() != 0) {
      std::erase_if(times_, [&](steady_time time) { return time < now - rules.period(); });
      if (times_.size() >= rules.intensity()) return {verdict::too_intense, {}, in_row_};
      times_.push_back(now);
    }
    ++in_row_;
    previous_ = rules.delays().delay_after(in_row_, previous_, random);
    return {verdict::restart, previous_, in_row_};
  }

  /// Forgets the row and the backoff, not the window of intensity.
  void reset() {
    in_row_ = 0;
    previous_ = {};
  }
  std::uint32_t in_row() const noexcept { return in_row_; }

 private:
  std::uint32_t in_row_ = 0;
  std::chrono::nanoseconds previous_{};
  std::vector<steady_time> times_;
};

}  // namespace ovrseer
