// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The head of a response as the bytes on the wire. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer::net_detail {

/// "Sun, 06 Nov 1994 08:49:37 GMT", the same in every locale.
inline std::string http_date(wall_time when) {
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                                   months[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                                   utc.tm_min, utc.tm_sec);
  return {text.data(), static_cast<std::size_t>(length)};
}

/// Whether the connection goes on after a response.
enum class connection_fate : std::uint8_t { keep, close };

/// Whether a response of this status has a body at all.
constexpr bool may_have_body(int status) noexcept { return status >= 200 && status != 204 && status != 304; }

/// Status line and headers, the empty line included. What frames the message is ours to say, not the
/// handler's: its Content-Length, Transfer-Encoding and Connection are left out.
inline std::string head_text(const http_response& response, connection_fate fate, wall_time when) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status());
  text.append(" ").append(status_phrase(response.status())).append("\r\n");
  for (const http_header& header : response.headers()) {
    bool is_ours = false;
    for (const char* name : {"Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive"}) {
      is_ours = is_ours || equal_ignoring_case(header.name, name);
    }
    if (!is_ours) text.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!response.headers().contains("Date")) text.append("Date: ").append(http_date(when)).append("\r\n");
  if (may_have_body(response.status())) {
    text.append("Content-Length: ").append(std::to_string(response.body().size())).append("\r\n");
  }
  return text.append(fate == connection_fate::keep ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

}  // namespace ovrseer::net_detail
