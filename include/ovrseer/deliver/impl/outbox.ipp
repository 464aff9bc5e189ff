// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/deliver/outbox.hpp>.
#pragma once

#include <system_error>
#include <variant>

#include <ovrseer/deliver/outbox.hpp>

namespace ovrseer::deliver_detail {

OVRSEER_DECL segment_log_options outbox_store::log_options(const outbox_options& options) {
  segment_log_options made;
  made.sync = sync_policy::every_append();
  made.permissions = 0600;  // items may hold what is nobody else's business
  made.files = options.files;
  return made;
}

OVRSEER_DECL outbox_store::outbox_store(const outbox_options& options)
    : options_(options),
      log_(options.folder, log_options(options)),
      cursor_(log_, "delivered"),
      dead_(options.folder, options.files) {}

OVRSEER_DECL std::uint64_t outbox_store::append(const std::string& item) {
  if (log_.size().count() + item.size() > options_.bytes.count()) {
    throw error(errc::limit_reached, "outbox", options_.folder + " holds " + to_text(log_.size()));
  }
  log_.append(item);
  return waiting();
}

OVRSEER_DECL std::vector<outbox_store::record> outbox_store::read(std::size_t most) {
  std::vector<record> made;
  cursor_.rewind();
  while (made.size() < most) {
    std::optional<stored_entry> entry = cursor_.next();
    if (!entry) break;
    if (const auto* kept = std::get_if<stored_record>(&*entry)) {
      made.push_back({kept->sequence, std::string(kept->payload)});
    } else {
      made.push_back({std::get<stored_gap>(*entry).records.last, std::nullopt});
    }
  }
  return made;
}

OVRSEER_DECL std::uint64_t outbox_store::commit(std::uint64_t sequence) {
  cursor_.commit(sequence);
  log_.discard_before(cursor_.committed());
  return waiting();
}

OVRSEER_DECL void outbox_store::bury(const dead_letter& letter) { (void)dead_.add(letter, options_.most_dead_letters); }

}  // namespace ovrseer::deliver_detail
