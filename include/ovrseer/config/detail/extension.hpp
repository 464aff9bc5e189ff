// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `extends`: the files that a configuration extends, read and put below what it says itself.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/drafts.hpp>
#include <ovrseer/config/detail/env_files.hpp>
#include <ovrseer/config/detail/merge.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/detail/tables.hpp>
#include <ovrseer/config/interpolate.hpp>
#include <ovrseer/config/options.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer::config_detail {

/// Puts files together. Their texts become one in `source`, so that every node keeps its place; each file is expanded
/// with the environment and with the env files that it names itself.
class extension {
 public:
  extension(config_reader& reader, source_text& source, const read_options& options, env_file_cache& files)
      : reader_(reader), source_(source), options_(options), files_(files) {}

  /// Puts what `root`, the first file, extends below it. False where a file could not be had, which was reported.
  bool run(config_node& root);

  /// What `${...}` of a node may be: as its file says.
  const variable_lookup& variables_of(const config_node& node) const {
    return lookups_[source_.part_at(node.where.begin)];
  }

 private:
  // Enough for everybody, and a bound for those who extend each other through links.
  static constexpr std::size_t most_files = 64;

  struct file {
    std::string name;            // for messages
    std::filesystem::path path;  // where it was read from
  };

  bool extend(config_node& root);

  /// The file with all that it extends; nothing where it cannot be had.
  std::optional<config_node> load(const config_node& place, file wanted);

  bool is_ring(const config_node& place, const file& wanted);

  /// What `envFile` of a file has, for its own values.
  void read_variables(config_node& root);

  config_reader& reader_;
  source_text& source_;
  const read_options& options_;
  env_file_cache& files_;
  std::vector<file> open_;  // the way from the first file to the one that is read
  std::vector<variable_lookup> lookups_;
};

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/extension.ipp>
#endif
