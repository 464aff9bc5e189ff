// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which file is meant where nobody names one, and from a file to a model in one call.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/config/json.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/config/options.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// The names that a configuration is looked for by, the first that is there wins.
inline constexpr std::array<std::string_view, 3> configuration_names{"ovrseer.yml", "ovrseer.yaml", "ovrseer.json"};

/// The configuration in `folder`, by default the current one.
///
/// Errors: none is there; the message names what was looked for, and where.
inline result<std::filesystem::path, diagnostics> find_configuration(const std::filesystem::path& folder = {},
                                                                     file_system* files = nullptr) {
  for (const std::string_view name : configuration_names) {
    const std::filesystem::path path = folder / name;
    const io_result<file_status> status = files_or_real(files).status(path.string());
    if (status && status->kind != file_kind::folder) return path;
  }
  diagnostics out;
  diagnostic& finding = out.error(folder.empty() ? "." : folder.string(), "there is no configuration here");
  finding.expected = "one of ovrseer.yml, ovrseer.yaml and ovrseer.json";
  finding.cure = "name a file with -f FILE, or go to its folder";
  return failure(std::move(out));
}

/// Reads a configuration from a file. Relative paths in it start from its folder, unless the options say
/// another. The name of the file stands in messages as it is given here.
///
/// Errors: the file cannot be read; those of the reader; those of `read_configuration`.
inline result<stack_configuration, diagnostics> load_configuration(const std::filesystem::path& path,
                                                                   document_reader reader, read_options options = {}) {
  const document_limits limits;
  io_result<std::string> text = read_file(path.string(), limits.size, options.files());
  if (!text) {
    diagnostics out;
    diagnostic& finding = out.error(path.string(), "the file cannot be read: " + text.reason().message());
    if (text.reason() == std::errc::no_such_file_or_directory) finding.cure = "check the path";
    if (text.reason() == std::errc::file_too_large)
      finding.cure = "a configuration has at most " + to_text(limits.size);
    return failure(std::move(out));
  }
  result<config_document, diagnostics> document = reader(source_text(path.string(), *std::move(text)), limits);
  if (!document) return failure(std::move(document).reason());
  if (options.directory().empty()) options.directory(path.parent_path());
  options.reader(reader);
  return read_configuration(*std::move(document), options);
}

/// The same for JSON alone: what a program can read that does without the YAML component.
inline result<stack_configuration, diagnostics> load_configuration(const std::filesystem::path& path,
                                                                   read_options options = {}) {
  return load_configuration(path, read_json, std::move(options));
}

}  // namespace ovrseer
