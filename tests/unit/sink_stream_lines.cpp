// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events as JSON lines over a stream: one send a batch, and whole batches again after a failure.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <vector>

#include <asio/ip/tcp.hpp>
#include <nlohmann/json.hpp>

#include <catch.hpp>

#include <ovrseer/deliver/batched.hpp>
#include <ovrseer/sink/event_sink.hpp>
#include <ovrseer/sink/log_sink.hpp>
#include <ovrseer/sink/stream_lines.hpp>

#include <record_samples.hpp>
#include "run.hpp"

namespace t_sink_stream_lines {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using namespace std::chrono_literals;
using asio::ip::tcp;
using recorded_lines = stream_lines<recording_stream_sender>;

static_assert(line_writer<stream_writer<>>);
static_assert(log_sink<stream_lines<>>);
static_assert(event_sink<stream_lines<>>);
static_assert(log_sink<batched<stream_lines<>, log_record>>);
static_assert(event_sink<batched<stream_lines<>, stored_event>>);

std::vector<std::uint64_t> numbers_in(const std::string& text) {
  std::vector<std::uint64_t> found;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    found.push_back(nlohmann::json::parse(text.substr(begin, end - begin))["seq"]);
    begin = end + 1;
  }
  CHECK(begin == text.size());
  return found;
}

TEST_CASE("a batch is one send of whole lines") {
  asio::io_context context;
  recording_stream_sender to;
  recorded_lines sink{stream_writer(to)};
  const std::vector<log_record> lines{record_of("one", 1), record_of("two\nlines", 2)};
  const std::vector<stored_event> events{event_of(event_type::running, 3), event_of(event_type::crashed, 4)};
  const std::vector<log_record> nothing;
  run(context, sink.deliver(lines));
  run(context, sink.deliver(events));
  run(context, sink.deliver(nothing));
  REQUIRE(to.sent().size() == 2);
  CHECK(numbers_in(to.sent()[0]) == std::vector<std::uint64_t>{1, 2});
  CHECK(numbers_in(to.sent()[1]) == std::vector<std::uint64_t>{3, 4});
}

TEST_CASE("a batch that was not taken is sent again whole once the receiver is back") {
  asio::io_context context;
  virtual_clock time(context);
  recording_stream_sender to;
  batched<recorded_lines, log_record> sink{recorded_lines(stream_writer(to))};
  to.refuse(errno_code(ECONNREFUSED));
  for (std::uint64_t i = 1; i != 4; ++i) {
    const log_record record = record_of("x", i);
    run(context, time, sink.deliver(record));
  }
  CHECK_THROWS_AS(run(context, time, sink.flush(time.now() + 1s)), error);
  CHECK(sink.waiting() == 3);
  to.refuse({});
  run(context, time, sink.flush(steady_time::max()));
  REQUIRE(to.sent().size() == 1);
  CHECK(numbers_in(to.sent()[0]) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(sink.counts().delivered == 3);
}

TEST_CASE("a receiver that leaves and comes back reads whole lines on each connection") {
  asio::io_context context;
  tcp::acceptor to(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  stream_lines<> sink{stream_writer(stream_socket(stream_address::tcp("127.0.0.1", to.local_endpoint().port())))};
  for (std::uint64_t i = 1; i != 4; ++i) {
    const std::vector<log_record> batch{record_of("one", i), record_of("two", i + 1)};
    run(context, sink.deliver(batch));
    tcp::socket peer = to.accept();
    std::string text;
    std::array<char, 4096> part;
    while (std::ranges::count(text, '\n') != 2) text.append(part.data(), peer.read_some(asio::buffer(part)));
    CHECK(numbers_in(text) == std::vector<std::uint64_t>{i, i + 1});
  }
}

}  // namespace t_sink_stream_lines
