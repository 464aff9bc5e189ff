// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a person sees of a running stack: the lines of each unit behind its name, and what the journal says
// between them. With --json the same as JSON lines.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/event/json.hpp>
#include <ovrseer/log/encode.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/process/redactor_for.hpp>
#include <ovrseer/redact/line_redactor.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "console.hpp"
#include "options.hpp"

namespace program {

class stack_view {
 public:
  /// Begins to show the lines of all units, by tasks of `readers` that end with their logs.
  stack_view(ovrseer::supervisor& shown, output_form form, color_choice colors, ovrseer::nursery& readers)
      : shown_(shown), out_(STDOUT_FILENO, colors), form_(form), readers_(readers) {
    for (const ovrseer::unit_id& id : shown.units()) welcome(id);
  }

  /// Shows what the journal says until it is closed, and the lines of who comes meanwhile.
  ovrseer::task<void> show_events() {
    ovrseer::journal::reader events = shown_.events().subscribe_from(1);
    for (;;) {
      const std::optional<ovrseer::journal_entry> entry = co_await events.next();
      if (!entry) break;
      if (const auto* what = std::get_if<ovrseer::event>(&*entry)) show(*what);
      out_.flush();
      stop_if_closed();
    }
  }

  /// While everything stops: says every second who is still waited for.
  ovrseer::task<void> name_the_late() {
    using namespace std::chrono_literals;
    while (!shown_.is_stopping()) co_await ovrseer::sleep_for(200ms);
    for (;;) {
      co_await ovrseer::sleep_for(1s);
      std::string names;
      for (const ovrseer::unit_snapshot& unit : shown_.snapshot().units) {
        if (unit.state != ovrseer::unit_state::stopping) continue;
        names +=
            (names.empty() ? "" : ", ") + to_text(unit.id) + " (process " + std::to_string(unit.pid.value_or(0)) + ")";
      }
      if (names.empty() || form_ == output_form::json) continue;
      remark({}, "waiting for " + names + "; Ctrl-C again kills", color::yellow);
      out_.flush();
    }
  }

  /// What no event tells, with --json too.
  void notice(const ovrseer::unit_id& about, const std::string& words, color shade) {
    if (form_ == output_form::json) {
      const std::string unit = about.name.empty() ? std::string() : to_text(about);
      const nlohmann::ordered_json json{{"v", 1}, {"kind", "notice"}, {"unit", unit}, {"text", words}};
      out_.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
      remark(about, words, shade);
    }
    out_.flush();
  }

  /// A remark of the program itself, or about a unit.
  void remark(const ovrseer::unit_id& about, std::string_view words, color shade) {
    if (form_ == output_form::json) return;
    prefix(about, about.name.empty() ? color::bold : shades_[about]);
    out_.line(words, shade);
  }
  void flush() { out_.flush(); }

  /// A table of how everything ended.
  void summarize(const ovrseer::supervisor_snapshot& end, std::chrono::nanoseconds took, int code) {
    if (form_ == output_form::json) return;
    out_.line();
    for (const ovrseer::unit_snapshot& unit : end.units) {
      out_.text("  ").text(padded(to_text(unit.id), width_), shades_[unit.id]).text("  ");
      out_.text(padded(to_text(unit.state), 10), color_of(unit.state));
      if (unit.last_status)
        out_.text(padded(to_text(*unit.last_status), 24));
      else
        out_.text(padded("-", 24));
      out_.line(unit.restarts == 0 ? ""
                                   : std::to_string(unit.restarts) + (unit.restarts == 1 ? " restart" : " restarts"));
    }
    out_.line("  ran for " + ovrseer::to_text(took) + ", exit code " + std::to_string(code), color::bold);
    out_.flush();
  }

 private:
  static color color_of(ovrseer::unit_state state) {
    using enum ovrseer::unit_state;
    if (state == failed || state == crashed || state == skipped) return color::red;
    if (state == ready || state == completed) return color::green;
    return state == backing_off || state == unhealthy ? color::yellow : color::none;
  }

  /// Shows the lines of a unit from now on, of each once.
  void welcome(const ovrseer::unit_id& id) {
    if (std::ranges::count(shown_.units(), id) == 0) return;  // gone before anybody heard of it
    shades_.emplace(id, color_of_unit(shades_.size()));
    width_ = std::max(width_, to_text(id).size());
    const ovrseer::line_feed* const feed = &shown_.lines(id);
    if (std::exchange(feeds_[id], feed) != feed) readers_.start(show_lines(id, redactor_for(shown_.spec(id).what())));
  }

  ovrseer::task<void> show_lines(ovrseer::unit_id id, ovrseer::redactor rules) {
    // One for each stream: a key that is printed over several lines is known by its first one.
    const ovrseer::line_redactor fresh(std::move(rules));
    std::array<ovrseer::line_redactor, 3> hides{fresh, fresh, fresh};
    using enum ovrseer::read_from;
    ovrseer::line_stream lines = shown_.lines(id).subscribe(ovrseer::on_overrun::drop_oldest, oldest);
    for (std::uint64_t missed = 0;;) {
      std::optional<ovrseer::line> next = lines.try_next();
      if (!next) {
        out_.flush();  // what is there already goes out with one write
        next = co_await lines.next();
      }
      if (!next) break;
      if (lines.missed() != missed) {
        remark(id, std::to_string(lines.missed() - missed) + " lines were too fast to show", color::yellow);
        missed = lines.missed();
      }
      show(id, *next, hides[static_cast<std::size_t>(next->source)]);
      stop_if_closed();
    }
    out_.flush();
  }

  void prefix(const ovrseer::unit_id& id, color shade) {
    const std::string name = id.name.empty() ? std::string("ovrseer") : to_text(id);
    out_.text(padded(name, std::max<std::size_t>(width_, 7)), shade).text(" | ", color::gray);
  }

  void show(const ovrseer::unit_id& id, const ovrseer::line& what, ovrseer::line_redactor& hides) {
    const std::string text = hides.redact(what.text, what.part);
    if (form_ == output_form::json) {
      ovrseer::line shown = what;
      shown.text = text;
      std::string json;
      append_json(json, shown);
      // The line's own object, with the unit in front of its members.
      const nlohmann::json name = to_text(id);
      out_.text("{\"kind\":\"line\",\"unit\":").text(name.dump()).text(",").line(std::string_view(json).substr(1));
      return;
    }
    prefix(id, shades_[id]);
    out_.line(printable(text));
  }

  /// Control bytes of a child must not steer our terminal, but for its colours.
  std::string printable(std::string_view text) const {
    std::string shown;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      const bool is_color = c == '\x1b' && out_.has_color();
      if (byte >= 0x20 || c == '\t' || is_color) {
        shown.push_back(c);
      } else if (c != '\x1b') {
        shown.append("^").push_back(static_cast<char>(byte ^ 0x40));
      }
    }
    if (out_.has_color() && shown.find('\x1b') != std::string::npos) shown += "\x1b[0m";
    return shown;
  }

  void show(const ovrseer::event& what) {
    if (what.type == ovrseer::event_type::unit_added) welcome(what.unit);
    if (what.type == ovrseer::event_type::unit_removed) feeds_.erase(what.unit);
    if (form_ == output_form::json) {
      nlohmann::ordered_json json = to_json(what, shown_.events().boot_id());
      json["kind"] = "event";
      out_.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      return;
    }
    if (const auto* change = std::get_if<ovrseer::transition_data>(&what.data)) show_change(what, *change);
    if (const auto* flag = std::get_if<ovrseer::flag_data>(&what.data)) show_flag(what, *flag);
    if (what.type == ovrseer::event_type::supervisor_stopping) {
      const auto* data = std::get_if<ovrseer::supervisor_data>(&what.data);
      remark({}, "stopping: " + (data == nullptr ? std::string() : data->why.what), color::bold);
    }
    if (!was_ready_ && shown_.is_ready()) {
      was_ready_ = true;
      remark({}, "all ready", color::green);
    }
    if (what.type == ovrseer::event_type::crashed) was_ready_ = false;
  }

  void show_change(const ovrseer::event& what, const ovrseer::transition_data& change) {
    using enum ovrseer::event_type;
    std::string words;
    switch (what.type) {
      case running: words = "started, process " + std::to_string(change.pid.value_or(0)); break;
      case ready:
        words = change.took ? "ready after " + ovrseer::to_text(*change.took) : "ready again: " + change.why.what;
        break;
      case unhealthy: words = change.why.what; break;
      case paused: words = "paused: " + change.why.what; break;
      case stopping: words = "stopping: " + change.why.what; break;
      case stopped:
        if (!change.status) return;
        words = "stopped: " + change.why.what;
        break;
      case completed: words = "completed: " + change.why.what; break;
      case crashed: words = "crashed: " + change.why.what + "; " + change.why.decision; break;
      case failed: words = "failed: " + change.why.what + "; given up"; break;
      case skipped: words = "skipped: " + change.why.what; break;
      default: return;
    }
    remark(what.unit, words, color_of(*ovrseer::state_of(what.type)));
  }

  void show_flag(const ovrseer::event& what, const ovrseer::flag_data& flag) {
    if (what.type != ovrseer::event_type::flag_reached) return;
    remark(what.unit, "flag \"" + flag.flag + "\" has reached " + std::to_string(flag.count), color::yellow);
  }

  // `ovrseer up | head`: when nobody reads any more, there is nobody to run for.
  void stop_if_closed() {
    if (out_.is_closed()) shown_.request_stop("standard output was closed");
  }

  ovrseer::supervisor& shown_;
  console out_;
  output_form form_;
  std::map<ovrseer::unit_id, color> shades_;
  std::map<ovrseer::unit_id, const ovrseer::line_feed*> feeds_;  // whose lines are shown
  ovrseer::nursery& readers_;
  std::size_t width_ = 0;
  bool was_ready_ = false;
};

}  // namespace program
