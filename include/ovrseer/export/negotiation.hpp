// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which of the text formats a scraper wants, learnt from its Accept header. Pure.
#pragma once

#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/metric/text.hpp>

namespace ovrseer {

/// The format for a request with this `Accept` header (RFC 9110, 12.5.1); empty where it has none.
///
/// OpenMetrics is for those who ask for it by name, in version 1.0.0 or 0.0.1 or without one, and want it at least as much
/// as `text/plain` of version 0.0.4; at the same weight it is preferred. All others, also browsers, `*/*` and who can read
/// neither, get the older format, which everybody could always read. Parameters that are not known are ignored, and so is
/// a range that cannot be read.
OVRSEER_DECL metric_format negotiated_format(std::string_view accept);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/export/impl/negotiation.ipp>
#endif
