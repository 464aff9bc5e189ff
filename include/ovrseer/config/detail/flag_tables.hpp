// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The keys of flags, of documents that define flags, and of where those are.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <ovrseer/config/detail/flag_drafts.hpp>
#include <ovrseer/config/detail/short_forms.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/detail/value_forms.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

template <>
struct value_traits<shared_flag_draft> {
  static constexpr bool keeps_parts = true;
  static constexpr value_shape shape{value_kind::section, "a mapping", {}, nullptr, &section_for<shared_flag_draft>};
  static bool read(config_reader& reader, const config_node& node, shared_flag_draft& into) {
    flag_draft& flag = into;
    const bool good = reader.section(node, section_for<shared_flag_draft>(), &flag);
    return (!node.is_mapping() || check_section(reader, node, flag)) && good;
  }
};

template <>
struct value_traits<remote_flags_draft> {
  using source = value_traits<flag_source_draft>;
  static constexpr bool keeps_parts = true;
  static constexpr value_shape shape{
      value_kind::list, "a source of flags, or a list of them", {}, &source::shape, nullptr, &source::shape};
  static bool read(config_reader& reader, const config_node& node, remote_flags_draft& into) {
    into.list.clear();
    const auto add = [&](const config_node& item) {
      flag_source_draft each;
      const bool good = source::read(reader, item, each);
      into.list.push_back(std::move(each));
      return good;
    };
    return node.is_sequence() ? reader.list(node, "sources of flags", add) : add(node);
  }
};

template <std::size_t N, std::size_t M>
constexpr std::array<key_entry, N + M> joined(const std::array<key_entry, N>& a, const std::array<key_entry, M>& b) {
  std::array<key_entry, N + M> all;
  for (std::size_t i = 0; i < N; ++i) all[i] = a[i];
  for (std::size_t i = 0; i < M; ++i) all[N + i] = b[i];
  return all;
}

template <>
inline const section_shape& section_for<reaction_draft>() {
  using draft = reaction_draft;
  static constexpr std::array keys{
      field<&draft::action>("action", "nothing", "What is done with the process; after a restart its policy decides."),
      field<&draft::run>("run", "none", "A process to start instead; make it onDemand."),
  };
  static constexpr section_shape shape{"what follows a flag", keys};
  return shape;
}

inline constexpr std::array flag_keys{
    field<&flag_draft::name>("name", "", "What the flag is called.", need::required),
    field<&flag_draft::what>("pattern", "", "The lines that it counts: text, or /text/i.", need::required),
    field<&flag_draft::color>("color", "yellow", "The colour it is shown in."),
    field<&flag_draft::target>("target", "none", "The count at which an event tells that it was reached."),
    field<&flag_draft::context>("context", "5", "The lines that a match is shown with, itself included."),
    field<&flag_draft::on_match>("onMatch", "nothing", "What follows each match."),
    field<&flag_draft::on_target>("onTarget", "nothing", "What follows the match that reaches the target."),
};

template <>
inline const section_shape& section_for<flag_draft>() {
  static constexpr section_shape shape{"a flag", flag_keys};
  return shape;
}

template <>
inline const section_shape& section_for<shared_flag_draft>() {
  static constexpr std::array more{
      field<&flag_draft::units>("units", "all", "The processes it is for: ids, space/id; * stands for any characters."),
  };
  static constexpr std::array keys = joined(flag_keys, more);
  static constexpr section_shape shape{"a shared flag", keys};
  return shape;
}

template <>
inline const section_shape& section_for<flag_document_draft>() {
  using draft = flag_document_draft;
  static constexpr std::array keys{
      field<&draft::version>("version", "", "The version of this format: 1.", need::required),
      field<&draft::flags>("flags", "", "The flags: a list, which may be empty.", need::required),
  };
  static constexpr section_shape shape{"a document of flags", keys};
  return shape;
}

template <>
inline const section_shape& section_for<flag_source_draft>() {
  using draft = flag_source_draft;
  static constexpr std::array keys{
      field<&draft::url>("url", "", "The address of the document."),
      field<&draft::file>("file", "", "A file, instead of an address."),
      field<&draft::interval>("interval", "1m", "How often it is asked for; after a failure sooner."),
      field<&draft::timeout>("timeout", "10s", "How long an answer may take."),
      field<&draft::headers>("headers", "none", "Headers to send as well."),
      field<&draft::token>("token", "none", "A bearer token to send."),
      field<&draft::reactions>("reactions", "false",
                               "Whether its flags may restart, stop and start processes; report they may."),
      field<&draft::connection>("connection", "as the system has it", "Certificates and the proxy."),
  };
  static constexpr section_shape shape{"a source of flags", keys};
  return shape;
}

}  // namespace ovrseer::config_detail
