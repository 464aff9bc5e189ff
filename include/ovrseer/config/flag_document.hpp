// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Flags that many units share, and the documents that define them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/config/flag_document_rules.hpp>
#include <ovrseer/config/schema.hpp>
#include <ovrseer/log/flag.hpp>
#include <ovrseer/result.hpp>
#include <ovrseer/supervise/flag_reaction.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer::config_detail {

inline bool is_same(const flag_reaction& a, const flag_reaction& b) {
  return a.what() == b.what() && a.unit() == b.unit();
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

/// A flag, and the units whose lines it is for.
struct shared_flag {
  explicit shared_flag(flag_spec look_for) : what(std::move(look_for)) {}

  /// Whether it is for the lines of this unit.
  bool is_for(const unit_spec& unit) const;
  const std::string& name() const noexcept { return what.name(); }

  /// Whether both look for the same in the same lines, and the same follows.
  friend bool operator==(const shared_flag& a, const shared_flag& b);

  flag_spec what;
  flag_reaction on_match = {};
  flag_reaction on_target = {};
  /// "api", "web-*", "shop/api": ids, where `*` stands for any characters; without a namespace those of any. Empty: all.
  std::vector<std::string> units;
};

/// What two lists of flags differ in, by their names.
struct flag_difference {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;

  bool is_empty() const noexcept { return added.empty() && removed.empty() && changed.empty(); }
};
OVRSEER_DECL flag_difference difference(const std::vector<shared_flag>& from, const std::vector<shared_flag>& to);

/// Reads a document of flags:
///
///     version: 1
///     flags:
///       - { name: oom, pattern: /out of memory/i, color: red, units: [api, "web-*"] }
///
/// A flag has the keys that it has in `flags` of a process, and `units`. Nothing expands: `${HOME}` is six characters.
/// A process of `run` that names no namespace is in the default one.
///
/// Errors: all that are wrong with it, in the order of their places; nothing of such a document is to be used.
OVRSEER_DECL result<std::vector<shared_flag>, diagnostics> read_flags(const config_document& document,
                                                                      const flag_document_rules& rules = {});

/// The form of such a document, for documentation and schemas.
OVRSEER_DECL const section_shape& flag_document_schema();

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/flag_document.ipp>
#endif
