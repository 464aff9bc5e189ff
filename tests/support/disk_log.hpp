// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the tests of the segment log share: options on a file system, and all that a reader gives.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <ovrseer/disk/segment_log.hpp>
#include <ovrseer/disk/segment_reader.hpp>

namespace ovrseer_test {

inline ovrseer::segment_log_options log_options(ovrseer::file_system& files, std::uint64_t segment_size = 0) {
  ovrseer::segment_log_options options;
  options.files = &files;
  options.rotate.size = ovrseer::byte_size(segment_size);
  return options;
}

/// A payload that tells its number, and whose length changes with it.
inline std::string payload_of(std::uint64_t number) {
  return "record " + std::to_string(number) + std::string(number % 7, '.');
}

struct read_back {
  std::vector<std::uint64_t> sequences;
  std::vector<std::string> payloads;
  std::vector<ovrseer::stored_gap> gaps;
};

template <class Reader>
read_back drain(Reader& reader) {
  read_back found;
  while (const auto entry = reader.next()) {
    if (const auto* record = std::get_if<ovrseer::stored_record>(&*entry)) {
      found.sequences.push_back(record->sequence);
      found.payloads.emplace_back(record->payload);
    } else {
      found.gaps.push_back(std::get<ovrseer::stored_gap>(*entry));
    }
  }
  return found;
}

inline read_back read_log(ovrseer::file_system& files, const std::string& folder, std::uint64_t from = 0) {
  ovrseer::segment_reader reader(folder, from, &files);
  return drain(reader);
}

inline std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t n = first; n <= last; ++n) all.push_back(n);
  return all;
}

}  // namespace ovrseer_test
