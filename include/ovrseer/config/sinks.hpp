// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Sinks as a configuration names them: the one place where targets that are chosen at run time lose their types.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <ovrseer/config/model.hpp>
#include <ovrseer/deliver/batched.hpp>
#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/http_deliverer.hpp>
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/sink/event_sink.hpp>
#include <ovrseer/sink/json_lines.hpp>
#include <ovrseer/sink/log_sink.hpp>
#include <ovrseer/sink/stream_lines.hpp>

namespace ovrseer {

/// The policies of one sink; what it is not to get is nothing.
struct sink_policies {
  std::optional<any_log_sink> lines;
  std::optional<any_event_sink> events;
};

namespace config_detail {

/// One file for both lines and events.
struct shared_writer {
  std::shared_ptr<rotating_writer> file;
  task<void> deliver(const std::string& text) { return file->deliver(text); }
};

struct sink_maker {
  sink_settings::content what;
  any_http_client client;
  std::function<void(const caught&)> on_failure;

  sink_policies operator()(const sink_settings::json_file& target) const {
    const shared_writer writer{std::make_shared<rotating_writer>(target.path.string(), target.options)};
    batch_limits limits;
    limits.age = std::chrono::milliseconds(200);  // who reads a file wants it now
    return policies(json_lines(writer), json_lines(writer), limits);
  }
  // Lines and events share the connection.
  sink_policies operator()(const stream_address& target) const {
    const stream_writer writer{stream_socket(target)};
    const auto sender = [&] { return circuit_broken(json_lines(writer)); };
    return policies(sender(), sender(), batch_limits());
  }
  template <class Service>
  sink_policies operator()(const Service& service) const {
    const auto sender = [&] { return circuit_broken(http_deliverer(service, client)); };
    return policies(sender(), sender(), batch_limits());
  }

  template <class D>
  sink_policies policies(D lines, D events, const batch_limits& limits) const {
    sink_policies made;
    if (what != sink_settings::content::events) made.lines.emplace(batches<log_record>(std::move(lines), limits));
    if (what != sink_settings::content::lines) made.events.emplace(batches<stored_event>(std::move(events), limits));
    return made;
  }
  template <class T, class D>
  batched<D, T> batches(D inner, const batch_limits& limits) const {
    batch_options<T> options(limits);
    options.on_failure = on_failure;
    return batched<D, T>(std::move(inner), std::move(options));
  }
};

}  // namespace config_detail

/// Batches to the target, tried again while it is away, within the bounds of a batch; a receiver that fails is left alone for a
/// while. `on_failure` hears of each batch that was not taken wholly; it may be empty.
inline sink_policies sinks_of(const sink_settings& from, any_http_client client,
                              std::function<void(const caught&)> on_failure = {}) {
  return std::visit(config_detail::sink_maker{from.what, std::move(client), std::move(on_failure)}, from.target);
}

}  // namespace ovrseer
