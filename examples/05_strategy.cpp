// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A strategy of one's own: the members of a group are shards with replicas, and when one is restarted, those that
// serve the same shard are restarted with it. Everything else goes on.
#include <iostream>

#include <ovrseer/ovrseer.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

/// "shard1-a" and "shard1-b" share a fate: the same name up to the dash.
bool same_shard(const group_child& ended, const group_child& other) {
  const auto shard = [](const group_child& each) { return each.name.substr(0, each.name.find('-')); };
  return shard(ended) == shard(other);
}

int main() {
  simulated_world world;
  world.os().program("shard", [](const command& what, std::uint32_t nth) {
    const bool is_unlucky = what.arguments().front() == "shard2-a" && nth <= 4;
    return is_unlucky ? process_script().wait(10s).exit(1) : process_script();
  });
  supervisor stack(world.get_executor());
  stack.add(group_spec("shards").by(strategy("same_shard", same_shard)).intensity(3, 1min));
  for (const char* name : {"shard1-a", "shard1-b", "shard2-a", "shard2-b"}) {
    stack.add(unit_spec(name, command("shard", name)).within("shards"));
  }
  world.at(30s, [&] { std::cout << to_text(why(stack, "shard2-b")) << '\n'; });
  world.at(1min, [&] { stack.request_stop("enough"); });
  world.run(stack.run());

  for (const unit_id& id : stack.units()) {
    const unit_snapshot unit = stack.snapshot(id);
    std::cout << to_text(id) << ": started " << unit.incarnation << " times\n";
  }
}
