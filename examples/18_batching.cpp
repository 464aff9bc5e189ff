// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines to an HTTP address, many in one request: a batch goes out when it has a hundred lines or 64 KiB, or when its first
// line is two seconds old. While the receiver is away, lines wait up to the bounds and then the oldest go.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/net/curl.hpp>
#include <ovrseer/service/http_batch.hpp>
#include <ovrseer/sink/attach_lines.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

int main() {
  const char* address = std::getenv("LOGS_URL");
  if (address == nullptr) return std::cerr << "set LOGS_URL, which takes JSON objects on lines\n", 2;

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker("worker", command::shell("for i in $(seq 250); do echo job $i done; done"));
  worker.restart(restart_rules(restart_rules::when::never));
  stack.add(std::move(worker));

  batch_limits limits;
  limits.items = 100;
  limits.bytes = byte_size(std::uint64_t{64} << 10U);
  limits.age = 2s;
  limits.held_items = 10'000;
  batch_options<log_record> options(limits);
  options.on_lost = [](const log_record& line, const caught& why) {
    std::cerr << "lost: " << line.line.text << ": " << why.what() << '\n';
  };
  http_batch_sink<log_record, curl_client> sink(http_deliverer(http_batch(address), curl_client(io.get_executor())),
                                                options);
  auto sent = asio::co_spawn(io, attach_lines(stack, borrowed(sink)), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  sent.get();
  std::cout << sink.counts().delivered << " lines in " << sink.counts().batches << " requests\n";
  return ended.get();
}
