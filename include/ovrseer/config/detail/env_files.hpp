// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The env files that a configuration names, each read once.
#pragma once

#include <map>
#include <string>
#include <utility>

#include <ovrseer/config/detail/drafts.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/env_file.hpp>
#include <ovrseer/disk/read_file.hpp>

namespace ovrseer::config_detail {

class env_file_cache {
 public:
  explicit env_file_cache(file_system* files) : files_(files) {}

  /// The variables of several files, of a name in more than one the last; what cannot be read is reported.
  env_variables load(config_reader& reader, const env_files_draft& wanted) {
    env_variables all;
    for (const env_files_draft::file& each : wanted.files) {
      for (const auto& [name, value] : one(reader, each)) all.emplace_back(name, value);
    }
    return all;
  }

 private:
  const env_variables& one(config_reader& reader, const env_files_draft::file& wanted) {
    constexpr byte_size most(1U << 20U);
    const std::string path = wanted.path.string();
    const auto [place, is_new] = known_.try_emplace(path);
    if (!is_new) return place->second;
    io_result<std::string> content = read_file(path, most, files_);
    if (!content) {
      diagnostic& finding = reader.error(
          *wanted.node, "the env file " + in_quotes(path) + " cannot be read: " + content.reason().message());
      finding.cure = "relative paths start from the folder of the configuration";
      return place->second;
    }
    auto read = read_env_file(source_text(path, *std::move(content)));
    if (read)
      place->second = *std::move(read);
    else
      reader.out().append(read.reason());
    return place->second;
  }

  file_system* files_;
  std::map<std::string, env_variables> known_;
};

}  // namespace ovrseer::config_detail
