// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `simulate` of a process: its drafts, its tables and what becomes of them, all in one place, since nothing else of
// a configuration has to do with it.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/sim/process_behavior.hpp>

namespace ovrseer::config_detail {

struct simulated_line_draft {
  given<std::chrono::nanoseconds> after;
  given<std::string> text;
  given<std::chrono::nanoseconds> every;
};

struct simulated_crash_draft {
  given<std::chrono::nanoseconds> every;
  given<std::chrono::nanoseconds> mean;
  given<signal_number> signal;
  given<exit_code> code;
};

struct simulation_draft {
  given<std::chrono::nanoseconds> start_time;
  given<std::chrono::nanoseconds> runs_for;
  given<exit_code> code;
  given<std::chrono::nanoseconds> stop_time;
  given<std::vector<signal_number>> ignores;
  given<std::vector<simulated_line_draft>> lines;
  given<byte_size> memory;
  given<simulated_crash_draft> crash;
};

/// A time that would never pass is a slip.
OVRSEER_DECL bool check_passes(config_reader& reader, const given<std::chrono::nanoseconds>& time);

/// A crash has one rhythm and one way to end.
OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const simulated_crash_draft& read);
OVRSEER_DECL bool check_section(config_reader& reader, const config_node&, const simulated_line_draft& read);

template <>
inline const section_shape& section_for<simulated_line_draft>() {
  using draft = simulated_line_draft;
  static constexpr std::array keys{
      field<&draft::after>("after", "when it has come up", "The time of the line, from the start of the process."),
      field<&draft::text>("text", "", "What the line says.", need::required),
      field<&draft::every>("every", "once", "The time after which it is said again."),
  };
  static constexpr section_shape shape{"a simulated line", keys};
  return shape;
}

template <>
inline const section_shape& section_for<simulated_crash_draft>() {
  using draft = simulated_crash_draft;
  static constexpr std::array keys{
      field<&draft::every>("every", "", "The time from a start to the crash; give this or mttf."),
      field<&draft::mean>("mttf", "",
                          "The mean time to failure: crashes come at random, this far apart on the average."),
      field<&draft::signal>("signal", "none", "The signal that kills it."),
      field<&draft::code>("exitCode", "1", "The code that it ends with, where no signal kills it."),
  };
  static constexpr section_shape shape{"a simulated crash", keys};
  return shape;
}

template <>
inline const section_shape& section_for<simulation_draft>() {
  using draft = simulation_draft;
  static constexpr std::array keys{
      field<&draft::start_time>("startTime", "about 1s", "How long it takes to come up."),
      field<&draft::runs_for>("runsFor", "for ever; one that is to end 1s", "The time from its start to its end."),
      field<&draft::code>("exitCode", "0", "The code that it then ends with."),
      field<&draft::stop_time>("stopTime", "100ms", "How long it takes to end when it is asked to."),
      field<&draft::ignores>("ignores", "none", "Signals that it takes no notice of."),
      field<&draft::lines>("lines", "none", "What it writes beside what its ready checks wait for."),
      field<&draft::memory>("memory", "0", "The memory that it uses."),
      field<&draft::crash>("crash", "never", "That it crashes now and then."),
  };
  static constexpr section_shape shape{"a simulated process", keys};
  return shape;
}

OVRSEER_DECL process_behavior behavior_of(const simulation_draft& draft);

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/simulation.ipp>
#endif
