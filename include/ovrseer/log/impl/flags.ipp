// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/flags.hpp>.
#pragma once

#include <ovrseer/log/flags.hpp>
#include <ovrseer/log/query.hpp>

namespace ovrseer::log_detail {

OVRSEER_DECL void kept_matches::add(const line& what) {
  if (most_ == 0) return;
  line kept = what;
  kept.text = what.text.substr(0, longest);
  const std::size_t place = static_cast<std::size_t>(lines_.end_seq() % most_);
  if (place >= seqs_.size()) seqs_.resize(std::min(most_, place * 2 + 8));
  seqs_[place] = what.seq;
  lines_.push(kept);
}

}  // namespace ovrseer::log_detail

namespace ovrseer {

OVRSEER_DECL void flag_table::add(flag_spec what) {
  remove(what.name());
  flags_.push_back(std::make_unique<entry>(std::move(what), kept_));
  if (scanning_ == 0) settle(*flags_.back());
}

OVRSEER_DECL bool flag_table::remove(std::string_view name) {
  const auto at = position(name);
  if (at == flags_.end()) return false;
  entry& gone = **at;
  if (gone.slot) {
    by_slot_[*gone.slot] = nullptr;
    if (scanning_ == 0)
      set_.remove(*gone.slot);
    else
      vacated_.push_back(*gone.slot);
  }
  // It may be the one whose hook runs now.
  if (scanning_ != 0) retired_.push_back(std::move(*at));
  flags_.erase(at);
  return true;
}

OVRSEER_DECL std::optional<std::uint64_t> flag_table::count(std::string_view name) const {
  const auto at = position(name);
  if (at == flags_.end()) return std::nullopt;
  return (*at)->count;
}

OVRSEER_DECL const flag_spec* flag_table::find(std::string_view name) const {
  const auto at = position(name);
  return at == flags_.end() ? nullptr : &(*at)->spec;
}

OVRSEER_DECL std::vector<flag_summary> flag_table::summaries() const {
  std::vector<flag_summary> all;
  for (const auto& flag : flags_) {
    all.push_back({flag->spec.name(), flag->spec.color(), flag->count, flag->spec.target()});
  }
  return all;
}

OVRSEER_DECL std::vector<owned_line> flag_table::matches(std::string_view name) const {
  std::vector<owned_line> found;
  const auto at = position(name);
  if (at != flags_.end()) (*at)->kept.visit([&found](const line& kept) { found.emplace_back(kept); });
  return found;
}

OVRSEER_DECL void flag_table::on_target(hook what) {
  on_match([act = std::move(what)](const flag_match& found) {
    if (found.is_target()) act(found);
  });
}

OVRSEER_DECL bool flag_table::has_match(std::string_view text) {
  if (set_.empty()) return false;
  set_.match(text, hits_);
  return hits_.any();
}

OVRSEER_DECL void flag_table::look_at(const line& where) {
  if (!has_match(where.text)) return;
  const scanning_mark mark(*this);
  record(where, hits_);
}

OVRSEER_DECL void flag_table::record(const line& where, const pattern_hits& hits) {
  for (const std::size_t slot : hits) {
    entry* const flag = slot < by_slot_.size() ? by_slot_[slot] : nullptr;
    if (flag == nullptr) continue;
    ++flag->count;
    flag->kept.add(where);
    if (!hooks_.empty()) tell({flag->spec, flag->count, where});
  }
}

OVRSEER_DECL void flag_table::settle(entry& flag) {
  const pattern_set::slot slot = set_.add(flag.spec.what());
  flag.slot = slot;
  if (slot >= by_slot_.size()) by_slot_.resize(slot + 1);
  by_slot_[slot] = &flag;
}

OVRSEER_DECL void flag_table::settle_all() {
  if (retired_.empty() && vacated_.empty() && (flags_.empty() || flags_.back()->slot)) return;
  for (const pattern_set::slot slot : vacated_) set_.remove(slot);
  vacated_.clear();
  retired_.clear();
  for (const auto& flag : flags_) {
    if (!flag->slot) settle(*flag);
  }
}

OVRSEER_DECL void flag_table::tell(const flag_match& found) {
  for (std::size_t i = 0; i < hooks_.size(); ++i) {
    try {
      // A copy of the shared function: a hook may add hooks, and the list then moves.
      const std::shared_ptr<const hook> act = hooks_[i];
      (*act)(found);
    } catch (...) {
      ++failed_hooks_;
    }
  }
}

OVRSEER_DECL std::vector<owned_line> lines_around(const ring& lines, std::uint64_t seq, std::size_t window) {
  const std::uint64_t half = window / 2;
  return find_lines(lines, log_query().from_seq(seq > half ? seq - half : 0).until_seq(seq + half + 1));
}

}  // namespace ovrseer
