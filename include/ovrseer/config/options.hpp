// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What reading a configuration may be given from outside: an environment, a disk, an HTTP client, a compression.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/config/interpolate.hpp>
#include <ovrseer/config/json.hpp>
#include <ovrseer/disk/compression.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/net/http_client.hpp>

namespace ovrseer {

/// The value of a variable of this process.
inline std::optional<std::string> system_variable(std::string_view name) {
  const char* const value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

/// What a configuration is read with. All setters return the options, so that they chain.
class read_options {
 public:
  /// What relative paths start from. Default: the folder of the file, or the current one where there is no file.
  read_options& directory(std::filesystem::path path) {
    directory_ = std::move(path);
    return *this;
  }
  /// The variables of `${…}`. Default: those of this process.
  read_options& variables(variable_lookup lookup) {
    variables_ = std::move(lookup);
    return *this;
  }
  /// What reads the files that the configuration extends. Default `read_json`; `load_configuration` sets its own.
  read_options& reader(document_reader function) {
    reader_ = function;
    return *this;
  }
  /// Where env files, and files that the configuration extends, are read from. Default null: the operating system's files.
  read_options& files(file_system* where) {
    files_ = where;
    return *this;
  }
  /// What `http` checks ask with. Without one, such a check is an error of the configuration.
  read_options& http(any_http_client client) {
    http_ = std::move(client);
    return *this;
  }

  /// What `compress` of log files is done with. Without one, that key is an error of the configuration.
  read_options& compress(compression how) {
    compression_ = std::move(how);
    return *this;
  }

  const std::filesystem::path& directory() const noexcept { return directory_; }
  const variable_lookup& variables() const noexcept { return variables_; }
  document_reader reader() const noexcept { return reader_; }
  file_system* files() const noexcept { return files_; }
  const std::optional<any_http_client>& http() const noexcept { return http_; }
  const compression& compress() const noexcept { return compression_; }

 private:
  std::filesystem::path directory_;
  variable_lookup variables_ = system_variable;
  document_reader reader_ = read_json;
  file_system* files_ = nullptr;
  std::optional<any_http_client> http_;
  compression compression_;
};

}  // namespace ovrseer
