// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports as mails for people.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/net/mail.hpp>

namespace ovrseer {

/// Who is told, and how much. Tested against a real mail server, aiosmtpd.
class mail_report {
 public:
  /// Errors: `std::errc::invalid_argument` where `to` is empty.
  mail_report(mail_address from, std::vector<mail_address> to) : blank_(std::move(from), std::move(to)) {}

  /// Of the log, at most so many characters from its end. Default 20,000; 0 for none.
  mail_report& log_characters(std::size_t most) {
    log_characters_ = most;
    return *this;
  }

  /// The mail: a subject of one line with the severity, the unit and what happened; the facts and the end of the log, as
  /// text and as a page. Its date is the moment of the crash and its id is made of the report's, so that it is the same
  /// each time. Mails of one unit have one `X-Ovrseer-Unit`. A report that stands for several says so.
  mail_message message(const crash_report& report) const;

 private:
  mail_message blank_;
  std::size_t log_characters_ = 20'000;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/service/impl/mail_report.ipp>
#endif
