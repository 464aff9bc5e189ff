// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What goes wrong in a rehearsal on purpose: as data, and as people write it on a command line.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/config/values.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/process/exit_status.hpp>
#include <ovrseer/units.hpp>

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

  parsed<rehearsal_fault> read() {
    if (!read_unit() || !read_time()) return failure(std::move(error_));
    skip_blanks();
    while (at_ < text_.size()) {
      if (!read_word()) return failure(std::move(error_));
      skip_blanks();
    }
    return std::move(made_);
  }

 private:
  using kind = rehearsal_fault::kind;

  bool refuse(std::size_t offset, std::string expected, std::string cure) {
    error_ = {std::move(expected), std::move(cure), offset};
    return false;
  }
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::string_view take_until(std::string_view ends) {
    const std::size_t end = std::min(text_.find_first_of(ends, at_), text_.size());
    const std::string_view taken = text_.substr(at_, end - at_);
    at_ = end;
    return taken;
  }

  bool read_unit() {
    skip_blanks();
    const std::size_t began = at_;
    const std::string_view name = take_until("@~ ");
    const std::size_t slash = name.find('/');
    const bool has_space = slash != std::string_view::npos;
    made_.unit.name = name.substr(has_space ? slash + 1 : 0);
    if (has_space) made_.unit.name_space = name.substr(0, slash);
    if (!name.empty() && is_valid_unit_name(made_.unit.name) && is_valid_unit_name(made_.unit.name_space)) return true;
    return refuse(began, "the name of a process", "write " + example());
  }

  bool read_time() {
    skip_blanks();
    const bool may_be_without = made_.what == kind::fail_start;
    const char sign = at_ < text_.size() ? text_[at_] : ' ';
    if (sign != '@' && sign != '~') {
      if (may_be_without) return true;
      return refuse(at_, "@ and a time, or ~ and a mean time", "write " + example());
    }
    if (sign == '~' && may_be_without) {
      return refuse(at_, "@ and a time, or nothing", "a start fails when it is tried: write " + example());
    }
    made_.when = sign == '~' ? rehearsal_fault::rhythm::random : rehearsal_fault::rhythm::at_time;
    ++at_;
    skip_blanks();
    const std::size_t began = at_;
    const std::string_view written = take_until(" ");
    const parsed<std::chrono::nanoseconds> time = parse_duration(written);
    if (!time) return refuse(began + time.reason().offset, time.reason().expected, time.reason().cure);
    made_.time = *time;
    if (sign == '~' && made_.time <= std::chrono::nanoseconds::zero()) {
      return refuse(began, "a mean time of more than 0", "write " + example());
    }
    return true;
  }

  /// `x3`, `code=2` or `signal=SIGSEGV`.
  bool read_word() {
    const std::size_t began = at_;
    const std::string_view word = take_until(" ");
    if (word.starts_with("x")) {
      const parsed<std::int64_t> times = parse_integer(word.substr(1), 1, 1'000'000);
      if (!times) return refuse(began + 1, "how often, from 1 to 1000000", "write x3 for three times in a row");
      if (made_.when == rehearsal_fault::rhythm::random) {
        return refuse(began, "nothing more", "what comes at random has no count: remove " + std::string(word));
      }
      made_.times = static_cast<std::uint32_t>(*times);
      return true;
    }
    if (made_.what == kind::crash && word.starts_with("code=")) {
      const parsed<std::int64_t> code = parse_integer(word.substr(5), 0, 255);
      if (!code) return refuse(began + 5, "an exit code from 0 to 255", "write code=1");
      made_.how = exit_status::exited(static_cast<int>(*code));
      return true;
    }
    if (made_.what == kind::crash && word.starts_with("signal=")) {
      const parsed<signal_number> signal = parse_signal_value(word.substr(7));
      if (!signal) return refuse(began + 7, signal.reason().expected, "write signal=SIGSEGV");
      made_.how = exit_status::signaled(*signal);
      return true;
    }
    if (made_.what == kind::crash) {
      return refuse(began, "x and a count, code= or signal=", "write " + example());
    }
    return refuse(began, "x and a count", "write " + example());
  }

  std::string example() const {
    const std::string name = made_.unit.name.empty() ? std::string("db") : to_text(made_.unit);
    switch (made_.what) {
      case kind::crash: return name + "@5m for a crash after five minutes, or " + name + "~1h for one an hour";
      case kind::fail_start: return name + " x2 for two starts that fail";
      case kind::hang: return name + "@10m for a process that hangs after ten minutes";
    }
    return name;
  }

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

/// The error for people: the column, a caret under it, and the cure.
inline std::string to_text(const value_error& why, std::string_view text) {
  std::string shown = "column " + std::to_string(why.offset + 1) + ": expected " + why.expected;
  shown += "\n  " + std::string(text) + "\n  " + std::string(why.offset, ' ') + "^";
  if (!why.cure.empty()) shown += "\n  help: " + why.cure;
  return shown;
}

/// "crash db@5m x3 code=2".
inline std::string to_text(const rehearsal_fault& fault) {
  const bool is_random = fault.when == rehearsal_fault::rhythm::random;
  std::string text = std::string(to_text(fault.what)) + " " + to_text(fault.unit);
  const bool has_time = is_random || fault.what != rehearsal_fault::kind::fail_start || fault.time.count() != 0;
  if (has_time) text += (is_random ? "~" : "@") + to_text(fault.time);
  if (fault.times != 1) text += " x" + std::to_string(fault.times);
  if (fault.what == rehearsal_fault::kind::crash) {
    if (fault.how.how() == exit_status::kind::signaled) text += " signal=" + to_text(fault.how.signal());
    if (fault.how.how() == exit_status::kind::exited && fault.how.code() != 1)
      text += " code=" + std::to_string(fault.how.code());
  }
  return text;
}

}  // namespace ovrseer
