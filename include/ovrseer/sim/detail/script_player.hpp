// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Plays one script: a pure value that says what is due at which time and what a signal changes.
#pragma once

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/sim/process_script.hpp>

namespace ovrseer::sim_detail {

/// What a signal does to who has no reaction of his own.
enum class disposition : unsigned char { kills, stops, continues, nothing };

inline disposition default_of(int signal) noexcept {
  switch (signal) {
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU: return disposition::stops;
    case SIGCONT: return disposition::continues;
    case 0:
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH: return disposition::nothing;
    default: return disposition::kills;
  }
}

class script_player {
 public:
  script_player(std::shared_ptr<const process_script> script, steady_time now)
      : script_(std::move(script)), more_(script_->more()), resume_at_(now) {}

  /// The next step that is due; those that only wait and end are taken by the player itself.
  const process_script::step* advance(steady_time now) {
    while (!status_ && !paused_since_ && !is_hung_) {
      if (ends_at_ && *ends_at_ <= now && *ends_at_ <= resume_at_) {
        status_ = ends_with_;
        break;
      }
      if (resume_at_ > now) break;
      const process_script::step* const next = take_next();
      if (next == nullptr) break;
      if (const auto* pause = std::get_if<process_script::pause_step>(next)) {
        resume_at_ += pause->duration;
      } else if (const auto* end = std::get_if<process_script::end_step>(next)) {
        status_ = end->status;
      } else {
        is_hung_ = std::holds_alternative<process_script::hang_step>(*next);
        return next;
      }
    }
    if (!status_ && !paused_since_ && !is_hung_ && ends_at_ && *ends_at_ <= now) status_ = ends_with_;
    return nullptr;
  }

  /// When `advance` has something to do; the end of time when only a signal can change anything.
  steady_time due() const {
    if (status_ || paused_since_ || is_hung_) return steady_time::max();
    const bool is_at_end = at_ == script_->steps().size() && !more_;
    const steady_time step = is_at_end ? steady_time::max() : resume_at_;
    return ends_at_ ? std::min(step, *ends_at_) : step;
  }

  void take_signal(int signal, steady_time now) {
    if (status_) return;
    if (signal == SIGKILL) {
      status_ = exit_status::signaled(signal_number(SIGKILL));
      return;
    }
    if (is_hung_) return;
    const signal_reaction* reaction = signal == SIGSTOP ? nullptr : script_->reaction(signal);
    const disposition by_default = default_of(signal);
    if (by_default == disposition::continues) resume(now);
    if (paused_since_) {
      pending_.push_back(signal);
    } else if (reaction != nullptr) {
      react(*reaction, now);
    } else if (by_default == disposition::stops) {
      paused_since_ = now;
    } else if (by_default == disposition::kills) {
      status_ = exit_status::signaled(signal_number(signal));
    }
  }

  /// What no script foresees: it ends so, now, or does nothing any more.
  void end(const exit_status& how) {
    if (!status_) status_ = how;
  }
  void hang() noexcept { is_hung_ = true; }

  /// How it ended; nothing while it lives.
  const std::optional<exit_status>& status() const noexcept { return status_; }
  bool is_paused() const noexcept { return paused_since_.has_value(); }
  bool is_hung() const noexcept { return is_hung_ && !status_; }

 private:
  const process_script::step* take_next() {
    if (at_ != script_->steps().size()) {
      const process_script::step* const next = &script_->steps()[at_++];
      if (at_ == script_->steps().size() && script_->repeats()) at_ = 0;
      return next;
    }
    if (!more_) return nullptr;
    made_ = more_();
    if (made_) return &*made_;
    more_ = nullptr;
    return nullptr;
  }

  // The first reaction that ends it counts.
  void react(const signal_reaction& reaction, steady_time now) {
    if (reaction.is_ignored() || ends_at_) return;
    ends_at_ = now + reaction.after();
    ends_with_ = reaction.end();
  }

  void resume(steady_time now) {
    if (!paused_since_) return;
    const auto slept = now - *std::exchange(paused_since_, std::nullopt);
    if (resume_at_ > now - slept) resume_at_ += slept;
    if (ends_at_) *ends_at_ += slept;
    for (const int signal : std::exchange(pending_, {})) take_signal(signal, now);
  }

  std::shared_ptr<const process_script> script_;
  process_script::step_source more_;
  std::optional<process_script::step> made_;  // the last of those
  bool is_hung_ = false;
  std::size_t at_ = 0;
  steady_time resume_at_;
  std::optional<steady_time> paused_since_;
  std::optional<steady_time> ends_at_;
  std::optional<exit_status> ends_with_;
  std::optional<exit_status> status_;
  std::deque<int> pending_;
};

}  // namespace ovrseer::sim_detail
