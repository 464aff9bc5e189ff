// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events to any HTTP address, many at once: as JSON objects on lines, or in one JSON array.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/deliver/batched.hpp>
#include <ovrseer/deliver/http_deliverer.hpp>
#include <ovrseer/event/record_json.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer {

/// An address that batches are posted to, their objects as `append_json` has them (event/record_json.hpp). Success is any
/// status from 200 to 299, for the whole batch; so a receiver may get what it has already, and knows it by boot id, unit and
/// number. The path of the address is masked wherever it is shown: often it is the password.
class http_batch {
 public:
  enum class format : std::uint8_t {
    ndjson,      ///< an object a line, `application/x-ndjson`
    json_array,  ///< `[…]`, `application/json`
  };

  explicit http_batch(url address, format layout = format::ndjson) : address_(std::move(address)), format_(layout) {
    address_.hide_path();
  }

  http_batch& header(std::string name, std::string value) {
    headers_.add(std::move(name), std::move(value));
    return *this;
  }

  http_request request(const std::vector<log_record>& batch, wall_time now) const;
  http_request request(const std::vector<stored_event>& batch, wall_time now) const;
  /// Errors: as `expect_success`.
  void accept(const http_response& answer, wall_time now) const;

 private:
  template <class T>
  http_request made_of(const std::vector<T>& batch) const;

  url address_;
  format format_;
  http_headers headers_;
};

/// A `log_sink` (or with `stored_event` an `event_sink`) that posts batches to an address.
template <class T = log_record, http_client Client = any_http_client>
using http_batch_sink = batched<http_deliverer<http_batch, Client>, T>;

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/service/impl/http_batch.ipp>
#endif
