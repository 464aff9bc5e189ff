// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Plays one script: a pure value that says what is due at which time and what a signal changes.
#pragma once

#include <csignal>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/sim/process_script.hpp>

namespace ovrseer::sim_detail {

/// What a signal does to who has no reaction of his own.
enum class disposition : unsigned char { kills, stops, continues, nothing };

OVRSEER_DECL disposition default_of(int signal) noexcept;

class script_player {
 public:
  script_player(std::shared_ptr<const process_script> script, steady_time now)
      : script_(std::move(script)), more_(script_->more()), resume_at_(now) {}

  /// The next step that is due; those that only wait and end are taken by the player itself.
  const process_script::step* advance(steady_time now);

  /// When `advance` has something to do; the end of time when only a signal can change anything.
  steady_time due() const;

  void take_signal(int signal, steady_time now);

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
  const process_script::step* take_next();

  // The first reaction that ends it counts.
  void react(const signal_reaction& reaction, steady_time now);

  void resume(steady_time now);

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

#if OVRSEER_HEADER_ONLY
#include <ovrseer/sim/detail/impl/script_player.ipp>
#endif
