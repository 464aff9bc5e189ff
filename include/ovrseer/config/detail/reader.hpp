// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What every value is read with: which key it belongs to, where it stands, and how a wrong one is reported.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/config/schema.hpp>
#include <ovrseer/config/suggestion.hpp>
#include <ovrseer/config/values.hpp>

namespace ovrseer::config_detail {

/// A word of other systems, without `_` and `-` and in lower case, and ours for it.
struct usual_word {
  std::string_view theirs;
  std::string_view ours;
};
/// The same for a key, whose value may be written in our way, or in theirs.
struct usual_key {
  std::string_view theirs;
  std::string_view ours;
  enum class form : unsigned char { ours, theirs } value = form::ours;
};

/// Turns nodes into values. A wrong node becomes a diagnostic and `false`, and reading goes on.
class config_reader {
 public:
  config_reader(const source_text& source, std::filesystem::path base, diagnostics& out)
      : source_(source), base_(std::move(base)), out_(out) {}

  const source_text& source() const noexcept { return source_; }
  diagnostics& out() noexcept { return out_; }
  /// What relative paths start from.
  const std::filesystem::path& base() const noexcept { return base_; }

  diagnostic& error(const config_node& at, std::string found) {
    return out_.error(source_, at.where, std::move(found));
  }
  diagnostic& warning(const config_node& at, std::string found) {
    return out_.warning(source_, at.where, std::move(found));
  }
  diagnostic::note note(const config_node& at, std::string text) const {
    return {source_.position_of(at.where.begin), std::move(text)};
  }

  /// "restartPolicy is …": the value is not what it should be.
  bool wrong(const config_node& node, std::string expected, std::string cure = {}) {
    return wrong_at(node, node.where, std::move(expected), std::move(cure));
  }
  bool wrong_at(const config_node& node, text_span place, std::string expected, std::string cure) {
    diagnostic& finding = out_.error(source_, place, subject() + " " + what_it_is(node));
    finding.expected = std::move(expected);
    finding.cure = std::move(cure);
    return false;
  }

  /// The text of a scalar; anything else is wrong.
  bool text(const config_node& node, std::string& into, std::string_view expected = "text") {
    if (!node.is_scalar()) return wrong(node, std::string(expected));
    if (node.expanded == config_node::expansion::failed) return false;
    if (node.text.find('\0') != std::string::npos) return wrong(node, "text without NUL characters");
    into = node.text;
    return true;
  }

  /// The same for the value of a key that has no table, such as a variable.
  bool text_of(std::string_view key, const config_node& node, std::string& into) {
    bool good = false;
    inside(key, [&] { good = text(node, into); });
    return good;
  }

  /// A scalar read by one of the functions of values.hpp.
  template <class T, class Parse>
  bool scalar(const config_node& node, T& into, std::string_view expected, Parse parse) {
    std::string written;
    if (!text(node, written, expected)) return false;
    auto value = parse(written);
    if (value) {
      into = *std::move(value);
      return true;
    }
    const value_error& why = value.reason();
    const text_span place = why.offset == 0 ? node.where : span_within(source_, node, why.offset, 1);
    return wrong_at(node, place, why.expected, why.cure);
  }

  /// One of some words; yields its index. `usual` has words of others with ours.
  bool word(const config_node& node, std::span<const std::string_view> words, std::size_t& into,
            std::span<const usual_word> usual = {}) {
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

  /// Calls `each` with every entry of a list; it says whether the entry was right.
  template <class Each>
  bool list(const config_node& node, std::string_view of, Each each) {
    if (!node.is_sequence())
      return wrong(node, of.empty() ? "a list" : "a list of " + std::string(of), list_cure(node));
    const bool was_entry = std::exchange(is_entry_, true);
    bool good = true;
    for (const config_node& item : node.items) {
      const subject_scope scope(*this);
      good = each(item) && good;
    }
    is_entry_ = was_entry;
    return good;
  }

  /// Reads the keys of a mapping by their table.
  bool section(const config_node& node, const section_shape& shape, void* draft) {
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

  void missing_key(const config_node& node, const section_shape& shape, const key_entry& entry) {
    const text_span first = node.keys.empty() ? node.where : node.keys.front().where;
    diagnostic& finding = out_.error(source_, first, std::string(shape.name) + " has no " + in_quotes(entry.key));
    finding.expected = entry.shape->name;
    finding.cure = "add " + written(entry.key, "...");
  }

  /// Reads on as if inside of a key: for what is read later than its neighbours.
  template <class Read>
  void inside(std::string_view key, Read read) {
    const subject_scope scope(*this);
    key_ = key;
    is_entry_ = false;
    read();
  }

  /// "the key" or "an entry of the key", for the beginning of a sentence.
  std::string subject() const {
    if (key_.empty()) return "the configuration";
    return (is_entry_ ? "an entry of " : "") + in_quotes(key_);
  }

  /// `key: value` as the language of the file writes it.
  std::string written(std::string_view key, std::string_view value) const {
    const std::string name = is_json() ? in_quotes(key) : std::string(key);
    return name + ": " + std::string(value);
  }
  bool is_json() const noexcept { return source_.name().ends_with(".json"); }

  /// Whether a message may show the text of a node.
  bool is_secret(const config_node& node) const {
    return node.expanded == config_node::expansion::secret ||
           end_of_hidden(source_, node.where.begin) > node.where.begin;
  }

  static std::string one_of(std::span<const std::string_view> words) {
    std::string text = words.size() > 2 ? "one of " : "";
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
      text += words[i];
    }
    return text;
  }

 private:
  /// Puts the key back that was read before.
  class subject_scope {
   public:
    explicit subject_scope(config_reader& reader) : reader_(reader), key_(reader.key_), is_entry_(reader.is_entry_) {}
    subject_scope(const subject_scope&) = delete;
    subject_scope& operator=(const subject_scope&) = delete;
    ~subject_scope() {
      reader_.key_ = key_;
      reader_.is_entry_ = is_entry_;
    }

   private:
    config_reader& reader_;
    std::string_view key_;
    bool is_entry_;
  };

  std::string what_it_is(const config_node& node) const {
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

  /// "write [a, b]" where a line of plain words stands for a list.
  std::string list_cure(const config_node& node) const {
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

  /// Reports the key; yields the one that was probably meant, if its value would be written alike.
  std::string_view unknown_key(const section_shape& shape, const config_node& key) {
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

  static std::string listed(const std::vector<std::string_view>& words) {
    std::string text;
    for (const std::string_view word : words) text.append(text.empty() ? "" : ", ").append(word);
    return text;
  }

  /// Our name for what other systems call differently.
  static usual_key usual_name(std::string_view key, const std::vector<std::string_view>& known) {
    static constexpr std::array<usual_key, 46> names{{
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
        {"colour", "color"},
    }};
    const std::string bare = bare_word(key);
    for (const usual_key& each : names) {
      if (each.theirs == bare && std::ranges::find(known, each.ours) != known.end()) return each;
    }
    return {};
  }

  const source_text& source_;
  std::filesystem::path base_;
  diagnostics& out_;
  std::string_view key_;
  bool is_entry_ = false;
};

}  // namespace ovrseer::config_detail
