// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/http_client.hpp>.
#pragma once

#include <ovrseer/net/http_client.hpp>

namespace ovrseer {

OVRSEER_DECL task<http_response> null_http_client::refuse(std::string target) {
  throw error(errc::no_http_client, "exchange", std::move(target));
  co_return http_response();
}

OVRSEER_DECL task<http_response> any_http_client::keep(std::shared_ptr<base> client, http_request request) {
  const executor ex = co_await asio::this_coro::executor;
  std::shared_ptr<base> stand_in = stand_in_on(ex);
  if (stand_in) client = std::move(stand_in);
  http_response response = co_await client->exchange(std::move(request));
  co_return response;
}

OVRSEER_DECL auto any_http_client::stand_in_on(const executor& ex) -> std::shared_ptr<base> {
  asio::execution_context& context = asio::query(ex, asio::execution::context);
  if (!asio::has_service<http_service>(context)) return nullptr;
  return asio::use_service<http_service>(context).stand_in_;
}

OVRSEER_DECL scripted_http_client& scripted_http_client::then(answer how) {
  state_->script.push_back(std::move(how));
  return *this;
}

OVRSEER_DECL scripted_http_client& scripted_http_client::otherwise(answer how) {
  state_->otherwise = std::move(how);
  return *this;
}

OVRSEER_DECL task<http_response> scripted_http_client::yield(http_response response) { co_return response; }

OVRSEER_DECL task<http_response> scripted_http_client::fail(std::error_code code, std::string target) {
  throw error(code, "exchange", std::move(target));
  co_return http_response();
}

OVRSEER_DECL task<http_response> scripted_http_client::play(std::shared_ptr<state> shared, http_request request) {
  const http_request& kept = shared->requests.emplace_back(std::move(request));
  answer how = shared->otherwise;
  if (!shared->script.empty()) {
    how = std::move(shared->script.front());
    shared->script.pop_front();
  }
  http_response response = co_await how(kept);
  co_return response;
}

}  // namespace ovrseer
