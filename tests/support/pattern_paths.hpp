// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Every way in which the engine can say which patterns match a line, so that tests hold all of them to one answer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/automaton.hpp>
#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_set.hpp>

namespace pattern_paths {

using namespace ovrseer;

struct scan_form {
  const char* name;
  const pattern_detail::scan_functions* functions;
};

/// Those that this processor has.
inline std::vector<scan_form> scan_forms() {
  std::vector<scan_form> all{{"portable", &pattern_detail::portable_scan}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("ssse3")) all.push_back({"SSSE3", &pattern_detail::ssse3_scan});
  if (pattern_detail::has_avx2()) all.push_back({"AVX2", &pattern_detail::avx2_scan});
  if (pattern_detail::has_vbmi()) {
    all.push_back({"VBMI", &pattern_detail::vbmi_scan});
  }
#endif
#if defined(OVRSEER_PATTERN_HAS_NEON)
  all.push_back({"NEON", &pattern_detail::neon_scan});
#endif
  return all;
}

using answer = std::vector<bool>;  // of each pattern

struct path {
  std::string name;
  std::function<answer(std::string_view line)> ask;
};

/// `patterns` must outlive what is returned. Lines have no newline.
inline std::vector<path> paths_of(const std::vector<pattern<>>& patterns) {
  std::vector<path> all;
  // From now on spans are found by plan, as if much text had been searched.
  for (const pattern<>& one : patterns) pattern_access::make_plan(one);
  const auto each = [&patterns](auto ask) {
    return [&patterns, ask](std::string_view line) {
      answer found;
      for (const pattern<>& one : patterns) found.push_back(ask(one, line));
      return found;
    };
  };
  all.push_back({"machine", each([](const pattern<>& one, std::string_view line) {
                   return pattern_detail::machine<>(pattern_access::program(one), line, 0).run(0);
                 })});
  all.push_back(
      {"spans", each([](const pattern<>& one, std::string_view line) { return one.find(line).has_value(); })});
  all.push_back({"table", each([](const pattern<>& one, std::string_view line) {
                   const pattern_detail::whole_view* table = pattern_access::table(one);
                   return table != nullptr ? table->matches(line, 0) : one.matches(line);
                 })});
  pattern_detail::joint_program joint;
  for (const pattern<>& one : patterns) joint.add(one.text(), one.flags());
  auto growing = std::make_shared<pattern_detail::automaton>(std::move(joint));
  all.push_back({"joint automaton", [growing, count = patterns.size()](std::string_view line) {
                   answer found(count, false);
                   std::vector<std::uint32_t> matched;
                   growing->visit(line, matched);
                   for (const std::uint32_t which : matched) found[which] = true;
                   return found;
                 }});
  for (const scan_form& form : scan_forms()) {
    auto set = std::make_shared<pattern_set>();
    for (const pattern<>& one : patterns) set->add(one);
    pattern_set_access::scan_with(*set, *form.functions);
    const auto answer_of = [count = patterns.size()](const pattern_hits& hits) {
      answer found(count, false);
      for (const std::size_t slot : hits) found[slot] = true;
      return found;
    };
    all.push_back({std::string("line by line, ") + form.name, [set, answer_of](std::string_view line) {
                     pattern_hits hits;
                     set->match(line, hits);
                     return answer_of(hits);
                   }});
    // Between lines that are not asked about.
    all.push_back({std::string("chunk, ") + form.name, [set, answer_of](std::string_view line) {
                     const std::string chunk = "before\n" + std::string(line) + "\nafter\n";
                     answer found;
                     std::size_t number = 0;
                     set->scan(chunk, [&](std::string_view, const pattern_hits& hits) {
                       if (number++ == 1) found = answer_of(hits);
                     });
                     return found;
                   }});
  }
  return all;
}

}  // namespace pattern_paths
