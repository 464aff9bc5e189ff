// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/encode.hpp>.
#pragma once

#include <array>
#include <bit>
#include <chrono>

#include <ovrseer/log/encode.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer::log_detail {

OVRSEER_DECL void append_padded(std::string& out, std::uint64_t number, unsigned digits) {
  std::array<char, 20> text{};
  for (unsigned i = digits; i-- != 0; number /= 10) text[i] = static_cast<char>('0' + number % 10);
  out.append(text.data(), digits);
}

OVRSEER_DECL std::size_t plain_prefix(std::string_view text) noexcept {
  std::size_t i = 0;
#if defined(__SSE2__)
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    // Signed, the bytes beyond ASCII are negative, so one comparison finds them with the control characters.
    const __m128i special = _mm_or_si128(
        _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (found != 0) return i + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  for (; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
  }
  return i;
}

OVRSEER_DECL bool append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  bool is_exact = true;
  std::size_t copied = 0;
  const auto copy_until = [&](std::size_t end) { out.append(text.substr(copied, end - copied)); };
  for (std::size_t i = 0;;) {
    i += plain_prefix(text.substr(i));
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      if (const std::size_t size = utf8_length(text.substr(i)); size != 0) {
        i += size;
        continue;
      }
    }
    copy_until(i);
    copied = ++i;
    switch (c) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\t': out.append("\\t"); break;
      case '\r': out.append("\\r"); break;
      case '\n': out.append("\\n"); break;
      default:
        if (c < 0x20) {
          out.append("\\u00").append(1, digits[c >> 4U]).append(1, digits[c & 15U]);
        } else {
          out.append("\\ufffd");
          is_exact = false;
        }
    }
  }
  copy_until(text.size());
  return is_exact;
}

OVRSEER_DECL void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + k])) : 0U;
    };
    const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
    out.push_back(digits[group >> 18U & 63U]);
    out.push_back(digits[group >> 12U & 63U]);
    out.push_back(i + 1 < bytes.size() ? digits[group >> 6U & 63U] : '=');
    out.push_back(i + 2 < bytes.size() ? digits[group & 63U] : '=');
  }
}

}  // namespace ovrseer::log_detail

namespace ovrseer {

OVRSEER_DECL void append_utc(std::string& out, wall_time time) {
  using namespace std::chrono;
  const auto milli = floor<milliseconds>(time);
  const auto day = floor<days>(milli);
  const year_month_day date(day);
  const hh_mm_ss clock(milli - day);
  log_detail::append_padded(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out.push_back('-');
  log_detail::append_padded(out, static_cast<unsigned>(date.month()), 2);
  out.push_back('-');
  log_detail::append_padded(out, static_cast<unsigned>(date.day()), 2);
  out.push_back('T');
  log_detail::append_padded(out, static_cast<std::uint64_t>(clock.hours().count()), 2);
  out.push_back(':');
  log_detail::append_padded(out, static_cast<std::uint64_t>(clock.minutes().count()), 2);
  out.push_back(':');
  log_detail::append_padded(out, static_cast<std::uint64_t>(clock.seconds().count()), 2);
  out.push_back('.');
  log_detail::append_padded(out, static_cast<std::uint64_t>(clock.subseconds().count()), 3);
  out.push_back('Z');
}

OVRSEER_DECL std::string_view utc_text::of(wall_time time) {
  if (text_.empty() || time != time_) {
    text_.clear();
    append_utc(text_, time);
    time_ = time;
  }
  return text_;
}

OVRSEER_DECL void append_json(std::string& out, const line& what, std::string_view time) {
  out.append("{\"v\":1,\"seq\":").append(std::to_string(what.seq)).append(",\"time\":\"").append(time);
  out.append("\",\"stream\":\"").append(to_text(what.source));
  out.append("\",\"level\":\"").append(to_text(what.level()));
  if (what.part != line_part::whole) out.append("\",\"part\":\"").append(to_text(what.part));
  out.append("\",\"text\":\"");
  const bool is_exact = log_detail::append_escaped(out, what.text);
  out.push_back('"');
  if (!is_exact) {
    out.append(",\"base64\":\"");
    log_detail::append_base64(out, what.text);
    out.push_back('"');
  }
  out.push_back('}');
}

OVRSEER_DECL void append_text(std::string& out, const line& what) {
  constexpr std::string_view cut = "\xE2\x80\xA6";
  if (what.part == line_part::middle || what.part == line_part::last) out.append(cut);
  out.append(what.text);
  if (what.part == line_part::first || what.part == line_part::middle) out.append(cut);
}

OVRSEER_DECL void append_line(std::string& out, const line& what, log_format format, utc_text& times) {
  switch (format) {
    case log_format::jsonl: append_json(out, what, times.of(what.time)); break;
    case log_format::timed_text:
      out.append(times.of(what.time)).append(" ").append(to_text(what.source)).append(" ");
      append_text(out, what);
      break;
    case log_format::text: append_text(out, what); break;
  }
  out.push_back('\n');
}

OVRSEER_DECL void append_line(std::string& out, const line& what, log_format format) {
  utc_text times;
  append_line(out, what, format, times);
}

}  // namespace ovrseer
