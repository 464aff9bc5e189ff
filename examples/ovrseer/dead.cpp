// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer dead`: the crash reports that a receiver refused for good; sent again, or forgotten.
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/config/reporters.hpp>
#include <ovrseer/deliver/dead_letters.hpp>
#include <ovrseer/deliver/deliver_within.hpp>
#include <ovrseer/deliver/outbox.hpp>
#include <ovrseer/event/iso8601.hpp>

#include "load.hpp"
#include "means.hpp"
#include "words.hpp"

namespace program {
namespace {

using action = dead_options::action;

struct letter {
  std::string reporter;
  ovrseer::dead_letter kept;
  std::optional<ovrseer::incident_update> update;  // nothing where it cannot be read
};

std::optional<ovrseer::incident_update> update_of(const ovrseer::dead_letter& kept) {
  try {
    return ovrseer::item_codec<ovrseer::incident_update>::decode(kept.item);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

/// What became of a letter that was sent again; empty where it was delivered.
ovrseer::task<std::string> send(ovrseer::any_incident_reporter service, const ovrseer::incident_update& update) {
  const ovrseer::delivery_end ended = co_await deliver_within(service, update, ovrseer::delivery_limits());
  co_return ended.failure ? ended.failure->what() : std::string();
}

void show(console& out, output_form form, const letter& one, action what, const std::string& failure) {
  const std::string unit = one.update ? to_text(one.update->unit()) : "";
  const auto* report = one.update ? std::get_if<ovrseer::crash_report>(&one.update->what) : nullptr;
  const auto* over = one.update ? std::get_if<ovrseer::recovery>(&one.update->what) : nullptr;
  std::string time;
  std::string message = "a report that cannot be read";
  if (report != nullptr) {
    time = ovrseer::to_iso8601(report->time);
    message = report->message;
  } else if (over != nullptr) {
    time = ovrseer::to_iso8601(over->time);
    message = unit + " has recovered";
  }
  if (form == output_form::json) {
    nlohmann::ordered_json json{
        {"reporter", one.reporter}, {"sequence", one.kept.sequence}, {"reason", one.kept.reason}};
    json["time"] = time;
    json["unit"] = unit;
    json["message"] = message;
    if (what == action::send) json["delivered"] = failure.empty();
    if (!failure.empty()) json["failure"] = failure;
    if (what == action::forget) json["forgotten"] = true;
    out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  const std::string what_it_is = one.reporter + " " + std::to_string(one.kept.sequence) + ": " + time + " " + message;
  switch (what) {
    case action::list: out.line(what_it_is + "\n  refused: " + one.kept.reason); break;
    case action::send:
      out.line(what_it_is + (failure.empty() ? ": delivered" : "\n  refused again: " + failure),
               failure.empty() ? color::green : color::red);
      break;
    case action::forget: out.line(what_it_is + ": forgotten"); break;
  }
}

}  // namespace

int run_dead(const dead_options& options) {
  asio::io_context io(1);
  const std::optional<stack_configuration> stack = load(options.stack, io.get_executor());
  if (!stack) return usage;
  console out(STDOUT_FILENO, options.stack.colors);
  console err(STDERR_FILENO, options.stack.colors);
  bool is_known = false;
  bool is_left = false;
  for (const ovrseer::reporter_settings& each : stack->reporters) {
    if (!each.keep || (options.name && *options.name != each.name)) continue;
    is_known = true;
    ovrseer::dead_letters letters(each.keep->folder.string());
    for (ovrseer::dead_letter& kept : letters.all()) {
      letter one{each.name, std::move(kept), {}};
      one.update = update_of(one.kept);
      std::string failure;
      if (options.what == action::send) {
        failure = "it cannot be read";
        if (one.update) {
          asio::co_spawn(io, send(service_of(each, means_of(io.get_executor(), each.connection)), *one.update),
                         [&failure](const std::exception_ptr& why, std::string said) {
                           failure = why ? ovrseer::caught(why).what() : std::move(said);
                         });
          io.run();
          io.restart();
        }
      }
      const bool is_done = options.what == action::forget || (options.what == action::send && failure.empty());
      if (is_done) letters.forget(one.kept.sequence);
      is_left = is_left || !is_done;
      show(out, options.stack.form, one, options.what, failure);
    }
  }
  if (!is_known) {
    err.line(options.name
                 ? "there is no reporter " + *options.name + " with an outbox; see \"reporters\" in the configuration"
                 : "no reporter of the configuration has an outbox",
             color::red);
    return usage;
  }
  return options.what == action::send && is_left ? nothing_found : success;
}

}  // namespace program
