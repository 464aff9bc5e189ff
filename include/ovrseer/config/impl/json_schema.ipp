// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/json_schema.hpp>.
#pragma once

#include <ovrseer/config/json_schema.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL schema_maker::json schema_maker::run(const section_shape& root) {
  definitions_ = json{
      {"variable", text_like("\\$\\{")},
      {"text", {{"type", {"string", "number", "boolean"}}}},
      {"boolean", {{"anyOf", {json{{"enum", {true, false, "true", "false"}}}, reference("variable")}}}},
      {"number", {{"anyOf", {json{{"type", "number"}}, text_like("^[0-9]+(\\.[0-9]+)?$"), reference("variable")}}}},
      {"duration",
       {{"anyOf",
         {json{{"type", "number"}, {"minimum", 0}},
          text_like("^([0-9]+(\\.[0-9]+)?|([0-9]+(\\.[0-9]+)? ?(ns|us|\u00B5s|\u03BCs|ms|s|m|h|d) ?)+)$"),
          reference("variable")}}}},
      {"size",
       {{"anyOf",
         {json{{"type", "number"}, {"minimum", 0}}, text_like("^[0-9]+(\\.[0-9]+)? ?(([KkMmGgTt][Ii]?)?[Bb])?$"),
          reference("variable")}}}},
      {"signal",
       {{"anyOf",
         {json{{"type", "integer"}, {"minimum", 1}, {"maximum", 64}},
          text_like("^([0-9]+|[A-Za-z][A-Za-z0-9]*([+-][0-9]+)?)$"), reference("variable")}}}}};
  json made{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
            {"title", "ovrseer"},
            {"description", "A configuration of ovrseer: processes, and how they are supervised."}};
  made.update(section(root));
  // What a file does not say may be said by one that it extends.
  if (made.erase("required") != 0) made["anyOf"] = {{{"required", {"processes"}}}, {{"required", {"extends"}}}};
  made["$defs"] = std::move(definitions_);
  return made;
}

OVRSEER_DECL schema_maker::json schema_maker::value(const value_shape& shape) {
  json forms = json::array();
  forms.push_back(form(shape));
  if (shape.kind == value_kind::section && !shape.words.empty()) forms.push_back(words_of(shape.words));
  if (shape.short_form != nullptr) forms.push_back(value(*shape.short_form));
  if (shape.accepts_null) forms.push_back({{"type", "null"}});
  return forms.size() == 1 ? forms.front() : json{{"anyOf", std::move(forms)}};
}

OVRSEER_DECL schema_maker::json schema_maker::form(const value_shape& shape) {
  switch (shape.kind) {
    case value_kind::boolean: return reference("boolean");
    case value_kind::integer: return integer(shape);
    case value_kind::number: return reference("number");
    case value_kind::duration: return reference("duration");
    case value_kind::size: return reference("size");
    case value_kind::signal: return reference("signal");
    case value_kind::word: return {{"anyOf", {words_of(shape.words), reference("variable")}}};
    case value_kind::list: return {{"type", "array"}, {"items", value(*shape.element)}};
    case value_kind::map: return map(shape);
    case value_kind::section: return reference_to(shape.section());
    case value_kind::text: break;
  }
  return reference("text");
}

OVRSEER_DECL schema_maker::json schema_maker::integer(const value_shape& shape) {
  json whole{{"type", "integer"}};
  if (shape.least) whole["minimum"] = *shape.least;
  if (shape.most) whole["maximum"] = *shape.most;
  return {{"anyOf", {std::move(whole), text_like("^-?[0-9]+$"), reference("variable")}}};
}

OVRSEER_DECL schema_maker::json schema_maker::map(const value_shape& shape) {
  json made{{"type", "object"}, {"additionalProperties", value(*shape.element)}};
  if (!shape.words.empty()) made["propertyNames"] = words_of(shape.words);
  if (shape.element->section != nullptr) made["patternProperties"] = {{"^x-", true}};
  return made;
}

OVRSEER_DECL schema_maker::json schema_maker::section(const section_shape& shape) {
  json properties = json::object();
  json required = json::array();
  for (const key_entry& entry : shape.keys) {
    properties[std::string(entry.key)] = key(entry);
    if (entry.presence == need::required && !entry.has_variables()) required.push_back(entry.key);
  }
  json made{{"type", "object"}, {"properties", std::move(properties)}, {"patternProperties", {{"^x-", true}}}};
  made["additionalProperties"] = false;
  if (!required.empty()) made["required"] = std::move(required);
  return made;
}

OVRSEER_DECL schema_maker::json schema_maker::key(const key_entry& entry) {
  std::string text(entry.doc);
  const json standard = standard_of(entry);
  if (standard.is_null() && !entry.fallback.empty()) text += " Default: " + std::string(entry.fallback) + ".";
  json made{{"description", std::move(text)}};
  if (!standard.is_null()) made["default"] = standard;
  made.update(value(*entry.shape));
  return made;
}

OVRSEER_DECL schema_maker::json schema_maker::reference_to(const section_shape& shape) {
  const std::string name = name_of(shape);
  if (!definitions_.contains(name)) {
    definitions_[name] = true;  // for those that hold themselves
    definitions_[name] = section(shape);
  }
  return reference(name);
}

OVRSEER_DECL std::string schema_maker::name_of(const section_shape& shape) {
  std::string_view words = shape.name;
  for (const std::string_view article : {"a ", "an "}) {
    if (words.starts_with(article)) words.remove_prefix(article.size());
  }
  std::string name(words);
  std::ranges::replace(name, ' ', '-');
  return name;
}

OVRSEER_DECL schema_maker::json schema_maker::standard_of(const key_entry& entry) {
  const std::string_view text = entry.fallback;
  const value_shape& shape = entry.shape->short_form != nullptr && entry.shape->kind == value_kind::section
                                 ? *entry.shape->short_form
                                 : *entry.shape;
  const auto if_good = [&](bool is_good) { return is_good ? json(text) : json(); };
  switch (shape.kind) {
    case value_kind::boolean: return text.empty() ? json() : json(text == "true");
    case value_kind::integer:
      if (const auto number = parse_integer(text, INT64_MIN, INT64_MAX)) return *number;
      return {};
    case value_kind::number:
      if (const auto number = parse_number(text, 0, 1e9)) return *number;
      return {};
    case value_kind::duration: return if_good(static_cast<bool>(parse_duration(text)));
    case value_kind::size: return if_good(static_cast<bool>(parse_size(text)));
    case value_kind::word:
    case value_kind::section: return if_good(std::ranges::count(shape.words, text) != 0);
    case value_kind::text:
    case value_kind::signal:
    case value_kind::list:
    case value_kind::map: break;
  }
  return {};
}

OVRSEER_DECL schema_maker::json schema_maker::words_of(std::span<const std::string_view> words) {
  json all = json::array();
  for (const std::string_view word : words) all.push_back(word);
  return {{"enum", std::move(all)}};
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL nlohmann::ordered_json config_schema() {
  return config_detail::schema_maker().run(configuration_schema());
}

}  // namespace ovrseer
