// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What both readers of documents do alike: quoting text for messages, duplicate keys, and what must be hidden.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/document.hpp>

namespace ovrseer::config_detail {

/// The text in quotes, safe to print and without secrets; of a long one its beginning.
OVRSEER_DECL std::string in_quotes(std::string_view text);

/// Whether a text gives a variable with a secret's name a default: `${DB_PASSWORD:-postgres}`.
OVRSEER_DECL bool has_secret_default(std::string_view text);

/// Hides the paths of addresses within a part: those of web hooks are secrets.
OVRSEER_DECL void hide_paths(source_text& source, text_span within);

/// Whom the addresses below a node are for: those of services of others may be secrets.
enum class reaching : unsigned char { anybody, service };

/// Hides the values of keys with a secret's name, and of variables with one, all headers, and the paths of reporters' and
/// sinks' addresses, under whatever key. `key` is that of the node: below `env`, where every key is somebody's variable,
/// whatever stands under such a name is hidden.
OVRSEER_DECL void hide_secrets(source_text& source, const config_node& node, std::string_view key = {},
                               reaching who = reaching::anybody);

/// How far the value of a key may reach in the language that a text is written in.
enum class values_reach : unsigned char { line_end, deeper_lines };

/// Where a text is not a document, nothing is known of its keys: hides what follows a secret's name on the
/// line of `offset`, and the whole line where it may belong to such a key of a line above.
OVRSEER_DECL void hide_secrets_by_guess(source_text& source, std::size_t offset, values_reach reach);

/// Reports every key that a mapping has a second time.
OVRSEER_DECL void report_duplicate_keys(source_text& source, const config_node& mapping, diagnostics& out,
                                        values_reach reach);

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/tree.ipp>
#endif
