// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `${VAR}` in the values of a configuration. Nothing else expands: a bare `$` belongs to the shell.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/document.hpp>

namespace ovrseer {

/// The value of a variable, or nothing where it is not set.
using variable_lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// A fault in a text with variables: bytes from `offset` on, what is there, and the cure.
struct interpolation_fault {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string found;
  std::string cure;
};

/// A text with its variables expanded; where there are faults, they stand in it as they were written.
struct interpolated_text {
  std::string text;
  std::vector<std::string> names;  ///< of the variables that were asked for
  std::vector<interpolation_fault> faults;
};

namespace config_detail {

class interpolator {
 public:
  interpolator(std::string_view text, const variable_lookup& lookup) : text_(text), lookup_(lookup) {}

  interpolated_text run();

 private:
  static constexpr int deepest = 8;

  static bool is_name(char c, std::size_t index) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (index > 0 && c >= '0' && c <= '9');
  }

  /// Expands from the cursor up to `end`.
  std::string until(std::size_t end, int depth);

  /// Expands the `${…}` at the cursor.
  std::string reference(std::size_t end, int depth);

  std::size_t closing_brace(std::size_t begin, std::size_t end) const noexcept;

  std::string fault(std::size_t begin, std::size_t length, std::size_t resume, std::string found, std::string cure);

  std::string_view text_;
  const variable_lookup& lookup_;
  std::size_t at_ = 0;
  bool is_spare_ = false;
  interpolated_text made_;
};

}  // namespace config_detail

/// Expands `${VAR}`, `${VAR:-default}` and `$$`.
///
/// `${VAR}` of a variable that is not set is a fault; one that is set to nothing is nothing. The default is
/// taken where the variable is not set or empty, and may hold further `${…}`, 8 levels deep. `$$` is one
/// `$`; any other `$` stays. Values are not expanded again. Takes time linear in the text for each level.
inline interpolated_text interpolate(std::string_view text, const variable_lookup& lookup) {
  return config_detail::interpolator(text, lookup).run();
}

namespace config_detail {

/// The same for a tree whose nodes have variables of their own.
using lookup_choice = std::function<const variable_lookup&(const config_node&)>;
OVRSEER_DECL void interpolate_tree(const source_text& source, config_node& node, const lookup_choice& choose,
                                   diagnostics& out);

}  // namespace config_detail

/// Expands the values of a tree in place; keys, and what stands under keys that begin with `x-`, stay.
OVRSEER_DECL void interpolate(const source_text& source, config_node& node, const variable_lookup& lookup,
                              diagnostics& out);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/interpolate.ipp>
#endif
