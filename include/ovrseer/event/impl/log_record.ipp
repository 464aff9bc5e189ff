// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/log_record.hpp>.
#pragma once

#include <chrono>

#include <ovrseer/event/log_record.hpp>

namespace ovrseer {

OVRSEER_DECL std::string id_of(const log_record& record) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(record.line.time).time_since_epoch();
  std::string id = record.boot_id;
  id.append("/").append(record.unit.name_space).append("/").append(record.unit.name);
  id.append("/").append(std::to_string(record.line.seq)).append("/").append(std::to_string(since_epoch.count()));
  return id;
}

OVRSEER_DECL std::size_t size_in_bytes(const log_record& record) noexcept {
  std::size_t bytes = sizeof(log_record) + record.line.text.size();
  for (const matched_flag& each : record.flags) {
    bytes += sizeof(matched_flag) + each.flag.size();
    for (const auto& [name, taken] : each.captures) bytes += sizeof(name) + sizeof(taken) + name.size() + taken.size();
  }
  return bytes;
}

}  // namespace ovrseer
