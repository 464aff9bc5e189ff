// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Sources of flags as a configuration names them: where what is chosen at run time loses its type.
#pragma once

#include <filesystem>
#include <utility>
#include <variant>

#include <ovrseer/config/file_source.hpp>
#include <ovrseer/config/http_source.hpp>
#include <ovrseer/config/json.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/config/remote_flags.hpp>
#include <ovrseer/net/http_client.hpp>

namespace ovrseer {

/// Where the document of flags comes from.
inline any_document_source source_of(const flag_source_settings& from, any_http_client client) {
  if (const auto* const file = std::get_if<std::filesystem::path>(&from.from)) return file_source(*file);
  return http_source(std::get<http_document>(from.from), std::move(client));
}

/// How it is followed.
inline remote_flag_options options_of(const flag_source_settings& from, document_reader reader) {
  remote_flag_options made;
  made.when = poll_schedule(from.interval);
  made.timeout = from.timeout;
  made.rules.allowed = from.reactions;
  made.reader = reader;
  return made;
}

}  // namespace ovrseer
