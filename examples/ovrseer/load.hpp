// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Finding and reading the configuration that the command line means.
#pragma once

#include <filesystem>
#include <optional>

#include <ovrseer/config/model.hpp>

#include "options.hpp"

namespace program {

using ovrseer::stack_configuration;

/// Reads the configuration; says everything that is wrong with it on standard error and yields nothing then.
/// HTTP checks in it ask through a client on `ex`. Relative paths in it start from `folder`, by default its own.
std::optional<stack_configuration> load(const stack_options& options, const ovrseer::executor& ex,
                                        const std::filesystem::path& folder = {});

}  // namespace program
