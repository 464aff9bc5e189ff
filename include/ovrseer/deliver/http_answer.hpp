// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the answer of a service means for what was sent: delivered, later again, or never.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer {

/// The code that a status stands for; none for a success.
///
/// 429 is `errc::throttled`; 408, 425, 500, 502, 503 and 504 are `errc::unavailable`; 401, 403 and 407 are
/// `errc::not_permitted`; redirections, 404, 405, 410 and 501 are `errc::misdirected`; 413 is
/// `errc::message_too_large`; all else is `errc::rejected`.
OVRSEER_DECL std::error_code meaning_of_status(int status) noexcept;

/// How long the headers ask to wait (`Retry-After`, in seconds or as a date); nothing where they do not, or not in
/// numbers. A date that has passed is zero.
OVRSEER_DECL std::optional<std::chrono::nanoseconds> retry_after(const http_headers& headers, wall_time now);

/// Throws `retry_later` with the meaning of the status, unless it is a success. The context has the service, the status
/// and the begin of the body, on one line.
OVRSEER_DECL void expect_success(const http_response& response, std::string_view service, wall_time now);

/// The begin of what a peer said, made fit for one line of a message: no control bytes, valid UTF-8, at most `longest` bytes,
/// secrets hidden.
OVRSEER_DECL std::string excerpt_of(std::string_view said, std::size_t longest = 200);

/// What nobody but its receiver may know of a request: the values of its headers, but for those that are never secret such as
/// Content-Type, and the path where the address hides it, each also as JSON may have it (`\/`). Those of fewer than 6 bytes
/// are left out.
OVRSEER_DECL std::vector<std::string> credentials_of(const http_request& request);

/// Takes them out of the body of an answer: receivers quote what they refuse, and the answer ends up in messages. Those of
/// fewer than 6 bytes stay.
OVRSEER_DECL void hide_credentials(http_response& answer, const std::vector<std::string>& credentials);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/deliver/impl/http_answer.ipp>
#endif
