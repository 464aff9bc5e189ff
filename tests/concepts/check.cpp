// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What is a ready check, and what only looks like one.
#include <ovrseer/check/combine.hpp>
#include <ovrseer/check/exec.hpp>
#include <ovrseer/check/file.hpp>
#include <ovrseer/check/heartbeat.hpp>
#include <ovrseer/check/http.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/notify.hpp>
#include <ovrseer/check/tcp.hpp>
#include <ovrseer/check/within.hpp>

#include <type_traits>

namespace t_check_concepts {

using namespace ovrseer;

static_assert(ready_check<any_check>);
static_assert(ready_check<always_ready>);
static_assert(ready_check<limited_check>);
static_assert(ready_check<probe>);
static_assert(ready_check<combined_check>);
static_assert(ready_check<tcp_check>);
static_assert(ready_check<http_check>);
static_assert(ready_check<exec_check>);
static_assert(ready_check<file_check>);
static_assert(ready_check<log_line_check>);
static_assert(ready_check<notified_check>);
static_assert(ready_check<heartbeat_check>);

using plain_function = task<check_result> (*)(check_target);
static_assert(ready_check<plain_function>);

struct answers_at_once {
  check_result operator()(check_target);
};
struct asks_nothing {
  task<check_result> operator()();
};
struct answers_yes_or_no {
  task<bool> operator()(check_target);
};
static_assert(!ready_check<answers_at_once>);
static_assert(!ready_check<asks_nothing>);
static_assert(!ready_check<answers_yes_or_no>);
static_assert(!ready_check<int>);

static_assert(std::is_convertible_v<tcp_check, any_check>);
static_assert(!std::is_convertible_v<answers_yes_or_no, any_check>);
static_assert(!std::is_constructible_v<any_check, asks_nothing>);

}  // namespace t_check_concepts
