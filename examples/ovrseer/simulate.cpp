// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer simulate`: what would happen to a configuration in hours or months, in virtual time, without starting
// anything.
#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/config/suggestion.hpp>
#include <ovrseer/config/values.hpp>
#include <ovrseer/event/json.hpp>
#include <ovrseer/rehearse/rehearse.hpp>

#include "load.hpp"
#include "options.hpp"

namespace program {
namespace {

using ovrseer::rehearsal_fault;
using ovrseer::timeline_entry;

/// What the command line says, against what there is; complains on standard error.
class request_reader {
 public:
  request_reader(const simulate_options& options, const stack_configuration& stack)
      : options_(options), stack_(stack), errors_(STDERR_FILENO, options.stack.colors) {}

  std::optional<ovrseer::rehearsal_options> read() {
    ovrseer::rehearsal_options made;
    made.seed = options_.seed;
    const auto duration = ovrseer::parse_duration(options_.duration);
    if (!duration)
      complain("--for", options_.duration, duration.reason());
    else if (*duration <= std::chrono::nanoseconds::zero())
      complain("--for", options_.duration, {"a duration of more than 0", "write --for 1h", 0});
    else
      made.duration = *duration;
    if (!options_.least_availability.empty()) read_requirement(made);
    using kind = rehearsal_fault::kind;
    read_faults(made, "--crash", kind::crash, options_.crashes);
    read_faults(made, "--fail-start", kind::fail_start, options_.failing_starts);
    read_faults(made, "--hang", kind::hang, options_.hangs);
    if (!is_good_) return std::nullopt;
    return made;
  }

 private:
  /// "99.9" or "99.9%".
  void read_requirement(ovrseer::rehearsal_options& into) {
    std::string_view text = options_.least_availability;
    if (text.ends_with('%')) text.remove_suffix(1);
    const auto percent = ovrseer::parse_number(text, 0, 100);
    if (percent)
      into.least_availability = *percent / 100;
    else
      complain("--require", options_.least_availability, {"per cent, from 0 to 100", "write --require 99.9", 0});
  }

  void read_faults(ovrseer::rehearsal_options& into, const char* option, rehearsal_fault::kind what,
                   const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      auto fault = ovrseer::parse_fault(what, text);
      if (!fault)
        complain(option, text, fault.reason());
      else if (is_known(fault->unit))
        into.faults.push_back(*std::move(fault));
      else
        complain(option, text, unknown(fault->unit));
    }
  }

  bool is_known(const ovrseer::unit_id& id) const {
    return std::ranges::any_of(stack_.units, [&](const ovrseer::unit_spec& unit) { return unit.id() == id; });
  }
  ovrseer::value_error unknown(const ovrseer::unit_id& id) const {
    std::vector<std::string> names;
    for (const ovrseer::unit_spec& unit : stack_.units) names.push_back(to_text(unit.id()));
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string_view near = ovrseer::closest_word(to_text(id), known);
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return {"a process of the configuration",
            near.empty() ? "the processes are " + all : "did you mean " + std::string(near) + "?", 0};
  }

  void complain(const char* option, const std::string& text, const ovrseer::value_error& why) {
    is_good_ = false;
    errors_.text("ovrseer: ", color::red).text(option).text(": ").line(to_text(why, text));
  }

  const simulate_options& options_;
  const stack_configuration& stack_;
  console errors_;
  bool is_good_ = true;
};

/// Prints what happens as it happens.
class play_view {
 public:
  play_view(const simulate_options& options, const stack_configuration& stack)
      : out_(STDOUT_FILENO, options.stack.colors) {
    for (const ovrseer::unit_spec& unit : stack.units) width_ = std::max(width_, to_text(unit.id()).size());
  }

  void show(const timeline_entry& entry) {
    const std::string name = entry.unit.name.empty() ? std::string("ovrseer") : to_text(entry.unit);
    out_.text(ovrseer::timeline_time(entry.time), color::gray).text("  ");
    out_.text(padded(name, width_), entry.unit.name.empty() ? color::bold : color::none).text("  ");
    out_.line(entry.text, color_of(entry.shade));
  }
  void show(const ovrseer::event& what, const std::string& boot_id) {
    nlohmann::ordered_json told = to_json(what, boot_id);
    told["kind"] = "event";
    show(told);
  }
  void show(const nlohmann::ordered_json& told) {
    out_.line(told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  void show_verdict(const ovrseer::rehearsal_result& result) {
    const std::string text = to_text(result);
    const std::size_t end = text.find('\n');
    out_.line(text.substr(0, end), result.is_ok() ? color::green : color::red).text(text.substr(end + 1));
  }
  void line() { out_.line(); }

 private:
  static color color_of(timeline_entry::tone shade) {
    switch (shade) {
      case timeline_entry::tone::good: return color::green;
      case timeline_entry::tone::warning: return color::yellow;
      case timeline_entry::tone::bad: return color::red;
      case timeline_entry::tone::plain: break;
    }
    return color::none;
  }

  console out_;
  std::size_t width_ = 7;
};

}  // namespace

int run_simulate(const simulate_options& options) {
  constexpr int not_ok = 1;
  asio::io_context io(1);  // of the HTTP client that nobody asks
  const std::optional<stack_configuration> stack = load(options.stack, io.get_executor());
  if (!stack) return usage;
  std::optional<ovrseer::rehearsal_options> how = request_reader(options, *stack).read();
  if (!how) return usage;
  play_view view(options, *stack);
  const bool is_json = options.stack.form == output_form::json;
  const std::string boot_id = "rehearsal-" + std::to_string(how->seed);
  if (is_json && !options.is_quiet) {
    how->on_event = [&](const ovrseer::event& what) { view.show(what, boot_id); };
  } else if (!options.is_quiet) {
    how->on_entry = [&](const timeline_entry& entry) { view.show(entry); };
  }
  how->max_timeline = 0;  // it is printed as it comes
  const ovrseer::rehearsal_result result = rehearse(*stack, *how);
  if (is_json) {
    nlohmann::ordered_json json = to_json(result);
    json["kind"] = "verdict";
    view.show(json);
  } else {
    if (!options.is_quiet) view.line();
    view.show_verdict(result);
  }
  return result.is_ok() ? static_cast<int>(success) : not_ok;
}

}  // namespace program
