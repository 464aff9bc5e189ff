// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/rehearse/detail/life.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/pattern/example.hpp>
#include <ovrseer/rehearse/detail/life.hpp>

namespace ovrseer::rehearse_detail {

OVRSEER_DECL nanoseconds chance::around(nanoseconds middle, double part) {
  const double factor = 1 + (2 * share() - 1) * part;
  return nanoseconds(std::llround(static_cast<double>(middle.count()) * factor));
}

OVRSEER_DECL nanoseconds chance::until_next(nanoseconds mean) {
  const double time = -std::log(1 - share()) * static_cast<double>(mean.count());
  return nanoseconds(static_cast<std::int64_t>(std::clamp(time, 1.0, 9.2e18)));
}

OVRSEER_DECL duties duties_of(const check_needs& needs) {
  duties made;
  const auto add_port = [&](std::uint16_t port) {
    if (std::ranges::find(made.ports, port) == made.ports.end()) made.ports.push_back(port);
  };
  const auto line_for = [&](const pattern<>& wanted) {
    std::optional<std::string> example = example_of(wanted);
    if (example && example->find('\n') != std::string::npos) example.reset();
    if (!example) made.impossible.push_back("no line matches " + to_text(pattern_view(wanted)));
    return example;
  };
  for (const pattern<>& each : needs.lines) {
    if (std::optional<std::string> line = line_for(each)) made.lines.push_back(*std::move(line));
  }
  made.notices = needs.notices;
  for (const check_needs::beat& each : needs.beats) {
    if (each.every == nanoseconds::zero()) continue;
    // Twice as often as it must be, as sd_watchdog_enabled(3) advises.
    const nanoseconds every = std::max(each.every / 2, nanoseconds(1));
    if (!each.line) {
      made.beats.push_back({process_script::notify_step{"WATCHDOG=1"}, every});
    } else if (std::optional<std::string> line = line_for(*each.line)) {
      made.beats.push_back({process_script::write_step{output_stream::out, *line + "\n"}, every});
    }
  }
  for (const check_needs::tcp_port& each : needs.ports) add_port(each.port);
  for (const check_needs::http_answer& each : needs.answers) {
    if (each.target.socket_path().empty())
      add_port(each.target.effective_port());
    else
      made.files.push_back({each.target.socket_path(), ""});
    if (each.body && !example_of(*each.body))
      made.impossible.push_back("no body matches " + to_text(pattern_view(*each.body)));
  }
  for (const check_needs::file_there& each : needs.files) {
    std::optional<std::string> content = each.is_non_empty ? "x" : "";
    if (each.content) content = example_of(*each.content);
    if (content && content->empty() && each.is_non_empty) content = " ";
    if (content && each.content && !each.content->matches(*content)) content.reset();
    if (content)
      made.files.push_back({each.path.string(), *std::move(content)});
    else
      made.impossible.push_back("no content of " + each.path.string() + " passes its check");
  }
  return made;
}

OVRSEER_DECL std::optional<agenda::step> agenda::operator()() {
  if (entries_.empty()) return std::nullopt;
  const auto next = std::ranges::min_element(entries_, {}, &entry::at);
  if (next->at > now_) {
    const nanoseconds pause = next->at - std::exchange(now_, next->at);
    return process_script::pause_step{pause};
  }
  step made = next->what;
  if (next->every > nanoseconds::zero())
    next->at += next->every;
  else
    entries_.erase(next);
  return made;
}

OVRSEER_DECL process_script life_of(const process_behavior& how, const duties& to_do, const fate& decided,
                                    const std::vector<signal_number>& asked_by) {
  agenda steps;
  // An end comes before what else is due at its time.
  if (decided.ends_after) steps.add(*decided.ends_after, process_script::end_step{decided.ends_with});
  if (decided.hangs_after) steps.add(*decided.hangs_after, process_script::hang_step{});
  if (how.memory.count() != 0) steps.add(nanoseconds::zero(), process_script::memory_step{how.memory});
  for (const std::uint16_t port : to_do.ports) steps.add(decided.up_after, process_script::listen_step{port});
  for (const process_script::file_step& file : to_do.files) steps.add(decided.up_after, file);
  for (const std::string& line : to_do.lines)
    steps.add(decided.up_after, process_script::write_step{output_stream::out, line + "\n"});
  for (const std::string& notice : to_do.notices) steps.add(decided.up_after, process_script::notify_step{notice});
  for (const duties::beat& beat : to_do.beats) {
    // A line could be one that a ready check waits for.
    const bool is_line = std::holds_alternative<process_script::write_step>(beat.what);
    steps.add(is_line ? decided.up_after : nanoseconds::zero(), beat.what, beat.every);
  }
  for (const simulated_line& line : how.lines) {
    steps.add(line.after.value_or(decided.up_after), process_script::write_step{output_stream::out, line.text + "\n"},
              line.every);
  }
  process_script script;
  script.go_on(std::move(steps));
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT}) script.on(signal, signal_reaction::exits(0, how.stop_time));
  for (const signal_number signal : asked_by) script.on(signal.value(), signal_reaction::exits(0, how.stop_time));
  for (const signal_number signal : how.ignores) script.on(signal.value(), signal_reaction::ignored());
  return script;
}

}  // namespace ovrseer::rehearse_detail
