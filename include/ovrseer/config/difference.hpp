// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a change of a configuration does before anybody makes it: who comes, who goes, who restarts, in which order.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/supervise/unit_changes.hpp>

namespace ovrseer {

/// A unit that both configurations have, and that they describe differently.
struct changed_unit {
  unit_id id;
  std::vector<std::string> keys;  ///< "command", "env.PORT"; never values, which may be secret
  /// Whether its process must be started anew. Not where all of it is about how it is supervised, described or
  /// chosen; and cleanup units run at the end in any case.
  bool restarts = true;
};

/// A unit that others take along, by what its dependency on them says of a loss.
struct affected_unit {
  enum class effect : std::uint8_t { paused, restarted, stopped };
  unit_id id;
  effect what = effect::restarted;
  unit_id because;  ///< whom it depends on
};

/// What a change does to a supervisor that runs the first configuration.
struct configuration_difference {
  std::vector<unit_id> added;
  std::vector<unit_id> removed;
  std::vector<changed_unit> changed;
  std::vector<affected_unit>
      affected;  ///< those that are neither added nor removed nor restart for a change of their own
  /// Keys beside those of processes: "metrics", "groups.web". They hold from the next start of the supervisor on.
  std::vector<std::string> settings;
  /// Who goes down, removed or to come up again; each layer together, when the layer before has ended.
  std::vector<std::vector<unit_id>> stop_layers;
  /// Who comes up, added or again; each layer together, when the layer before is ready. Not who waits to be asked.
  std::vector<std::vector<unit_id>> start_layers;

  bool is_empty() const noexcept { return added.empty() && removed.empty() && changed.empty() && settings.empty(); }
};

constexpr std::string_view to_text(affected_unit::effect value) noexcept {
  constexpr std::string_view names[] = {"paused", "restarted", "stopped"};
  return names[static_cast<std::size_t>(value)];
}

/// What becomes of the stack when `from` is replaced by `to`. Both come from a file.
///
/// The edges of `to` say who is taken along, in the order of its units. A value that is written in another form counts
/// as changed where that cannot be told: what is the same may be named, what differs always is. A unit that is disabled
/// is not there.
OVRSEER_DECL configuration_difference difference(const stack_configuration& from, const stack_configuration& to);

/// The same for `supervisor::change` of the supervisor that runs the first configuration: its groups and other settings
/// stay as they are. `to` is the second one.
OVRSEER_DECL unit_changes changes_of(const configuration_difference& found, const stack_configuration& to);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/difference.ipp>
#endif
