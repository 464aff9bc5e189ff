// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines into Elasticsearch in batches, against one request a line: to a stand-in on the loopback, which is the same for both.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <asio/io_context.hpp>

#include <ovrseer/net/curl.hpp>
#include <ovrseer/service/elasticsearch.hpp>

#include "../tests/support/counterparty.hpp"
#include "measure.hpp"

namespace {

using namespace ovrseer;

constexpr std::size_t batched_lines = 100'000;
constexpr std::size_t single_lines = 2'000;

log_record line_of(const std::string& life, std::size_t number) {
  log_record made;
  made.boot_id = life;
  made.unit = "api";
  made.line.seq = number;
  made.line.time = wall_time(std::chrono::milliseconds(1'700'000'000'000));
  made.line.text = fmt::format(R"(10.0.{}.{} - "GET /orders/{} HTTP/1.1" 200 {} took={}us level=info)", number % 200,
                               number % 251, number * 7919 % 100'000, number * 31 % 9000, number * 17 % 70'000);
  return made;
}

task<void> send(elasticsearch_sink<log_record, curl_client>& sink, const std::string& life, std::size_t count) {
  for (std::size_t i = 1; i <= count; ++i) {
    const log_record record = line_of(life, i);
    co_await sink.deliver(record);
  }
  co_await sink.flush(steady_time::max());
}

/// The time for one line, when `count` of them go in batches of `size`.
bench::seconds time_a_line(asio::io_context& context, const elasticsearch& to, const std::string& life,
                           std::size_t count, std::size_t size) {
  batch_limits limits;
  limits.items = size;
  elasticsearch_sink<log_record, curl_client> sink(http_deliverer(to, curl_client(context.get_executor())),
                                                   batch_options<log_record>(limits));
  const bench::seconds took = bench::time_of([&] { test::run_task(context, send(sink, life, count)); });
  if (sink.counts().delivered != count || sink.counts().failed != 0) {
    fmt::print(stderr, "of {} lines {} were delivered\n", count, sink.counts().delivered);
    std::exit(1);
  }
  return took / static_cast<double>(count);
}

}  // namespace

int main() {
  const std::string program = test::counterparty("es_stub.mjs");
  if (!test::has_program("node") || !std::filesystem::exists(program)) {
    fmt::print("skipped: needs node and {}\n", program);
    return 0;
  }
  const bool is_smoke = bench::rounds(100) != 100;
  const std::size_t many = is_smoke ? batched_lines / 50 : batched_lines;
  const std::size_t few = is_smoke ? single_lines / 50 : single_lines;
  asio::io_context context(1);
  const std::uint16_t port = test::free_port(context);
  command start("node", program, std::to_string(port));
  start.output(output_target(output_target::discarded{}));
  const test::peer server(context, std::move(start), port);
  const elasticsearch to("http://127.0.0.1:" + std::to_string(port), "logs-bench-default");

  bench::heading("lines into Elasticsearch (a stand-in); against one request a line");
  fmt::print("  {} lines in batches of 1000, {} lines one by one; the time for one line of each\n", many, few);
  std::vector<bench::seconds> ours;
  std::vector<bench::seconds> theirs;
  for (std::size_t round = 0; round != bench::rounds(5); ++round) {
    ours.push_back(time_a_line(context, to, "batches" + std::to_string(round), many, 1000));
    theirs.push_back(time_a_line(context, to, "singles" + std::to_string(round), few, 1));
  }
  const bench::seconds in_batches = bench::median(std::move(ours));
  const bench::seconds one_by_one = bench::median(std::move(theirs));
  bench::row("one line", bench::micros(in_batches), bench::micros(one_by_one), one_by_one / in_batches, 10.0,
             bench::better::higher);
  fmt::print("  {:.0f} lines a second in batches, {:.0f} one by one\n", 1 / in_batches.count(), 1 / one_by_one.count());
}
