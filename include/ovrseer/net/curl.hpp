// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The ready HTTP client: libcurl's multi interface (7.88 to 8) driven by Asio, without a thread of ours.
#pragma once

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/version.hpp>

#include <asio/posix/stream_descriptor.hpp>

namespace ovrseer {

/// How a `curl_client` connects. Chained setters.
class curl_options {
 public:
  curl_options() = default;

  /// Zero means libcurl's own 300 s. Default 10 s.
  curl_options& connect_limit(std::chrono::milliseconds limit) {
    connect_limit_ = limit;
    return *this;
  }
  /// For a whole exchange, where nobody set a deadline; zero means none. Default 60 s.
  curl_options& exchange_limit(std::chrono::milliseconds limit) {
    exchange_limit_ = limit;
    return *this;
  }
  /// Certificates to trust instead of the system's (PEM). Peers are verified in any case.
  curl_options& trust(std::string ca_file) {
    ca_file_ = std::move(ca_file);
    return *this;
  }
  /// A proxy, as libcurl writes it. Default none: the environment is not asked.
  curl_options& proxy(std::string where) {
    proxy_ = std::move(where);
    return *this;
  }
  /// The `User-Agent` of requests that have none. Default "ovrseer/VERSION".
  curl_options& user_agent(std::string name) {
    user_agent_ = std::move(name);
    return *this;
  }
  /// Connections to one host at once; further exchanges wait. Zero means no limit. Default 8.
  curl_options& connections_per_host(long count) {
    connections_per_host_ = count;
    return *this;
  }

  std::chrono::milliseconds connect_limit() const noexcept { return connect_limit_; }
  std::chrono::milliseconds exchange_limit() const noexcept { return exchange_limit_; }
  const std::string& ca_file() const noexcept { return ca_file_; }
  const std::string& proxy() const noexcept { return proxy_; }
  const std::string& user_agent() const noexcept { return user_agent_; }
  long connections_per_host() const noexcept { return connections_per_host_; }

 private:
  std::chrono::milliseconds connect_limit_ = std::chrono::seconds(10);
  std::chrono::milliseconds exchange_limit_ = std::chrono::seconds(60);
  std::string ca_file_;
  std::string proxy_;
  std::string user_agent_ = std::string("ovrseer/") + version;
  long connections_per_host_ = 8;
};

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

/// One request on its way, and what has come back. It must stay where it is: libcurl knows its address.
class curl_transfer {
 public:
  /// `request` and `options` outlive it.
  curl_transfer(const executor& ex, const http_request& request, const curl_options& options)
      : easy_(::curl_easy_init()), request_(request), finished_(ex) {
    if (!easy_) throw std::bad_alloc();
    set_target(options);
    set_limits(options);
    set_message(options);
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, message_.data());
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  }
  curl_transfer(const curl_transfer&) = delete;
  curl_transfer& operator=(const curl_transfer&) = delete;

  CURL* handle() const noexcept { return easy_.get(); }
  bool is_done() const noexcept { return code_.has_value(); }
  notifier& finished() noexcept { return finished_; }

  void finish(CURLcode code) {
    code_ = code;
    finished_.notify_all();
  }

  /// The response of a transfer that is done, or throws why there is none.
  http_response take() {
    if (failure_) std::rethrow_exception(failure_);
    if (refused_ || *code_ != CURLE_OK) {
      long os_errno = 0;
      ::curl_easy_getinfo(handle(), CURLINFO_OS_ERRNO, &os_errno);
      const std::error_code code = refused_ ? make_error_code(*refused_) : meaning_of(*code_, os_errno);
      std::string context = to_text(request_.target());
      if (!refused_ && message_[0] != '\0') context.append(": ").append(message_.data());
      throw error(code, "exchange", std::move(context));
    }
    long status = 0;
    ::curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    http_response response(static_cast<int>(status));
    response.headers(std::move(headers_)).body(std::move(body_));
    return response;
  }

 private:
  struct easy_deleter {
    void operator()(CURL* easy) const noexcept { ::curl_easy_cleanup(easy); }
  };
  struct list_deleter {
    void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
  };

  void set(CURLoption option, auto value) { set_option(handle(), option, value); }

  void set_target(const curl_options& options) {
    const url& target = request_.target();
    set(CURLOPT_URL, target.wire_text().c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, options.proxy().c_str());  // also an empty one: the environment is not asked
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!target.socket_path().empty()) set(CURLOPT_UNIX_SOCKET_PATH, target.socket_path().c_str());
    if (target.has_credentials()) {
      set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
      set(CURLOPT_USERNAME, target.user().c_str());
      set(CURLOPT_PASSWORD, target.password().c_str());
    }
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file().empty()) set(CURLOPT_CAINFO, options.ca_file().c_str());
  }

  void set_limits(const curl_options& options) {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_limit().count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.exchange_limit().count()));
    // A length that is announced is refused before the body comes; `on_body` counts in any case.
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.limits().body.count()));
  }

  void set_message(const curl_options& options) {
    const std::string& body = request_.body();
    set(CURLOPT_USERAGENT, options.user_agent().c_str());
    if (request_.method() == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (request_.method() != "GET" || !body.empty()) {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
      set(CURLOPT_POSTFIELDS, body.c_str());
      set(CURLOPT_CUSTOMREQUEST, request_.method().c_str());
    }
    // Nothing that was not asked for: libcurl would call any body a form, and wait for a 100 before a large one.
    if (!request_.headers().contains("Content-Type")) append("Content-Type:");
    if (!request_.headers().contains("Expect")) append("Expect:");
    for (const http_header& header : request_.headers()) {
      const bool is_framing =
          equal_ignoring_case(header.name, "Content-Length") || equal_ignoring_case(header.name, "Transfer-Encoding");
      if (is_framing) continue;
      append(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    }
    set(CURLOPT_HTTPHEADER, request_headers_.get());
  }
  void append(const std::string& line) {
    curl_slist* longer = ::curl_slist_append(request_headers_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(request_headers_.release());
    request_headers_.reset(longer);
  }

  // Called by libcurl: no exception may pass, and any answer but `size` ends the transfer.
  template <class Take>
  std::size_t guard(std::size_t size, Take take) noexcept {
    try {
      return take() ? size : size + 1;
    } catch (...) {
      failure_ = std::current_exception();
      return size + 1;
    }
  }
  bool refuse(errc why) {
    refused_ = why;
    return false;
  }

  static std::size_t on_header(char* bytes, std::size_t one, std::size_t count, void* user) noexcept {
    auto& self = *static_cast<curl_transfer*>(user);
    return self.guard(one * count, [&] { return self.take_header(std::string_view(bytes, one * count)); });
  }
  static std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* user) noexcept {
    auto& self = *static_cast<curl_transfer*>(user);
    return self.guard(one * count, [&] { return self.take_body(std::string_view(bytes, one * count)); });
  }

  bool take_header(std::string_view line) {
    head_size_ += line.size();
    if (head_size_ > request_.limits().head.count()) return refuse(errc::message_too_large);
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {  // of an answer that another follows, such as 100
      headers_ = {};
      return true;
    }
    if (line.empty()) return true;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return refuse(errc::malformed_message);
    for (const char c : line) {
      if (!is_field_char(c)) return refuse(errc::malformed_message);
    }
    headers_.add(std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
    return true;
  }

  bool take_body(std::string_view bytes) {
    if (body_.size() + bytes.size() > request_.limits().body.count()) return refuse(errc::message_too_large);
    body_.append(bytes);
    return true;
  }

  std::unique_ptr<curl_slist, list_deleter> request_headers_;
  std::unique_ptr<CURL, easy_deleter> easy_;
  const http_request& request_;
  notifier finished_;
  http_headers headers_;
  std::string body_;
  std::size_t head_size_ = 0;
  std::array<char, CURL_ERROR_SIZE> message_{};
  std::optional<CURLcode> code_;
  std::optional<errc> refused_;
  std::exception_ptr failure_;
};

/// One multi handle of libcurl on one executor: its sockets and its timer are waited for by Asio.
class curl_loop : public std::enable_shared_from_this<curl_loop> {
 public:
  curl_loop(const executor& ex, curl_options options) : options_(std::move(options)), timer_(ex) {
    static const CURLcode initialized = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialized != CURLE_OK) throw error({static_cast<int>(initialized), curl_category()}, "curl_global_init");
    multi_.reset(::curl_multi_init());
    if (!multi_) throw std::bad_alloc();
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &on_socket);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, static_cast<void*>(this));
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &on_timer);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, static_cast<void*>(this));
    ::curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, options_.connections_per_host());
  }
  curl_loop(const curl_loop&) = delete;
  curl_loop& operator=(const curl_loop&) = delete;
  ~curl_loop() {
    multi_.reset();  // closes the connections that it kept, which still come to `on_close`
  }

  const curl_options& options() const noexcept { return options_; }

  void add(curl_transfer& transfer) {
    set_option(transfer.handle(), CURLOPT_OPENSOCKETFUNCTION, &on_open);
    set_option(transfer.handle(), CURLOPT_CLOSESOCKETFUNCTION, &on_close);
    set_option(transfer.handle(), CURLOPT_CLOSESOCKETDATA, static_cast<void*>(this));
    const CURLMcode code = ::curl_multi_add_handle(multi_.get(), transfer.handle());
    if (code != CURLM_OK) {
      throw error(make_error_code(std::errc::resource_unavailable_try_again), "exchange", ::curl_multi_strerror(code));
    }
  }
  void remove(curl_transfer& transfer) noexcept { ::curl_multi_remove_handle(multi_.get(), transfer.handle()); }

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
      CURL* const easy = message->easy_handle;
      const CURLcode code = message->data.result;  // the message is gone once the handle is removed
      char* transfer = nullptr;
      ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
      ::curl_multi_remove_handle(multi_.get(), easy);
      reinterpret_cast<curl_transfer*>(transfer)->finish(code);
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

  curl_options options_;
  asio::steady_timer timer_;
  std::map<curl_socket_t, watch> watches_;
  std::uint64_t generation_ = 0;
  std::uint64_t timer_generation_ = 0;
  std::unique_ptr<CURLM, multi_deleter> multi_;
};

/// Keeps a transfer in its loop for as long as it is in scope.
class curl_membership {
 public:
  curl_membership(curl_loop& loop, curl_transfer& transfer) : loop_(loop), transfer_(transfer) { loop_.add(transfer_); }
  curl_membership(const curl_membership&) = delete;
  curl_membership& operator=(const curl_membership&) = delete;
  ~curl_membership() {
    if (!transfer_.is_done()) loop_.remove(transfer_);
  }

 private:
  curl_loop& loop_;
  curl_transfer& transfer_;
};

}  // namespace net_detail

/// An HTTP client for TCP (with TLS for https) and local sockets. Copies share connections, which are kept
/// open for the next exchange.
///
/// No redirect is followed, no proxy asked, no cookie kept; peers are verified, TLS is 1.2 or newer. Its
/// sockets are closed on exec. Names other than addresses and "localhost" are resolved by libcurl, which may
/// use a thread of its own for that. Its times are real, also where the context's clock is virtual. One
/// strand; the client and its exchanges must end before their execution context.
class curl_client {
 public:
  explicit curl_client(const executor& ex, curl_options options = {})
      : loop_(std::make_shared<net_detail::curl_loop>(ex, std::move(options))) {}

  /// Sends the request and yields the response, whatever its status.
  ///
  /// Errors: `errc::timed_out` after the options' limits; the errno of connecting, sending or receiving
  /// (EHOSTUNREACH for a name that nobody knows); `errc::connection_closed` where the peer left too early;
  /// `errc::message_too_large`; `errc::malformed_message`; else libcurl's code in `curl_category()`, such as
  /// that of a certificate that is not trusted.
  /// Cancellation: every type abandons the exchange and closes its connection.
  task<http_response> exchange(http_request request) { return run(loop_, std::move(request)); }

 private:
  static task<http_response> run(std::shared_ptr<net_detail::curl_loop> loop, http_request request) {
    co_await detail::admit_all_cancellation();
    const executor ex = co_await asio::this_coro::executor;
    net_detail::curl_transfer transfer(ex, request, loop->options());
    const net_detail::curl_membership member(*loop, transfer);
    while (!transfer.is_done()) co_await transfer.finished().wait();
    co_return transfer.take();
  }

  std::shared_ptr<net_detail::curl_loop> loop_;
};
static_assert(http_client<curl_client>);

}  // namespace ovrseer
