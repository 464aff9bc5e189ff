// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The lines and the events of all units as documents in Elasticsearch, in batches; crashes are found among the events.
#include <cstdlib>
#include <iostream>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/service/elasticsearch.hpp>
#include <ovrseer/sink/attach_events.hpp>
#include <ovrseer/sink/attach_lines.hpp>

using namespace ovrseer;

/// Batches of one kind on their way to the cluster, which is left alone for a while when it fails; a batch that fails is held
/// and tried again.
template <class T>
auto batches(const elasticsearch& cluster, const curl_client& client) {
  circuit_broken sender(http_deliverer(cluster, client));
  batch_options<T> options;
  options.on_failure = [](const caught& why) { std::cerr << why.what() << '\n'; };
  return batched<decltype(sender), T>(std::move(sender), std::move(options));
}

int main() {
  const char* address = std::getenv("ELASTICSEARCH_URL");
  const char* key = std::getenv("ELASTICSEARCH_API_KEY");
  if (address == nullptr) return std::cerr << "set ELASTICSEARCH_URL, and ELASTICSEARCH_API_KEY if it wants one\n", 2;
  elasticsearch cluster(address, "logs-ovrseer-default");
  cluster.service_name("shop").environment("staging");
  if (key != nullptr) cluster.api_key(key);

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker("worker",
                   command::shell("echo job 1 done; echo job 2 done; echo fatal: job 3 is malformed >&2; exit 3"));
  worker.restart(restart_rules(restart_rules::when::never));
  stack.add(std::move(worker));

  const curl_client client(io.get_executor());
  auto lines = asio::co_spawn(io, attach_lines(stack, batches<log_record>(cluster, client)), asio::use_future);
  auto events = asio::co_spawn(io, attach_events(stack, batches<stored_event>(cluster, client)), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  lines.get();
  events.get();
  return ended.get();
}
