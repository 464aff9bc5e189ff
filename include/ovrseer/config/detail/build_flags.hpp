// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From the drafts of flags to flags, and to where more of them come from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/drafts.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/log/flag.hpp>
#include <ovrseer/supervise/flag_reaction.hpp>

namespace ovrseer::config_detail {

/// Those that say what they are called and what they look for. A second one of a name is reported and left out.
template <class Draft>
std::vector<const Draft*> distinct_flags(config_reader& reader, const std::vector<Draft>& drafts) {
  std::vector<const Draft*> distinct;
  std::map<std::string_view, const Draft*> known;
  for (const Draft& each : drafts) {
    if (!each.name || !each.what) continue;
    const auto [first, is_new] = known.try_emplace(*each.name, &each);
    if (is_new) {
      distinct.push_back(&each);
      continue;
    }
    diagnostic& finding = reader.error(*each.name.node, "two flags with the name " + in_quotes(*each.name));
    finding.also = reader.note(*first->second->name.node, "the first is here");
    finding.cure = "choose another name";
  }
  return distinct;
}

/// The flag of a draft that `distinct_flags` names.
OVRSEER_DECL flag_spec flag_of(const flag_draft& draft);
/// What follows a match; the process of `run` is in that namespace where it names none.
OVRSEER_DECL flag_reaction reaction_of(const given<reaction_draft>& draft, const std::string& name_space);

/// Where a document of flags is; nothing where something is wrong, which was reported where it stands.
OVRSEER_DECL std::optional<flag_source_settings> flag_source_of(config_reader& reader, const flag_source_draft& draft);

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/build_flags.ipp>
#endif
