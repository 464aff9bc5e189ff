// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a document of flags may hold, since whoever writes it is not whoever runs the supervisor.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ovrseer/config/document.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// A document that keeps them costs little, whatever it says: matching is linear in the lines for every pattern.
struct flag_document_rules {
  /// What may follow a match.
  enum class reactions : std::uint8_t {
    report_alone,  ///< nothing, or a crash report
    any,           ///< restart and stop of the process, and the start of another, as well
  };

  reactions allowed = reactions::report_alone;
  std::size_t most_flags = 256;
  std::size_t longest_name = 128;      ///< in bytes
  std::size_t longest_pattern = 4096;  ///< in bytes
  document_limits limits{byte_size(1U << 20U), 16, 50'000};
};

}  // namespace ovrseer
