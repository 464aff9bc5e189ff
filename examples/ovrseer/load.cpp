// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The one place of the program that knows how configurations are written.
#include "load.hpp"

#include <filesystem>
#include <utility>

#include <nlohmann/json.hpp>

#include <ovrseer/config/find.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/yaml.hpp>
#include <ovrseer/disk/zlib.hpp>
#include <ovrseer/net/curl.hpp>

namespace program {
namespace {

void show(const ovrseer::diagnostics& findings, const stack_options& options) {
  console errors(STDERR_FILENO, options.colors);
  if (options.form == output_form::text) {
    const auto colors = errors.has_color() ? ovrseer::diagnostic_colors::ansi : ovrseer::diagnostic_colors::none;
    errors.text(to_text(findings, colors));
    return;
  }
  for (const ovrseer::diagnostic& each : findings.sorted()) {
    const nlohmann::ordered_json json{{"v", 1},
                                      {"file", each.file},
                                      {"line", each.at.line},
                                      {"column", each.at.column},
                                      {"severity", to_text(each.level)},
                                      {"found", each.found},
                                      {"expected", each.expected},
                                      {"cure", each.cure}};
    errors.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
}

ovrseer::result<stack_configuration, ovrseer::diagnostics> read(const stack_options& options,
                                                                const ovrseer::executor& ex,
                                                                const std::filesystem::path& folder) {
  std::filesystem::path file = options.file;
  if (file.empty()) {
    auto found = ovrseer::find_configuration();
    if (!found) return ovrseer::failure(std::move(found).reason());
    file = *std::move(found);
  }
  ovrseer::read_options how;
  how.http(ovrseer::any_http_client(ovrseer::curl_client(ex))).directory(folder).compress(ovrseer::gzip());
  return load_configuration(file, ovrseer::read_yaml, std::move(how));
}

}  // namespace

std::optional<stack_configuration> load(const stack_options& options, const ovrseer::executor& ex,
                                        const std::filesystem::path& folder) {
  auto stack = read(options, ex, folder);
  if (!stack) {
    show(stack.reason(), options);
    return std::nullopt;
  }
  show(stack->warnings, options);
  return *std::move(stack);
}

}  // namespace program
