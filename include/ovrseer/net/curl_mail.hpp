// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The ready mail client: SMTP by libcurl (7.88 to 8), driven by Asio without a thread of ours.
#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/net/detail/curl_loop.hpp>
#include <ovrseer/net/detail/smtp_transaction.hpp>
#include <ovrseer/net/mail.hpp>
#include <ovrseer/net/mail_server.hpp>
#include <ovrseer/net/url.hpp>

#include <asio/posix/stream_descriptor.hpp>

namespace ovrseer {

namespace net_detail {

/// A connection to a mail server: libcurl greets it, encrypts and signs in, all without blocking. The mail itself is said
/// through it by us, because libcurl's own code waits for the last replies with the thread in its hands.
class curl_mail_connection final : public curl_operation {
 public:
  /// `server` outlives it.
  curl_mail_connection(const executor& ex, const mail_server& server, const curl_options& options)
      : curl_operation(ex), server_(server) {
    set(CURLOPT_URL, (server.text() + server.address().path()).c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_CONNECT_ONLY, 1L);
    set(CURLOPT_PROXY, options.proxy().c_str());  // also an empty one: the environment is not asked
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_limit().count()));
    set(CURLOPT_HEADERFUNCTION, &on_line);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    const bool is_plain = server.security() == mail_security::plain;
    set(CURLOPT_USE_SSL, static_cast<long>(is_plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set_certificates(handle(), options);
    if (is_plain || server.user().empty()) return;
    set(CURLOPT_USERNAME, server.user().c_str());
    set(CURLOPT_PASSWORD, server.password().c_str());
    set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
  }

  /// Waits until the server knows us. Errors: see `curl_mail_client::send`.
  task<void> open() {
    while (!is_done()) co_await finished().wait();
    if (failure_) std::rethrow_exception(failure_);
    if (code() == CURLE_OK) co_return;
    if (last_.is_refusal()) throw error(meaning_of(last_), "send", server_.text() + ": " + last_.in_words());
    fail(code());
  }

  /// Sends all of it.
  task<void> write(std::string bytes) {
    socket_handle socket(finished().get_executor(), info<curl_socket_t>(CURLINFO_ACTIVESOCKET));
    for (std::string_view left = bytes; !left.empty();) {
      std::size_t size = 0;
      const CURLcode said = ::curl_easy_send(handle(), left.data(), left.size(), &size);
      if (said != CURLE_OK && said != CURLE_AGAIN) fail(said);
      left.remove_prefix(size);
      if (said == CURLE_AGAIN) co_await socket.wait(socket_handle::descriptor::wait_write);
    }
  }

  /// The next reply of the server.
  task<smtp_reply> read() {
    socket_handle socket(finished().get_executor(), info<curl_socket_t>(CURLINFO_ACTIVESOCKET));
    for (;;) {
      for (std::size_t end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n')) {
        std::optional<smtp_reply> reply = reader_.take(std::string_view(unread_).substr(0, end));
        unread_.erase(0, end + 1);
        if (reply) co_return *std::move(reply);
      }
      if (unread_.size() > longest_line) throw error(make_error_code(errc::malformed_message), "send", server_.text());
      std::array<char, 1024> buffer{};
      std::size_t size = 0;
      const CURLcode said = ::curl_easy_recv(handle(), buffer.data(), buffer.size(), &size);
      if (said == CURLE_AGAIN) {
        co_await socket.wait(socket_handle::descriptor::wait_read);
        continue;
      }
      if (said != CURLE_OK) fail(said);
      if (size == 0) throw error(make_error_code(errc::connection_closed), "send", server_.text());
      unread_.append(buffer.data(), size);
    }
  }

  /// Says farewell, whose answer nobody needs.
  void leave() noexcept {
    std::size_t size = 0;
    static_cast<void>(::curl_easy_send(handle(), "QUIT\r\n", 6, &size));
  }

 private:
  static constexpr std::size_t longest_line = 4096;

  /// Waits for a socket that stays libcurl's.
  class socket_handle {
   public:
    using descriptor = asio::posix::stream_descriptor;
    socket_handle(const executor& ex, curl_socket_t fd) : waiting_(ex, fd) {}
    socket_handle(const socket_handle&) = delete;
    socket_handle& operator=(const socket_handle&) = delete;
    ~socket_handle() { waiting_.release(); }
    task<void> wait(descriptor::wait_type what) { return waiting_.async_wait(what, use_task); }

   private:
    descriptor waiting_;
  };

  [[noreturn]] void fail(CURLcode said) const {
    std::error_code meaning = meaning_of(said, info<long>(CURLINFO_OS_ERRNO));
    if (said == CURLE_LOGIN_DENIED) meaning = make_error_code(errc::not_permitted);
    std::string context = server_.text();
    if (*message() != '\0') context.append(": ").append(message());
    throw error(meaning, "send", std::move(context));
  }

  // Called by libcurl for each line of the server until it knows us: no exception may pass.
  static std::size_t on_line(char* bytes, std::size_t one, std::size_t count, void* user) noexcept {
    auto& self = *static_cast<curl_mail_connection*>(user);
    try {
      std::optional<smtp_reply> reply = self.reader_.take(std::string_view(bytes, one * count));
      if (reply) self.last_ = *std::move(reply);
      return one * count;
    } catch (...) {
      self.failure_ = std::current_exception();
      return one * count + 1;
    }
  }

  const mail_server& server_;
  smtp_reader reader_;
  smtp_reply last_;
  std::string unread_;
  std::exception_ptr failure_;
};

}  // namespace net_detail

/// Hands mails to an SMTP server, each on a connection of its own. Copies share the loop.
///
/// The peer is verified and TLS 1.2 or newer unless the server is one of `mail_security::plain`. The rest is as for
/// `curl_client`: names, times, and that client and mails must end before their execution context.
class curl_mail_client {
 public:
  /// Of the options, the user agent says nothing here.
  curl_mail_client(const executor& ex, mail_server server, curl_options options = {})
      : loop_(std::make_shared<net_detail::curl_loop>(ex, options.connections_per_host())),
        setup_(std::make_shared<const setup>(setup{std::move(server), std::move(options)})) {}

  /// Sends the mail; see `mail_client`.
  ///
  /// Errors: `errc::unavailable` for a reply 4yz; `errc::not_permitted` where the server does not let us sign in;
  /// `errc::rejected` for any other 5yz; the context has the server's words. Where all receivers are refused, one that is not
  /// for good decides. A server that does not encrypt is libcurl's CURLE_USE_SSL_FAILED. The rest is as for
  /// `curl_client::exchange`.
  /// Cancellation: every type abandons the mail and closes its connection.
  task<mail_receipt> send(mail_message mail) { return run(loop_, setup_, std::move(mail)); }

 private:
  struct setup {
    mail_server server;
    curl_options options;
  };

  static task<mail_receipt> run(std::shared_ptr<net_detail::curl_loop> loop, std::shared_ptr<const setup> how,
                                mail_message mail) {
    co_await detail::admit_all_cancellation();
    const std::chrono::milliseconds limit = how->options.exchange_limit();
    task<mail_receipt> work = talk(*loop, *how, mail);
    if (limit.count() != 0) work = with_deadline(std::move(work), limit);
    mail_receipt receipt = co_await std::move(work);
    co_return receipt;
  }
  static task<mail_receipt> talk(net_detail::curl_loop& loop, const setup& how, const mail_message& mail) {
    co_await detail::admit_all_cancellation();
    const executor ex = co_await asio::this_coro::executor;
    net_detail::curl_mail_connection connection(ex, how.server, how.options);
    const net_detail::curl_membership member(loop, connection);
    co_await connection.open();
    net_detail::smtp_transaction transaction(mail);
    for (std::string say = transaction.begin(); !say.empty();) {
      co_await connection.write(std::move(say));
      net_detail::smtp_reply reply = co_await connection.read();
      say = transaction.resume(std::move(reply));
    }
    connection.leave();
    co_return transaction.receipt(how.server.text());
  }

  std::shared_ptr<net_detail::curl_loop> loop_;
  std::shared_ptr<const setup> setup_;
};
static_assert(mail_client<curl_mail_client>);

}  // namespace ovrseer
