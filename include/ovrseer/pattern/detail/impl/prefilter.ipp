// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/pattern/detail/prefilter.hpp>.
#pragma once

#include <algorithm>
#include <bit>
#include <utility>

#include <ovrseer/pattern/detail/prefilter.hpp>

namespace ovrseer::pattern_detail {

OVRSEER_DECL bool prefilter::add(std::size_t slot, const factors& found) {
  std::vector<std::size_t> places;
  std::vector<window> chosen;
  const std::size_t size = windows_.size();
  for (const byte_sequence& sequence : found.sequences) {
    chosen.push_back(rarest_window(sequence));
    const classes key = classes_of(sequence, chosen.back());
    const auto known = std::find(windows_.begin() + static_cast<std::ptrdiff_t>(size), windows_.end(), key);
    places.push_back(static_cast<std::size_t>(known - windows_.begin()));
    if (known == windows_.end()) windows_.push_back(key);
  }
  if (windows_.size() > max_windows) {
    windows_.resize(size);
    return false;
  }
  ends_.resize(windows_.size());
  if (of_slot_.size() <= slot) of_slot_.resize(slot + 1, 0);
  for (std::size_t i = 0; i != places.size(); ++i) {
    window_end& end = ends_[places[i]];
    end.slot = slot;
    end.reach = std::max(end.reach, sum_of_leads(found.sequences[i].lead, chosen[i].begin + chosen[i].size - 1));
    waiting_.push_back({places[i], check_of(found.sequences[i], chosen[i], found.is_complete)});
    of_slot_[slot] |= std::uint64_t{1} << places[i];
  }
  return true;
}

OVRSEER_DECL void prefilter::finish() {
  for (std::size_t i = 0; i != ends_.size(); ++i) {
    window_end& end = ends_[i];
    end.first_check = static_cast<std::uint32_t>(checks_.size());
    for (const waiting_check& one : waiting_) {
      if (one.window != i) continue;
      end.most_back = std::max(end.most_back, one.made.back);
      end.least_back = std::min(end.least_back, one.made.back);
      end.has_rests = end.has_rests || one.made.rest != 0;
      checks_.push_back(one.made);
    }
    end.end_check = static_cast<std::uint32_t>(checks_.size());
  }
  waiting_.clear();
  exact_.assign(max_window * 256, 0);
  for (std::size_t i = 0; i != windows_.size(); ++i) {
    for (std::size_t k = 0; k != max_window; ++k) {
      for (unsigned byte = 0; byte != 256; ++byte) {
        if (windows_[i][k].contains(byte)) exact_[k * 256 + byte] |= std::uint64_t{1} << i;
      }
    }
  }
  deal_out();
}

OVRSEER_DECL prefilter::check prefilter::check_of(const byte_sequence& sequence, const window& chosen,
                                                  bool is_complete) {
  check made;
  made.back = static_cast<std::uint16_t>(chosen.begin + chosen.size - 1);
  made.size = static_cast<std::uint16_t>(sequence.bytes.size());
  std::array<std::uint64_t, 3> mask{};
  std::array<std::uint64_t, 3> value{};
  check_rest rest;
  for (std::size_t at = 0; at != sequence.bytes.size(); ++at) {
    const byte_set& set = sequence.bytes[at];
    unsigned common = 0xFF;
    unsigned any = 0;
    unsigned count = 0;
    for (unsigned byte = 0; byte != 256; ++byte) {
      if (!set.contains(byte)) continue;
      common &= byte;
      any |= byte;
      ++count;
    }
    // They tell all when as many bytes have them as are in the class.
    const unsigned differing = any & ~common;
    reinterpret_cast<unsigned char*>(mask.data())[at] = static_cast<unsigned char>(~differing);
    reinterpret_cast<unsigned char*>(value.data())[at] = static_cast<unsigned char>(common & ~differing);
    const bool is_exact = count == 1U << static_cast<unsigned>(std::popcount(differing));
    if (is_complete && !is_exact) rest.inexact.emplace_back(at, set);
  }
  made.mask = mask[0];
  made.value = value[0];
  if (made.size <= sizeof(made.mask) && rest.inexact.empty()) return made;
  rest.mask = {mask[1], mask[2]};
  rest.value = {value[1], value[2]};
  rests_.push_back(std::move(rest));
  made.rest = static_cast<std::uint32_t>(rests_.size());
  return made;
}

OVRSEER_DECL bool prefilter::has_rest(const check& sequence, std::string_view here) const noexcept {
  const check_rest& rest = rests_[sequence.rest - 1];
  if (here.size() < sequence.size) return false;
  std::array<std::uint64_t, 2> words{};
  const std::string_view behind = here.substr(std::min(here.size(), sizeof(sequence.mask)));
  std::memcpy(words.data(), behind.data(), std::min(behind.size(), sizeof(words)));
  for (std::size_t i = 0; i != words.size(); ++i) {
    if ((words[i] & rest.mask[i]) != rest.value[i]) return false;
  }
  return std::all_of(rest.inexact.begin(), rest.inexact.end(),
                     [&](const auto& one) { return one.second.contains(static_cast<unsigned char>(here[one.first])); });
}

// Each window goes into the set in which it costs the fewest guesses.
OVRSEER_DECL void prefilter::deal_out() {
  tables_ = {};
  tables_.has_both = windows_.size() > few_windows;
  const std::size_t count = sets_a_table * (tables_.has_both ? 2 : 1);
  std::vector<scanned> made(count);
  std::vector<double> costs(count, 0);
  for (const classes& one : windows_) {
    const scanned added = halves_of({one.end() - scanned_bytes, one.end()});
    std::size_t best = 0;
    double least = 2;
    for (std::size_t set = 0; set != count; ++set) {
      const double growth = cost(joined(made[set], added)) - costs[set];
      if (growth >= least) continue;
      least = growth;
      best = set;
    }
    made[best] = joined(made[best], added);
    costs[best] += least;
    scan_sets& sets = tables_.sets[best / sets_a_table];
    for (std::size_t k = 0; k != scanned_bytes; ++k) {
      for (unsigned byte = 0; byte != 256; ++byte) {
        const bool is_in = one[max_window - scanned_bytes + k].contains(byte);
        if (is_in) sets.add(k, byte, static_cast<unsigned>(best % sets_a_table));
      }
    }
  }
}

// A window that is short may have anything before it.
OVRSEER_DECL prefilter::classes prefilter::classes_of(const byte_sequence& sequence, const window& chosen) {
  classes made;
  for (byte_set& set : made) set.words[0] = set.words[1] = set.words[2] = set.words[3] = ~std::uint64_t{0};
  for (std::size_t k = 0; k != chosen.size; ++k) {
    made[max_window - chosen.size + k] = sequence.bytes[chosen.begin + k];
  }
  return made;
}

OVRSEER_DECL prefilter::scanned prefilter::halves_of(std::span<const byte_set> bytes) {
  scanned made;
  for (std::size_t k = 0; k != scanned_bytes; ++k) {
    for (unsigned byte = 0; byte != 256; ++byte) {
      if (!bytes[k].contains(byte)) continue;
      made[k].low = static_cast<std::uint16_t>(made[k].low | (1U << (byte & 15U)));
      made[k].high = static_cast<std::uint16_t>(made[k].high | (1U << (byte >> 4U)));
    }
  }
  return made;
}

OVRSEER_DECL prefilter::scanned prefilter::joined(scanned made, const scanned& more) noexcept {
  for (std::size_t k = 0; k != scanned_bytes; ++k) {
    made[k].low |= more[k].low;
    made[k].high |= more[k].high;
  }
  return made;
}

OVRSEER_DECL double prefilter::cost(const scanned& made) {
  byte_sequence as_read;
  as_read.bytes.resize(scanned_bytes);
  for (std::size_t k = 0; k != scanned_bytes; ++k) {
    for (unsigned high = 0; high != 16; ++high) {
      if (((made[k].high >> high) & 1U) == 0) continue;
      const std::uint64_t row = made[k].low;
      as_read.bytes[k].words[high / 4] |= (high < 8 ? row : 0xFFFFU) << (high % 4 * 16);
    }
  }
  return rarity_model::probability(as_read, 0, scanned_bytes);
}

}  // namespace ovrseer::pattern_detail
