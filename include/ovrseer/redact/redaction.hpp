// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a policy may ask of something that hides secrets, and the model of it that hides nothing.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>

#include <ovrseer/redact/redactor.hpp>

namespace ovrseer {

/// Hides secrets in text, environments and arguments. `redactor` is the ready model, `no_redaction` the null one.
template <class R>
concept redaction = std::copyable<R> && requires(const R& rules, std::string_view text, std::string& out,
                                                 std::span<std::string> arguments) {
  { rules.redact(text) } -> std::same_as<std::string>;
  { rules.append(out, text) } -> std::same_as<redaction_result>;
  { rules.redact_in_place(out) } -> std::same_as<bool>;
  { rules.may_contain_secret(text) } -> std::same_as<bool>;
  { rules.is_secret_key(text) } -> std::same_as<bool>;
  { rules.redact_environment(text, text) } -> std::same_as<std::string>;
  { rules.redact_arguments(arguments) } -> std::same_as<bool>;
  { rules.replacement() } -> std::convertible_to<std::string_view>;
};

/// Hides nothing: for output that stays where the secrets are.
struct no_redaction {
  std::string redact(std::string_view text) const { return std::string(text); }
  redaction_result append(std::string& out, std::string_view text) const {
    out.append(text);
    return redaction_result::unchanged;
  }
  bool redact_in_place(std::string&) const noexcept { return false; }
  bool may_contain_secret(std::string_view) const noexcept { return false; }
  bool is_secret_key(std::string_view) const noexcept { return false; }
  std::string redact_environment(std::string_view, std::string_view value) const { return std::string(value); }
  bool redact_arguments(std::span<std::string>) const noexcept { return false; }
  std::string_view replacement() const noexcept { return {}; }
};

static_assert(redaction<redactor>);
static_assert(redaction<no_redaction>);

}  // namespace ovrseer
