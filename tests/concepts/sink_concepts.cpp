// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who is a sink and who only looks like one.
#include <type_traits>

#include <ovrseer/deliver/batched.hpp>
#include <ovrseer/deliver/fan_out.hpp>
#include <ovrseer/sink/event_sink.hpp>
#include <ovrseer/sink/json_lines.hpp>
#include <ovrseer/sink/log_sink.hpp>

namespace t_sink_concepts {

using namespace ovrseer;

static_assert(log_sink<log_sink_archetype>);
static_assert(log_sink<null_deliverer>);
static_assert(log_sink<recording_log_sink>);
static_assert(log_sink<any_log_sink>);
static_assert(log_sink<json_lines<>>);
static_assert(log_sink<batched<json_lines<>, log_record>>);
static_assert(log_sink<batched<any_deliverer<std::vector<log_record>>, log_record>>);
static_assert(log_sink<fan_out<null_deliverer, json_lines<>>>);
static_assert(!log_sink<recording_event_sink>);
static_assert(!log_sink<int>);

static_assert(event_sink<event_sink_archetype>);
static_assert(event_sink<null_deliverer>);
static_assert(event_sink<recording_event_sink>);
static_assert(event_sink<any_event_sink>);
static_assert(event_sink<json_lines<>>);
static_assert(event_sink<batched<json_lines<>, stored_event>>);
static_assert(!event_sink<recording_log_sink>);
static_assert(!event_sink<batched<json_lines<>, log_record>>);

struct wants_to_change {
  task<void> deliver(log_record&);
};
struct wrong_value {
  task<bool> deliver(const log_record&);
};
static_assert(!log_sink<wants_to_change>);
static_assert(!log_sink<wrong_value>);

struct one_at_a_time {
  task<void> deliver(const log_record&);
};
template <class D>
concept can_be_batched = requires { typename batched<D, log_record>; };
static_assert(can_be_batched<json_lines<>>);
static_assert(!can_be_batched<one_at_a_time>);

static_assert(line_writer<rotating_writer>);
static_assert(line_writer<recording_deliverer<std::string>>);
static_assert(!line_writer<recording_log_sink>);
static_assert(std::is_move_constructible_v<json_lines<>>);
static_assert(!std::is_copy_constructible_v<rotating_writer>);

struct weighed {};
std::size_t size_in_bytes(const weighed&);
static_assert(sized_item<weighed>);
static_assert(sized_item<log_record>);
static_assert(sized_item<stored_event>);
static_assert(!sized_item<int>);

}  // namespace t_sink_concepts
