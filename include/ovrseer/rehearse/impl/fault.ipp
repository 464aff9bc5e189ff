// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/rehearse/fault.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/rehearse/fault.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer::rehearse_detail {

OVRSEER_DECL parsed<rehearsal_fault> fault_reader::read() {
  if (!read_unit() || !read_time()) return failure(std::move(error_));
  skip_blanks();
  while (at_ < text_.size()) {
    if (!read_word()) return failure(std::move(error_));
    skip_blanks();
  }
  return std::move(made_);
}

OVRSEER_DECL bool fault_reader::refuse(std::size_t offset, std::string expected, std::string cure) {
  error_ = {std::move(expected), std::move(cure), offset};
  return false;
}

OVRSEER_DECL std::string_view fault_reader::take_until(std::string_view ends) {
  const std::size_t end = std::min(text_.find_first_of(ends, at_), text_.size());
  const std::string_view taken = text_.substr(at_, end - at_);
  at_ = end;
  return taken;
}

OVRSEER_DECL bool fault_reader::read_unit() {
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

OVRSEER_DECL bool fault_reader::read_time() {
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

OVRSEER_DECL bool fault_reader::read_word() {
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

OVRSEER_DECL std::string fault_reader::example() const {
  const std::string name = made_.unit.name.empty() ? std::string("db") : to_text(made_.unit);
  switch (made_.what) {
    case kind::crash: return name + "@5m for a crash after five minutes, or " + name + "~1h for one an hour";
    case kind::fail_start: return name + " x2 for two starts that fail";
    case kind::hang: return name + "@10m for a process that hangs after ten minutes";
  }
  return name;
}

}  // namespace ovrseer::rehearse_detail

namespace ovrseer {

OVRSEER_DECL std::string to_text(const rehearsal_fault& fault) {
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
