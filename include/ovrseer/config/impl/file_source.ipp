// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/file_source.hpp>.
#pragma once

#include <cstddef>

#include <ovrseer/config/file_source.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/process/os.hpp>

namespace ovrseer {

OVRSEER_DECL task<std::optional<fetched_document>> file_source::read(std::filesystem::path path, byte_size largest) {
  const executor ex = co_await asio::this_coro::executor;
  // One byte beyond the limit, to tell "at the limit" from "more than that".
  auto seen = os_of(ex).look_into(path, static_cast<std::size_t>(largest.count()) + 1);
  if (!seen) throw error(seen.reason(), "read", path.string());
  if (seen->type != std::filesystem::file_type::regular)
    throw error(errc::rejected, "read", path.string() + " is no regular file");
  if (seen->content.size() > largest.count())
    throw error(errc::message_too_large, "read", path.string() + ": more than " + to_text(largest));
  co_return fetched_document(std::move(seen->content));
}

}  // namespace ovrseer
