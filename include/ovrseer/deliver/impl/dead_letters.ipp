// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/deliver/dead_letters.hpp>.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

#include <ovrseer/deliver/dead_letters.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/disk/write_atomic.hpp>
#include <ovrseer/event/json_members.hpp>

namespace ovrseer::deliver_detail {

inline constexpr std::string_view letter_suffix = ".json";

/// The number in the name of a letter's file; nothing for any other name.
inline std::optional<std::uint64_t> letter_number(std::string_view name) {
  if (!name.ends_with(letter_suffix)) return std::nullopt;
  name.remove_suffix(letter_suffix.size());
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (code != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace ovrseer::deliver_detail

namespace ovrseer {

OVRSEER_DECL dead_letters::dead_letters(const std::string& outbox, file_system* files)
    : folder_(outbox + "/dead"), files_(&files_or_real(files)) {}

OVRSEER_DECL std::string dead_letters::path_of(std::uint64_t sequence) const {
  return folder_ + "/" + std::to_string(sequence) + std::string(deliver_detail::letter_suffix);
}

OVRSEER_DECL std::vector<std::uint64_t> dead_letters::numbers() const {
  std::vector<std::uint64_t> made;
  const auto listed = files_->list(folder_);
  if (!listed && listed.reason() == std::errc::no_such_file_or_directory) return made;  // there never was one
  if (!listed) throw error(listed.reason(), "list", folder_);
  for (const std::string& name : *listed) {
    if (const auto number = deliver_detail::letter_number(name)) made.push_back(*number);
  }
  std::ranges::sort(made);
  return made;
}

OVRSEER_DECL std::size_t dead_letters::add(const dead_letter& letter, std::size_t most) {
  const std::error_code made = files_->make_folder(folder_, 0700);
  if (made && made != std::errc::file_exists) throw error(made, "make folder", folder_);
  write_options options;
  options.permissions = 0600;  // items may hold what is nobody else's business
  options.files = files_;
  const ordered_json text{{"v", 1}, {"reason", letter.reason}, {"item", letter.item}};
  write_atomic(path_of(letter.sequence), to_json_text(text) + "\n", options);
  const std::vector<std::uint64_t> kept = numbers();
  const std::size_t over = kept.size() > most ? kept.size() - most : 0;
  for (std::size_t i = 0; i != over; ++i) forget(kept[i]);
  return over;
}

OVRSEER_DECL std::vector<dead_letter> dead_letters::all() const {
  std::vector<dead_letter> made;
  for (const std::uint64_t number : numbers()) {
    const auto text = read_file(path_of(number), byte_size(64U << 20U), files_);
    if (!text && text.reason() == std::errc::no_such_file_or_directory) continue;  // forgotten meanwhile
    if (!text) throw error(text.reason(), "read", path_of(number));
    const auto json = ordered_json::parse(*text, nullptr, false);
    if (!json.is_object() || !json.contains("item") || !json["item"].is_string()) continue;
    made.push_back({number, json.value("reason", std::string()), json["item"].get<std::string>()});
  }
  return made;
}

OVRSEER_DECL void dead_letters::forget(std::uint64_t sequence) {
  const std::error_code code = files_->unlink(path_of(sequence));
  if (code && code != std::errc::no_such_file_or_directory) throw error(code, "unlink", path_of(sequence));
}

}  // namespace ovrseer
