// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Passes quickly over text in which no secret can begin: three bytes at a time against a small table.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <ovrseer/redact/detail/known_token.hpp>
#include <ovrseer/redact/detail/text.hpp>

namespace ovrseer::redact_detail {

/// Every secret that a name announces has one of these in the name, or one of the user's, in any case.
inline constexpr auto key_stems =
    by_first_letter(std::array{"pass"sv, "pwd"sv, "secret"sv, "token"sv, "key"sv, "auth"sv, "cred"sv, "cookie"sv,
                               "sess"sv, "jwt"sv, "sig"sv, "dsn"sv, "webhook"sv});

/// Every other secret has one of these, in any case, or begins as a number in base64 does.
inline constexpr auto sign_stems = by_first_letter(std::array{
    // words before a secret
    "bearer"sv, "basic"sv, "://"sv, "-----b"sv, "machine"sv, "curl"sv,
    // known tokens, by their first characters
    "akia"sv, "asia"sv, "abia"sv, "acca"sv, "ghp_"sv, "gho_"sv, "ghu_"sv, "ghs_"sv, "ghr_"sv, "github_pat_"sv,
    "glpat-"sv, "gldt-"sv, "glrt-"sv, "glptt-"sv, "glsoat-"sv, "glft-"sv, "glcbt-"sv, "glagent-"sv, "glimt-"sv, "xox"sv,
    "xapp-"sv, "sk_"sv, "rk_"sv, "whsec_"sv, "sk-"sv, "aiza"sv, "gocspx-"sv, "ya29."sv, "npm_"sv, "pypi-"sv, "sg."sv,
    "hf_"sv, "dop_v1_"sv, "doo_v1_"sv, "dor_v1_"sv, "dckr_pat_"sv, "shpat_"sv, "shpss_"sv, "shpca_"sv, "shppa_"sv,
    "hvs."sv, "hvb."sv, "hvr."sv, "age-secret"sv, "eyj"sv, "nrak-"sv, "hrku-"sv, "lin_api_"sv, "ntn_"sv, "secret_"sv,
    "key-"sv, "sq0"sv, "dapi"sv, "glsa_"sv, "dp."sv, ":aa"sv, "atlasv1."sv, "hooks.slack"sv, "discord"sv,
    "api.telegram"sv, "pmak-"sv, "xkeysib-"sv, "pscale_"sv, "rubygems_"sv, "tskey-"sv, "pul-"sv, "sntrys_"sv,
    "sntryu_"sv, "atatt3"sv, "gsk_"sv, "r8_"sv, "fm2_"sv, "fo1_"sv, "sbp_"sv, "ccipat_"sv, "bkua_"sv, "atbb"sv,
    "figd_"sv, "lin_oauth_"sv, "xai-"sv, "pplx-"sv, "ops_eyj"sv, "nfp_"sv, "dckr_oat_"sv,
    // "SK" and a digit of a hexadecimal number
    "sk0"sv, "sk1"sv, "sk2"sv, "sk3"sv, "sk4"sv, "sk5"sv, "sk6"sv, "sk7"sv, "sk8"sv, "sk9"sv, "ska"sv, "skb"sv, "skc"sv,
    "skd"sv, "ske"sv, "skf"sv});

class stem_filter {
 public:
  constexpr stem_filter() noexcept {
    for (const std::string_view stem : key_stems) add(stem);
    for (const std::string_view stem : sign_stems) set(any_, slot(stem[0], stem[1], stem[2]));
    for (const std::string_view option : {"-u "sv, "--u"sv}) set(any_, slot(option[0], option[1], option[2]));
    for (const char first : first_of_digits) {
      for (const char second : second_of_digits) {
        for (const char third : third_of_digits) set(any_, slot(first, second, third));
      }
    }
  }

  /// A stem of names; it is in lower case and has at least three characters.
  constexpr void add(std::string_view stem) noexcept {
    set(keys_, slot(stem[0], stem[1], stem[2]));
    set(any_, slot(stem[0], stem[1], stem[2]));
  }

  /// The first position from `i` on at which a stem may begin; the size of the text when there is none.
  std::size_t find(std::string_view text, std::size_t i) const noexcept {
    // Four bytes at once, of which three count, as long as there are four.
    for (; i + 4 <= text.size(); ++i) {
      std::uint32_t four = 0;
      std::memcpy(&four, text.data() + i, sizeof four);
      if constexpr (std::endian::native == std::endian::big) four = __builtin_bswap32(four);
      if (has(any_, slot((four | 0x202020U) & 0xFFFFFFU))) return i;
    }
    if (i + 3 == text.size() && has(any_, slot(text[i], text[i + 1], text[i + 2]))) return i;
    return text.size();
  }

  /// Whether the stem that may begin at `i`, as `find` gave it, may be one of names.
  bool may_be_key(std::string_view text, std::size_t i) const noexcept {
    return has(keys_, slot(text[i], text[i + 1], text[i + 2]));
  }

 private:
  using bits = std::array<std::uint64_t, 64>;

  // Bit 5 set: one case. It joins a few other characters too, which costs a look and nothing else.
  static constexpr std::uint32_t slot(char a, char b, char c) noexcept {
    const auto fold = [](char each) { return static_cast<std::uint32_t>(static_cast<unsigned char>(each) | 0x20U); };
    return slot(fold(a) | fold(b) << 8U | fold(c) << 16U);
  }
  static constexpr std::uint32_t slot(std::uint32_t folded) noexcept { return (folded * 0x9E3779B1U) >> 20U; }
  static constexpr bool has(const bits& in, std::uint32_t bit) noexcept {
    return (in[bit / 64] >> (bit % 64) & 1U) != 0;
  }
  static constexpr void set(bits& in, std::uint32_t bit) noexcept { in[bit / 64] |= std::uint64_t{1} << (bit % 64); }

  bits any_{};
  bits keys_{};
};

/// The one of the known stems, made when the program is compiled.
inline constexpr stem_filter known_filter;

/// Whether one of the known stems stands at `i`, and may be part of a secret there.
constexpr bool has_stem(std::string_view text, std::size_t i) noexcept {
  const char first = lower(text[i]);
  const auto begins = [&](std::string_view stem) { return begins_fold(text, i, stem); };
  if (std::ranges::any_of(key_stems.of(first), begins)) return true;
  for (const std::string_view stem : sign_stems.of(first)) {
    if (!begins(stem)) continue;
    // An address has a secret only before an '@'.
    if (stem != "://" || text.find('@', i) != std::string_view::npos) return true;
  }
  return begins_digits(text, i) && begins_token(text, i);
}

}  // namespace ovrseer::redact_detail
