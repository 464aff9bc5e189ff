// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/http_source.hpp>.
#pragma once

#include <cstddef>
#include <string_view>

#include <ovrseer/async/retry.hpp>
#include <ovrseer/config/http_source.hpp>
#include <ovrseer/deliver/http_answer.hpp>

namespace ovrseer {

OVRSEER_DECL http_document& http_document::header(std::string name, std::string value) {
  headers_.add(std::move(name), std::move(value));
  return *this;
}

OVRSEER_DECL http_document& http_document::credentials(const http_credentials& who) {
  headers_.set("Authorization", who.authorization());
  return *this;
}

OVRSEER_DECL http_request http_document::request(const std::string& tag) const {
  http_request made = http_request::get(where_);
  http_headers headers = headers_;
  if (!headers.contains("Accept")) headers.add("Accept", "application/json, application/yaml, text/*;q=0.9, */*;q=0.1");
  if (!tag.empty()) headers.set("If-None-Match", tag);
  http_limits limits;
  limits.body = largest_;
  return std::move(made.headers(std::move(headers)).limits(limits));
}

OVRSEER_DECL std::optional<fetched_document> http_document::accept(const http_response& answer, const std::string& tag,
                                                                   wall_time now) const {
  if (answer.status() == 304 && !tag.empty()) return std::nullopt;
  if (answer.status() != 304) expect_success(answer, to_text(where_), now);
  if (answer.status() != 200) {
    throw retry_later(make_error_code(errc::rejected), "fetch",
                      to_text(where_) + ": " + std::to_string(answer.status()) + " is no document", std::nullopt);
  }
  // It goes back as it came: an absurd one is not worth its bytes, and without one the content is compared.
  constexpr std::size_t longest_tag = 1024;
  const std::string_view entity_tag = answer.headers().get("ETag").value_or("");
  return fetched_document(answer.body(), entity_tag.size() <= longest_tag ? std::string(entity_tag) : std::string());
}

}  // namespace ovrseer
