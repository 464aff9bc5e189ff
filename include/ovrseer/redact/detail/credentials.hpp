// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Secrets that need no name before them: in addresses, after an authentication scheme, and keys in PEM.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include <ovrseer/redact/detail/known_token.hpp>
#include <ovrseer/redact/detail/text.hpp>

namespace ovrseer::redact_detail {

enum class secret_kind { key_value, argument, authorization, url, pem, token };

/// How the replacement is put in.
enum class hidden_as {
  text,        // as it is
  string,      // in quotes, where a JSON number stood
  open_block,  // as it is; and the block goes on beyond the end of the text
};

struct secret_span {
  std::size_t begin;
  std::size_t end;
  secret_kind kind;
  hidden_as how;
};

/// Finds the password in an address: scheme://user:password@host.
class url_reader {
 public:
  explicit url_reader(std::string_view text) noexcept : text_(text) {}

  /// `colon` is where "://" may stand. Positions must not decrease from call to call.
  std::optional<token_place> password(std::size_t colon) noexcept {
    if (colon == 0 || !is_alnum(text_[colon - 1]) || text_.compare(colon, 3, "://") != 0) return std::nullopt;
    const std::size_t begin = colon + 3;
    if (begin >= word_end_) read_word(begin);
    if (last_at_ < begin || last_at_ >= word_end_) return std::nullopt;
    const std::size_t end = skip(text_, begin, [](char c) { return !ends_authority(c); });
    const std::string_view authority = text_.substr(begin, end - begin);
    const std::size_t user_end = authority.find(':');
    std::size_t at_sign = authority.rfind('@');
    if (at_sign == std::string_view::npos) {
      // A slash in a password that should have been encoded. Not where a port stands there.
      if (user_end == std::string_view::npos || authority.starts_with('[')) return std::nullopt;
      const std::string_view port = authority.substr(user_end + 1);
      if (port.size() < 6 && std::all_of(port.begin(), port.end(), is_digit)) return std::nullopt;
      return token_place{begin + user_end + 1, last_at_};
    }
    if (user_end < at_sign) return token_place{begin + user_end + 1, begin + at_sign};
    // A token alone: https://TOKEN@host. A user alone is no secret.
    if (looks_random(authority.substr(0, at_sign), 16)) return token_place{begin, begin + at_sign};
    return std::nullopt;
  }

 private:
  static constexpr bool ends_word(char c) noexcept {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' ||
           c == '\\';
  }
  static constexpr bool ends_authority(char c) noexcept { return ends_word(c) || c == '/' || c == '?' || c == '#'; }

  // Once for each word, however many addresses are in it.
  void read_word(std::size_t begin) noexcept {
    word_end_ = skip(text_, begin, [](char c) { return !ends_word(c); });
    const std::size_t found = text_.substr(begin, word_end_ - begin).rfind('@');
    last_at_ = found == std::string_view::npos ? 0 : begin + found;
  }

  std::string_view text_;
  std::size_t word_end_ = 0;
  std::size_t last_at_ = 0;
};

/// What an Authorization header's value holds: a scheme that stays, and what follows it.
struct credentials {
  std::size_t begin = 0;  // behind the scheme
  bool has_scheme = false;
  bool is_single = true;  // one token; otherwise a list of parameters to the end
};

inline constexpr std::array single_schemes{
    "basic"sv, "bearer"sv, "token"sv,  "negotiate"sv, "ntlm"sv, "apikey"sv,       "api-key"sv, "key"sv,
    "dpop"sv,  "bot"sv,    "splunk"sv, "jwt"sv,       "gnap"sv, "privatetoken"sv, "glsa"sv,    "ssws"sv};
inline constexpr std::array list_schemes{"digest"sv,    "oauth"sv,         "hawk"sv,
                                         "mac"sv,       "hmac"sv,          "aws4-hmac-sha256"sv,
                                         "sharedkey"sv, "sharedkeylite"sv, "sharedaccesssignature"sv,
                                         "signature"sv, "scram-sha-256"sv, "mutual"sv,
                                         "hoba"sv,      "vapid"sv,         "acs-hmac-sha256"sv};

constexpr credentials read_credentials(std::string_view text, std::size_t begin) noexcept {
  const std::size_t end = skip(text, begin, [](char c) { return is_alnum(c) || c == '-'; }, 32);
  const std::size_t rest = skip(text, end, is_blank);
  if (end == begin || rest == end || is_line_end(at(text, rest))) return {begin, false, true};
  const std::string_view scheme = text.substr(begin, end - begin);
  if (is_one_of_fold(scheme, single_schemes)) return {rest, true, true};
  if (is_one_of_fold(scheme, list_schemes)) return {rest, true, false};
  return {begin, false, true};
}

constexpr int base64_value(char c) noexcept {
  if (is_upper(c)) return c - 'A';
  if (is_letter(c)) return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

/// Whether a base64 text holds "user:password": printable, with a colon.
constexpr bool is_basic(std::string_view encoded) noexcept {
  while (!encoded.empty() && encoded.back() == '=') encoded.remove_suffix(1);
  if (encoded.size() < 6 || encoded.size() % 4 == 1) return false;
  unsigned bits = 0;
  int held = 0;
  bool has_colon = false;
  for (const char c : encoded) {
    const int value = base64_value(c);
    if (value < 0) return false;
    bits = (bits << 6U) | static_cast<unsigned>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const unsigned byte = (bits >> static_cast<unsigned>(held)) & 0xFFU;
    if (byte < 0x20 || byte == 0x7F) return false;
    if (byte == ':') has_colon = true;
  }
  return has_colon;
}

// Words that follow "Bearer" in sentences and in the challenges of servers.
inline constexpr std::array no_bearer_token{"token"sv,
                                            "tokens"sv,
                                            "auth"sv,
                                            "authentication"sv,
                                            "authorization"sv,
                                            "scheme"sv,
                                            "header"sv,
                                            "format"sv,
                                            "is"sv,
                                            "was"sv,
                                            "of"sv,
                                            "not"sv,
                                            "and"sv,
                                            "or"sv,
                                            "for"sv,
                                            "realm"sv,
                                            "error"sv,
                                            "prefix"sv,
                                            "only"sv,
                                            "type"sv,
                                            "in"sv,
                                            "to"sv,
                                            "with"sv,
                                            "from"sv,
                                            "http"sv,
                                            "credentials"sv,
                                            "the"sv,
                                            "challenge"sv};

/// "Bearer TOKEN" or "Basic BASE64" at `i`.
constexpr std::optional<token_place> read_scheme(std::string_view text, std::size_t i) noexcept {
  if (i != 0 && (is_alnum(text[i - 1]) || text[i - 1] == '_')) return std::nullopt;
  const bool is_bearer = begins_fold(text, i, "bearer");
  if (!is_bearer && !begins_fold(text, i, "basic")) return std::nullopt;
  const std::size_t name_end = i + (is_bearer ? 6 : 5);
  const std::size_t begin = skip(text, name_end, is_blank, 8);
  if (begin == name_end) return std::nullopt;
  const std::size_t end = skip(text, begin, is_token);
  std::string_view value = text.substr(begin, end - begin);
  if (!is_bearer) return is_basic(value) ? std::optional(token_place{begin, end}) : std::nullopt;
  while (!value.empty() && (value.back() == '.' || value.back() == '/')) value.remove_suffix(1);
  if (value.size() < 3 || is_one_of_fold(value, no_bearer_token)) return std::nullopt;
  const auto equals = value.find('=');
  // realm="…": a parameter of a challenge.
  if (equals != std::string_view::npos && at(text, begin + equals + 1) == '"') return std::nullopt;
  // "the bearer says": in lower case it must look like a token.
  if (text[i] == 'b' && !looks_random(value, 6) && value.size() < 20) return std::nullopt;
  return token_place{begin, begin + value.size()};
}

struct pem_block {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_open = false;  // its end is not in the text
};

inline constexpr std::string_view pem_end = "-----END";
inline constexpr std::size_t largest_pem = 64U << 10U;  // ends a block that has no end

/// The inside of a private key in PEM whose "-----BEGIN" stands at `i`; certificates and public keys are none.
constexpr std::optional<pem_block> read_pem(std::string_view text, std::size_t i) noexcept {
  constexpr std::string_view opening = "-----BEGIN ";
  if (text.compare(i, opening.size(), opening) != 0) return std::nullopt;
  const std::string_view rest = text.substr(i + opening.size(), 80);
  const std::size_t label_end = rest.find("-----");
  const std::string_view label = rest.substr(0, label_end);
  if (label_end == std::string_view::npos || label.find("PRIVATE KEY") == std::string_view::npos) return std::nullopt;
  pem_block block;
  block.begin = i + opening.size() + label_end + 5;
  const std::size_t found = text.substr(block.begin, largest_pem).find(pem_end);
  block.is_open = found == std::string_view::npos;
  block.end = block.is_open ? std::min(text.size(), block.begin + largest_pem) : block.begin + found;
  // The line ends stay, also those that are written as \n.
  const auto trim = [&](std::string_view mark) {
    const std::string_view inside = text.substr(block.begin, block.end - block.begin);
    if (inside.starts_with(mark)) block.begin += mark.size();
    if (inside.size() >= 2 * mark.size() && inside.ends_with(mark)) block.end -= mark.size();
  };
  for (const std::string_view mark : {"\r\n"sv, "\n"sv, "\\r\\n"sv, "\\n"sv}) trim(mark);
  return block;
}

}  // namespace ovrseer::redact_detail
