// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a line is written: as text for people, or as one JSON object for programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <ovrseer/build.hpp>
#include <ovrseer/log/line.hpp>
#include <ovrseer/log/rotation.hpp>

namespace ovrseer {

namespace log_detail {

OVRSEER_DECL void append_padded(std::string& out, std::uint64_t number, unsigned digits);

/// How many bytes at the front of `text` stand for themselves in a JSON string: ASCII without control characters,
/// quote and backslash.
OVRSEER_DECL std::size_t plain_prefix(std::string_view text) noexcept;

/// Appends the inside of a JSON string. Bytes that are no UTF-8 become U+FFFD; says whether there were none.
OVRSEER_DECL bool append_escaped(std::string& out, std::string_view text);

/// Appends base64 (RFC 4648, 4).
OVRSEER_DECL void append_base64(std::string& out, std::string_view bytes);

}  // namespace log_detail

/// Appends a time as "2024-01-02T10:11:12.345Z".
OVRSEER_DECL void append_utc(std::string& out, wall_time time);

/// The text of the last time that was asked for: lines that were read at once share one.
class utc_text {
 public:
  std::string_view of(wall_time time);

 private:
  std::string text_;
  wall_time time_{};
};

/// Appends a line as a JSON object without a line end:
///
///     {"v":1,"seq":7,"time":"2024-01-02T10:11:12.345Z","stream":"out","level":"info","text":"ready"}
///
/// `"part"` is there for a piece of an over-long line. Text that is no UTF-8 is shown with U+FFFD, and then
/// `"base64"` has its bytes. `decode_line` (log/json.hpp) reads it back. `time` is the line's, as `append_utc` has it.
OVRSEER_DECL void append_json(std::string& out, const line& what, std::string_view time);
inline void append_json(std::string& out, const line& what) { append_json(out, what, utc_text().of(what.time)); }

/// Appends a line as text without a line end. Pieces of an over-long line show by "…" where they were cut.
OVRSEER_DECL void append_text(std::string& out, const line& what);

/// Appends a line and its line end in one of the formats of log files; `times` is kept from line to line.
OVRSEER_DECL void append_line(std::string& out, const line& what, log_format format, utc_text& times);
OVRSEER_DECL void append_line(std::string& out, const line& what, log_format format);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/encode.ipp>
#endif
