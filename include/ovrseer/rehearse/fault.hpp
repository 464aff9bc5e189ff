// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What goes wrong in a rehearsal on purpose: as data, and as people write it on a command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/config/values.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/parsed.hpp>
#include <ovrseer/process/exit_status.hpp>

namespace ovrseer {

/// Something that goes wrong with one unit.
struct rehearsal_fault {
  enum class kind : std::uint8_t {
    crash,       ///< its process ends as `how` says
    fail_start,  ///< it cannot be started: its program is not there
    hang,        ///< its process answers no check and takes no signal but SIGKILL
  };
  enum class rhythm : std::uint8_t {
    at_time,  ///< `time` after the beginning
    random,   ///< after `time` of life on the average, at any moment as likely as at any other
  };

  kind what = kind::crash;
  unit_id unit;
  rhythm when = rhythm::at_time;
  std::chrono::nanoseconds time{};
  /// At a time: so often in a row, the first time then, and again a second after each time it has come up. Where the
  /// unit does not run then, its next start is the first time.
  std::uint32_t times = 1;
  exit_status how = exit_status::exited(1);

  static rehearsal_fault crash_at(unit_id which, std::chrono::nanoseconds time, std::uint32_t times = 1) {
    return {kind::crash, std::move(which), rhythm::at_time, time, times, exit_status::exited(1)};
  }
  static rehearsal_fault random_crash(unit_id which, std::chrono::nanoseconds mean) {
    return {kind::crash, std::move(which), rhythm::random, mean, 1, exit_status::exited(1)};
  }
  /// The next `times` starts from `from` on fail.
  static rehearsal_fault failing_start(unit_id which, std::uint32_t times = 1, std::chrono::nanoseconds from = {}) {
    return {kind::fail_start, std::move(which), rhythm::at_time, from, times, exit_status::exited(1)};
  }
  static rehearsal_fault hang_at(unit_id which, std::chrono::nanoseconds time, std::uint32_t times = 1) {
    return {kind::hang, std::move(which), rhythm::at_time, time, times, exit_status::exited(1)};
  }
  static rehearsal_fault random_hang(unit_id which, std::chrono::nanoseconds mean) {
    return {kind::hang, std::move(which), rhythm::random, mean, 1, exit_status::exited(1)};
  }
};

constexpr std::string_view to_text(rehearsal_fault::kind what) noexcept {
  switch (what) {
    case rehearsal_fault::kind::crash: return "crash";
    case rehearsal_fault::kind::fail_start: return "fail-start";
    case rehearsal_fault::kind::hang: return "hang";
  }
  return "";
}

namespace rehearse_detail {

/// Reads one fault from left to right and keeps the first error.
class fault_reader {
 public:
  fault_reader(rehearsal_fault::kind what, std::string_view text) : text_(text) { made_.what = what; }

  parsed<rehearsal_fault> read();

 private:
  using kind = rehearsal_fault::kind;

  bool refuse(std::size_t offset, std::string expected, std::string cure);
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::string_view take_until(std::string_view ends);

  bool read_unit();

  bool read_time();

  /// `x3`, `code=2` or `signal=SIGSEGV`.
  bool read_word();

  std::string example() const;

  std::string_view text_;
  std::size_t at_ = 0;
  rehearsal_fault made_;
  value_error error_;
};

}  // namespace rehearse_detail

/// Reads what stands behind `--crash`, `--fail-start` and `--hang`:
///
///     db@5m          a crash (or a hang) five minutes after the beginning
///     db@5m x3       three in a row: again a second after each time it has come up
///     worker~1h      at random, one an hour on the average; not of fail-start
///     db@5m signal=SIGSEGV    of a crash: how it ends; or code=3; without: code 1
///     db x2          of fail-start: the next two starts; db@5m x2 from then on
///     shop/db@5m     a process of another namespace
///
/// Errors: what should stand at which offset, and a cure. Whether there is such a process is not looked at.
inline parsed<rehearsal_fault> parse_fault(rehearsal_fault::kind what, std::string_view text) {
  return rehearse_detail::fault_reader(what, text).read();
}

/// "crash db@5m x3 code=2".
OVRSEER_DECL std::string to_text(const rehearsal_fault& fault);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/rehearse/impl/fault.ipp>
#endif
