// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A supervisor in the simulated world, and questions about its journal.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "events.hpp"

namespace ovrseer::test {

struct simulated {
  /// Runs for so long, then stops; yields the exit code.
  int run_for(std::chrono::nanoseconds time) {
    world.at(time, [this] { it.request_stop("enough"); });
    return world.run(it.run());
  }
  /// Asks for something and does not wait for it.
  template <class T>
  void ask(task<T> operation) {
    asio::co_spawn(world.context(), std::move(operation), [](const std::exception_ptr&, T) {});
  }
  /// Sends a signal to all children of a program.
  void strike(const std::string& program, int signal) {
    for (const auto& each : world.os().children()) {
      if (each->what.program() == program) each->signal(signal_number(signal), stop_scope::leader);
    }
  }

  /// All events that are kept.
  std::vector<event> events() const { return events_of(it.events()); }
  /// The types of the events of a unit, of all or of those that change its state.
  names story(const unit_id& unit) const {
    names told;
    for (const event& each : events()) {
      if (each.unit == unit) told.emplace_back(to_text(each.type));
    }
    return told;
  }
  names states(const unit_id& unit) const {
    names told;
    for (const event& each : events()) {
      if (each.unit == unit && state_of(each.type)) told.emplace_back(to_text(each.type));
    }
    return told;
  }
  std::uint64_t count(event_type type) const {
    std::uint64_t number = 0;
    for (const event& each : events()) number += each.type == type ? 1U : 0U;
    return number;
  }
  event first(const unit_id& unit, event_type type) const {
    for (const event& each : events()) {
      if (each.unit == unit && each.type == type) return each;
    }
    throw std::runtime_error("there was no such event: " + unit.name + " " + std::string(to_text(type)));
  }
  /// All crash reports that were made.
  std::vector<std::shared_ptr<const crash_report>> reports() {
    std::vector<std::shared_ptr<const crash_report>> all;
    supervisor::report_stream::reader reader = it.reports().subscribe_from(1, on_overrun::drop_oldest);
    while (const auto next = reader.try_next()) all.push_back(*next);
    return all;
  }

  simulated_world world;
  supervisor it{world.get_executor()};
};

}  // namespace ovrseer::test
