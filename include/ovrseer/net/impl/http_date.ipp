// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/http_date.hpp>.
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>

#include <ovrseer/net/http_date.hpp>

namespace ovrseer {

namespace net_detail {

/// Takes a date apart from its front; once something is not there, all the rest is not either.
class date_reader {
 public:
  explicit date_reader(std::string_view text) noexcept : rest_(text) {}

  void skip(std::string_view wanted) {
    is_good_ = is_good_ && rest_.starts_with(wanted);
    if (is_good_) rest_.remove_prefix(wanted.size());
  }
  void skip_letters() {
    while (!rest_.empty() && ((rest_.front() | 0x20) >= 'a' && (rest_.front() | 0x20) <= 'z')) rest_.remove_prefix(1);
  }
  /// Exactly so many digits; a blank may stand for the first.
  int number(std::size_t digits) {
    int value = 0;
    if (rest_.size() < digits) is_good_ = false;
    for (std::size_t i = 0; is_good_ && i != digits; ++i) {
      const char c = i == 0 && digits == 2 && rest_[0] == ' ' ? '0' : rest_[i];
      is_good_ = c >= '0' && c <= '9';
      value = value * 10 + (c - '0');
    }
    if (is_good_) rest_.remove_prefix(digits);
    return value;
  }
  std::chrono::month month() {
    constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (unsigned i = 0; i != names.size(); ++i) {
      if (!rest_.starts_with(names[i])) continue;
      rest_.remove_prefix(3);
      return std::chrono::month(i + 1);
    }
    is_good_ = false;
    return std::chrono::month(0);
  }
  std::chrono::seconds time_of_day() {
    const int hour = number(2);
    skip(":");
    const int minute = number(2);
    skip(":");
    const int second = number(2);
    is_good_ = is_good_ && hour < 24 && minute < 60 && second <= 60;  // 60: a leap second
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  }
  bool is_at(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }
  bool is_done() const noexcept { return is_good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace net_detail

OVRSEER_DECL std::optional<wall_time> from_http_date(std::string_view text) {
  using namespace std::chrono;
  net_detail::date_reader in(text);
  in.skip_letters();
  int day = 0;
  int year_number = 0;
  month of_year(0);
  seconds time{};
  if (in.is_at(',')) {
    in.skip(", ");
    day = in.number(2);
    const bool is_old = in.is_at('-');
    in.skip(is_old ? "-" : " ");
    of_year = in.month();
    in.skip(is_old ? "-" : " ");
    year_number = in.number(is_old ? 2 : 4);
    if (is_old) year_number += year_number < 70 ? 2000 : 1900;
    in.skip(" ");
    time = in.time_of_day();
    in.skip(" GMT");
  } else {
    in.skip(" ");
    of_year = in.month();
    in.skip(" ");
    day = in.number(2);
    in.skip(" ");
    time = in.time_of_day();
    in.skip(" ");
    year_number = in.number(4);
  }
  const year_month_day date{year(year_number), of_year, std::chrono::day(static_cast<unsigned>(day))};
  // What `wall_time` can hold with nanoseconds ends in 2261.
  if (!in.is_done() || !date.ok() || year_number < 1970 || year_number > 2261) return std::nullopt;
  return wall_time(sys_days(date) + time);
}

}  // namespace ovrseer
