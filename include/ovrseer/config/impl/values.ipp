// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/values.hpp>.
#pragma once

#include <charconv>
#include <limits>
#include <utility>

#include <ovrseer/config/values.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return made;
}

OVRSEER_DECL std::optional<double> take_number(std::string_view& text) noexcept {
  std::size_t i = 0;
  std::size_t digits = 0;
  for (bool has_point = false; i < text.size(); ++i) {
    if (text[i] == '.' && !has_point && digits > 0)
      has_point = true;
    else if (text[i] >= '0' && text[i] <= '9')
      ++digits;
    else
      break;
  }
  if (digits == 0 || text[i - 1] == '.') return std::nullopt;
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + i, value);
  if (code != std::errc()) return std::nullopt;
  text.remove_prefix(i);
  return value;
}

OVRSEER_DECL std::string_view take_word(std::string_view& text) noexcept {
  std::size_t i = 0;
  while (i < text.size() && ((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z')) ++i;
  if (text.substr(i).starts_with("\xC2\xB5") || text.substr(i).starts_with("\xCE\xBC")) {
    i += 2;
    while (i < text.size() && text[i] >= 'a' && text[i] <= 'z') ++i;
  }
  const std::string_view word = text.substr(0, i);
  text.remove_prefix(i);
  return word;
}

OVRSEER_DECL std::string_view usual_duration_unit(std::string_view word) {
  const std::string bare = lower(word);
  struct name {
    std::string_view written, unit;
  };
  constexpr std::array<name, 5> names{{{"ms", "ms"}, {"mil", "ms"}, {"s", "s"}, {"m", "m"}, {"h", "h"}}};
  for (const name& each : names) {
    if (bare.starts_with(each.written) && (each.written != "m" || bare == "m" || bare.starts_with("mi")))
      return each.unit;
  }
  return bare.starts_with("d") ? "d" : "";
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL parsed<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const std::string expected = "a duration such as 500ms, 5s or 1h30m";
  std::string_view rest = text;
  double total = 0;
  const auto refuse = [&](std::string cure) {
    return failure(value_error{expected, std::move(cure), text.size() - rest.size()});
  };
  if (text.starts_with('-')) return refuse("a duration has no sign");
  if (text.empty()) return refuse("");
  while (!rest.empty()) {
    const std::optional<double> number = config_detail::take_number(rest);
    if (!number) return refuse("");
    if (rest.empty() && total == 0 && text.find_first_not_of("0123456789.") == std::string_view::npos) {
      total = *number * 1e6;
      break;
    }
    const std::string_view before = rest;
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    const std::string_view word = config_detail::take_word(rest);
    double unit = 0;
    for (const config_detail::duration_unit& known : config_detail::duration_units) {
      if (known.name == word) unit = known.nanoseconds;
    }
    if (unit == 0) {
      const std::string_view usual = config_detail::usual_duration_unit(word);
      const std::string digits(text.substr(0, text.size() - before.size()));
      rest = before;
      if (word.empty() || usual.empty() || usual == word) return refuse("the units are ns, us, ms, s, m, h and d");
      return refuse("write " + digits + std::string(usual));
    }
    total += *number * unit;
    if (rest.size() > 1 && rest.front() == ' ') rest.remove_prefix(1);
  }
  if (total > 9.2e18) return failure(value_error{"a duration of at most 292 years", "", 0});
  return std::chrono::nanoseconds(std::llround(total));
}

OVRSEER_DECL parsed<byte_size> parse_size(std::string_view text) {
  const std::string expected = "a size such as 64KiB or 10MB";
  std::string_view rest = text;
  const std::optional<double> number = config_detail::take_number(rest);
  if (!number) return failure(value_error{expected, text.starts_with('-') ? "a size has no sign" : "", 0});
  const std::string digits(text.substr(0, text.size() - rest.size()));
  double unit = rest.empty() ? 1 : 0;
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  for (const config_detail::size_unit& known : config_detail::size_units) {
    if (known.name == config_detail::lower(rest)) unit = known.bytes;
  }
  if (unit == 0) {
    std::string cure = "the units are B, KB, MB, GB, TB and KiB, MiB, GiB, TiB";
    const std::string letter = config_detail::lower(rest);
    if (letter == "k" || letter == "m" || letter == "g" || letter == "t") {
      const std::string capital(1, static_cast<char>(letter[0] - 'a' + 'A'));
      cure = "write " + digits + capital + "iB (in 1024) or " + digits + capital + "B (in 1000)";
    }
    return failure(value_error{expected, std::move(cure), text.size() - rest.size()});
  }
  const double bytes = std::round(*number * unit);
  if (bytes > 9.2e18) return failure(value_error{"a size of at most 8388607 TiB", "", 0});
  return byte_size(static_cast<std::uint64_t>(bytes));
}

OVRSEER_DECL parsed<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (most >= std::numeric_limits<std::uint32_t>::max())
    expected = "a whole number of at least " + std::to_string(least);
  if (code == std::errc::invalid_argument || end != text.data() + text.size()) {
    return failure(value_error{std::move(expected), "", 0});
  }
  if (code != std::errc() || value < least || value > most) return failure(value_error{std::move(expected), "", 0});
  return value;
}

OVRSEER_DECL parsed<double> parse_number(std::string_view text, double least, double most) {
  std::string_view rest = text;
  const std::optional<double> value = config_detail::take_number(rest);
  if (!value || !rest.empty() || *value < least || *value > most) {
    const auto shown = [](double number) {
      std::string digits = std::to_string(number);
      digits.erase(digits.find_last_not_of('0') + 1);
      if (digits.ends_with('.')) digits.pop_back();
      return digits;
    };
    return failure(value_error{"a number from " + shown(least) + " to " + shown(most), "", 0});
  }
  return *value;
}

OVRSEER_DECL parsed<bool> parse_boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  const std::string bare = config_detail::lower(text);
  std::string cure;
  if (bare == "yes" || bare == "on" || bare == "y" || bare == "1" || bare == "true") cure = "write true";
  if (bare == "no" || bare == "off" || bare == "n" || bare == "0" || bare == "false") cure = "write false";
  return failure(value_error{"true or false", std::move(cure), 0});
}

OVRSEER_DECL parsed<signal_number> parse_signal_value(std::string_view text) {
  if (const std::optional<signal_number> signal = parse_signal(text)) return *signal;
  return failure(value_error{"a signal such as SIGTERM or 15", "", 0});
}

OVRSEER_DECL parsed<mode_t> parse_file_mode_mask(std::string_view text) {
  unsigned mask = 0;
  std::string_view digits = text;
  if (digits.starts_with("0o")) digits.remove_prefix(2);
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), mask, 8);
  if (digits.empty() || code != std::errc() || end != digits.data() + digits.size() || mask > 0777) {
    return failure(value_error{"octal permissions such as 022 or 077", "", 0});
  }
  return static_cast<mode_t>(mask);
}

OVRSEER_DECL parsed<rlim_t> parse_resource_limit(const resource_name& what, std::string_view text) {
  if (text == "unlimited") return rlim_t{RLIM_INFINITY};
  const auto refuse = [&](const char* expected, std::string cure) {
    return failure(value_error{std::string(expected) + ", or unlimited", std::move(cure), 0});
  };
  const std::string cure = config_detail::lower(text) == "infinity" || text == "-1" ? "write unlimited" : "";
  switch (what.counted) {
    case resource_name::unit::bytes:
      if (const auto size = parse_size(text))
        return rlim_t{size->count()};
      else
        return refuse("a size such as 64MiB", cure.empty() ? size.reason().cure : cure);
    case resource_name::unit::seconds: {
      const bool is_bare = text.find_first_not_of("0123456789") == std::string_view::npos;
      const auto time = parse_duration(is_bare ? std::string(text) + "s" : std::string(text));
      if (!time || text.empty()) return refuse("a duration such as 90s", cure);
      return static_cast<rlim_t>(std::chrono::ceil<std::chrono::seconds>(*time).count());
    }
    case resource_name::unit::count: break;
  }
  const auto number = parse_integer(text, 0, std::numeric_limits<std::int64_t>::max());
  if (!number) return refuse("a whole number of at least 0", cure);
  return static_cast<rlim_t>(*number);
}

}  // namespace ovrseer
