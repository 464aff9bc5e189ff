// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a check asks the world, as plain data: for those who must know it without asking, such as a simulation
// that makes the answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <ovrseer/net/url.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/process/command.hpp>

namespace ovrseer {

/// What must be so for a check to pass. Of several checks in one, all that any of them asks, also where one of them
/// would be enough.
struct check_needs {
  struct tcp_port {
    std::string host;
    std::uint16_t port = 0;
  };
  struct http_answer {
    url target;
    int first_status = 200;
    int last_status = 399;
    std::optional<pattern<>> body;
  };
  struct beat {
    std::optional<pattern<>> line;     ///< unset: WATCHDOG=1 by the notify protocol
    std::chrono::nanoseconds every{};  ///< it must come at least so often
  };
  struct file_there {
    std::filesystem::path path;
    std::optional<pattern<>> content;
    bool is_non_empty = false;
  };

  std::vector<pattern<>> lines;      ///< each must match a line of the log
  std::vector<tcp_port> ports;       ///< on each somebody must listen
  std::vector<http_answer> answers;  ///< each must be answered so
  std::vector<file_there> files;     ///< each must be there
  std::vector<std::string> notices;  ///< each must be sent by the notify protocol, such as "READY=1"
  std::vector<beat> beats;           ///< each must come again and again
  std::vector<command> commands;     ///< each must exit with 0; OVRSEER_PID is the process that is checked
  std::vector<std::string> untold;   ///< the descriptions of checks that do not say what they ask
};

}  // namespace ovrseer
