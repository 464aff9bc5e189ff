// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Quantities that are not plain numbers: sizes in bytes, and how a duration is written for people.
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace ovrseer {

/// A size in bytes. Written with the literals `64_KiB`, `1_MiB`, or `byte_size(n)`.
class byte_size {
 public:
  constexpr byte_size() noexcept = default;
  constexpr explicit byte_size(std::uint64_t bytes) noexcept : bytes_(bytes) {}

  constexpr std::uint64_t count() const noexcept { return bytes_; }
  friend constexpr auto operator<=>(byte_size, byte_size) noexcept = default;

 private:
  std::uint64_t bytes_ = 0;
};

inline namespace literals {
constexpr byte_size operator""_B(unsigned long long n) noexcept { return byte_size(n); }
constexpr byte_size operator""_KiB(unsigned long long n) noexcept { return byte_size(n << 10U); }
constexpr byte_size operator""_MiB(unsigned long long n) noexcept { return byte_size(n << 20U); }
constexpr byte_size operator""_GiB(unsigned long long n) noexcept { return byte_size(n << 30U); }
}  // namespace literals

namespace detail {

/// `value / unit` with at most one decimal, and none when it is zero or the number is large.
inline std::string scaled(std::uint64_t value, std::uint64_t unit, const char* suffix) {
  const std::uint64_t tenths = (value * 10 + unit / 2) / unit;
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0 && tenths < 1000) text.append(".").append(std::to_string(tenths % 10));
  return text.append(suffix);
}

}  // namespace detail

/// "512 B", "1.5 KiB", "64 MiB".
inline std::string to_text(byte_size size) {
  static constexpr std::array<const char*, 5> suffixes{" B", " KiB", " MiB", " GiB", " TiB"};
  std::size_t power = 0;
  while (power + 1 < suffixes.size() && (size.count() >> (10U * (power + 1))) != 0) ++power;
  return detail::scaled(size.count(), std::uint64_t{1} << (10U * power), suffixes[power]);
}

/// "250µs", "12ms", "1.5s", "2m 5s", "3h 20m", "2d 4h": two units at most, for people.
inline std::string to_text(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  if (duration < nanoseconds::zero()) return "-" + to_text(-duration);
  const auto ns = static_cast<std::uint64_t>(duration.count());
  if (duration < 1us) return std::to_string(ns) + "ns";
  if (duration < 1ms) return detail::scaled(ns, 1'000, "µs");
  if (duration < 1s) return detail::scaled(ns, 1'000'000, "ms");
  if (duration < 1min) return detail::scaled(ns, 1'000'000'000, "s");
  const auto two = [](std::uint64_t large, const char* a, std::uint64_t small, const char* b) {
    std::string text = std::to_string(large) + a;
    if (small != 0) text.append(" ").append(std::to_string(small)).append(b);
    return text;
  };
  const std::uint64_t s = ns / 1'000'000'000;
  if (duration < 1h) return two(s / 60, "m", s % 60, "s");
  if (duration < 24h) return two(s / 3600, "h", s % 3600 / 60, "m");
  return two(s / 86400, "d", s % 86400 / 3600, "h");
}

}  // namespace ovrseer
