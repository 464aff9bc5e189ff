// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The values of a configuration that have a form of their own: environments, patterns, commands, streams …
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/config/address.hpp>
#include <ovrseer/config/detail/drafts.hpp>
#include <ovrseer/config/detail/traits.hpp>
#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/suggestion.hpp>

namespace ovrseer::config_detail {

template <>
struct value_traits<version_draft> {
  static constexpr value_shape shape{value_kind::integer, "1", {}, nullptr, nullptr, nullptr, false, 1, 1};
  static bool read(config_reader& reader, const config_node& node, version_draft&) {
    std::string text;
    if (!reader.text(node, text, shape.name)) return false;
    return text == "1" || reader.wrong(node, "1", "a newer version of ovrseer may know it");
  }
};

template <>
struct value_traits<env_draft> {
  static constexpr bool keeps_parts = true;
  static constexpr value_shape value_or_null{value_kind::text, "text", {}, nullptr, nullptr, nullptr, true};
  static constexpr value_shape shape{value_kind::map, "a mapping of names to values", {}, &value_or_null};

  static bool read(config_reader& reader, const config_node& node, env_draft& into) {
    if (!node.is_mapping()) {
      const bool is_pairs = node.is_sequence();
      return reader.wrong(node, std::string(shape.name), is_pairs ? "write NAME: value, not a list of NAME=value" : "");
    }
    bool good = true;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const config_node& key = node.keys[i];
      const config_node& value = node.items[i];
      if (key.text.empty() || key.text.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
        reader.error(key, in_quotes(key.text) + " is not a name of a variable").expected = "a name without =";
        good = false;
      } else if (value.is_null()) {
        into.values[key.text] = std::nullopt;
      } else if (std::string text; reader.text_of(key.text, value, text)) {
        into.values[key.text] = std::move(text);
      } else {
        good = false;
      }
    }
    return good;
  }
};

template <>
struct value_traits<env_files_draft> {
  static constexpr value_shape shape{value_kind::list,
                                     "a path, or a list of paths",
                                     {},
                                     &value_traits<std::filesystem::path>::shape,
                                     nullptr,
                                     &value_traits<std::filesystem::path>::shape};

  static bool read(config_reader& reader, const config_node& node, env_files_draft& into) {
    into.files.clear();
    const auto add = [&](const config_node& item) {
      std::filesystem::path path;
      if (!value_traits<std::filesystem::path>::read(reader, item, path)) return false;
      into.files.push_back({std::move(path), &item});
      return true;
    };
    return node.is_sequence() ? reader.list(node, "paths", add) : add(node);
  }
};

template <>
struct value_traits<mask_draft> {
  static constexpr value_shape shape{value_kind::text, "octal permissions such as 022"};
  static bool read(config_reader& reader, const config_node& node, mask_draft& into) {
    return reader.scalar(node, into.value, shape.name, parse_file_mode_mask);
  }
};

template <>
struct value_traits<peer_address> {
  static constexpr value_shape shape{value_kind::text, "an address such as 127.0.0.1:8080 or unix:/run/x.sock"};
  static bool read(config_reader& reader, const config_node& node, peer_address& into) {
    return reader.scalar(node, into, shape.name, [](std::string_view text) { return parse_peer_address(text); });
  }
};

template <>
struct value_traits<status_draft> {
  static constexpr value_shape shape{value_kind::text, "a status such as 200, or a range such as 200-399"};
  static bool read(config_reader& reader, const config_node& node, status_draft& into) {
    return reader.scalar(node, into, shape.name, [](std::string_view text) -> parsed<status_draft> {
      const std::size_t dash = std::min(text.find('-'), text.size());
      const auto first = parse_integer(text.substr(0, dash), 100, 599);
      const auto last = dash == text.size() ? first : parse_integer(text.substr(dash + 1), 100, 599);
      if (!first || !last || *first > *last) return failure(value_error{std::string(shape.name), "", 0});
      return status_draft{static_cast<int>(*first), static_cast<int>(*last)};
    });
  }
};

template <>
struct value_traits<listen_draft> {
  static constexpr value_shape shape{value_kind::text, "an address to listen at such as 127.0.0.1:8080"};
  static bool read(config_reader& reader, const config_node& node, listen_draft& into) {
    return reader.scalar(node, into.value, shape.name,
                         [](std::string_view text) -> parsed<std::optional<server_endpoint>> {
                           const parsed<server_endpoint> where = parse_listen_address(text);
                           if (!where) return failure(where.reason());
                           return std::optional(*where);
                         });
  }
};

template <>
struct value_traits<fsync_draft> {
  static constexpr value_shape shape{value_kind::text, "always, never, or a duration such as 500ms"};
  static bool read(config_reader& reader, const config_node& node, fsync_draft& into) {
    return reader.scalar(node, into.value, shape.name, [](std::string_view text) -> parsed<journal_sync> {
      if (text == "always") return journal_sync::every_event();
      if (text == "never") return journal_sync::left_to_system();
      const parsed<std::chrono::nanoseconds> longest = parse_duration(text);
      if (!longest)
        return failure(value_error{std::string(shape.name), longest.reason().cure, longest.reason().offset});
      return journal_sync::within(*longest);
    });
  }
};

template <>
struct value_traits<pattern_draft> {
  static constexpr value_shape shape{value_kind::text, "a pattern such as error or /error|fatal/i"};

  static bool read(config_reader& reader, const config_node& node, pattern_draft& into) {
    std::string text;
    if (!reader.text(node, text, shape.name)) return false;
    auto compiled = pattern<>::parse(text);
    if (compiled) {
      into.value.emplace(*std::move(compiled));
      return true;
    }
    const pattern_error& why = compiled.reason();
    const text_span place = span_within(reader.source(), node, why.offset, why.offset < text.size() ? 1 : 0);
    const bool is_exact = place.begin != node.where.begin || why.offset == 0;
    std::string found = reader.subject() + " is not a pattern: " + std::string(to_text(why.code));
    // Where the place cannot be shown in the file, it is told.
    if (!is_exact) found += " (at offset " + std::to_string(why.offset) + ")";
    reader.out().error(reader.source(), place, std::move(found));
    return false;
  }
};

template <>
struct value_traits<program_draft> {
  static constexpr value_shape shape{value_kind::text, "a program", {},
                                     nullptr,          nullptr,     &value_traits<std::vector<std::string>>::shape};

  static bool read(config_reader& reader, const config_node& node, program_draft& into) {
    into.words.clear();
    if (node.is_sequence()) {
      if (!value_traits<std::vector<std::string>>::read(reader, node, into.words)) return false;
      if (into.words.empty() || into.words.front().empty()) return reader.wrong(node, "a program");
      return true;
    }
    std::string program;
    if (!reader.text(node, program, "a program")) return false;
    if (program.empty()) return reader.wrong(node, "a program");
    // A path may have blanks in it; a name that is looked up has arguments behind it.
    const std::size_t blank = program.find(' ');
    if (blank != std::string::npos && program.find('/') > blank) {
      const std::string shell = reader.is_json() ? "\"shell\": \"...\"" : "shell: ...";
      return reader.wrong(node, "a program without arguments",
                          "put the arguments into \"args\", or write " + shell + " to have a shell read the line");
    }
    into.words.push_back(std::move(program));
    return true;
  }
};

template <>
struct value_traits<dependencies_draft> {
  static constexpr bool keeps_parts = true;
  static constexpr value_shape named{value_kind::section,
                                     "a condition",
                                     {},
                                     nullptr,
                                     &section_for<dependency_draft>,
                                     &value_traits<condition_word>::shape,
                                     true};
  static constexpr value_shape by_name{value_kind::map, "a mapping of ids to conditions", {}, &named};
  static constexpr value_shape shape{value_kind::list, "a list of ids", {}, &value_traits<dependency_draft>::shape,
                                     nullptr,          &by_name};

  static bool read(config_reader& reader, const config_node& node, dependencies_draft& into) {
    into.list.clear();
    if (!node.is_mapping()) {
      return reader.list(node, "ids of processes", [&](const config_node& item) {
        dependency_draft each;
        if (!value_traits<dependency_draft>::read(reader, item, each)) return false;
        into.list.push_back(std::move(each));
        return true;
      });
    }
    bool good = true;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const config_node& value = node.items[i];
      dependency_draft each;
      each.id = {node.keys[i].text, &node.keys[i], &node.keys[i]};
      if (value.is_mapping()) {
        good = reader.section(value, section_for<dependency_draft>(), &each) && good;
      } else if (!value.is_null()) {
        condition_word condition{};
        bool is_word = false;
        reader.inside(node.keys[i].text,
                      [&] { is_word = value_traits<condition_word>::read(reader, value, condition); });
        if (is_word) each.condition = {condition, &node.keys[i], &value};
        good = is_word && good;
      }
      into.list.push_back(std::move(each));
    }
    return good;
  }
};

template <>
struct value_traits<defaults_draft> {
  static constexpr bool keeps_parts = true;
  static constexpr value_shape shape{value_kind::section, "a mapping", {}, nullptr, &section_for<defaults_draft>};
  static bool read(config_reader& reader, const config_node& node, defaults_draft& into) {
    process_draft& process = into;
    return reader.section(node, section_for<defaults_draft>(), &process);
  }
};

template <>
struct value_traits<processes_draft> {
  static constexpr value_shape by_id{
      value_kind::map, "a mapping of ids to processes", {}, &value_traits<process_draft>::shape};
  static constexpr value_shape shape{
      value_kind::list, "a list of processes", {}, &value_traits<process_draft>::shape, nullptr, &by_id};
  static bool read(config_reader&, const config_node&, processes_draft&) { return true; }
};

template <>
struct value_traits<input_draft> {
  static constexpr value_shape shape{value_kind::section,
                                     "null, inherit, pipe or a mapping with file or text",
                                     {},
                                     nullptr,
                                     &section_for<input_draft>,
                                     &value_traits<input_draft::word>::shape,
                                     true};

  static bool read(config_reader& reader, const config_node& node, input_draft& into) {
    into = {};
    if (node.is_null()) return true;
    if (!node.is_mapping()) return value_traits<input_draft::word>::read(reader, node, into.what);
    if (!reader.section(node, section_for<input_draft>(), &into)) return false;
    if (static_cast<bool>(into.file) != static_cast<bool>(into.text)) return true;
    return reader.wrong(node, "either \"file\" or \"text\" in it");
  }
};

template <>
struct value_traits<output_draft> {
  static constexpr value_shape shape{value_kind::section,
                                     "pipe, inherit, null, stdout or a mapping with file",
                                     {},
                                     nullptr,
                                     &section_for<output_draft>,
                                     &value_traits<output_draft::word>::shape,
                                     true};

  static bool read(config_reader& reader, const config_node& node, output_draft& into) {
    into = {};
    into.what = output_draft::word::nothing;
    if (node.is_null()) return true;
    if (!node.is_mapping()) return value_traits<output_draft::word>::read(reader, node, into.what);
    return reader.section(node, section_for<output_draft>(), &into);
  }
};

template <>
struct value_traits<limits_draft> {
  static constexpr bool keeps_parts = true;
  static constexpr std::array<std::string_view, 2> soft_and_hard{"soft", "hard"};
  static constexpr auto resources = [] {
    std::array<std::string_view, resource_names.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = resource_names[i].name;
    return names;
  }();
  static constexpr value_shape one_limit{value_kind::map, "a limit",
                                         soft_and_hard,   &value_traits<std::string>::shape,
                                         nullptr,         &value_traits<std::string>::shape};
  static constexpr value_shape shape{value_kind::map, "a mapping of resources to limits", resources, &one_limit};

  static bool read(config_reader& reader, const config_node& node, limits_draft& into) {
    if (!node.is_mapping()) return reader.wrong(node, std::string(shape.name), "such as { nofile: 4096 }");
    bool good = true;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const config_node& key = node.keys[i];
      const auto known = std::ranges::find(resource_names, key.text, &resource_name::name);
      if (known == resource_names.end()) {
        std::vector<std::string_view> names;
        for (const resource_name& each : resource_names) names.push_back(each.name);
        diagnostic& finding = reader.error(key, "unknown resource " + in_quotes(key.text));
        const std::string_view near = closest_word(key.text, names);
        finding.cure = near.empty() ? "the resources are those of setrlimit(2): nofile, nproc, core, as ..."
                                    : "did you mean " + in_quotes(near) + "?";
        good = false;
        continue;
      }
      limits_draft::one limit;
      reader.inside(key.text, [&] { good = read_one(reader, *known, node.items[i], limit) && good; });
      into.by_resource[known->resource] = limit;
    }
    return good;
  }

 private:
  static bool read_one(config_reader& reader, const resource_name& what, const config_node& node,
                       limits_draft::one& into) {
    const auto parse = [&](std::string_view text) { return parse_resource_limit(what, text); };
    if (!node.is_mapping()) return reader.scalar(node, into.soft, "a number, a size or unlimited", parse);
    const config_node* soft = node.find("soft");
    const config_node* hard = node.find("hard");
    const std::size_t known = (soft != nullptr ? 1U : 0U) + (hard != nullptr ? 1U : 0U);
    if (soft == nullptr || node.keys.size() != known)
      return reader.wrong(node, "a limit, or a mapping with soft and hard");
    if (!reader.scalar(*soft, into.soft, "a limit", parse)) return false;
    if (hard == nullptr) return true;
    rlim_t highest = 0;
    if (!reader.scalar(*hard, highest, "a limit", parse)) return false;
    into.hard = highest;
    if (into.soft <= highest) return true;
    reader.error(*soft, reader.subject() + " has a soft limit above its hard one").cure =
        "lower it, or raise the hard one";
    return false;
  }
};

template <>
struct value_traits<exit_code_draft> {
  static constexpr std::array<std::string_view, 3> words{"first-failed", "last-failed", "zero"};
  static constexpr value_shape shape{value_kind::section, "first-failed, last-failed, zero or a mapping with of", words,
                                     nullptr, &section_for<exit_code_draft>};

  static bool read(config_reader& reader, const config_node& node, exit_code_draft& into) {
    if (node.is_mapping()) {
      into.what = exit_code_rule::kind::of_unit;
      return reader.section(node, section_for<exit_code_draft>(), &into);
    }
    std::size_t index = 0;
    if (!reader.word(node, words, index)) return false;
    into.what = static_cast<exit_code_rule::kind>(index);
    return true;
  }
};

}  // namespace ovrseer::config_detail
