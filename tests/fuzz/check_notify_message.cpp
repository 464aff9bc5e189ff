// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Any bytes as a datagram of the notify protocol: what is taken keeps to its bounds, and is read the same again.
#include <ovrseer/check/notify_message.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto require = [](bool holds) {
    if (!holds) std::abort();
  };
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto message = ovrseer::parse_notify(text);
  require(message.has_value() ==
          (size <= ovrseer::longest_notify_message && text.find('\0') == std::string_view::npos));
  if (!message) return 0;
  if (message->status) {
    require(message->status->size() <= ovrseer::longest_notify_status);
    for (const char c : *message->status) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    const auto again = ovrseer::parse_notify("STATUS=" + *message->status);
    require(again.has_value() && again->status == message->status);
  }
  require(!message->main_pid || *message->main_pid > 0);
  require(!message->error_number || *message->error_number >= 0);
  require(!message->exit_status || *message->exit_status >= 0);
  require(!message->extend_timeout || message->extend_timeout->count() >= 0);
  ovrseer::notify_state said;
  said.take(*message, ovrseer::notify_state::time_point(std::chrono::seconds(1)));
  require(said.is_ready == message->is_ready);
  return 0;
}
