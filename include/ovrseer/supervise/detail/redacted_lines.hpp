// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines out of the middle of a log, redacted as they are with what stands before them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <ovrseer/log/query.hpp>
#include <ovrseer/redact/line_redactor.hpp>
#include <ovrseer/redact/redact_lines.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace ovrseer::supervise_detail {

/// The lines from `first` up to but not including `end`, as far as they are kept. Where one of them may be the inside of a
/// private key, or the first of them goes on with an over-long line, what stands before them is looked at too.
inline std::vector<std::string> redacted_lines(const ring& log, std::uint64_t first, std::uint64_t end,
                                               const redactor& rules) {
  bool begins_in_line = false;
  const auto texts_from = [&](std::uint64_t begin) {
    std::vector<std::string> texts;
    std::array<line_redactor, 2> of_pieces{line_redactor(rules), line_redactor(rules)};
    visit_lines(log, log_query().from_seq(begin).until_seq(end), [&](const line& each) {
      begins_in_line = begins_in_line || (texts.empty() && has_begun(each.part));
      auto& pieces = of_pieces[each.source == line_source::err ? 1 : 0];
      texts.push_back(each.part == line_part::whole ? std::string(each.text) : pieces.redact(each.text, each.part));
    });
    return texts;
  };
  std::vector<std::string> texts = texts_from(first);
  const std::size_t wanted = texts.size();
  if (begins_in_line || may_begin_in_key(texts))
    texts = texts_from(first - std::min<std::uint64_t>(first, line_redactor::most_lines));
  redact_lines(texts, rules);
  texts.erase(texts.begin(), texts.end() - static_cast<std::ptrdiff_t>(wanted));
  return texts;
}

}  // namespace ovrseer::supervise_detail
