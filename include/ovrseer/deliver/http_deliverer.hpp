// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What sends items to a service over HTTP: the service says what the request is and what the answer means, the client sends.
#pragma once

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/net/http_client.hpp>

namespace ovrseer {

/// A service that takes items of type `T` over HTTP. Both functions are pure.
///
/// `request` builds the request for an item, the same each time but for moments, so that the receiver knows a repetition.
/// `accept` throws where the answer says that the item was not taken; see `expect_success`.
template <class S, class T>
concept http_service_of = requires(const S& service, const T& item, const http_response& answer, wall_time now) {
  { service.request(item, now) } -> std::same_as<http_request>;
  { service.accept(answer, now) } -> std::same_as<void>;
};

/// Delivers to a service through an HTTP client, each item in one exchange.
template <class Service, http_client Client = any_http_client>
class http_deliverer {
 public:
  http_deliverer(Service service, Client client) : service_(std::move(service)), client_(std::move(client)) {}

  /// Errors: what `Service::accept` throws, and what the client does.
  /// Cancellation: every type abandons the exchange.
  template <class T>
    requires http_service_of<Service, T>
  task<void> deliver(const T& item) {
    const executor ex = co_await asio::this_coro::executor;
    const clock_service& clock = clock_of(ex);
    http_request request = service_.request(item, clock.wall_now());
    const std::vector<std::string> credentials = credentials_of(request);
    http_response answer = co_await client_.exchange(std::move(request));
    hide_credentials(answer, credentials);
    service_.accept(answer, clock.wall_now());
  }

  const Service& service() const noexcept { return service_; }

 private:
  Service service_;
  Client client_;
};

}  // namespace ovrseer
