// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/pattern/explain.hpp>.
#pragma once

#include <ovrseer/pattern/explain.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/factor.hpp>
#include <ovrseer/pattern/detail/parser.hpp>
#include <ovrseer/pattern/detail/rarity.hpp>

namespace ovrseer {

namespace pattern_detail {

OVRSEER_DECL char shown_class(const byte_set& set) {
  char shown = 0;
  unsigned count = 0;
  for (unsigned byte = 0x20; byte != 0x7F; ++byte) {
    if (!set.contains(byte)) continue;
    // Of a letter in either case the capital comes first.
    if (count == 0) shown = static_cast<char>(byte);
    count += count == 1 && byte == static_cast<unsigned>(shown) + 0x20U && is_letter_unit(byte) ? 0 : 1;
  }
  return count == 1 && (set.words[2] | set.words[3]) == 0 ? shown : '?';
}

OVRSEER_DECL pattern_explanation::sequence explained(const byte_sequence& from) {
  const window chosen = rarest_window(from);
  pattern_explanation::sequence made;
  for (const byte_set& set : from.bytes) made.text.push_back(shown_class(set));
  made.window = made.text.substr(chosen.begin, chosen.size);
  made.guesses = chosen.probability * 1e6;
  return made;
}

}  // namespace pattern_detail

OVRSEER_DECL pattern_explanation pattern_view::explain() const {
  using engine = pattern_explanation::engine;
  pattern_explanation made;
  made.pattern = to_text(*this);
  made.steps = program_->code_size;
  const pattern_detail::factors found = pattern_detail::find_factors(pattern_detail::parse(text(), flags()));
  for (const pattern_detail::byte_sequence& one : found.sequences) {
    made.sequences.push_back(pattern_detail::explained(one));
  }
  made.reads_from_line_begin = !found.is_complete && found.reach == pattern_detail::unbounded_lead;
  const bool has_table = pattern_access::table(*this) != nullptr;
  if (found.sequences.empty()) {
    made.decides = engine::every_line;
    made.warnings.emplace_back(
        "it must contain nothing that is rare in logs, so every line is read by an automaton: a word or a sign that "
        "the "
        "line always has would make it cheap");
  } else if (!found.is_complete) {
    made.decides = has_table ? engine::table : engine::growing;
  }
  if (made.reads_from_line_begin) {
    made.warnings.emplace_back(
        "what may stand before the part that is looked for has no bound, so a line that has this part is read from its "
        "beginning");
  }
  if (!has_table && made.decides != engine::sequence) {
    made.warnings.emplace_back(
        "its automaton would be too large to be made whole, and grows with the text: smaller repeat "
        "counts would help");
  }
  return made;
}

OVRSEER_DECL std::string_view to_text(pattern_explanation::engine decides) noexcept {
  switch (decides) {
    case pattern_explanation::engine::sequence: return "where one stands the pattern matches";
    case pattern_explanation::engine::table: return "an automaton decides about what stands around";
    case pattern_explanation::engine::growing: return "an automaton that grows with the text decides";
    case pattern_explanation::engine::every_line: return "an automaton reads every line";
  }
  return "unknown";
}

OVRSEER_DECL std::string to_text(const pattern_explanation& of) {
  std::string made = of.pattern + "\n";
  for (const pattern_explanation::sequence& one : of.sequences) {
    made += "  looks for '" + one.window + "'";
    if (one.window != one.text) made += " of '" + one.text + "'";
    made +=
        ", about " + std::to_string(static_cast<unsigned long long>(one.guesses + 0.5)) + " times in a million bytes\n";
  }
  made += "  " + std::string(to_text(of.decides)) + "; " + std::to_string(of.steps) + " steps for spans and groups\n";
  for (const std::string& one : of.warnings) made += "  note: " + one + "\n";
  return made;
}

}  // namespace ovrseer
