// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The form of a configuration as a JSON Schema, for editors and other tools: made of the tables that the reader uses,
// so that the two cannot disagree.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <ovrseer/build.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer {

namespace config_detail {

/// Makes a schema of a table and of all tables in it, each once.
class schema_maker {
 public:
  using json = nlohmann::ordered_json;

  json run(const section_shape& root);

 private:
  /// Any of the forms in which a value may be written.
  json value(const value_shape& shape);
  /// The main form alone.
  json form(const value_shape& shape);
  json integer(const value_shape& shape);
  json map(const value_shape& shape);
  json section(const section_shape& shape);
  json key(const key_entry& entry);
  json reference_to(const section_shape& shape);

  /// "a ready check" as "ready-check".
  static std::string name_of(const section_shape& shape);
  /// The default as a value of the key; null where it is a sentence for people.
  static json standard_of(const key_entry& entry);
  static json words_of(std::span<const std::string_view> words);
  static json reference(std::string_view name) { return {{"$ref", "#/$defs/" + std::string(name)}}; }
  static json text_like(std::string_view pattern) { return {{"type", "string"}, {"pattern", pattern}}; }

  json definitions_;
};

}  // namespace config_detail

/// A JSON Schema (draft 2020-12) of a configuration: every key with its description, form, default, and whether it must
/// be there; no key beside them but those that begin with `x-`. What `${...}` stands in is accepted wherever a scalar
/// may stand, since its value is not known.
///
/// It tells the form alone: what must fit together is checked by `read_configuration`. A file that extends another may
/// leave out what that one has at its top; deeper in, required keys are asked for all the same.
OVRSEER_DECL nlohmann::ordered_json config_schema();

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/json_schema.ipp>
#endif
