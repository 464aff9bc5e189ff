// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/line_stream.hpp>.
#pragma once

#include <exception>

#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/log/pump.hpp>

namespace ovrseer {

OVRSEER_DECL task<std::optional<line>> line_stream::next() {
  std::optional<line> read = reader_.try_next();
  if (!read) {
    read = co_await reader_.next();
  }
  co_return keep(read);
}

OVRSEER_DECL std::optional<line> line_stream::keep(const std::optional<line>& read) {
  if (!read) {
    if (state_->failure && !told_) {
      told_ = true;
      std::rethrow_exception(state_->failure);
    }
    return std::nullopt;
  }
  return keep_if(read);
}

OVRSEER_DECL std::optional<line> line_stream::keep_if(std::optional<line> read) {
  if (!read) return read;
  state_->missed += reader_.missed() - known_missed_;
  known_missed_ = reader_.missed();
  text_.assign(read->text);
  read->text = text_;
  return read;
}

OVRSEER_DECL line_stream line_feed::subscribe(on_overrun policy, read_from where) {
  const std::uint64_t from = where == read_from::oldest ? lines_.store().begin_seq() : lines_.store().end_seq();
  return {lines_.subscribe_from(from, policy), state_, policy == on_overrun::wait ? waiting_ : nullptr};
}

OVRSEER_DECL line_feed& feed_of(process& from, const log_limits& limits) {
  const std::shared_ptr<child>& shared = from.shared();
  if (!shared) throw error(errc::no_process, "lines", "the handle is empty");
  if (!shared->attachment) {
    if (shared->output_is_read) {
      throw error(errc::invalid_state, "lines", "the output is read already: ask for the lines before wait()");
    }
    const executor ex = from.get_executor();
    const auto feed = std::make_shared<line_feed>(ex, limits);
    shared->attachment = feed;
    asio::co_spawn(ex, pump_output(shared, *feed), [feed](const std::exception_ptr& failure) {
      if (failure) feed->fail(failure);
      feed->close();
    });
  }
  return *static_cast<line_feed*>(shared->attachment.get());
}

}  // namespace ovrseer
