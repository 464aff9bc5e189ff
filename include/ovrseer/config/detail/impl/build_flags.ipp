// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/build_flags.hpp>.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <ovrseer/config/detail/build_checks.hpp>
#include <ovrseer/config/detail/build_connection.hpp>
#include <ovrseer/config/detail/build_flags.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL flag_spec flag_of(const flag_draft& draft) {
  flag_spec flag(*draft.name, *draft.what->value);
  if (draft.color) flag.color(*draft.color);
  if (draft.target) flag.target(static_cast<std::uint64_t>(draft.target->value));
  if (draft.context) flag.context_window(static_cast<std::size_t>(draft.context->value));
  return flag;
}

OVRSEER_DECL flag_reaction reaction_of(const given<reaction_draft>& draft, const std::string& name_space) {
  if (!draft) return {};
  if (draft->run) return flag_reaction::run(resolved_id(*draft->run, name_space));
  switch (draft->action.value_or(reaction_word::nothing)) {
    case reaction_word::nothing: break;
    case reaction_word::report: return flag_reaction::report();
    case reaction_word::restart: return flag_reaction::restart();
    case reaction_word::stop: return flag_reaction::stop();
  }
  return {};
}

OVRSEER_DECL std::optional<flag_source_settings> flag_source_of(config_reader& reader, const flag_source_draft& draft) {
  flag_source_settings made;
  if (draft.interval) made.interval = *draft.interval;
  if (draft.timeout) made.timeout = *draft.timeout;
  constexpr std::chrono::nanoseconds least = std::chrono::milliseconds(100);
  for (const given<nanoseconds>* each : {&draft.interval, &draft.timeout}) {
    if (!*each || **each >= least) continue;
    reader.error(*each->node, in_quotes(each->key->text) + " is " + to_text(**each)).expected = "at least 100ms";
  }
  if (draft.reactions.value_or(false)) made.reactions = flag_document_rules::reactions::any;
  std::optional<connection_settings> connection = connection_of(reader, draft.connection);
  if (!connection) return std::nullopt;
  made.connection = *std::move(connection);
  if (draft.file) {
    for (const config_node* key : {draft.headers.key, draft.token.key, draft.connection.key}) {
      if (key != nullptr) reader.error(*key, in_quotes(key->text) + " beside \"file\"").cure = "remove it";
    }
    made.from = *draft.file;
    return made;
  }
  if (!draft.url) return std::nullopt;
  std::optional<url> where = http_url_of(reader, draft.url, "a source of flags");
  if (!where) return std::nullopt;
  http_document document(*std::move(where));
  if (!add_headers(reader, draft.headers, document)) return std::nullopt;
  try {
    if (draft.token) document.credentials(http_credentials::bearer(*draft.token));
  } catch (const error& refusal) {
    reader.error(*draft.token.node, refusal.context());
    return std::nullopt;
  }
  made.from = std::move(document);
  return made;
}

}  // namespace ovrseer::config_detail
