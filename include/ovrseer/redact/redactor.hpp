// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Hides secrets in whatever leaves the process: lines, environments, arguments, reports.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/replace.hpp>
#include <ovrseer/redact/detail/known_values.hpp>
#include <ovrseer/redact/detail/scanner.hpp>
#include <ovrseer/redact/detail/stem_filter.hpp>
#include <ovrseer/redact/secret_key.hpp>

namespace ovrseer {

/// What the one pass found; see `redactor::append`.
enum class redaction_result {
  unchanged,   ///< no secret: the text was taken as it is
  redacted,    ///< something was hidden
  open_block,  ///< as `redacted`, and a private key goes on beyond the end of the text; see `line_redactor`
};

/// Finds secrets in text and puts a replacement in their place. A value; copies are independent.
///
/// What it finds:
/// - values of names that announce secrets (`is_secret_key`), as `KEY=value`, `key: value`, JSON and JSON within
///   JSON, Ruby's and PHP's `=>`, an XML element, `--password value`; a list of strings as one;
/// - `Authorization` and `Cookie` headers, `Bearer TOKEN`, `Basic` with a user and a password in it;
/// - passwords in addresses (`scheme://user:password@host`) and addresses that are a secret (web hooks);
/// - private keys in PEM, between their first and last line;
/// - tokens that tell by their form what they are: AWS, GitHub, GitLab, Slack, Stripe, JSON web tokens and others;
/// - what `curl -u` is given, the passwords of a .netrc, `"auth"` with a user and a password in base64;
/// - what matches a pattern of one's own;
/// - secrets that are known, wherever they stand.
///
/// What it does not find: a secret without any of these signs, the words after the first of an unquoted value
/// with blanks, and what is encoded otherwise. Names, quotes and line ends stay, so JSON stays JSON and text stays
/// readable. Values that say nothing (true, null, yes) stay, and what is hidden already.
///
/// Linear in the length of the text; no allocation where there is nothing to hide. Pure, and `const` members may be
/// called from several threads.
class redactor {
 public:
  redactor() = default;

  /// What is put in the place of a secret; default `<redacted>`.
  redactor& replacement(std::string text) {
    replacement_ = std::move(text);
    return *this;
  }
  /// A name that announces a secret: its words, wherever they appear in a name, in any case and with any separator.
  redactor& add_key(std::string name) {
    const redact_detail::name_words words(name);
    std::string_view longest;
    for (std::size_t i = 0; i < words.size(); ++i) longest = std::max(longest, words[i], is_shorter);
    if (longest.empty()) return *this;
    stems_.emplace_back(longest);
    add_stem(std::string(longest.substr(0, 3)));
    keys_.secret.push_back(std::move(name));
    return *this;
  }
  /// A whole name that does not announce a secret although it would; compared without case and separators.
  redactor& allow_key(std::string name) {
    keys_.allowed.push_back(std::move(name));
    return *this;
  }

  /// What matches is hidden too, after all else: by the replacement, or by `with`, which may name groups as `replace_all`
  /// has them.
  ///
  ///     rules.add_pattern(pattern<"(customer )\\d{6,}">(), "$1<hidden>");
  redactor& add_pattern(pattern<> what, std::optional<std::string> with = std::nullopt) {
    own_.push_back({std::move(what), std::move(with)});
    return *this;
  }

  /// A text that is a secret: hidden wherever it stands, before all else. One of less than eight characters, or that may be
  /// a word or a number of up to fifteen, is not taken, for it would be hidden where it means something else.
  redactor& add_secret(std::string_view text) {
    if (!redact_detail::is_flag_value(text)) values_.add(text);
    return *this;
  }
  /// The secrets in a variable, as `redact_environment` hides them, as secrets of their own.
  redactor& add_secrets_of(std::string_view name, std::string_view value) {
    return is_secret_key(name) ? add_secret(value) : add_secrets_in(value);
  }
  /// The same for the arguments of a command, as `redact_arguments` hides them.
  redactor& add_secrets_of(const std::vector<std::string>& arguments) {
    std::vector<std::string> hidden = arguments;
    redact_arguments(hidden);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& all = arguments[i];
      const auto begin = static_cast<std::size_t>(std::ranges::mismatch(all, hidden[i]).in1 - all.begin());
      if (begin == all.size()) continue;
      if (std::string_view(hidden[i]).substr(begin) == replacement_) {
        add_secret(std::string_view(all).substr(begin));
      } else {
        add_secrets_in(all);
      }
    }
    return *this;
  }

  const std::string& replacement() const noexcept { return replacement_; }

  /// The text with its secrets replaced.
  std::string redact(std::string_view text) const {
    std::string out;
    append(out, text);
    return out;
  }

  /// Appends the text with its secrets replaced to `out`, which `text` must not be a part of.
  redaction_result append(std::string& out, std::string_view text) const {
    if (own_.empty() && values_.is_empty()) return append_known(out, text);
    std::string without_values;
    const bool has_values = values_.replace(text, replacement_, without_values);
    std::string hidden;
    auto result = append_known(hidden, has_values ? std::string_view(without_values) : text);
    if (has_values && result == redaction_result::unchanged) result = redaction_result::redacted;
    for (const own_rule& rule : own_) {
      if (!rule.what.matches(hidden)) continue;
      hidden = replace_all(rule.what, hidden, rule.with ? *rule.with : as_is(replacement_));
      if (result == redaction_result::unchanged) result = redaction_result::redacted;
    }
    out.append(hidden);
    return result;
  }

  /// Replaces the secrets in `text`; says whether there were any. Without any, nothing is copied.
  bool redact_in_place(std::string& text) const {
    if (!may_contain_secret(text)) return false;
    std::string out;
    if (append(out, text) == redaction_result::unchanged) return false;
    const bool is_changed = out != text;
    if (is_changed) text = std::move(out);
    return is_changed;
  }

  /// A quick look: when it says no, `redact` gives the text as it is. When it says yes, there may be none all the same.
  bool may_contain_secret(std::string_view text) const {
    for (std::size_t i = filter_.find(text, 0); i < text.size(); i = filter_.find(text, i + 1)) {
      if (redact_detail::has_stem(text, i) || has_own_stem(text, i)) return true;
    }
    return values_.may_be_in(text) ||
           std::any_of(own_.begin(), own_.end(), [&](const own_rule& rule) { return rule.what.matches(text); });
  }

  /// Whether the value of a variable, a field or an option of this name is to be hidden.
  bool is_secret_key(std::string_view name) const { return ovrseer::is_secret_key(name, keys_); }

  /// The value of an environment variable: hidden wholly when the name announces a secret, else redacted within.
  std::string redact_environment(std::string_view name, std::string_view value) const {
    if (value.empty()) return {};
    return is_secret_key(name) ? replacement_ : redact(value);
  }

  /// Redacts a command's arguments in place: `--password x`, `--password=x`, `PASSWORD=x` and what `redact` finds.
  /// Says whether anything was hidden. An option and its value must both be in `arguments`.
  bool redact_arguments(std::span<std::string> arguments) const {
    bool has_hidden = false;
    const auto hide = [&](std::string& argument, std::size_t from) {
      if (redact_detail::is_flag_value(std::string_view(argument).substr(from))) return;
      argument.replace(from, std::string::npos, replacement_);
      has_hidden = true;
    };
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      std::string& argument = arguments[i];
      const std::size_t begin = std::min(argument.find_first_not_of('-'), argument.size());
      const std::size_t end = redact_detail::skip(argument, begin, redact_detail::is_name);
      const bool is_secret = is_secret_key(std::string_view(argument).substr(begin, end - begin));
      if (is_secret && end + 1 < argument.size() && argument[end] == '=') {
        hide(argument, end + 1);
      } else if (is_secret && begin != 0 && end == argument.size()) {
        // What looks like the next option is one: this was a switch.
        if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--")) hide(arguments[++i], 0);
      } else {
        has_hidden = redact_in_place(argument) || has_hidden;
      }
    }
    return has_hidden;
  }

 private:
  struct own_rule {
    pattern<> what;
    std::optional<std::string> with;
  };

  // For a text that is no recipe.
  static std::string as_is(const std::string& text) { return replace_all(pattern<"\\$">(), text, "$$$$"); }

  redaction_result append_known(std::string& out, std::string_view text) const {
    auto result = redaction_result::unchanged;
    std::size_t copied = 0;
    redact_detail::find_secrets(text, rules(), [&](const redact_detail::secret_span& secret) {
      const bool is_open = secret.how == redact_detail::hidden_as::open_block;
      result = is_open ? redaction_result::open_block : redaction_result::redacted;
      out.append(text.substr(copied, secret.begin - copied));
      copied = secret.end;
      if (secret.begin == secret.end) return;
      const char* const quote = secret.how == redact_detail::hidden_as::string ? "\"" : "";
      out.append(quote).append(replacement_).append(quote);
    });
    out.append(text.substr(copied));
    return result;
  }

  redactor& add_secrets_in(std::string_view text) {
    redact_detail::find_secrets(text, rules(), [&](const redact_detail::secret_span& secret) {
      add_secret(text.substr(secret.begin, secret.end - secret.begin));
    });
    return *this;
  }

  redact_detail::scan_rules rules() const noexcept { return {&keys_, &filter_, replacement_}; }

  static constexpr bool is_shorter(std::string_view a, std::string_view b) noexcept { return a.size() < b.size(); }

  // The filter looks at three bytes: after a word of one or two letters anything may come.
  void add_stem(const std::string& stem) {
    if (stem.size() == 3) return filter_.add(stem);
    for (char c = ' '; c < '\x7F'; ++c) add_stem(stem + c);
  }

  bool has_own_stem(std::string_view text, std::size_t i) const noexcept {
    return std::any_of(stems_.begin(), stems_.end(),
                       [&](const std::string& stem) { return redact_detail::begins_fold(text, i, stem); });
  }

  key_rules keys_;
  std::vector<std::string> stems_;  // of the keys that were added
  redact_detail::stem_filter filter_ = redact_detail::known_filter;
  std::vector<own_rule> own_;
  redact_detail::known_values values_;
  std::string replacement_ = "<redacted>";
};

}  // namespace ovrseer
