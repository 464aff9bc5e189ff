// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/http.hpp>.
#pragma once

#include <ovrseer/net/http.hpp>

namespace ovrseer {

OVRSEER_DECL http_headers& http_headers::add(std::string name, std::string value) {
  check(name, value);
  entries_.push_back({std::move(name), std::move(value)});
  return *this;
}

OVRSEER_DECL http_headers& http_headers::set(std::string name, std::string value) {
  check(name, value);
  remove(name);
  entries_.push_back({std::move(name), std::move(value)});
  return *this;
}

OVRSEER_DECL http_headers& http_headers::remove(std::string_view name) {
  std::erase_if(entries_, [&](const http_header& h) { return net_detail::equal_ignoring_case(h.name, name); });
  return *this;
}

OVRSEER_DECL std::optional<std::string_view> http_headers::get(std::string_view name) const {
  for (const http_header& header : entries_) {
    if (net_detail::equal_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

OVRSEER_DECL std::size_t http_headers::count(std::string_view name) const {
  std::size_t found = 0;
  for (const http_header& header : entries_) found += net_detail::equal_ignoring_case(header.name, name) ? 1U : 0U;
  return found;
}

OVRSEER_DECL void http_headers::check(std::string_view name, std::string_view value) {
  const auto invalid = std::make_error_code(std::errc::invalid_argument);
  if (!net_detail::is_token(name)) throw error(invalid, "header", "a name that is not a token");
  for (const char c : value) {
    if (!net_detail::is_field_char(c)) throw error(invalid, "header", "a control byte in " + std::string(name));
  }
}

OVRSEER_DECL http_request::http_request(std::string method, url target)
    : method_(std::move(method)), target_(std::move(target)) {
  if (!net_detail::is_token(method_)) {
    throw error(std::make_error_code(std::errc::invalid_argument), "method", "not a token");
  }
}

OVRSEER_DECL http_request http_request::post(url target, std::string body, std::string content_type) {
  http_request made("POST", std::move(target));
  made.body(std::move(body), std::move(content_type));
  return made;
}

OVRSEER_DECL http_request& http_request::header(std::string name, std::string value) {
  headers_.add(std::move(name), std::move(value));
  return *this;
}

OVRSEER_DECL http_request& http_request::headers(http_headers all) {
  headers_ = std::move(all);
  return *this;
}

OVRSEER_DECL http_request& http_request::body(std::string content) {
  body_ = std::move(content);
  return *this;
}

OVRSEER_DECL http_request& http_request::body(std::string content, std::string content_type) {
  headers_.set("Content-Type", std::move(content_type));
  return body(std::move(content));
}

OVRSEER_DECL http_request& http_request::limits(http_limits of_the_response) {
  limits_ = of_the_response;
  return *this;
}

OVRSEER_DECL http_request& http_request::peer(http_peer who) {
  peer_ = std::move(who);
  return *this;
}

OVRSEER_DECL http_response& http_response::status(int code) {
  status_ = code;
  return *this;
}

OVRSEER_DECL http_response& http_response::header(std::string name, std::string value) {
  headers_.add(std::move(name), std::move(value));
  return *this;
}

OVRSEER_DECL http_response& http_response::headers(http_headers all) {
  headers_ = std::move(all);
  return *this;
}

OVRSEER_DECL http_response& http_response::body(std::string content) {
  body_ = std::move(content);
  return *this;
}

OVRSEER_DECL http_response& http_response::body(std::string content, std::string content_type) {
  headers_.set("Content-Type", std::move(content_type));
  return body(std::move(content));
}

}  // namespace ovrseer
