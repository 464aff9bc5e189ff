// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/reader.hpp>.
#pragma once

#include <array>

#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/suggestion.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL bool config_reader::wrong_at(const config_node& node, text_span place, std::string expected,
                                          std::string cure) {
  diagnostic& finding = out_.error(source_, place, subject() + " " + what_it_is(node));
  finding.expected = std::move(expected);
  finding.cure = std::move(cure);
  return false;
}

OVRSEER_DECL bool config_reader::text(const config_node& node, std::string& into, std::string_view expected) {
  if (!node.is_scalar()) return wrong(node, std::string(expected));
  if (node.expanded == config_node::expansion::failed) return false;
  if (node.text.find('\0') != std::string::npos) return wrong(node, "text without NUL characters");
  into = node.text;
  return true;
}

OVRSEER_DECL bool config_reader::text_of(std::string_view key, const config_node& node, std::string& into) {
  bool good = false;
  inside(key, [&] { good = text(node, into); });
  return good;
}

OVRSEER_DECL bool config_reader::word(const config_node& node, std::span<const std::string_view> words,
                                      std::size_t& into, std::span<const usual_word> usual) {
  std::string written;
  if (!text(node, written, one_of(words))) return false;
  const auto found = std::ranges::find(words, written);
  if (found == words.end()) {
    std::string_view near = closest_word(written, words);
    for (const usual_word& each : usual) {
      if (each.theirs == bare_word(written)) near = each.ours;
    }
    return wrong(node, one_of(words), near.empty() ? "" : "did you mean " + in_quotes(near) + "?");
  }
  into = static_cast<std::size_t>(found - words.begin());
  return true;
}

OVRSEER_DECL bool config_reader::is_configuration(const config_node& root) {
  if (root.is_mapping()) return true;
  error(root, root.is_null() ? "the file is empty" : "the configuration is " + std::string(to_text(root.what)))
      .expected = "a mapping with \"processes\"";
  return false;
}

OVRSEER_DECL bool config_reader::section(const config_node& node, const section_shape& shape, void* draft) {
  if (!node.is_mapping()) return wrong(node, "a mapping with the keys of " + std::string(shape.name));
  const std::size_t errors = out_.errors();
  std::vector<std::string_view> meant;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const config_node& key = node.keys[i];
    if (key.text.starts_with("x-")) continue;
    auto known = std::ranges::find(shape.keys, key.text, &key_entry::key);
    if (known == shape.keys.end()) {
      known = std::ranges::find(shape.keys, unknown_key(shape, key), &key_entry::key);
      // Read as what was probably meant, so that the faults inside are found as well.
      if (known == shape.keys.end() || node.find(known->key) != nullptr) continue;
      meant.push_back(known->key);
    }
    const subject_scope scope(*this);
    key_ = key.text;
    is_entry_ = false;
    if (node.items[i].is_null() && !known->shape->accepts_null) {
      diagnostic& finding = error(node.items[i], in_quotes(key.text) + " has no value");
      finding.expected = known->shape->name;
      finding.cure = "give a value, or remove the key";
      continue;
    }
    known->read(*this, key, node.items[i], known->locate(draft));
  }
  for (const key_entry& entry : shape.keys) {
    const bool is_there = node.find(entry.key) != nullptr || std::ranges::count(meant, entry.key) != 0;
    if (entry.presence == need::required && !is_there) missing_key(node, shape, entry);
  }
  return out_.errors() == errors;
}

/// The first variable that the fallback of a key names.
inline std::string variable_of(const key_entry& entry) {
  const std::size_t begin = entry.fallback.find("${") + 2;
  return std::string(entry.fallback.substr(begin, entry.fallback.find_first_of(":}", begin) - begin));
}

OVRSEER_DECL void config_reader::missing_key(const config_node& node, const section_shape& shape,
                                             const key_entry& entry) {
  const text_span first = node.keys.empty() ? node.where : node.keys.front().where;
  diagnostic& finding = out_.error(source_, first, std::string(shape.name) + " has no " + in_quotes(entry.key));
  finding.expected = entry.shape->name;
  finding.cure = "add " + written(entry.key, "...");
  if (entry.has_variables()) finding.cure += ", or set " + variable_of(entry);
}

OVRSEER_DECL std::string config_reader::subject() const {
  if (key_.empty()) return "the configuration";
  return (is_entry_ ? "an entry of " : "") + in_quotes(key_);
}

OVRSEER_DECL std::string config_reader::written(std::string_view key, std::string_view value) const {
  const std::string name = is_json() ? in_quotes(key) : std::string(key);
  return name + ": " + std::string(value);
}

OVRSEER_DECL bool config_reader::is_secret(const config_node& node) const {
  if (node.expanded == config_node::expansion::secret || node.expanded == config_node::expansion::usual) return true;
  return end_of_hidden(source_, node.where.begin) > node.where.begin;
}

OVRSEER_DECL std::string config_reader::one_of(std::span<const std::string_view> words) {
  std::string text = words.size() > 2 ? "one of " : "";
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

OVRSEER_DECL config_reader::subject_scope::~subject_scope() {
  reader_.key_ = key_;
  reader_.is_entry_ = is_entry_;
}

OVRSEER_DECL std::string config_reader::what_it_is(const config_node& node) const {
  if (node.is_null()) return "has no value";
  if (!node.is_scalar()) return "is " + std::string(to_text(node.what));
  if (node.text.empty()) return "is empty";
  if (is_secret(node)) return "has a value that is not shown";
  std::string text = "is " + in_quotes(node.text);
  if (node.expanded == config_node::expansion::done) {
    text += " (from " +
            printable(source_.text().substr(node.where.begin, std::min<std::size_t>(node.where.size(), 60))) + ")";
  }
  return text;
}

OVRSEER_DECL std::string config_reader::list_cure(const config_node& node) const {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '/' || c == '-' || c == '=' || c == '+' || c == ' ';
  };
  if (node.is_mapping()) return is_json() ? "put it into [ ]" : "begin each entry with \"- \"";
  const std::string example = "write a list: " + written(key_, is_json() ? "[\"a\", \"b\"]" : "[a, b]");
  if (!node.is_scalar() || node.text.empty() || node.text.size() > 60 || is_secret(node)) return example;
  if (!std::ranges::all_of(node.text, is_plain) || message_redactor().may_contain_secret(node.text)) return example;
  std::string list;
  for (std::size_t i = 0; i < node.text.size();) {
    const std::size_t end = std::min(node.text.find(' ', i), node.text.size());
    if (end > i) {
      const std::string word = node.text.substr(i, end - i);
      list += (list.empty() ? "" : ", ") + (is_json() ? in_quotes(word) : word);
    }
    i = end + 1;
  }
  return "write a list: " + written(key_, "[" + list + "]");
}

OVRSEER_DECL std::string_view config_reader::unknown_key(const section_shape& shape, const config_node& key) {
  diagnostic& finding = error(key, "unknown key " + in_quotes(key.text));
  std::vector<std::string_view> known;
  for (const key_entry& entry : shape.keys) known.push_back(entry.key);
  usual_key meant = usual_name(key.text, known);
  if (meant.ours.empty()) meant.ours = closest_word(key.text, known);
  if (!meant.ours.empty()) {
    finding.cure = "did you mean " + in_quotes(meant.ours) + "?";
    return meant.value == usual_key::form::ours ? meant.ours : std::string_view();
  }
  for (const key_hint& hint : shape.hints) {
    if (hint.key != key.text) continue;
    finding.cure = hint.cure;
    return {};
  }
  for (const key_entry& entry : shape.keys) {
    const section_shape* inner = entry.shape->inner_section();
    if (inner == nullptr || std::ranges::count(inner->keys, key.text, &key_entry::key) == 0) continue;
    finding.cure = in_quotes(key.text) + " belongs in " + in_quotes(entry.key);
    return {};
  }
  constexpr std::size_t most_listed = 12;
  if (known.size() <= most_listed) finding.cure = "the keys of " + std::string(shape.name) + " are " + listed(known);
  return {};
}

OVRSEER_DECL std::string config_reader::listed(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

OVRSEER_DECL usual_key config_reader::usual_name(std::string_view key, const std::vector<std::string_view>& known) {
  static constexpr std::array<usual_key, 52> names{{
      {"environment", "env"},
      {"workingdir", "cwd"},
      {"workingdirectory", "cwd"},
      {"dir", "cwd"},
      {"directory", "cwd"},
      {"cmd", "command"},
      {"program", "command"},
      {"script", "shell"},
      {"entrypoint", "command"},
      {"name", "id"},
      {"depends", "dependsOn"},
      {"needs", "dependsOn"},
      {"requires", "dependsOn"},
      {"after", "dependsOn"},
      {"restart", "restartPolicy"},
      {"autorestart", "restartPolicy"},
      {"availability", "restartPolicy", usual_key::form::theirs},
      {"readinessprobe", "readyChecks", usual_key::form::theirs},
      {"healthcheck", "readyChecks", usual_key::form::theirs},
      {"readylogline", "readyChecks", usual_key::form::theirs},
      {"ready", "readyChecks", usual_key::form::theirs},
      {"role", "type"},
      {"services", "processes"},
      {"programs", "processes"},
      {"units", "processes"},
      {"apps", "processes"},
      {"maxrestarts", "maxRetries"},
      {"retries", "maxRetries"},
      {"backoffseconds", "delay", usual_key::form::theirs},
      {"exitcodes", "codes"},
      {"shutdown", "stop", usual_key::form::theirs},
      {"ulimits", "limits"},
      {"logging", "log", usual_key::form::theirs},
      {"labels", "tags"},
      {"regex", "pattern"},
      {"pattern", "logPattern"},
      {"regex", "logPattern"},
      {"httpget", "http", usual_key::form::theirs},
      {"url", "http"},
      {"port", "tcp"},
      {"initialdelayseconds", "initialDelay", usual_key::form::theirs},
      {"periodseconds", "interval", usual_key::form::theirs},
      {"timeoutseconds", "timeout", usual_key::form::theirs},
      {"starttimeout", "timeout"},
      {"uid", "user"},
      {"level", "minimumLevel"},
      {"loglevel", "minimumLevel"},
      {"minlevel", "minimumLevel"},
      {"watchdogsec", "watchdog", usual_key::form::theirs},
      {"readynotification", "readyChecks", usual_key::form::theirs},
      {"sdnotify", "notify"},
      {"colour", "color"},
  }};
  const std::string bare = bare_word(key);
  for (const usual_key& each : names) {
    if (each.theirs == bare && std::ranges::find(known, each.ours) != known.end()) return each;
  }
  return {};
}

}  // namespace ovrseer::config_detail
