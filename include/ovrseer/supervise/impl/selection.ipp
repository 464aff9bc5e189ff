// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/selection.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>

#include <ovrseer/supervise/graph.hpp>
#include <ovrseer/supervise/selection.hpp>

namespace ovrseer {

OVRSEER_DECL selection& selection::join(const selection& other, kind how) {
  steps_.insert(steps_.end(), other.steps_.begin(), other.steps_.end());
  steps_.push_back({how});
  return *this;
}

OVRSEER_DECL bool selection::asks_for_states() const {
  return std::ranges::any_of(steps_, [](const step& each) { return each.what == kind::state; });
}

OVRSEER_DECL bool selection::matches(const unit_spec& unit, unit_state state, const group_tree& groups) const {
  std::vector<bool> answers;
  for (const step& each : steps_) {
    if (each.what < kind::negation) {
      answers.push_back(holds(each, unit, state, groups));
      continue;
    }
    const bool last = answers.back();
    if (each.what == kind::negation) {
      answers.back() = !last;
      continue;
    }
    answers.pop_back();
    answers.back() = each.what == kind::both ? answers.back() && last : answers.back() || last;
  }
  return answers.back();
}

OVRSEER_DECL bool selection::holds(const step& asked, const unit_spec& unit, unit_state state,
                                   const group_tree& groups) {
  const auto is_meant = [&](std::string_view text) { return supervise_detail::is_like(text, asked.text); };
  switch (asked.what) {
    case kind::name: {
      const bool has_space = asked.text.find('/') != std::string::npos;
      return is_meant(has_space ? unit.id().name_space + "/" + unit.id().name : unit.id().name);
    }
    case kind::name_space: return is_meant(unit.id().name_space);
    case kind::tag: return std::ranges::any_of(unit.tags(), is_meant);
    case kind::role: return to_text(unit.role()) == asked.text;
    case kind::state: return to_text(state) == asked.text;
    case kind::group:
      for (std::string name = unit.group(); !name.empty(); name = groups.spec(name).parent()) {
        if (is_meant(name)) return true;
        if (!groups.contains(name)) break;
      }
      break;
    case kind::negation:
    case kind::both:
    case kind::either: break;
  }
  return false;
}

OVRSEER_DECL std::string selection::text() const {
  constexpr std::array<std::string_view, 6> keys{"name:", "namespace:", "group:", "tag:", "role:", "state:"};
  struct part {
    std::string text;
    kind what;
  };
  std::vector<part> parts;
  const auto take = [&](kind outer) {
    part last = std::move(parts.back());
    parts.pop_back();
    const bool binds_less = last.what > outer;
    return binds_less ? "(" + last.text + ")" : last.text;
  };
  for (const step& each : steps_) {
    if (each.what < kind::negation) {
      std::string value;
      for (const char c : each.text) value += c == '"' ? "\"'\"'\"" : std::string(1, c);
      if (value.empty() || each.text.find_first_of(" \t\r\n()\"'&|,") != std::string::npos) value = '"' + value + '"';
      parts.push_back({std::string(keys[static_cast<std::size_t>(each.what)]) + value, each.what});
    } else if (each.what == kind::negation) {
      parts.push_back({"not " + take(each.what), each.what});
    } else {
      const std::string right = take(each.what);
      parts.push_back({take(each.what) + (each.what == kind::both ? " and " : " or ") + right, each.what});
    }
  }
  return parts.back().text;
}

OVRSEER_DECL std::vector<unit_id> select(const selection& which, const std::vector<unit_spec>& units,
                                         const std::vector<group_spec>& groups) {
  const group_tree tree(groups);
  std::vector<unit_id> meant;
  for (const unit_spec& each : units) {
    if (which.matches(each, unit_state::created, tree)) meant.push_back(each.id());
  }
  return meant;
}

OVRSEER_DECL std::vector<unit_spec> with_dependencies(const std::vector<unit_id>& ids,
                                                      const std::vector<unit_spec>& units) {
  std::vector<const unit_spec*> working;
  std::vector<unit_id> starts;
  for (const unit_spec& each : units) {
    if (each.role() == role::cleanup) continue;
    working.push_back(&each);
    if (std::ranges::count(ids, each.id()) != 0) starts.push_back(each.id());
  }
  const std::set<unit_id> needed = dependency_graph(working).with_dependencies(starts);
  std::vector<unit_spec> kept;
  std::ranges::copy_if(units, std::back_inserter(kept), [&](const unit_spec& each) {
    return needed.contains(each.id()) || std::ranges::count(ids, each.id()) != 0;
  });
  return kept;
}

}  // namespace ovrseer

namespace ovrseer::supervise_detail {

OVRSEER_DECL bool is_like(std::string_view text, std::string_view pattern) noexcept {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;  // the last one seen, and where what it stands for ends so far
  std::size_t retry = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      retry = at;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[at]) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

OVRSEER_DECL parsed<selection> selection_reader::read() {
  constexpr std::size_t longest = std::size_t{64} << 10U;
  if (text_.size() > longest) {
    refuse(longest, "an expression of at most 64 KiB", "give the units a tag or a group, and name that");
    return failure(std::move(error_));
  }
  while (wants_operand_ || !is_at_end()) {
    const bool is_fine = wants_operand_ ? read_operand() : read_operator();
    if (!is_fine) return failure(std::move(error_));
  }
  apply_down_to(pending::sort::either);
  if (!pending_.empty()) {
    refuse(pending_.back().offset, "a ( that is closed", "write the ) that is missing, or remove this one");
    return failure(std::move(error_));
  }
  return std::move(made_);
}

OVRSEER_DECL bool selection_reader::refuse(std::size_t offset, std::string expected, std::string cure) {
  error_ = {std::move(expected), std::move(cure), offset};
  return false;
}

OVRSEER_DECL void selection_reader::skip_blanks() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
}

OVRSEER_DECL bool selection_reader::is_at_end() {
  skip_blanks();
  return at_ == text_.size();
}

OVRSEER_DECL bool selection_reader::read_operand() {
  if (is_at_end()) {
    return refuse(at_, "which units are meant",
                  made_.steps_.empty() && pending_.empty() ? "write * for all" : "write what is to stand here");
  }
  const std::size_t began = at_;
  if (text_[at_] == '(') {
    pending_.push_back({pending::sort::parenthesis, at_++});
    return true;
  }
  if (text_[at_] == ')')
    return refuse(at_, "which units are meant", "write what is in the parentheses, or remove them");
  std::string word;
  bool is_quoted = false;
  if (!take_word(word, is_quoted)) return false;
  if (word == "not" && !is_quoted) {
    pending_.push_back({pending::sort::negation, began});
    return true;
  }
  if ((word == "and" || word == "or") && !is_quoted) {
    return refuse(began, "which units are meant",
                  "write something before \"" + word + "\"; a unit of that name is name:" + word);
  }
  wants_operand_ = false;
  return read_term(began, word, is_quoted);
}

OVRSEER_DECL bool selection_reader::read_operator() {
  const std::size_t began = at_;
  if (text_[at_] == ')') {
    apply_down_to(pending::sort::either);
    if (pending_.empty()) return refuse(at_, "and, or, or the end", "remove this ), or write the ( that is missing");
    pending_.pop_back();
    ++at_;
    return true;
  }
  std::string word;
  bool is_quoted = false;
  if (text_[at_] != '(' && !take_word(word, is_quoted)) return false;
  if (is_quoted || (word != "and" && word != "or")) {
    return refuse(began, "and, or, or the end",
                  "write \"and\" for units that are both, \"or\" for units that are one of the two");
  }
  const pending::sort what = word == "and" ? pending::sort::both : pending::sort::either;
  apply_down_to(what);
  pending_.push_back({what, began});
  wants_operand_ = true;
  return true;
}

OVRSEER_DECL bool selection_reader::take_word(std::string& word, bool& is_quoted) {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"' || c == '\'') {
      const std::size_t end = text_.find(c, at_ + 1);
      if (end == std::string_view::npos) {
        return refuse(at_, "a quote that is closed", std::string("write the ") + c + " that is missing");
      }
      word += text_.substr(at_ + 1, end - at_ - 1);
      at_ = end;
      is_quoted = true;
    } else if (std::string_view(" \t\r\n()").find(c) != std::string_view::npos) {
      break;
    } else {
      word += c;
    }
  }
  return true;
}

OVRSEER_DECL bool selection_reader::read_term(std::size_t began, const std::string& word, bool is_quoted) {
  // A quote before the colon makes it a part of the name.
  const std::size_t colon = text_.substr(began, at_ - began).find_first_of(":\"'");
  if (colon == std::string_view::npos || text_[began + colon] != ':') return accept(began, kind::name, word, is_quoted);
  constexpr std::array<std::string_view, 6> keys{"name", "namespace", "group", "tag", "role", "state"};
  const auto found = std::ranges::find(keys, std::string_view(word).substr(0, colon));
  if (found == keys.end()) {
    const bool is_negation = word.front() == '!';
    return refuse(began,
                  "name:, namespace:, group:, tag:, role: or state:", is_negation ? "write \"not \" instead of !" : "");
  }
  return accept(began + colon + 1, static_cast<kind>(found - keys.begin()), word.substr(colon + 1), is_quoted);
}

OVRSEER_DECL bool selection_reader::accept(std::size_t offset, kind what, std::string value, bool is_quoted) {
  if (value.empty() && !is_quoted) return refuse(offset, "a value", "write it behind the colon; * stands for any");
  if (what == kind::role && !event_detail::named<role>(event_detail::role_names, value)) {
    return refuse(offset, "dependency, main or cleanup", "");
  }
  if (what == kind::state) {
    const std::optional<event_type> type = parse_event_type(value);
    if (!type || !state_of(*type)) {
      return refuse(offset, "a state, such as ready, stopped, crashed, backing_off or failed", "");
    }
  }
  const std::size_t sign = is_quoted ? std::string::npos : value.find_first_of("&|,");
  if (sign != std::string::npos) {
    return refuse(offset + sign, "blanks and a word", "write \"and\" or \"or\"; in quotes it is a part of the value");
  }
  if (what == kind::name) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const char c = value[i];
      const bool is_in_names =
          is_valid_unit_name(std::string("x") + c) || c == '*' || (c == '/' && value.find('/') == i);
      if (is_in_names) continue;
      const std::string cure = c == '!' ? "write \"not \" instead of !" : "no name has such a character";
      return refuse(is_quoted ? offset : offset + i, "a name, with * for any characters", cure);
    }
  }
  made_.steps_.push_back({what, std::move(value)});
  return true;
}

OVRSEER_DECL void selection_reader::apply_down_to(pending::sort least) {
  while (!pending_.empty() && pending_.back().what >= least && pending_.back().what != pending::sort::parenthesis) {
    constexpr std::array<kind, 3> kinds{kind::either, kind::both, kind::negation};
    made_.steps_.push_back({kinds[static_cast<std::size_t>(pending_.back().what)]});
    pending_.pop_back();
  }
}

}  // namespace ovrseer::supervise_detail
