// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the types of log/ promise to the compiler.
#include <type_traits>

#include <ovrseer/async/broadcast.hpp>
#include <ovrseer/log/level.hpp>
#include <ovrseer/log/line.hpp>
#include <ovrseer/log/ring.hpp>

namespace t_log_concepts {

using namespace ovrseer;

static_assert(sequence_store<ring>);
static_assert(!sequence_store<owned_line>);
static_assert(std::is_trivially_copyable_v<line>, "a view is cheap");
static_assert(std::is_copy_constructible_v<owned_line> && std::is_nothrow_move_constructible_v<owned_line>);
static_assert(!std::is_convertible_v<line, owned_line>, "a copy is asked for by name");

static_assert(parse_level("WARN") == level::warning && parse_level("Information") == level::info);
static_assert(parse_level("") == level::unknown && parse_level("warned") == level::unknown);
static_assert(is_at_least(level::error, level::warning) && !is_at_least(level::debug, level::info));
static_assert(is_at_least(level::unknown, level::info) && !is_at_least(level::unknown, level::warning));

}  // namespace t_log_concepts
