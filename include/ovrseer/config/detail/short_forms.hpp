// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Sections that may be written shorter, as a word or a line, and what must hold of a section as a whole.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/drafts.hpp>
#include <ovrseer/config/detail/value_forms.hpp>

namespace ovrseer::config_detail {

/// `exec: line` is a line for the shell, `exec: [program, argument]` is none.
OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, command_line_draft& into);
OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const command_line_draft& read);

/// A check asks one question: one of these keys is there.
OVRSEER_DECL bool asks_one_question(config_reader& reader, const config_node& node, const std::string& what,
                                    std::vector<const config_node*> asked, const char* expected, const char* cure,
                                    const char* lacks = "a question");
OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const check_draft& read);
OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const health_draft& read);

/// Steps replace what the defaults say, and what the process says replaces the steps of the defaults.
OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, stop_draft& into);

/// A stop step does one thing.
OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const stop_step_draft& read);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, restart_draft& into);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, give_up_draft& into);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, reaction_draft& into);

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const reaction_draft& read);

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const flag_draft& read);
OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const flag_source_draft& read);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, stop_draft& into);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, watchdog_draft& into);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, log_file_draft& into);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, terminal_draft& into);
/// A size is a wish, also where the defaults say `false`.
OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, terminal_draft& into);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, journal_draft& into);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, http_draft& into);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, file_check_draft& into);

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, dependency_draft& into);

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/short_forms.ipp>
#endif
