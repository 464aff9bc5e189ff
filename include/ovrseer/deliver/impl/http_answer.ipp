// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/deliver/http_answer.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include <ovrseer/async/retry.hpp>
#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/net/http_date.hpp>
#include <ovrseer/redact/redactor.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer::deliver_detail {

inline constexpr std::size_t most_of_a_secret = 1024;  // of one that is cut, as far as it is looked at
inline constexpr std::size_t shortest_credential = 6;  // a shorter text is anywhere

// Of the headers of requests, those that everybody may see: what others say is the business of who configured them.
inline constexpr std::array<std::string_view, 7> plain_headers{
    "Accept", "Content-Encoding", "Content-Type", "Host", "Idempotency-Key", "User-Agent", "X-Ovrseer-Unit"};

inline bool is_plain_header(std::string_view name) noexcept {
  return std::ranges::any_of(plain_headers,
                             [&](std::string_view each) { return net_detail::equal_ignoring_case(each, name); });
}

}  // namespace ovrseer::deliver_detail

namespace ovrseer {

OVRSEER_DECL std::error_code meaning_of_status(int status) noexcept {
  if (status >= 200 && status < 300) return {};
  if (status >= 300 && status < 400) return make_error_code(errc::misdirected);
  switch (status) {
    case 401:
    case 403:
    case 407: return make_error_code(errc::not_permitted);
    case 404:
    case 405:
    case 410:
    case 501: return make_error_code(errc::misdirected);
    case 413: return make_error_code(errc::message_too_large);
    case 429: return make_error_code(errc::throttled);
    case 408:
    case 425:
    case 500:
    case 502:
    case 503:
    case 504: return make_error_code(errc::unavailable);
    default: return make_error_code(errc::rejected);
  }
}

OVRSEER_DECL std::optional<std::chrono::nanoseconds> retry_after(const http_headers& headers, wall_time now) {
  const std::optional<std::string_view> value = headers.get("Retry-After");
  if (!value) return std::nullopt;
  // More than a year is no help to anybody, and would not fit.
  constexpr std::chrono::seconds longest = std::chrono::hours(24 * 365);
  if (!value->empty() && std::all_of(value->begin(), value->end(), net_detail::is_digit)) {
    std::uint64_t seconds = 0;
    const auto read = std::from_chars(value->data(), value->data() + value->size(), seconds);
    if (read.ec != std::errc{} || seconds > static_cast<std::uint64_t>(longest.count())) return longest;
    return std::chrono::seconds(seconds);
  }
  const std::optional<wall_time> date = from_http_date(*value);
  if (!date) return std::nullopt;
  return std::clamp<std::chrono::nanoseconds>(*date - now, std::chrono::nanoseconds::zero(), longest);
}

OVRSEER_DECL void expect_success(const http_response& response, std::string_view service, wall_time now) {
  const std::error_code meaning = meaning_of_status(response.status());
  if (!meaning) return;
  std::string context(service);
  context.append(": ").append(std::to_string(response.status())).append(" ").append(status_phrase(response.status()));
  const std::string said = excerpt_of(response.body());
  if (!said.empty()) context.append(": ").append(said);
  if (response.status() >= 300 && response.status() < 400) context.append("; redirections are not followed");
  throw retry_later(meaning, "deliver", std::move(context), retry_after(response.headers(), now));
}

OVRSEER_DECL std::string excerpt_of(std::string_view said, std::size_t longest) {
  // Redacted before it is cut: the half of a token tells nobody that it is one.
  std::string clean =
      redactor().redact(valid_utf8(said.substr(0, std::min(said.size(), longest + deliver_detail::most_of_a_secret))));
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  while (clean.ends_with(' ')) clean.pop_back();
  return std::string(first_bytes(clean, longest));
}

OVRSEER_DECL std::vector<std::string> credentials_of(const http_request& request) {
  std::vector<std::string> found;
  const auto add = [&](std::string_view text) {
    if (text.size() < deliver_detail::shortest_credential) return;
    found.emplace_back(text);
    std::string in_json;  // as many servers write it
    for (const char c : text) in_json.append(c == '/' ? "\\/" : std::string_view(&c, 1));
    if (in_json != text) found.push_back(std::move(in_json));
  };
  for (const http_header& each : request.headers()) {
    if (deliver_detail::is_plain_header(each.name)) continue;
    add(each.value);
    add(std::string_view(each.value).substr(each.value.rfind(' ') + 1));  // without the scheme
  }
  if (request.target().is_path_hidden()) {
    add(request.target().target());
    add(request.target().path());
  }
  return found;
}

OVRSEER_DECL void hide_credentials(http_response& answer, const std::vector<std::string>& credentials) {
  const redactor rules;
  std::string body;
  for (const std::string& each : credentials) {
    if (each.size() < deliver_detail::shortest_credential) continue;
    const std::string& now = body.empty() ? answer.body() : body;
    std::size_t at = now.find(each);
    if (at == std::string::npos) continue;
    if (body.empty()) body = answer.body();
    // On behind the replacement, which a credential may be part of.
    for (; at != std::string::npos; at = body.find(each, at + rules.replacement().size()))
      body.replace(at, each.size(), rules.replacement());
  }
  if (!body.empty()) answer.body(std::move(body));
}

}  // namespace ovrseer
