// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A document behind a URL, asked for by HTTP, and only where it has changed (RFC 9110, 13.1.2).
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/config/document_source.hpp>
#include <ovrseer/net/credentials.hpp>
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// What is asked for, and what an answer means. All setters return the document, so that they chain. Pure.
class http_document {
 public:
  explicit http_document(url where) : where_(std::move(where)) {}

  /// A header that is sent as well. Errors: as `http_headers::add`.
  http_document& header(std::string name, std::string value);
  http_document& credentials(const http_credentials& who);
  /// A longer one is refused. Default 1 MiB.
  http_document& largest(byte_size limit) noexcept {
    largest_ = limit;
    return *this;
  }

  /// The request of who has the version of `tag`, or none.
  http_request request(const std::string& tag) const;
  /// The document of a 200; nothing of a 304.
  ///
  /// Errors, as `retry_later`: those of `expect_success`; `errc::rejected` for any other success, and for a 304 that nobody
  /// asked for.
  std::optional<fetched_document> accept(const http_response& answer, const std::string& tag, wall_time now) const;

  const url& where() const noexcept { return where_; }

 private:
  url where_;
  http_headers headers_;
  byte_size largest_{std::uint64_t{1} << 20U};
};

/// The source over an HTTP client, each fetch one exchange.
template <http_client Client = any_http_client>
class http_source {
 public:
  http_source(http_document what, Client client) : what_(std::move(what)), client_(std::move(client)) {}

  /// Errors: those of `http_document::accept`, and what the client throws.
  /// Cancellation: every type abandons the exchange.
  task<std::optional<fetched_document>> fetch(std::string tag) {
    const executor ex = co_await asio::this_coro::executor;
    http_request request = what_.request(tag);
    const http_response answer = co_await client_.exchange(std::move(request));
    co_return what_.accept(answer, tag, clock_of(ex).wall_now());
  }

  /// The URL, with what is secret in it masked.
  std::string describe() const { return to_text(what_.where()); }

 private:
  http_document what_;
  Client client_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/http_source.ipp>
#endif
