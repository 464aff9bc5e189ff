// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a scalar of a configuration may mean: durations, sizes, numbers and the like, each with an error
// that says what would be right.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/parsed.hpp>
#include <ovrseer/process/signal.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

namespace config_detail {

OVRSEER_DECL std::string lower(std::string_view text);

/// A decimal number with an optional fraction at the beginning of `text`, taken off it; nothing where there
/// is none. No sign, no exponent.
OVRSEER_DECL std::optional<double> take_number(std::string_view& text) noexcept;

/// A word of letters at the beginning of `text`, taken off it. `µ` counts as a letter.
OVRSEER_DECL std::string_view take_word(std::string_view& text) noexcept;

struct duration_unit {
  std::string_view name;
  double nanoseconds;
};
inline constexpr std::array<duration_unit, 9> duration_units{{{"ns", 1},
                                                              {"us", 1e3},
                                                              {"\xC2\xB5s", 1e3},
                                                              {"\xCE\xBCs", 1e3},
                                                              {"ms", 1e6},
                                                              {"s", 1e9},
                                                              {"m", 60e9},
                                                              {"h", 3600e9},
                                                              {"d", 86400e9}}};

/// The unit that a word such as "seconds" stands for.
OVRSEER_DECL std::string_view usual_duration_unit(std::string_view word);

struct size_unit {
  std::string_view name;  ///< in lower case
  double bytes;
};
inline constexpr std::array<size_unit, 9> size_units{{{"b", 1},
                                                      {"kb", 1e3},
                                                      {"mb", 1e6},
                                                      {"gb", 1e9},
                                                      {"tb", 1e12},
                                                      {"kib", 1024.0},
                                                      {"mib", 1048576.0},
                                                      {"gib", 1073741824.0},
                                                      {"tib", 1099511627776.0}}};

}  // namespace config_detail

/// "500ms", "5s", "1.5 s", "1h30m", "2m 5s"; a bare number is milliseconds. Units ns, us, ms, s, m, h, d.
/// At most about 292 years; no sign.
OVRSEER_DECL parsed<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// "64KiB", "10 MB", "1.5GiB"; a bare number is bytes. B, KB, MB, GB, TB count in thousands, KiB, MiB, GiB,
/// TiB in 1024; the case of letters does not matter.
OVRSEER_DECL parsed<byte_size> parse_size(std::string_view text);

/// A whole number from `least` to `most`, in digits, with a sign where it is negative.
OVRSEER_DECL parsed<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most);

/// A number from `least` to `most`, with or without a fraction.
OVRSEER_DECL parsed<double> parse_number(std::string_view text, double least, double most);

/// `true` or `false`, and nothing else.
OVRSEER_DECL parsed<bool> parse_boolean(std::string_view text);

/// "SIGTERM", "TERM", "term" or a number from 1 to 64.
OVRSEER_DECL parsed<signal_number> parse_signal_value(std::string_view text);

/// Permissions to take away from new files, in octal: "022".
OVRSEER_DECL parsed<mode_t> parse_file_mode_mask(std::string_view text);

/// The resource of `setrlimit(2)` that a word such as "nofile" names; nothing for other words.
struct resource_name {
  std::string_view name;
  int resource;
  enum class unit : std::uint8_t { count, bytes, seconds } counted;
};
inline constexpr std::array<resource_name, 13> resource_names{{
    {"as", RLIMIT_AS, resource_name::unit::bytes},
    {"core", RLIMIT_CORE, resource_name::unit::bytes},
    {"cpu", RLIMIT_CPU, resource_name::unit::seconds},
    {"data", RLIMIT_DATA, resource_name::unit::bytes},
    {"fsize", RLIMIT_FSIZE, resource_name::unit::bytes},
    {"memlock", RLIMIT_MEMLOCK, resource_name::unit::bytes},
    {"msgqueue", RLIMIT_MSGQUEUE, resource_name::unit::bytes},
    {"nice", RLIMIT_NICE, resource_name::unit::count},
    {"nofile", RLIMIT_NOFILE, resource_name::unit::count},
    {"nproc", RLIMIT_NPROC, resource_name::unit::count},
    {"rtprio", RLIMIT_RTPRIO, resource_name::unit::count},
    {"sigpending", RLIMIT_SIGPENDING, resource_name::unit::count},
    {"stack", RLIMIT_STACK, resource_name::unit::bytes},
}};

/// A limit as its resource counts: "unlimited", a number, a size or (of `cpu`) a duration of whole seconds.
OVRSEER_DECL parsed<rlim_t> parse_resource_limit(const resource_name& what, std::string_view text);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/values.ipp>
#endif
