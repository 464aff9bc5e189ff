// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Flags as a configuration or a document of definitions gives them, and where such documents are, key by key.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <ovrseer/config/detail/check_drafts.hpp>
#include <ovrseer/config/detail/connection_drafts.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/detail/words.hpp>
#include <ovrseer/log/flag.hpp>

namespace ovrseer::config_detail {

/// The version of the format: only one is known.
struct version_draft {};

struct reaction_draft {
  using short_type = reaction_word;
  given<reaction_word> action;
  given<std::string> run;
};

struct flag_draft {
  given<std::string> name;
  given<pattern_draft> what;
  given<flag_color> color;
  given<any_count> target;
  given<some_count> context;
  given<reaction_draft> on_match;
  given<reaction_draft> on_target;
  given<std::vector<std::string>> units;  // of a definition from elsewhere
};

/// A flag with the units whose lines it is for; its table has more keys.
struct shared_flag_draft : flag_draft {};

/// A document of definitions.
struct flag_document_draft {
  given<version_draft> version;
  given<std::vector<shared_flag_draft>> flags;
};

/// Where a document of definitions is.
struct flag_source_draft {
  given<std::string> url;
  given<std::filesystem::path> file;
  given<nanoseconds> interval;
  given<nanoseconds> timeout;
  given<env_draft> headers;
  given<std::string> token;
  given<bool> reactions;
  given<connection_draft> connection;
};
/// One of them, or a list.
struct remote_flags_draft {
  std::vector<flag_source_draft> list;
};

// In short_forms.hpp.

bool read_short_form(config_reader& reader, const config_node& node, reaction_draft& into);
bool check_section(config_reader& reader, const config_node& node, const reaction_draft& read);
bool check_section(config_reader& reader, const config_node& node, const flag_draft& read);
bool check_section(config_reader& reader, const config_node& node, const flag_source_draft& read);

// The tables, in flag_tables.hpp.

template <>
const section_shape& section_for<reaction_draft>();
template <>
const section_shape& section_for<flag_draft>();
template <>
const section_shape& section_for<shared_flag_draft>();
template <>
const section_shape& section_for<flag_document_draft>();
template <>
const section_shape& section_for<flag_source_draft>();

}  // namespace ovrseer::config_detail
