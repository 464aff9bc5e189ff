// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A server that runs beside the coroutine of a test, and what it heard.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/notifier.hpp>
#include <ovrseer/net/llhttp.hpp>

namespace ovrseer::test {

/// A folder of its own below the system's, removed with the files that are left in it.
class socket_folder {
 public:
  socket_folder() {
    std::string name = "/tmp/ovrseer-net-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  socket_folder(const socket_folder&) = delete;
  socket_folder& operator=(const socket_folder&) = delete;
  ~socket_folder() {
    ::unlink(file().c_str());
    ::rmdir(path_.c_str());
  }
  std::string file() const { return path_ + "/s.sock"; }

 private:
  std::string path_;
};

/// A server under test: started at once, stopped by `stop`, ended when `ended` says so.
class serving {
 public:
  serving(const executor& ex, const server_endpoint& where, http_handler handler, server_limits limits = {})
      : server_(ex, where, std::move(limits)), changed_(ex) {
    server_.on_error(
        [this](std::string_view step, const caught& why) { errors_.push_back(std::string(step) + ": " + why.what()); });
    auto finished = [this](const std::exception_ptr& failure) {
      failure_ = failure;
      has_ended_ = true;
      changed_.notify_all();
    };
    asio::co_spawn(ex, server_.serve(std::move(handler)), asio::bind_cancellation_slot(stop_.slot(), finished));
  }
  serving(const serving&) = delete;
  serving& operator=(const serving&) = delete;

  void cancel(cancellation_type type) { stop_.emit(type); }
  task<void> stop(cancellation_type type = cancellation_type::total) {
    cancel(type);
    co_await wait_ended();
  }
  task<void> wait_ended() {
    while (!has_ended_) co_await changed_.wait();
  }

  server_endpoint endpoint() const { return server_.endpoint(); }
  url at(std::string_view path = "/") const { return server_.endpoint().at(path); }
  const server_statistics& statistics() const { return server_.statistics(); }
  std::size_t open_connections() const { return server_.open_connections(); }
  const std::vector<std::string>& errors() const { return errors_; }
  bool has_ended() const { return has_ended_; }
  const std::exception_ptr& failure() const { return failure_; }

 private:
  llhttp_server server_;
  asio::cancellation_signal stop_;
  notifier changed_;
  std::vector<std::string> errors_;
  std::exception_ptr failure_;
  bool has_ended_ = false;
};

}  // namespace ovrseer::test
