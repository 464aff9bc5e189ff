// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer send-test`: one report that nothing happened to each reporter, and what came back.
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/config/reporters.hpp>
#include <ovrseer/deliver/deliver_within.hpp>
#include <ovrseer/net/curl.hpp>

#include "load.hpp"
#include "means.hpp"
#include "words.hpp"

namespace program {
namespace {

ovrseer::crash_report test_report(ovrseer::wall_time now) {
  ovrseer::crash_report made;
  made.time = now;
  made.id = "send-test-" + std::to_string(now.time_since_epoch().count());
  made.unit = ovrseer::unit_id("ovrseer-test");
  // As grave as it gets, so that no threshold holds it back.
  made.kind = ovrseer::crash_kind::retries_exhausted;
  made.message = "this is a test: nothing has crashed";
  made.last_lines = {"the last lines of the log would stand here"};
  return made;
}

struct answer {
  std::string reporter;
  std::string failure;  // empty: delivered
  std::chrono::nanoseconds took{};
};

ovrseer::task<void> send(const ovrseer::reporter_settings& to, ovrseer::reporter_means means, answer& into) {
  const ovrseer::executor ex = co_await asio::this_coro::executor;
  const ovrseer::clock_service& clock = ovrseer::clock_of(ex);
  ovrseer::any_incident_reporter service = service_of(to, std::move(means));
  const ovrseer::incident_update report(test_report(clock.wall_now()));
  const ovrseer::steady_time begin = clock.now();
  const ovrseer::delivery_end ended = co_await deliver_within(service, report, ovrseer::delivery_limits());
  into.took = clock.now() - begin;
  if (ended.failure) into.failure = ended.failure->what();
}

}  // namespace

int run_send_test(const send_test_options& options) {
  asio::io_context io(1);
  const std::optional<stack_configuration> stack = load(options.stack, io.get_executor());
  if (!stack) return usage;
  console out(STDOUT_FILENO, options.stack.colors);
  console err(STDERR_FILENO, options.stack.colors);
  std::vector<const ovrseer::reporter_settings*> meant;
  for (const ovrseer::reporter_settings& each : stack->reporters) {
    if (!options.name || *options.name == each.name) meant.push_back(&each);
  }
  if (meant.empty()) {
    err.line(options.name ? "there is no reporter " + *options.name + "; see \"reporters\" in the configuration"
                          : "the configuration has no reporters",
             color::red);
    return usage;
  }
  const ovrseer::reporter_means means = means_of(io.get_executor(), ovrseer::curl_client(io.get_executor()));
  bool has_failed = false;
  for (const ovrseer::reporter_settings* each : meant) {
    answer told{each->name, {}, {}};
    asio::co_spawn(io, send(*each, means, told), [&told](const std::exception_ptr& failure) {
      if (failure) told.failure = ovrseer::caught(failure).what();
    });
    io.run();
    io.restart();
    has_failed = has_failed || !told.failure.empty();
    if (options.stack.form == output_form::json) {
      nlohmann::ordered_json json{{"reporter", told.reporter}, {"delivered", told.failure.empty()}};
      if (!told.failure.empty()) json["failure"] = told.failure;
      json["took_ns"] = told.took.count();
      out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    } else if (told.failure.empty()) {
      out.line(told.reporter + ": delivered in " + ovrseer::to_text(told.took), color::green);
    } else {
      out.line(told.reporter + ": " + told.failure, color::red);
    }
  }
  return has_failed ? nothing_found : success;
}

}  // namespace program
