// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// libcurl's multi interface (7.88 to 8) driven by Asio, without a thread of ours: what its clients have in common.
#pragma once

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/error.hpp>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

namespace ovrseer {

/// The category of libcurl's codes that have no meaning of ours or of errno.
inline const std::error_category& curl_category() noexcept {
  class category final : public std::error_category {
    const char* name() const noexcept override { return "curl"; }
    std::string message(int code) const override { return ::curl_easy_strerror(static_cast<CURLcode>(code)); }
  };
  static const category instance;
  return instance;
}

namespace net_detail {

/// What a code of libcurl means, with the errno behind it where there is one.
inline std::error_code meaning_of(CURLcode code, long os_errno) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return make_error_code(errc::timed_out);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return errno_code(EHOSTUNREACH);
    case CURLE_COULDNT_CONNECT: return errno_code(os_errno != 0 ? static_cast<int>(os_errno) : ECONNREFUSED);
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE: return make_error_code(errc::connection_closed);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return os_errno != 0 ? errno_code(static_cast<int>(os_errno)) : make_error_code(errc::connection_closed);
    case CURLE_FILESIZE_EXCEEDED: return make_error_code(errc::message_too_large);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING: return make_error_code(errc::malformed_message);
    default: return {static_cast<int>(code), curl_category()};
  }
}

inline void set_option(CURL* easy, CURLoption option, auto value) {
  const CURLcode code = ::curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK)
    throw error({static_cast<int>(code), curl_category()}, "curl_easy_setopt", std::to_string(option));
}

/// One easy handle on its way through a loop. It must stay where it is: libcurl knows its address.
class curl_operation {
 public:
  explicit curl_operation(const executor& ex) : easy_(::curl_easy_init()), finished_(ex) {
    if (!easy_) throw std::bad_alloc();
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, message_.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
  }
  curl_operation(const curl_operation&) = delete;
  curl_operation& operator=(const curl_operation&) = delete;

  CURL* handle() const noexcept { return easy_.get(); }
  bool is_done() const noexcept { return code_.has_value(); }
  notifier& finished() noexcept { return finished_; }

  void finish(CURLcode code) {
    code_ = code;
    finished_.notify_all();
  }

 protected:
  ~curl_operation() = default;

  void set(CURLoption option, auto value) { set_option(handle(), option, value); }
  template <class T>
  T info(CURLINFO what) const {
    T value{};
    ::curl_easy_getinfo(handle(), what, &value);
    return value;
  }
  /// How it ended; only when it is done.
  CURLcode code() const { return *code_; }
  /// What libcurl says of a failure; may be empty.
  const char* message() const noexcept { return message_.data(); }

 private:
  struct easy_deleter {
    void operator()(CURL* easy) const noexcept { ::curl_easy_cleanup(easy); }
  };

  std::array<char, CURL_ERROR_SIZE> message_{};
  std::optional<CURLcode> code_;
  std::unique_ptr<CURL, easy_deleter> easy_;
  notifier finished_;
};

/// The strings that an easy handle is told of and does not copy.
class curl_list {
 public:
  curl_list() = default;
  void append(const std::string& line) {
    curl_slist* longer = ::curl_slist_append(list_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list_.release());
    list_.reset(longer);
  }
  curl_slist* get() const noexcept { return list_.get(); }

 private:
  struct list_deleter {
    void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
  };
  std::unique_ptr<curl_slist, list_deleter> list_;
};

/// One multi handle of libcurl on one executor: its sockets and its timer are waited for by Asio.
class curl_loop : public std::enable_shared_from_this<curl_loop> {
 public:
  curl_loop(const executor& ex, long connections_per_host) : timer_(ex) {
    static const CURLcode initialized = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialized != CURLE_OK) throw error({static_cast<int>(initialized), curl_category()}, "curl_global_init");
    multi_.reset(::curl_multi_init());
    if (!multi_) throw std::bad_alloc();
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &on_socket);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, static_cast<void*>(this));
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &on_timer);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, static_cast<void*>(this));
    ::curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, connections_per_host);
  }
  curl_loop(const curl_loop&) = delete;
  curl_loop& operator=(const curl_loop&) = delete;
  ~curl_loop() {
    multi_.reset();  // closes the connections that it kept, which still come to `on_close`
  }

  void add(curl_operation& operation) {
    set_option(operation.handle(), CURLOPT_OPENSOCKETFUNCTION, &on_open);
    set_option(operation.handle(), CURLOPT_CLOSESOCKETFUNCTION, &on_close);
    set_option(operation.handle(), CURLOPT_CLOSESOCKETDATA, static_cast<void*>(this));
    const CURLMcode code = ::curl_multi_add_handle(multi_.get(), operation.handle());
    if (code != CURLM_OK) {
      throw error(make_error_code(std::errc::resource_unavailable_try_again), "exchange", ::curl_multi_strerror(code));
    }
  }
  void remove(curl_operation& operation) noexcept { ::curl_multi_remove_handle(multi_.get(), operation.handle()); }

 private:
  using descriptor = asio::posix::stream_descriptor;

  struct multi_deleter {
    void operator()(CURLM* multi) const noexcept { ::curl_multi_cleanup(multi); }
  };
  /// A socket of libcurl while it is waited for. Its number may be used again while a handler of its past is
  /// still queued; the generation tells them apart.
  struct watch {
    watch(const executor& ex, curl_socket_t fd, std::uint64_t number) : waiting(ex, fd), generation(number) {}
    descriptor waiting;
    std::uint64_t generation;
    int wanted = CURL_POLL_NONE;
    int armed = CURL_POLL_NONE;
  };

  void wait_for(curl_socket_t fd, int wanted) {
    if (wanted == CURL_POLL_REMOVE) {
      forget(fd);
      return;
    }
    auto found = watches_.find(fd);
    if (found == watches_.end()) found = watches_.try_emplace(fd, timer_.get_executor(), fd, ++generation_).first;
    found->second.wanted = wanted;
    arm(fd, found->second);
  }

  /// Gives the descriptor back: it belongs to libcurl, which closes it.
  void forget(curl_socket_t fd) noexcept {
    const auto found = watches_.find(fd);
    if (found == watches_.end()) return;
    found->second.waiting.release();
    watches_.erase(found);
  }

  void arm(curl_socket_t fd, watch& it) {
    for (const int event : {CURL_POLL_IN, CURL_POLL_OUT}) {
      if ((it.wanted & event) == 0 || (it.armed & event) != 0) continue;
      it.armed |= event;
      auto ready = [weak = weak_from_this(), fd, event, number = it.generation](const std::error_code& code) {
        if (const auto self = weak.lock()) self->on_ready(fd, event, number, code);
      };
      it.waiting.async_wait(event == CURL_POLL_IN ? descriptor::wait_read : descriptor::wait_write, std::move(ready));
    }
  }

  watch* find(curl_socket_t fd, std::uint64_t generation) {
    const auto found = watches_.find(fd);
    return found == watches_.end() || found->second.generation != generation ? nullptr : &found->second;
  }

  void on_ready(curl_socket_t fd, int event, std::uint64_t generation, const std::error_code& code) {
    watch* it = find(fd, generation);
    if (it == nullptr || code == asio::error::operation_aborted) return;
    it->armed &= ~event;
    if ((it->wanted & event) == 0) return;
    act(fd, code ? CURL_CSELECT_ERR : event == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
    it = find(fd, generation);
    if (it != nullptr) arm(fd, *it);
  }

  void act(curl_socket_t fd, int events) {
    int running = 0;
    ::curl_multi_socket_action(multi_.get(), fd, events, &running);
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      char* operation = nullptr;
      ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &operation);
      reinterpret_cast<curl_operation*>(operation)->finish(message->data.result);
    }
  }

  void set_timer(long milliseconds) {
    const std::uint64_t number = ++timer_generation_;
    if (milliseconds < 0) {
      timer_.cancel();
      return;
    }
    timer_.expires_after(std::chrono::milliseconds(milliseconds));
    auto due = [weak = weak_from_this(), number](const std::error_code& code) {
      const auto self = weak.lock();
      if (self && !code && number == self->timer_generation_) self->act(CURL_SOCKET_TIMEOUT, 0);
    };
    timer_.async_wait(std::move(due));
  }

  // Called by libcurl: no exception may pass.
  static int on_socket(CURL*, curl_socket_t fd, int wanted, void* user, void*) noexcept {
    try {
      static_cast<curl_loop*>(user)->wait_for(fd, wanted);
      return 0;
    } catch (...) {
      return -1;
    }
  }
  static int on_timer(CURLM*, long milliseconds, void* user) noexcept {
    try {
      static_cast<curl_loop*>(user)->set_timer(milliseconds);
      return 0;
    } catch (...) {
      return -1;
    }
  }
  static curl_socket_t on_open(void*, curlsocktype, curl_sockaddr* address) noexcept {
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }
  static int on_close(void* user, curl_socket_t fd) noexcept {
    static_cast<curl_loop*>(user)->forget(fd);
    return ::close(fd);
  }

  asio::steady_timer timer_;
  std::map<curl_socket_t, watch> watches_;
  std::uint64_t generation_ = 0;
  std::uint64_t timer_generation_ = 0;
  std::unique_ptr<CURLM, multi_deleter> multi_;
};

/// Keeps an operation in its loop for as long as it is in scope.
class curl_membership {
 public:
  curl_membership(curl_loop& loop, curl_operation& operation) : loop_(loop), operation_(operation) {
    loop_.add(operation_);
  }
  curl_membership(const curl_membership&) = delete;
  curl_membership& operator=(const curl_membership&) = delete;
  ~curl_membership() { loop_.remove(operation_); }

 private:
  curl_loop& loop_;
  curl_operation& operation_;
};

}  // namespace net_detail

}  // namespace ovrseer
