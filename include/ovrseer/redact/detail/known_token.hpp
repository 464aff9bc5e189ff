// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Tokens that tell by their first characters what they are, whatever stands before them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include <ovrseer/redact/detail/text.hpp>

namespace ovrseer::redact_detail {

enum class token_alphabet {
  hex,     // a-f 0-9
  upper,   // A-Z 0-9
  alnum,   // A-Z a-z 0-9
  word,    // and _
  url,     // and -
  dotted,  // and .
  path,    // and / :
};

struct token_rule {
  std::string_view prefix;
  token_alphabet alphabet;
  std::size_t shortest;  // characters behind the prefix
  std::size_t longest;   // zero: no limit; beyond it is something else

  constexpr bool operator<(const token_rule& other) const noexcept { return prefix < other.prefix; }
};

constexpr char first_letter(const token_rule& rule) noexcept { return rule.prefix[0]; }

struct token_place {
  std::size_t begin;
  std::size_t end;
};

// The forms are those that the services publish for their own scanners of leaked tokens.
inline constexpr auto known_tokens = by_first_letter(std::array{
    token_rule{"AKIA", token_alphabet::upper, 16, 16},
    token_rule{"ASIA", token_alphabet::upper, 16, 16},
    token_rule{"ABIA", token_alphabet::upper, 16, 16},
    token_rule{"ACCA", token_alphabet::upper, 16, 16},
    token_rule{"ghp_", token_alphabet::alnum, 16, 0},
    token_rule{"gho_", token_alphabet::alnum, 16, 0},
    token_rule{"ghu_", token_alphabet::alnum, 16, 0},
    token_rule{"ghs_", token_alphabet::alnum, 16, 0},
    token_rule{"ghr_", token_alphabet::alnum, 16, 0},
    token_rule{"github_pat_", token_alphabet::word, 16, 0},
    token_rule{"glpat-", token_alphabet::url, 16, 0},
    token_rule{"xoxa-", token_alphabet::url, 8, 0},
    token_rule{"xoxb-", token_alphabet::url, 8, 0},
    token_rule{"xoxc-", token_alphabet::url, 8, 0},
    token_rule{"xoxd-", token_alphabet::url, 8, 0},
    token_rule{"xoxe-", token_alphabet::url, 8, 0},
    token_rule{"xoxe.", token_alphabet::dotted, 8, 0},
    token_rule{"xoxo-", token_alphabet::url, 8, 0},
    token_rule{"xoxp-", token_alphabet::url, 8, 0},
    token_rule{"xoxr-", token_alphabet::url, 8, 0},
    token_rule{"xoxs-", token_alphabet::url, 8, 0},
    token_rule{"xapp-", token_alphabet::url, 8, 0},
    token_rule{"sk_live_", token_alphabet::alnum, 10, 0},
    token_rule{"sk_test_", token_alphabet::alnum, 10, 0},
    token_rule{"rk_live_", token_alphabet::alnum, 10, 0},
    token_rule{"rk_test_", token_alphabet::alnum, 10, 0},
    token_rule{"whsec_", token_alphabet::path, 20, 0},
    token_rule{"sk-ant-", token_alphabet::url, 16, 0},
    token_rule{"sk-proj-", token_alphabet::url, 16, 0},
    token_rule{"sk-", token_alphabet::alnum, 20, 0},
    token_rule{"AIza", token_alphabet::url, 35, 35},
    token_rule{"ya29.", token_alphabet::url, 20, 0},
    token_rule{"npm_", token_alphabet::alnum, 36, 36},
    token_rule{"pypi-", token_alphabet::url, 32, 0},
    token_rule{"SG.", token_alphabet::dotted, 40, 0},
    token_rule{"hf_", token_alphabet::alnum, 30, 0},
    token_rule{"dop_v1_", token_alphabet::alnum, 64, 64},
    token_rule{"dckr_pat_", token_alphabet::url, 20, 0},
    token_rule{"shpat_", token_alphabet::alnum, 32, 32},
    token_rule{"shpss_", token_alphabet::alnum, 32, 32},
    token_rule{"hvs.", token_alphabet::url, 20, 0},
    token_rule{"AGE-SECRET-KEY-1", token_alphabet::upper, 40, 0},
    token_rule{"hvb.", token_alphabet::url, 20, 0},
    token_rule{"hvr.", token_alphabet::url, 20, 0},
    token_rule{"doo_v1_", token_alphabet::hex, 64, 64},
    token_rule{"dor_v1_", token_alphabet::hex, 64, 64},
    token_rule{"shpca_", token_alphabet::alnum, 32, 32},
    token_rule{"shppa_", token_alphabet::alnum, 32, 32},
    token_rule{"gldt-", token_alphabet::url, 16, 0},
    token_rule{"glrt-", token_alphabet::url, 16, 0},
    token_rule{"glptt-", token_alphabet::url, 16, 0},
    token_rule{"glsoat-", token_alphabet::url, 16, 0},
    token_rule{"glft-", token_alphabet::url, 16, 0},
    token_rule{"glcbt-", token_alphabet::url, 16, 0},
    token_rule{"glagent-", token_alphabet::url, 16, 0},
    token_rule{"glimt-", token_alphabet::url, 16, 0},
    token_rule{"SK", token_alphabet::hex, 32, 32},
    token_rule{"key-", token_alphabet::hex, 32, 32},
    token_rule{"GOCSPX-", token_alphabet::url, 20, 0},
    token_rule{"NRAK-", token_alphabet::upper, 27, 27},
    token_rule{"HRKU-", token_alphabet::url, 30, 0},
    token_rule{"lin_api_", token_alphabet::alnum, 32, 0},
    token_rule{"ntn_", token_alphabet::alnum, 40, 0},
    token_rule{"secret_", token_alphabet::alnum, 43, 43},
    token_rule{"sq0atp-", token_alphabet::url, 22, 0},
    token_rule{"sq0csp-", token_alphabet::url, 40, 0},
    token_rule{"dapi", token_alphabet::hex, 32, 32},
    token_rule{"glsa_", token_alphabet::word, 32, 0},
    token_rule{"dp.pt.", token_alphabet::alnum, 40, 0},
    token_rule{"dp.st.", token_alphabet::dotted, 40, 0},
    token_rule{"dp.sa.", token_alphabet::alnum, 40, 0},
    token_rule{"dp.ct.", token_alphabet::alnum, 40, 0},
    token_rule{"sk-svcacct-", token_alphabet::url, 16, 0},
    token_rule{"sk-admin-", token_alphabet::url, 16, 0},
    token_rule{"PMAK-", token_alphabet::url, 40, 0},
    token_rule{"xkeysib-", token_alphabet::url, 60, 0},
    token_rule{"pscale_", token_alphabet::url, 30, 0},
    token_rule{"rubygems_", token_alphabet::hex, 48, 48},
    token_rule{"tskey-", token_alphabet::url, 20, 0},
    token_rule{"pul-", token_alphabet::hex, 40, 40},
    token_rule{"sntrys_", token_alphabet::path, 40, 0},
    token_rule{"sntryu_", token_alphabet::hex, 64, 64},
    token_rule{"ATATT3", token_alphabet::path, 40, 0},
    token_rule{"gsk_", token_alphabet::alnum, 40, 0},
    token_rule{"r8_", token_alphabet::alnum, 37, 37},
    token_rule{"fm2_", token_alphabet::path, 40, 0},
    token_rule{"fo1_", token_alphabet::path, 40, 0},
    token_rule{"sbp_", token_alphabet::hex, 40, 40},
    token_rule{"CCIPAT_", token_alphabet::word, 40, 0},
    token_rule{"bkua_", token_alphabet::hex, 40, 40},
    token_rule{"ATBB", token_alphabet::alnum, 32, 32},
    token_rule{"figd_", token_alphabet::url, 32, 0},
    token_rule{"lin_oauth_", token_alphabet::alnum, 32, 0},
    token_rule{"sk-or-v1-", token_alphabet::hex, 64, 64},
    token_rule{"xai-", token_alphabet::alnum, 60, 0},
    token_rule{"pplx-", token_alphabet::alnum, 40, 0},
    token_rule{"ops_eyJ", token_alphabet::url, 60, 0},
    token_rule{"nfp_", token_alphabet::alnum, 36, 0},
    token_rule{"dckr_oat_", token_alphabet::url, 20, 0},
});

// Web hooks: whoever knows the address may post. The address stays, what it ends in goes.
inline constexpr std::array known_addresses{
    token_rule{"hooks.slack.com/services/", token_alphabet::path, 8, 0},
    token_rule{"hooks.slack.com/workflows/", token_alphabet::path, 8, 0},
    token_rule{"discord.com/api/webhooks/", token_alphabet::path, 8, 0},
    token_rule{"discordapp.com/api/webhooks/", token_alphabet::path, 8, 0},
    token_rule{"api.telegram.org/bot", token_alphabet::path, 20, 0},
};

constexpr bool is_in(token_alphabet alphabet, char c) noexcept {
  switch (alphabet) {
    case token_alphabet::hex: return is_digit(c) || (c >= 'a' && c <= 'f');
    case token_alphabet::upper: return is_upper(c) || is_digit(c);
    case token_alphabet::alnum: return is_alnum(c);
    case token_alphabet::word: return is_alnum(c) || c == '_';
    case token_alphabet::url: return is_alnum(c) || c == '_' || c == '-';
    case token_alphabet::dotted: return is_alnum(c) || c == '_' || c == '-' || c == '.';
    case token_alphabet::path:
      return is_alnum(c) || c == '_' || c == '-' || c == '/' || c == ':' || c == '+' || c == '=';
  }
  return false;
}

constexpr std::optional<token_place> match_rule(std::string_view text, std::size_t i, const token_rule& rule) {
  if (text[i] != rule.prefix[0] || text.compare(i, rule.prefix.size(), rule.prefix) != 0) return std::nullopt;
  const std::size_t begin = i + rule.prefix.size();
  const std::size_t most = rule.longest == 0 ? std::string_view::npos : rule.longest + 1;
  const std::size_t end = skip(text, begin, [&](char c) { return is_in(rule.alphabet, c); }, most);
  const std::size_t size = end - begin;
  if (size < rule.shortest || (rule.longest != 0 && size > rule.longest)) return std::nullopt;
  return token_place{begin, end};
}

/// A JSON web token at `i`: three parts of base64url with dots between, of which the first is "{" and a quote,
/// encoded. Where there is none, `dead_until` becomes the position before which there cannot be one either.
constexpr std::optional<token_place> match_jwt(std::string_view text, std::size_t i, std::size_t& dead_until) {
  if (text[i] != 'e' || i < dead_until || text.compare(i, 3, "eyJ") != 0) return std::nullopt;
  const auto is_part = [](char c) { return is_in(token_alphabet::url, c); };
  const std::size_t head = skip(text, i, is_part);
  dead_until = head;
  if (head - i < 10 || at(text, head) != '.') return std::nullopt;
  const std::size_t body = skip(text, head + 1, is_part);
  if (body - head < 5) return std::nullopt;
  if (at(text, body) != '.') return token_place{i, body};
  return token_place{i, skip(text, body + 1, [](char c) { return is_in(token_alphabet::dotted, c); })};
}

/// A token of Telegram's bots whose colon stands at `colon`: a number, and 35 characters of which the first are "AA".
constexpr std::optional<token_place> match_bot(std::string_view text, std::size_t colon) noexcept {
  if (text.compare(colon, 3, ":AA") != 0) return std::nullopt;
  std::size_t begin = colon;
  while (begin > 0 && colon - begin < 11 && is_digit(text[begin - 1])) --begin;
  const std::size_t end = skip(text, colon + 1, [](char c) { return is_in(token_alphabet::url, c); }, 36);
  if (colon - begin < 8 || colon - begin > 10 || end - colon != 36) return std::nullopt;
  return token_place{begin, end};
}

/// A token of Terraform Cloud, of whose middle part "atlasv1." stands at `i`.
constexpr std::optional<token_place> match_atlas(std::string_view text, std::size_t i) noexcept {
  constexpr std::string_view middle = ".atlasv1.";
  constexpr std::size_t before = 14;
  if (i <= before || text.compare(i - 1, middle.size(), middle) != 0) return std::nullopt;
  const std::size_t begin = i - 1 - before;
  if (!std::all_of(text.data() + begin, text.data() + i - 1, is_alnum)) return std::nullopt;
  const std::size_t end = skip(text, i - 1 + middle.size(), [](char c) { return is_in(token_alphabet::url, c); });
  return end - i >= 40 ? std::optional(token_place{begin, end}) : std::nullopt;
}

// Two digits in base64, such as begin the number of an account.
inline constexpr std::string_view first_of_digits = "MNO";
inline constexpr std::string_view second_of_digits = "DTjz";
inline constexpr std::string_view third_of_digits = "AEIMQUYcgk";

constexpr bool begins_digits(std::string_view text, std::size_t i) noexcept {
  constexpr auto none = std::string_view::npos;
  return first_of_digits.find(at(text, i)) != none && second_of_digits.find(at(text, i + 1)) != none &&
         third_of_digits.find(at(text, i + 2)) != none;
}

/// A token of Discord's bots: the account's number in base64, a time of six characters, and the rest. Three parts with dots
/// between, as a JSON web token has.
constexpr std::optional<token_place> match_discord(std::string_view text, std::size_t i) noexcept {
  if (!begins_digits(text, i)) return std::nullopt;
  const auto part = [&](std::size_t begin) {
    return skip(text, begin, [](char c) { return is_in(token_alphabet::url, c); }, 64);
  };
  const std::size_t account = part(i);
  if (account - i < 23 || account - i > 28 || at(text, account) != '.') return std::nullopt;
  const std::size_t time = part(account + 1);
  if (time - account != 7 || at(text, time) != '.') return std::nullopt;
  const std::size_t end = part(time + 1);
  return end - time > 27 ? std::optional(token_place{i, end}) : std::nullopt;
}

/// Whether a word may begin at `i`: within a longer word it is chance. Behind a dash or a dot one may, and behind an escape
/// such as \n in JSON or %20 in an address.
constexpr bool begins_token(std::string_view text, std::size_t i) noexcept {
  const auto is_hex = [](char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); };
  if (i == 0 || !(is_alnum(text[i - 1]) || text[i - 1] == '_')) return true;
  if (i >= 2 && text[i - 2] == '\\') return text[i - 1] == 'n' || text[i - 1] == 't' || text[i - 1] == 'r';
  return i >= 3 && text[i - 3] == '%' && is_hex(text[i - 2]) && is_hex(text[i - 1]);
}

/// What is to be hidden of a known token that begins at `i`, if one does.
constexpr std::optional<token_place> match_token(std::string_view text, std::size_t i, std::size_t& no_jwt_before) {
  for (const auto& rule : known_addresses) {
    if (const auto place = match_rule(text, i, rule)) return place;
  }
  if (!begins_token(text, i)) return std::nullopt;
  if (const auto place = match_jwt(text, i, no_jwt_before)) return place;
  for (const auto& rule : known_tokens.of(text[i])) {
    if (const auto place = match_rule(text, i, rule)) return token_place{i, place->end};
  }
  if (text[i] == 'a') return match_atlas(text, i);
  return match_discord(text, i);
}

}  // namespace ovrseer::redact_detail
