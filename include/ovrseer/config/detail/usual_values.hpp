// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Keys that nobody wrote, where the environment has what is usually meant: SENTRY_DSN, SLACK_WEBHOOK_URL and their like.
#pragma once

#include <ovrseer/build.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/config/interpolate.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

/// Adds to each section that is written the keys that it leaves out, if their fallback names variables and the environment
/// has what that takes; an empty variable counts for none. What is added has no text in the source, and is never shown. A
/// text in place of such a section is that of its first key.
OVRSEER_DECL void add_usual_values(config_node& node, const section_shape& shape, const lookup_choice& choose);

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/usual_values.ipp>
#endif
