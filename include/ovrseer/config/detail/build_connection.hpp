// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From the draft of a connection to how a receiver is reached.
#pragma once

#include <optional>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/connection_drafts.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/model.hpp>

namespace ovrseer::config_detail {

/// Nothing where something is wrong, which was reported where it stands.
OVRSEER_DECL std::optional<connection_settings> connection_of(config_reader& reader,
                                                              const given<connection_draft>& written);

/// Reports a connection where none is made that could be told of it; whether there was none. `why`: "a file has none".
OVRSEER_DECL bool has_no_connection(config_reader& reader, const given<connection_draft>& written, const char* why);

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/build_connection.ipp>
#endif
