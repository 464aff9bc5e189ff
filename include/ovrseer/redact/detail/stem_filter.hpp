// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Passes quickly over text in which no secret can begin: three bytes at a time against a small table.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <ovrseer/redact/detail/text.hpp>

namespace ovrseer::redact_detail {

/// Every secret that is found has one of these in it, or one of the user's, in any case.
inline constexpr std::array known_stems{
    // in names
    "pass"sv, "pwd"sv, "secret"sv, "token"sv, "key"sv, "auth"sv, "cred"sv, "cookie"sv, "sess"sv, "jwt"sv, "sig"sv,
    // in their own right
    "bearer"sv, "basic"sv, "://"sv, "-----b"sv,
    // known tokens, by their first characters
    "akia"sv, "asia"sv, "abia"sv, "acca"sv, "ghp_"sv, "gho_"sv, "ghu_"sv, "ghs_"sv, "ghr_"sv, "github_pat_"sv,
    "glpat-"sv, "xox"sv, "xapp-"sv, "sk_"sv, "rk_"sv, "whsec_"sv, "sk-"sv, "aiza"sv, "ya29."sv, "npm_"sv, "pypi-"sv,
    "sg."sv, "hf_"sv, "dop_v1_"sv, "dckr_pat_"sv, "shpat_"sv, "shpss_"sv, "hvs."sv, "age-secret"sv, "eyj"sv,
    "hooks.slack"sv, "discord"sv, "api.telegram"sv};

class stem_filter {
 public:
  constexpr stem_filter() noexcept {
    for (const std::string_view stem : known_stems) add(stem);
  }

  /// Stems are in lower case and have at least three characters.
  constexpr void add(std::string_view stem) noexcept {
    const std::uint32_t bit = slot(stem[0], stem[1], stem[2]);
    bits_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }

  /// The first position from `i` on at which a stem may begin; the size of the text when there is none.
  std::size_t find(std::string_view text, std::size_t i) const noexcept {
    // Four bytes at once, of which three count, as long as there are four.
    for (; i + 4 <= text.size(); ++i) {
      std::uint32_t four = 0;
      std::memcpy(&four, text.data() + i, sizeof four);
      if constexpr (std::endian::native == std::endian::big) four = __builtin_bswap32(four);
      if (has(slot((four | 0x202020U) & 0xFFFFFFU))) return i;
    }
    if (i + 3 == text.size() && has(slot(text[i], text[i + 1], text[i + 2]))) return i;
    return text.size();
  }

 private:
  // Bit 5 set: one case. It joins a few other characters too, which costs a look and nothing else.
  static constexpr std::uint32_t slot(char a, char b, char c) noexcept {
    const auto fold = [](char each) { return static_cast<std::uint32_t>(static_cast<unsigned char>(each) | 0x20U); };
    return slot(fold(a) | fold(b) << 8U | fold(c) << 16U);
  }
  static constexpr std::uint32_t slot(std::uint32_t folded) noexcept { return (folded * 0x9E3779B1U) >> 20U; }
  constexpr bool has(std::uint32_t bit) const noexcept { return (bits_[bit / 64] >> (bit % 64) & 1U) != 0; }

  std::array<std::uint64_t, 64> bits_{};
};

/// Whether one of the known stems stands at `i`, and may be part of a secret there.
constexpr bool has_stem(std::string_view text, std::size_t i) noexcept {
  for (const std::string_view stem : known_stems) {
    if (lower(text[i]) != stem[0] || !begins_fold(text, i, stem)) continue;
    // An address has a secret only before an '@'.
    if (stem != "://" || text.find('@', i) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace ovrseer::redact_detail
