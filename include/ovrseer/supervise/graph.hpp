// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who depends on whom: validated once, then asked for orders. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

/// The dependencies of a set of units. Immutable; make a new one when the set changes.
class dependency_graph {
 public:
  /// Pairs of units of which the first must wait for the second, whatever it says itself.
  using order_edges = std::vector<std::pair<unit_id, unit_id>>;

  /// Errors: `errc::unknown_dependency`, `errc::dependency_cycle` with the path "a -> b -> a".
  explicit dependency_graph(const std::vector<const unit_spec*>& units, const order_edges& more = {});

  /// Whether it is a main, or depends on one, directly or not: what stops first, before the cleanup.
  bool is_above_mains(const unit_id& id) const { return above_mains_.contains(id); }

  /// What `id` waits for, defaults resolved.
  const std::vector<dependency_edge>& dependencies_of(const unit_id& id) const { return edges_.at(id); }

  /// Who names `id` as a dependency.
  const std::vector<unit_id>& dependents_of(const unit_id& id) const;

  /// Whether one of those that depend on `id`, directly or not, is as asked for.
  bool any_above(const unit_id& id, const std::function<bool(const unit_id&)>& is_meant) const;

  /// These and all that they depend on, directly or not.
  std::set<unit_id> with_dependencies(const std::vector<unit_id>& ids) const;

  /// Units that may start together, in layers: each layer needs only layers before it.
  std::vector<std::vector<unit_id>> layers() const;

  using cost_function = std::function<std::chrono::nanoseconds(const unit_id&)>;

  /// The longest way through the graph, where each unit takes `cost`: from the units that depend on
  /// nothing up to `id`.
  std::chrono::nanoseconds longest_to(const unit_id& id, const cost_function& cost) const;

  /// The same downwards: from `id` to the last of those that depend on it, `id` included.
  std::chrono::nanoseconds longest_from(const unit_id& id, const cost_function& cost) const;

 private:
  bool any_above(const unit_id& id, const std::function<bool(const unit_id&)>& is_meant, std::set<unit_id>& seen) const;

  using known_costs = std::map<unit_id, std::chrono::nanoseconds>;

  template <class Next>
  static std::chrono::nanoseconds longest(const unit_id& id, const cost_function& cost, known_costs& known,
                                          const Next& next) {
    if (const auto found = known.find(id); found != known.end()) return found->second;
    std::chrono::nanoseconds before{};
    for (const unit_id& other : next(id)) before = std::max(before, longest(other, cost, known, next));
    return known[id] = before + cost(id);
  }

  static std::vector<dependency_edge> edges_of(const unit_spec& unit, const std::vector<const unit_spec*>& units);

  std::size_t depth_of(const unit_id& id, std::map<unit_id, std::size_t>& known) const;

  void mark_above_mains(const unit_id& id);

  void refuse_cycles() const;

  void walk(const unit_id& id, std::vector<unit_id>& path, std::set<unit_id>& finished) const;

  std::map<unit_id, std::vector<dependency_edge>> edges_;
  std::map<unit_id, std::vector<unit_id>> dependents_;
  std::set<unit_id> above_mains_;
};

/// What a condition means for a unit of a kind: never `standard`.
constexpr edge_condition resolved(edge_condition condition, unit_spec::kind kind) noexcept {
  if (condition != edge_condition::standard) return condition;
  return kind == unit_spec::kind::one_shot ? edge_condition::completed_successfully : edge_condition::ready;
}

/// Whether one edge lets its dependent start.
enum class edge_status : std::uint8_t { met, pending, impossible };

/// What a state does not tell of the unit that an edge names.
struct edge_evidence {
  bool is_proven = true;  ///< its health has been asked for and was good, or it has no watch
  bool has_line = false;  ///< its present incarnation has written the line
};

/// Judges an edge by what is known of the unit it names. Pure.
///
/// `impossible` means that nothing will change unless somebody acts; a `wanted` edge is then met.
OVRSEER_DECL edge_status judge_edge(const dependency_edge& edge, unit_spec::kind kind, unit_state state,
                                    const edge_evidence& more = {});

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/graph.ipp>
#endif
