// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A restart policy of one's own: a program that ends with EX_TEMPFAIL is tried again after a minute for as long as
// it takes, outside of office hours a crash waits for the morning, and all else is left to the unit's rules.
#include <iostream>

#include <ovrseer/ovrseer.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

restart_decision by_office_hours(const restart_question& question) {
  restart_decision made = question.standard;
  if (question.status == exit_status::exited(75)) {
    made.what = restart_decision::verdict::restart;
    made.delay = 1min;
    made.reason = "it asks to be tried later";
  } else if (made.what == restart_decision::verdict::restart) {
    const auto hour = std::chrono::duration_cast<std::chrono::hours>(question.now.time_since_epoch()) % 24h;
    if (hour < 8h) made.delay = 8h - hour;
    made.reason = hour < 8h ? "nobody is there before eight" : "office hours";
  }
  return made;
}

int main() {
  simulated_world world;  // begins at midnight
  world.os().program("import", [](const command&, std::uint32_t nth) {
    if (nth <= 5) return process_script().wait(1s).exit(75);
    return process_script().wait(30min).exit(nth == 6 ? 1 : 0);
  });
  supervisor stack(world.get_executor());
  unit_spec import("import", command("import"));
  stack.add(import.restart(restart_rules().max_retries(2)).decide_by(by_office_hours));
  const int code = world.run(stack.run());

  for (std::uint64_t seq = 1; seq != stack.events().end_seq(); ++seq) {
    const event& each = *stack.events().at(seq);
    if (each.type != event_type::crashed) continue;
    const cause& why = *cause_of(each);
    std::cout << why.what << ": " << why.rule << ", " << why.decision << '\n';
  }
  std::cout << "exit code " << code << " after " << to_text(world.elapsed()) << '\n';
}
