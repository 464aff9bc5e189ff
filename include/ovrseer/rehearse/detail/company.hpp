// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who plays in a rehearsal: an actor for each unit, with what it must do, what it has been told to suffer, and dice
// of its own, so that a fault of one unit changes nothing for the others.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/rehearse/detail/life.hpp>
#include <ovrseer/rehearse/options.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer::rehearse_detail {

/// The seed of one unit's dice.
OVRSEER_DECL std::uint64_t mixed_seed(std::uint64_t seed, std::string_view name) noexcept;

class company {
 public:
  /// Takes over what every process of the world does. The world must outlive it, and both `options`.
  company(simulated_world& world, const rehearsal_options& options);
  company(const company&) = delete;
  company& operator=(const company&) = delete;

  /// Gives a unit an actor, and yields the unit as it is rehearsed: nothing of it reaches the disk.
  unit_spec enlist(unit_spec unit, const process_behavior* told);

  /// Errors: `errc::unknown_unit`.
  void suffer(const rehearsal_fault& fault);

  /// The processes of a unit that live.
  std::size_t living(const unit_id& id) const;
  /// What the world cannot answer for a unit, in words.
  std::vector<std::string> obstacles(const unit_id& id) const;

 private:
  struct actor {
    actor(std::uint64_t seed, const unit_id& id) : name(to_text(id)), unit(id), dice(mixed_seed(seed, name)) {}

    std::string name;
    unit_id unit;
    chance dice;
    process_behavior behavior;
    check_needs needs;
    duties to_do;
    std::vector<signal_number> asked_by;
    bool ends_by_itself = false;
    std::vector<rehearsal_fault> failing_starts;
    std::vector<rehearsal_fault> at_random;
    std::deque<rehearsal_fault> to_come;  // once for each life that is to end so
    std::uint32_t starts = 0;
    nanoseconds up_at{};
  };

  /// Asks the world in the place of every HTTP client.
  class client {
   public:
    explicit client(const company* whom) : whom_(whom) {}
    task<http_response> exchange(http_request request) { return answer(whom_, std::move(request)); }

   private:
    static task<http_response> answer(const company* whom, http_request request);

    const company* whom_;
  };

  // The environment of a unit's process names the unit: no two commands need differ otherwise.
  static constexpr const char* marker = "OVRSEER_REHEARSED_UNIT";

  static std::string variable(const command& what, const std::string& name);
  static std::string unit_of(const child& process) { return variable(process.what, marker); }

  std::shared_ptr<child> process_of(const actor& who) const;

  // ---- scripts

  process_script cast(const command& what);

  process_script next_life(actor& who, const command& what);

  static fate decide(actor& who, nanoseconds up_after);

  void strike(actor& who, rehearsal_fault fault);

  /// A command of a check succeeds when the process is up; one of a stop plan asks the process to end.
  process_script side_command(const command& what);
  static bool is_of_check(const actor& who, const command& what);
  process_script stop_command(const std::weak_ptr<child>& whom);

  // ---- HTTP

  scripted_os::listener listener_at(const url& where) const;

  /// What the check that asks this URL wants to hear.
  http_response response_to(const url& where) const;

  simulated_world& world_;
  const rehearsal_options& options_;
  std::map<std::string, std::unique_ptr<actor>> actors_;
};

}  // namespace ovrseer::rehearse_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/rehearse/detail/impl/company.ipp>
#endif
