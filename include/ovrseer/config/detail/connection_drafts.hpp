// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a receiver is reached, as a configuration gives it, key by key.
#pragma once

#include <array>
#include <filesystem>
#include <string>

#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

struct connection_draft {
  given<std::filesystem::path> ca_file;
  given<std::filesystem::path> certificate;
  given<std::filesystem::path> key;
  given<std::string> proxy;
};

template <>
inline const section_shape& section_for<connection_draft>() {
  using draft = connection_draft;
  static constexpr std::array keys{
      field<&draft::ca_file>("caFile", "the system's", "Certificates (PEM) to trust instead."),
      field<&draft::certificate>("certificate", "none", "A file (PEM) with our certificate, for who asks for one."),
      field<&draft::key>("key", "that of certificate", "The file (PEM) with its key, without a passphrase."),
      field<&draft::proxy>("proxy", "none", "http://host:port or socks5h://host:port; no variable is asked for it."),
  };
  static constexpr section_shape shape{"a connection", keys};
  return shape;
}

}  // namespace ovrseer::config_detail
