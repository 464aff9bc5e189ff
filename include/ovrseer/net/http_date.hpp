// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Moments in the headers of HTTP, in the three forms of RFC 9110, 5.6.7.
#pragma once

#include <optional>
#include <string_view>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>

namespace ovrseer {

/// Reads "Sun, 06 Nov 1994 08:49:37 GMT", and the two older forms "Sunday, 06-Nov-94 08:49:37 GMT" and
/// "Sun Nov  6 08:49:37 1994". The day of the week is not looked at. A year of two digits is one from 1970 to 2069.
/// Nothing for anything else.
OVRSEER_DECL std::optional<wall_time> from_http_date(std::string_view text);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/impl/http_date.ipp>
#endif
