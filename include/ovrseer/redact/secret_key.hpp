// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which names announce a secret: read word by word, so that DB_PASSWORD and apiKey do, and tokenizer and monkey do not.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/redact/detail/text.hpp>

namespace ovrseer {

/// How surely a name announces a secret.
enum class key_kind {
  plain,   ///< it does not
  likely,  ///< it does as a variable or a field; in running text the value must look like one ("token", "session")
  secret,  ///< it does ("password", "api_key", "authorization")
};

/// Names beyond the known ones. Compared word by word, whatever their case and separators.
struct key_rules {
  std::vector<std::string> secret;   ///< announce a secret wherever their words appear in a name: "pin" in "user_pin"
  std::vector<std::string> allowed;  ///< whole names that never do, although they would: "session_id"
};

namespace redact_detail {

/// The words of a name in lower case: DB_PASSWORD, dbPassword and db-password are "db", "password".
class name_words {
 public:
  static constexpr std::size_t longest_name = 128;
  static constexpr std::size_t most_words = 24;

  constexpr explicit name_words(std::string_view name) noexcept {
    if (name.size() > longest_name) return;
    std::size_t begin = 0;
    std::size_t end = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const char c = name[i];
      if (!is_alnum(c) || (end != begin && begins_word(name, i))) {
        add(begin, end);
        begin = end;
      }
      if (is_alnum(c)) letters_[end++] = lower(c);
    }
    add(begin, end);
    joined_size_ = end;
  }

  constexpr std::size_t size() const noexcept { return count_; }
  constexpr std::string_view operator[](std::size_t i) const noexcept {
    return {letters_.data() + words_[i].begin, words_[i].size};
  }
  /// All words without a separator, the digits at their ends included.
  constexpr std::string_view joined() const noexcept { return {letters_.data(), joined_size_}; }

 private:
  struct place {
    std::size_t begin = 0;
    std::size_t size = 0;
  };

  // Upper after lower, and the last upper before lower: apiKey, APIKey.
  static constexpr bool begins_word(std::string_view name, std::size_t i) noexcept {
    if (!is_upper(name[i])) return false;
    if (!is_upper(name[i - 1])) return true;
    return i + 1 < name.size() && is_letter(name[i + 1]) && !is_upper(name[i + 1]);
  }
  // A number behind a word says nothing: password2.
  constexpr void add(std::size_t begin, std::size_t end) noexcept {
    while (end > begin && is_digit(letters_[end - 1])) --end;
    if (end != begin && count_ < most_words) words_[count_++] = {begin, end - begin};
  }

  std::array<char, longest_name> letters_{};
  std::array<place, most_words> words_{};
  std::size_t count_ = 0;
  std::size_t joined_size_ = 0;
};

inline constexpr std::array surely_secret{
    "password"sv,   "passwords"sv,     "passwd"sv,    "passphrase"sv, "passcode"sv,      "passkey"sv,   "secret"sv,
    "secrets"sv,    "apikey"sv,        "apikeys"sv,   "accesskey"sv,  "privatekey"sv,    "secretkey"sv, "authkey"sv,
    "signingkey"sv, "encryptionkey"sv, "masterkey"sv, "accountkey"sv, "authorization"sv, "credential"sv};
inline constexpr std::array surely_secret_ends{"password"sv, "passwd"sv,    "passphrase"sv, "secret"sv,
                                               "apikey"sv,   "accesskey"sv, "privatekey"sv, "secretkey"sv};
// Of these the second word is "key" or "keys".
inline constexpr std::array makes_key_secret{
    "api"sv,        "access"sv,       "private"sv,     "secret"sv,  "auth"sv,    "encryption"sv, "encrypt"sv,
    "decryption"sv, "signing"sv,      "sign"sv,        "master"sv,  "account"sv, "shared"sv,     "session"sv,
    "deploy"sv,     "ssh"sv,          "app"sv,         "hmac"sv,    "license"sv, "licence"sv,    "security"sv,
    "webhook"sv,    "routing"sv,      "consumer"sv,    "service"sv, "jwt"sv,     "crypto"sv,     "application"sv,
    "storage"sv,    "subscription"sv, "integration"sv, "admin"sv};
inline constexpr std::array likely_secret{"token"sv,  "tokens"sv, "session"sv, "sessions"sv,    "sessionid"sv,
                                          "sessid"sv, "cookie"sv, "cookies"sv, "credentials"sv, "creds"sv,
                                          "jwt"sv,    "dsn"sv,    "webhook"sv};
inline constexpr std::array likely_secret_ends{"token"sv, "sessionid"sv, "sessid"sv, "cookie"sv};
// password_file, token_type, sessionTimeout: a name is about its last word.
inline constexpr std::array harmless_heads{
    "file"sv,    "files"sv,      "filename"sv, "path"sv,     "paths"sv,     "dir"sv,      "directory"sv, "folder"sv,
    "url"sv,     "uri"sv,        "urls"sv,     "endpoint"sv, "host"sv,      "port"sv,     "timeout"sv,   "ttl"sv,
    "type"sv,    "types"sv,      "name"sv,     "names"sv,    "length"sv,    "len"sv,      "size"sv,      "count"sv,
    "counts"sv,  "min"sv,        "max"sv,      "limit"sv,    "limits"sv,    "policy"sv,   "policies"sv,  "expiry"sv,
    "expires"sv, "expiration"sv, "expired"sv,  "age"sv,      "enabled"sv,   "enable"sv,   "disabled"sv,  "required"sv,
    "require"sv, "lifetime"sv,   "domain"sv,   "method"sv,   "mode"sv,      "format"sv,   "version"sv,   "status"sv,
    "state"sv,   "manager"sv,    "store"sv,    "provider"sv, "factory"sv,   "handler"sv,  "class"sv,     "attempts"sv,
    "attempt"sv, "retries"sv,    "retry"sv,    "interval"sv, "algorithm"sv, "alg"sv,      "issuer"sv,    "audience"sv,
    "scope"sv,   "scopes"sv,     "field"sv,    "prompt"sv,   "reset"sv,     "changed"sv,  "created"sv,   "updated"sv,
    "at"sv,      "in"sv,         "by"sv,       "on"sv,       "date"sv,      "time"sv,     "usage"sv,     "used"sv,
    "budget"sv,  "rate"sv,       "index"sv,    "position"sv, "offset"sv,    "range"sv,    "kind"sv,      "ref"sv,
    "arn"sv,     "rotation"sv,   "strength"sv, "hint"sv,     "validator"sv, "encoder"sv,  "generator"sv, "parser"sv,
    "context"sv, "listener"sv,   "start"sv,    "end"sv,      "begin"sv,     "opened"sv,   "closed"sv,    "error"sv,
    "errors"sv,  "failure"sv,    "event"sv,    "events"sv,   "log"sv,       "level"sv,    "label"sv,     "page"sv,
    "link"sv,    "column"sv,     "table"sv,    "second"sv,   "minute"sv,    "metadata"sv, "duration"sv,  "tracker"sv};
// session_id, token_value: still about the secret. Of "session" and "cookie" nothing else is.
inline constexpr std::array secret_tails{
    "id"sv,  "key"sv,  "value"sv,  "secret"sv, "data"sv,   "string"sv, "digits"sv, "base"sv, "hash"sv,   "hex"sv,
    "raw"sv, "text"sv, "header"sv, "token"sv,  "cookie"sv, "plain"sv,  "old"sv,    "new"sv,  "current"sv};
inline constexpr std::array counts_tokens{
    "max"sv,  "min"sv,       "num"sv,    "total"sv, "prompt"sv,    "completion"sv, "input"sv,     "output"sv,
    "used"sv, "remaining"sv, "cached"sv, "n"sv,     "reasoning"sv, "context"sv,    "available"sv, "of"sv};
// "first pass", "render_pass": no word of access.
inline constexpr std::array passes_otherwise{
    "first"sv, "second"sv, "single"sv, "one"sv,    "two"sv,  "multi"sv, "low"sv, "high"sv,     "band"sv, "all"sv,
    "by"sv,    "test"sv,   "tests"sv,  "render"sv, "next"sv, "last"sv,  "per"sv, "boarding"sv, "did"sv,  "will"sv};
// Variables of every desktop and terminal.
inline constexpr std::array harmless_names{"xdgsessionid"sv, "desktopsession"sv, "gdmsession"sv, "oldpwd"sv};

template <class Ends>
constexpr bool ends_like(std::string_view word, const Ends& ends) noexcept {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view each) { return word.ends_with(each); });
}

inline key_kind kind_of_words(const name_words& words) noexcept {
  const std::size_t count = words.size();
  key_kind found = key_kind::plain;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view word = words[i];
    const bool is_last = i + 1 == count;
    const bool is_pair = !is_last && (words[i + 1] == "key" || words[i + 1] == "keys");
    if (is_one_of(word, surely_secret) || ends_like(word, surely_secret_ends) ||
        (is_pair && is_one_of(word, makes_key_secret))) {
      const bool is_whole = is_last || (is_pair && i + 2 == count);
      if (is_whole || !is_one_of(words[count - 1], harmless_heads)) return key_kind::secret;
      continue;
    }
    if (is_one_of(word, likely_secret) || ends_like(word, likely_secret_ends)) {
      const bool counts = word == "tokens" && i != 0 && is_one_of(words[i - 1], counts_tokens);
      const bool is_token = word.starts_with("token") || word == "jwt" || word.ends_with("token");
      const bool is_about_it = is_last || is_one_of(words[count - 1], secret_tails) ||
                               (is_token && !is_one_of(words[count - 1], harmless_heads));
      if (is_about_it && !counts) found = key_kind::likely;
    }
    if (is_last && count > 1 && (word == "pwd" || word == "pass")) {
      if (word == "pwd") return key_kind::secret;
      if (!is_one_of(words[i - 1], passes_otherwise)) found = key_kind::likely;
    }
  }
  return found;
}

/// The words with one blank around each, so that a sequence of whole words is found as text.
inline std::string spaced(const name_words& words) {
  std::string text(1, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) text.append(words[i]).append(1, ' ');
  return text;
}

}  // namespace redact_detail

/// What a name says of its value. `name` is a variable, a field, a header or an option, without dashes before it.
///
/// A name counts by its last word: "password" and "DB_PASSWORD_PROD" announce a secret, "password_file" and
/// "token_type" do not. Names beyond 128 characters announce nothing.
inline key_kind kind_of_key(std::string_view name, const key_rules& rules = {}) {
  using namespace redact_detail;
  if (equal_fold(name, "pwd")) return name == "PWD" ? key_kind::plain : key_kind::likely;  // the shell's folder
  const name_words words(name);
  if (words.size() == 0) return key_kind::plain;
  const auto is_it = [&](const std::string& allowed) { return name_words(allowed).joined() == words.joined(); };
  if (std::any_of(rules.allowed.begin(), rules.allowed.end(), is_it)) return key_kind::plain;
  if (!rules.secret.empty()) {
    const std::string text = spaced(words);
    const auto is_in = [&](const std::string& each) {
      const name_words wanted(each);
      return wanted.size() != 0 && (text.find(spaced(wanted)) != text.npos || wanted.joined() == words.joined());
    };
    if (std::any_of(rules.secret.begin(), rules.secret.end(), is_in)) return key_kind::secret;
  }
  if (is_one_of(words.joined(), harmless_names)) return key_kind::plain;
  return kind_of_words(words);
}

/// Whether the value of a variable, a field or an option of this name is to be hidden.
inline bool is_secret_key(std::string_view name, const key_rules& rules = {}) {
  return kind_of_key(name, rules) != key_kind::plain;
}

}  // namespace ovrseer
