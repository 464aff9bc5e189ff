// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What is known of the edges between running units: which of them are lost, and which have seen their line. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/supervise/graph.hpp>

namespace ovrseer::supervise_detail {

/// What has become of a condition that a unit was started with.
enum class edge_turn : std::uint8_t { none, lost, returned };

class edge_book {
 public:
  /// Takes in how an edge stands now. Only a dependent that is up, and not about to stop, can lose something.
  edge_turn take(const unit_id& dependent, const unit_id& on, edge_status status, unit_state dependent_state) {
    const bool is_up = is_alive(dependent_state) && dependent_state != unit_state::stopping;
    bool& lost = lost_[{dependent, on}];
    if (status == edge_status::met) return std::exchange(lost, false) ? edge_turn::returned : edge_turn::none;
    if (lost || !is_up) return edge_turn::none;
    lost = true;
    return edge_turn::lost;
  }

  /// The dependent begins anew, or shall not be bothered any more: nothing is lost to it.
  void forget(const unit_id& dependent) {
    std::erase_if(lost_, [&](const auto& entry) { return entry.first.first == dependent; });
  }

  /// The incarnation of `on` has written the line that `dependent` waits for.
  void see_line(const unit_id& dependent, const unit_id& on, std::uint32_t incarnation) {
    lines_[{dependent, on}] = incarnation;
  }
  bool has_line(const unit_id& dependent, const unit_id& on, std::uint32_t incarnation) const {
    const auto found = lines_.find({dependent, on});
    return found != lines_.end() && found->second == incarnation;
  }

  /// Another takes the place of the unit: what it lost and which lines it wrote is over, what others lost by it is not.
  void renew(const unit_id& id) {
    forget(id);
    std::erase_if(lines_, [&](const auto& entry) { return entry.first.first == id || entry.first.second == id; });
  }

  /// The unit is no longer there.
  void remove(const unit_id& id) {
    const auto names_it = [&](const auto& entry) { return entry.first.first == id || entry.first.second == id; };
    std::erase_if(lost_, names_it);
    std::erase_if(lines_, names_it);
  }

 private:
  using pair = std::pair<unit_id, unit_id>;  // the dependent, and what it depends on

  std::map<pair, bool> lost_;
  std::map<pair, std::uint32_t> lines_;
};

}  // namespace ovrseer::supervise_detail
