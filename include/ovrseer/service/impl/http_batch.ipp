// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/service/http_batch.hpp>.
#pragma once

#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/service/http_batch.hpp>

namespace ovrseer {

template <class T>
http_request http_batch::made_of(const std::vector<T>& batch) const {
  const bool is_array = format_ == format::json_array;
  const char between = is_array ? ',' : '\n';
  std::string body = is_array ? "[" : "";
  for (const T& each : batch) {
    append_json(body, each, between);
    body.push_back(between);
  }
  if (is_array && batch.empty()) body.push_back(']');
  if (is_array && !batch.empty()) body.back() = ']';
  http_request made =
      http_request::post(address_, std::move(body), is_array ? "application/json" : "application/x-ndjson");
  for (const http_header& each : headers_) made.header(each.name, each.value);
  return made;
}

OVRSEER_DECL http_request http_batch::request(const std::vector<log_record>& batch, wall_time) const {
  return made_of(batch);
}
OVRSEER_DECL http_request http_batch::request(const std::vector<stored_event>& batch, wall_time) const {
  return made_of(batch);
}

OVRSEER_DECL void http_batch::accept(const http_response& answer, wall_time now) const {
  expect_success(answer, "HTTP receiver", now);
}

}  // namespace ovrseer
