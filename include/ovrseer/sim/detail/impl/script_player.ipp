// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/sim/detail/script_player.hpp>.
#pragma once

#include <algorithm>
#include <chrono>
#include <variant>

#include <ovrseer/sim/detail/script_player.hpp>

namespace ovrseer::sim_detail {

OVRSEER_DECL disposition default_of(int signal) noexcept {
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

OVRSEER_DECL const process_script::step* script_player::advance(steady_time now) {
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

OVRSEER_DECL steady_time script_player::due() const {
  if (status_ || paused_since_ || is_hung_) return steady_time::max();
  const bool is_at_end = at_ == script_->steps().size() && !more_;
  const steady_time step = is_at_end ? steady_time::max() : resume_at_;
  return ends_at_ ? std::min(step, *ends_at_) : step;
}

OVRSEER_DECL void script_player::take_signal(int signal, steady_time now) {
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

OVRSEER_DECL const process_script::step* script_player::take_next() {
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

OVRSEER_DECL void script_player::react(const signal_reaction& reaction, steady_time now) {
  if (reaction.is_ignored() || ends_at_) return;
  ends_at_ = now + reaction.after();
  ends_with_ = reaction.end();
}

OVRSEER_DECL void script_player::resume(steady_time now) {
  if (!paused_since_) return;
  const auto slept = now - *std::exchange(paused_since_, std::nullopt);
  if (resume_at_ > now - slept) resume_at_ += slept;
  if (ends_at_) *ends_at_ += slept;
  for (const int signal : std::exchange(pending_, {})) take_signal(signal, now);
}

}  // namespace ovrseer::sim_detail
