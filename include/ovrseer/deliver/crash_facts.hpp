// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What deliverers must know of crash reports: how grave they are, which are the same, and how many are told as one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/deliver/fold.hpp>
#include <ovrseer/event/crash_report.hpp>

namespace ovrseer {

/// How grave it is: what is given up is critical, what is restarted an error, the rest a warning.
constexpr severity severity_of(crash_kind kind) noexcept {
  switch (kind) {
    case crash_kind::retries_exhausted:
    case crash_kind::dependency_failed: return severity::critical;
    case crash_kind::crash:
    case crash_kind::spawn_failed:
    case crash_kind::ready_check_failed:
    case crash_kind::health_lost: return severity::error;
    case crash_kind::cleanup_failed:
    case crash_kind::flag_matched: return severity::warning;
  }
  return severity::error;
}

/// `text` with what differs from one time to the next replaced by '#': numbers, hexadecimal ones and addresses of four
/// digits and more, and quoted text stays.
OVRSEER_DECL std::string without_numbers(std::string_view text);

template <>
struct item_facts<crash_report> {
  static std::string key(const crash_report& report) { return to_text(report.unit); }
  /// Namespace, unit, kind, how it ended, and the message without its numbers.
  static std::string fingerprint(const crash_report& report);
  static severity level(const crash_report& report) { return severity_of(report.kind); }
  static crash_report digest(const std::vector<folded<crash_report>>& all);
  static void seen(crash_report& report, std::uint64_t times);
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/deliver/impl/crash_facts.ipp>
#endif
