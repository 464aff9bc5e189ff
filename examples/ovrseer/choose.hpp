// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The units of a configuration that an expression of the command line means.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/result.hpp>

#include "load.hpp"
#include "options.hpp"

namespace program {

/// Who is meant by `expression`. Says on standard error what is wrong with it, and yields the exit code then: wrong
/// usage, or that nobody is meant.
ovrseer::result<std::vector<ovrseer::unit_id>, exit_code> choose(const stack_configuration& stack,
                                                                 const std::string& expression,
                                                                 const stack_options& options);

/// Reads the configuration as `load` does, and keeps of it the units that `options.only` means and what they need.
ovrseer::result<stack_configuration, exit_code> load_chosen(const stack_options& options, const ovrseer::executor& ex);

}  // namespace program
