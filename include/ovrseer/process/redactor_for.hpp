// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a command is given as a secret, it may print without a sign: known here, it is hidden all the same.
#pragma once

#include <utility>

#include <ovrseer/process/command.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace ovrseer {

/// `rules` that also know the secrets in the command's own variables and arguments, and hide them wherever they stand. Of
/// what is inherited nothing is known.
inline redactor redactor_for(const command& what, redactor rules = {}) {
  for (const auto& [name, value] : what.environment()) {
    if (value) rules.add_secrets_of(name, *value);
  }
  rules.add_secrets_of(what.arguments());
  return rules;
}

}  // namespace ovrseer
