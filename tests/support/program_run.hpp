// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The built program as a child of a test: what it prints, line by line, and how it ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/log/query.hpp>
#include <ovrseer/process/process.hpp>

#include "disk_folder.hpp"
#include "file_text.hpp"
#include "run.hpp"

namespace ovrseer::test {

/// Loopback ports that nobody listens on now, all different.
inline std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<std::uint16_t> ports;
  std::vector<int> sockets;
  while (ports.size() < count) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("no free port");
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    ports.push_back(ntohs(address.sin_port));
    sockets.push_back(fd);
  }
  for (const int fd : sockets) ::close(fd);
  return ports;
}

using ovrseer_test::content_of;
using ovrseer_test::write_file;

/// One run of a program that is read line by line.
class program_run {
 public:
  program_run(const executor& ex, const command& what)
      : it(os_of(ex).spawn(ex, what)),
        feed_(feed_of(it,
                      log_limits().ring_lines(200'000).ring_size(byte_size(64 << 20)).line_cap(byte_size(1 << 20)))) {}

  /// The first line at or behind number `from` that has `word`; waits for it.
  task<owned_line> line(std::string word, std::uint64_t from = 0) { return find(feed_, std::move(word), from); }

  /// The first event of a type of a unit at or behind line `from`; for runs with --json.
  task<nlohmann::json> event(std::string unit, std::string type, std::uint64_t from = 0) {
    return find_event(feed_, std::move(unit), std::move(type), from);
  }

  /// Waits for the end and for the last line; yields the code as a shell says it.
  task<int> end() {
    const exit_status status = co_await it.wait();
    line_stream rest = feed_.subscribe(on_overrun::drop_oldest);
    for (;;) {
      const std::optional<ovrseer::line> next = co_await rest.next();
      if (!next) break;
    }
    co_return status.shell_code();
  }

  /// What was printed on one stream so far, with a newline behind each line.
  std::string text(line_source source = line_source::out) const {
    std::string all;
    for (const owned_line& each : find_lines(feed_.lines())) {
      if (each.source == source) all += each.text + "\n";
    }
    return all;
  }
  /// The JSON lines of the standard output; throws where one is none.
  std::vector<nlohmann::json> json() const {
    std::vector<nlohmann::json> all;
    for (const owned_line& each : find_lines(feed_.lines())) {
      if (each.source == line_source::out) all.push_back(nlohmann::json::parse(each.text));
    }
    return all;
  }
  /// The units of the events of a type, in order.
  std::vector<std::string> order_of(const std::string& type) const {
    std::vector<std::string> order;
    for (const nlohmann::json& each : json()) {
      if (each.at("kind") == "event" && each.at("type") == type) order.push_back(each.at("unit"));
    }
    return order;
  }
  std::uint64_t next_line() const { return feed_.lines().end_seq(); }

  process it;

 private:
  static task<owned_line> find(line_feed& feed, std::string word, std::uint64_t from) {
    line_stream lines = feed.subscribe(on_overrun::drop_oldest, read_from::oldest);
    for (;;) {
      const std::optional<ovrseer::line> next = co_await lines.next();
      if (!next) throw std::runtime_error("the program never said \"" + word + "\"");
      if (next->seq >= from && next->text.find(word) != std::string_view::npos) co_return owned_line(*next);
    }
  }
  static task<nlohmann::json> find_event(line_feed& feed, std::string unit, std::string type, std::uint64_t from) {
    line_stream lines = feed.subscribe(on_overrun::drop_oldest, read_from::oldest);
    for (;;) {
      const std::optional<ovrseer::line> next = co_await lines.next();
      if (!next) throw std::runtime_error("never came: " + unit + " " + type);
      if (next->seq < from || next->source != line_source::out) continue;
      nlohmann::json parsed = nlohmann::json::parse(next->text);
      if (parsed.at("kind") == "event" && parsed.at("unit") == unit && parsed.at("type") == type) co_return parsed;
    }
  }

  line_feed& feed_;
};

/// What a run of the program came to.
struct program_result {
  int code = 0;
  std::string out;
  std::string err;
};

/// In a context where others work too, such as the receivers that it talks to.
inline program_result run_to_end(const command& what, asio::io_context& context) {
  program_run program(context.get_executor(), what);
  program_result result;
  result.code = complete(context, program.end());
  result.out = program.text();
  result.err = program.text(line_source::err);
  return result;
}
inline program_result run_to_end(const command& what) {
  asio::io_context context;
  return run_to_end(what, context);
}

}  // namespace ovrseer::test
