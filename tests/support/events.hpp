// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a supervisor's journal keeps, as a list.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ovrseer/event/journal.hpp>

namespace ovrseer::test {

using names = std::vector<std::string>;

/// All events that are kept.
inline std::vector<event> events_of(const journal& kept) {
  std::vector<event> all;
  for (std::uint64_t seq = kept.begin_seq(); seq < kept.end_seq(); ++seq) all.push_back(*kept.at(seq));
  return all;
}

}  // namespace ovrseer::test
