// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events as JSON objects of one shape, for files and receivers that take both.
#pragma once

#include <cstddef>
#include <string>

#include <ovrseer/build.hpp>
#include <ovrseer/event/json.hpp>
#include <ovrseer/event/log_record.hpp>

namespace ovrseer {

/// Appends a line as a JSON object without a line end, then one for each flag that it matched, parted by `between`:
///
///     {"type":"line","boot_id":"b","namespace":"default","unit":"api","v":1,"seq":7,"time":"2024-01-02T10:11:12.345Z",
///      "stream":"err","level":"error","text":"out of memory: 12 MiB"}
///     {"v":1,"type":"flag_matched","boot_id":"b","namespace":"default","unit":"api","time":"2024-01-02T10:11:12.345Z",
///      "line_seq":7,"flag":"oom","count":2,"captures":{"size":"12"}}
///
/// The first is what `append_json` makes of the line (log/encode.hpp), with its unit before it; `decode_line` reads it.
OVRSEER_DECL void append_json(std::string& out, const log_record& record, char between = '\n');

/// Appends an event as its JSON object (event/json.hpp) without a line end. It is always a single one.
OVRSEER_DECL void append_json(std::string& out, const stored_event& what, char between = '\n');

/// Unique: boot id and number, parted by '/'.
OVRSEER_DECL std::string id_of(const stored_event& what);

/// About what it takes as JSON.
OVRSEER_DECL std::size_t size_in_bytes(const stored_event& what) noexcept;

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/record_json.ipp>
#endif
