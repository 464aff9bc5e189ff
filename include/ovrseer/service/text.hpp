// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A crash report in the words of messages for people, the same for all services.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/crash_report.hpp>

namespace ovrseer {

/// "api: exit code 3": the unit, then the message where that does not begin with it.
OVRSEER_DECL std::string headline_of(const crash_report& report);

/// What people want to know first, by names: unit, kind, how it ended, uptime, restarts, program, then the fields of the
/// deployment. What is not known is left out.
OVRSEER_DECL std::vector<std::pair<std::string, std::string>> facts_of(const crash_report& report);

/// The end of the lines, joined by newlines, as valid UTF-8 of at most `characters`; where lines were left out the first
/// says how many. Empty for 0.
OVRSEER_DECL std::string tail_of(const std::vector<std::string>& lines, std::size_t characters);

/// Text that may stand between fences of three backquotes.
OVRSEER_DECL std::string fenced(std::string text);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/service/impl/text.ipp>
#endif
