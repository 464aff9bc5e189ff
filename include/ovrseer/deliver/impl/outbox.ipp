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
    : options_(options), log_(options.folder, log_options(options)), cursor_(log_, "delivered") {}

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

OVRSEER_DECL void outbox_store::bury(const std::string& item, const std::string& reason) {
  if (dead_ == nullptr) dead_ = std::make_unique<segment_log>(options_.folder + "/dead", log_options(options_));
  dead_->append(encode_dead_letter(item, reason));
}

OVRSEER_DECL std::string encode_dead_letter(const std::string& item, const std::string& reason) {
  return to_json_text(ordered_json{{"v", 1}, {"reason", reason}, {"item", item}});
}

}  // namespace ovrseer::deliver_detail

namespace ovrseer {

OVRSEER_DECL std::vector<dead_letter> read_dead_letters(const std::string& folder, file_system* files) {
  std::vector<dead_letter> made;
  const std::string dead = folder + "/dead";
  const auto listed = files_or_real(files).list(dead);
  if (!listed && listed.reason() == std::errc::no_such_file_or_directory) return made;  // there never was one
  segment_reader reader(dead, 0, files);
  while (const std::optional<stored_entry> entry = reader.next()) {
    const auto* kept = std::get_if<stored_record>(&*entry);
    if (kept == nullptr) continue;
    const auto json = ordered_json::parse(kept->payload, nullptr, false);
    if (!json.is_object() || !json.contains("item") || !json["item"].is_string()) continue;
    made.push_back({kept->sequence, json.value("reason", std::string()), json["item"].get<std::string>()});
  }
  return made;
}

}  // namespace ovrseer
