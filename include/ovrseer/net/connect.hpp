// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether somebody listens on a TCP port, asked of the operating-system service, which may be a scripted one.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include <ovrseer/asio.hpp>
#include <ovrseer/process/os.hpp>
#include <ovrseer/process/real_os.hpp>

namespace ovrseer {

/// Connects to a TCP port and closes the connection again; yields what kept it from connecting, empty when
/// nothing did. `host` is a name or an address without brackets.
///
/// Errors: none that concern the peer; they are the answer.
/// Cancellation: every type abandons with `asio::error::operation_aborted`.
inline task<std::error_code> connect_probe(std::string host, std::uint16_t port) {
  const executor ex = co_await asio::this_coro::executor;
  const std::error_code code = co_await os_of(ex).connect(std::move(host), port);
  if (code == asio::error::operation_aborted) throw std::system_error(code);
  co_return code;
}

}  // namespace ovrseer
