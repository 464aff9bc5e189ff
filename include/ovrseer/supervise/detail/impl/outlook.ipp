// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/detail/outlook.hpp>.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <ovrseer/error.hpp>
#include <ovrseer/supervise/detail/outlook.hpp>

namespace ovrseer::supervise_detail {

OVRSEER_DECL outlook look_ahead(const std::vector<const unit_spec*>& present, const group_tree& groups,
                                const unit_changes& what, std::size_t most) {
  outlook next{groups, dependency_graph(std::vector<const unit_spec*>())};
  std::map<unit_id, const unit_spec*> named;  // null: it goes
  const auto name = [&](const unit_id& id, const unit_spec* spec) {
    if (!named.emplace(id, spec).second) throw error(errc::duplicate_unit, "change", to_text(id));
  };
  const auto expect = [&](const unit_id& id) -> const unit_spec* {
    const auto found = std::ranges::find(present, id, [](const unit_spec* each) { return each->id(); });
    if (found == present.end()) throw error(errc::unknown_unit, "change", to_text(id));
    return *found;
  };
  const auto take = [&](const unit_spec& each) {
    name(each.id(), &each);
    if (each.role() == role::cleanup)
      next.groups.remove(each.id());
    else
      next.groups.replace(each);
  };
  for (const unit_id& id : what.remove) {
    expect(id);
    name(id, nullptr);
    next.groups.remove(id);
  }
  for (const unit_spec& each : what.describe) {
    expect(each.id());
    take(each);
  }
  for (const unit_spec& each : what.flags) name(each.id(), expect(each.id()));
  for (const unit_spec& each : what.put) take(each);
  std::vector<const unit_spec*> specs;
  for (const unit_spec* each : present) {
    const auto found = named.find(each->id());
    const unit_spec* const spec = found == named.end() ? each : found->second;
    if (spec != nullptr) specs.push_back(spec);
    if (found != named.end()) named.erase(found);
  }
  for (const unit_spec& each : what.put) {
    if (named.contains(each.id())) specs.push_back(&each);
  }
  if (specs.size() > most) {
    throw error(errc::limit_reached, "change", "at most " + std::to_string(most) + " units");
  }
  next.graph = dependency_graph(specs, next.groups.order_edges());
  return next;
}

}  // namespace ovrseer::supervise_detail
