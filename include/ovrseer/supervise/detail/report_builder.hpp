// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A crash report, gathered when it happens: everything in it is redacted here, once, for all reporters.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/log/query.hpp>
#include <ovrseer/process/redactor_for.hpp>
#include <ovrseer/redact/redactor.hpp>
#include <ovrseer/supervise/detail/redacted_lines.hpp>
#include <ovrseer/supervise/unit.hpp>

namespace ovrseer::supervise_detail {

/// Earlier ends that a report shows at most.
inline constexpr std::size_t longest_history = 20;

OVRSEER_DECL std::vector<restart_record> ends_of(const unit_id& id, const journal& events);

OVRSEER_DECL std::shared_ptr<const crash_report> build_report(const unit& of, const unit_action& why,
                                                              const event* cause, const journal& events,
                                                              std::size_t last_lines);

}  // namespace ovrseer::supervise_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/detail/impl/report_builder.ipp>
#endif
