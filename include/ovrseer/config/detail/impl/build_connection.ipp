// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/build_connection.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <ovrseer/config/detail/build_checks.hpp>
#include <ovrseer/config/detail/build_connection.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL std::optional<connection_settings> connection_of(config_reader& reader,
                                                              const given<connection_draft>& written) {
  connection_settings made;
  if (!written) return made;
  const connection_draft& draft = *written;
  if (draft.key && !draft.certificate) {
    reader.error(*draft.key.key, "a key without a certificate").cure = "add \"certificate\"";
    return std::nullopt;
  }
  if (draft.ca_file) made.ca_file = *draft.ca_file;
  if (draft.certificate) made.certificate = *draft.certificate;
  if (draft.certificate) made.key = draft.key.value_or(*draft.certificate);
  if (!draft.proxy) return made;
  constexpr std::array<std::string_view, 4> schemes{"http", "https", "socks5", "socks5h"};
  const std::optional<url> proxy = url_of(reader, draft.proxy, "http://proxy.example.com:3128");
  if (!proxy) return std::nullopt;
  if (std::ranges::find(schemes, proxy->scheme()) == schemes.end()) {
    reader.error(*draft.proxy.node, "a proxy cannot be asked by " + proxy->scheme()).expected =
        "http, https, socks5 or socks5h";
    return std::nullopt;
  }
  made.proxy = *draft.proxy;
  return made;
}

OVRSEER_DECL bool has_no_connection(config_reader& reader, const given<connection_draft>& written, const char* why) {
  if (!written) return true;
  reader.error(*written.key, std::string("\"connection\" says how a server is reached, and ") + why).cure = "remove it";
  return false;
}

}  // namespace ovrseer::config_detail
