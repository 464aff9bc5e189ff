// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What sends a request and yields the response: the concept, any model of it, the null one, and one by script.
#pragma once

#include <concepts>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer {

/// An object whose `exchange` sends one request and yields the response, whatever its status.
///
/// Several exchanges may run at once. No redirect is followed, so that credentials stay where they were sent.
/// Failures are thrown: a code for which `condition::retryable` holds where the network or the peer may be
/// better later, `errc::malformed_message` and `errc::message_too_large` for what the peer sent.
/// Cancellation: every type abandons the exchange, whose connection is closed.
template <class C>
concept http_client = requires(C client, http_request request) {
  { client.exchange(std::move(request)) } -> std::same_as<task<http_response>>;
};

/// The least that an `http_client` is; for tests of templates.
struct http_client_archetype {
  task<http_response> exchange(http_request request);
};
static_assert(http_client<http_client_archetype>);

/// The client of those who have none: every exchange throws `errc::no_http_client`.
class null_http_client {
 public:
  task<http_response> exchange(http_request request) { return refuse(to_text(request.target())); }

 private:
  static task<http_response> refuse(std::string target);
};

/// Any HTTP client, chosen at run time. Copies share the client. An empty one is a `null_http_client`. Where a
/// context has a stand-in (`use_http`), that one is asked in its place.
class any_http_client {
 public:
  any_http_client() : any_http_client(null_http_client()) {}
  template <http_client C>
    requires(!std::same_as<std::remove_cvref_t<C>, any_http_client>)
  any_http_client(C client)  // a client is an any_http_client wherever one is wanted
      : client_(std::make_shared<model<C>>(std::move(client))) {}

  task<http_response> exchange(http_request request) { return keep(client_, std::move(request)); }

 private:
  struct base {
    virtual ~base() = default;
    virtual task<http_response> exchange(http_request request) = 0;
  };
  template <class C>
  struct model final : base {
    explicit model(C client) : client_(std::move(client)) {}
    task<http_response> exchange(http_request request) override { return client_.exchange(std::move(request)); }
    C client_;
  };

  friend class http_service;

  // The client outlives the exchange, also where every handle of it is gone.
  static task<http_response> keep(std::shared_ptr<base> client, http_request request);

  static std::shared_ptr<base> stand_in_on(const executor& ex);

  std::shared_ptr<base> client_;
};

/// Holds the stand-in for the HTTP clients of one execution context.
class http_service : public asio::execution_context::service {
 public:
  using key_type = http_service;
  static inline asio::execution_context::id id;

  explicit http_service(asio::execution_context& context) : service(context) {}

  void replace(any_http_client client) { stand_in_ = std::move(client.client_); }

 private:
  friend class any_http_client;
  void shutdown() override { stand_in_.reset(); }

  std::shared_ptr<any_http_client::base> stand_in_;
};

/// From now on `client` answers whatever is asked through an `any_http_client` on this context, whichever client
/// that was made of: so that a simulation never reaches the network. Before the first exchange.
inline void use_http(asio::execution_context& context, any_http_client client) {
  asio::use_service<http_service>(context).replace(std::move(client));
}

/// Answers by script and keeps what was asked; copies share both. For tests.
///
/// Each exchange takes the next entry of the script. When the script has ended, `otherwise` answers, by
/// default with 404.
class scripted_http_client {
 public:
  using answer = std::function<task<http_response>(const http_request&)>;

  scripted_http_client& then(http_response response) {
    return then([response = std::move(response)](const http_request&) { return yield(response); });
  }
  /// The exchange throws an `error` of this code.
  scripted_http_client& then_fail(std::error_code code) {
    return then([code](const http_request& request) { return fail(code, to_text(request.target())); });
  }
  /// The exchange does what `how` does. The request lives as long as the exchange.
  scripted_http_client& then(answer how);
  scripted_http_client& otherwise(answer how);

  task<http_response> exchange(http_request request) { return play(state_, std::move(request)); }

  /// Every request so far, in order.
  const std::deque<http_request>& requests() const noexcept { return state_->requests; }
  /// Entries of the script that nobody has taken.
  std::size_t left() const noexcept { return state_->script.size(); }

 private:
  struct state {
    std::deque<answer> script;
    std::deque<http_request> requests;
    answer otherwise = [](const http_request&) { return yield(http_response(404)); };
  };

  static task<http_response> yield(http_response response);
  static task<http_response> fail(std::error_code code, std::string target);
  static task<http_response> play(std::shared_ptr<state> shared, http_request request);

  std::shared_ptr<state> state_ = std::make_shared<state>();
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/impl/http_client.ipp>
#endif
