// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The ready HTTP client: libcurl (7.88 to 8), driven by Asio without a thread of ours.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/cancellation.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/net/detail/curl_loop.hpp>
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/version.hpp>

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
  /// Who we are to servers that ask for a certificate: files (PEM) with the certificate, then those that lead from it to its
  /// authority, and with its key, which may be the same file. They are read for each connection, so that a renewed one is
  /// used by the next. Default none.
  ///
  /// A file that cannot be read and a key that has a passphrase, which nobody is asked for, are libcurl's
  /// CURLE_SSL_CERTPROBLEM in each exchange. A server that wants another one ends the connection, which may look like one
  /// that is lost: `condition::retryable`.
  curl_options& certificate(std::string file, std::string key_file) {
    certificate_file_ = std::move(file);
    key_file_ = std::move(key_file);
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
  const std::string& certificate_file() const noexcept { return certificate_file_; }
  const std::string& key_file() const noexcept { return key_file_; }
  const std::string& proxy() const noexcept { return proxy_; }
  const std::string& user_agent() const noexcept { return user_agent_; }
  long connections_per_host() const noexcept { return connections_per_host_; }

 private:
  std::chrono::milliseconds connect_limit_ = std::chrono::seconds(10);
  std::chrono::milliseconds exchange_limit_ = std::chrono::seconds(60);
  std::string ca_file_;
  std::string certificate_file_;
  std::string key_file_;
  std::string proxy_;
  std::string user_agent_ = std::string("ovrseer/") + version;
  long connections_per_host_ = 8;
};

namespace net_detail {

/// Whom we trust, and who we are.
inline void set_certificates(CURL* easy, const curl_options& options) {
  if (!options.ca_file().empty()) set_option(easy, CURLOPT_CAINFO, options.ca_file().c_str());
  if (options.certificate_file().empty()) return;
  set_option(easy, CURLOPT_SSLCERT, options.certificate_file().c_str());
  set_option(easy, CURLOPT_SSLKEY, options.key_file().c_str());
  set_option(easy, CURLOPT_KEYPASSWD, "");  // else the terminal would be asked
}

/// One request on its way, and what has come back.
class curl_transfer final : public curl_operation {
 public:
  /// `request` and `options` outlive it.
  curl_transfer(const executor& ex, const http_request& request, const curl_options& options)
      : curl_operation(ex), request_(request) {
    set_target(options);
    set_limits(options);
    set_message(options);
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  }

  /// The response of a transfer that is done, or throws why there is none.
  http_response take() {
    if (failure_) std::rethrow_exception(failure_);
    if (refused_ || code() != CURLE_OK) {
      const std::error_code meaning =
          refused_ ? make_error_code(*refused_) : meaning_of(code(), info<long>(CURLINFO_OS_ERRNO));
      std::string context = to_text(request_.target());
      if (!refused_ && *message() != '\0') context.append(": ").append(message());
      throw error(meaning, "exchange", std::move(context));
    }
    http_response response(static_cast<int>(info<long>(CURLINFO_RESPONSE_CODE)));
    response.headers(std::move(headers_)).body(std::move(body_));
    return response;
  }

 private:
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
    set_certificates(handle(), options);
  }

  void set_limits(const curl_options& options) {
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
    if (!request_.headers().contains("Content-Type")) request_headers_.append("Content-Type:");
    if (!request_.headers().contains("Expect")) request_headers_.append("Expect:");
    for (const http_header& header : request_.headers()) {
      const bool is_framing =
          equal_ignoring_case(header.name, "Content-Length") || equal_ignoring_case(header.name, "Transfer-Encoding");
      if (is_framing) continue;
      request_headers_.append(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    }
    set(CURLOPT_HTTPHEADER, request_headers_.get());
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

  curl_list request_headers_;
  const http_request& request_;
  http_headers headers_;
  std::string body_;
  std::size_t head_size_ = 0;
  std::optional<errc> refused_;
  std::exception_ptr failure_;
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
      : loop_(std::make_shared<net_detail::curl_loop>(ex, options.connections_per_host())),
        options_(std::make_shared<const curl_options>(std::move(options))) {}

  /// Sends the request and yields the response, whatever its status.
  ///
  /// Errors: `errc::timed_out` after the options' limits; the errno of connecting, sending or receiving
  /// (EHOSTUNREACH for a name that nobody knows); `errc::connection_closed` where the peer left too early;
  /// `errc::message_too_large`; `errc::malformed_message`; else libcurl's code in `curl_category()`, such as
  /// that of a certificate that is not trusted.
  /// Cancellation: every type abandons the exchange and closes its connection.
  task<http_response> exchange(http_request request) { return run(loop_, options_, std::move(request)); }

 private:
  static task<http_response> run(std::shared_ptr<net_detail::curl_loop> loop,
                                 std::shared_ptr<const curl_options> options, http_request request) {
    co_await detail::admit_all_cancellation();
    const executor ex = co_await asio::this_coro::executor;
    net_detail::curl_transfer transfer(ex, request, *options);
    const net_detail::curl_membership member(*loop, transfer);
    while (!transfer.is_done()) co_await transfer.finished().wait();
    co_return transfer.take();
  }

  std::shared_ptr<net_detail::curl_loop> loop_;
  std::shared_ptr<const curl_options> options_;
};
static_assert(http_client<curl_client>);

}  // namespace ovrseer
