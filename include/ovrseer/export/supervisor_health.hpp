// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the pages of health tell of a supervisor.
#pragma once

#include <ovrseer/build.hpp>
#include <ovrseer/export/endpoint.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// For `endpoint`: alive until it has ended; not ready are the units that `supervisor::not_ready` names, each for the reason of
/// its last change.
OVRSEER_DECL health_view health_of(const supervisor& target);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/export/impl/supervisor_health.ipp>
#endif
