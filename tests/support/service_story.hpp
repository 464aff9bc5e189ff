// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Every integration over HTTP as the program has it, each with a receiver on loopback that does what a test wants. What is
// between the two is real; time is virtual and passes between exchanges alone.
#pragma once

#include <ovrseer/net/curl.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/config/reporters.hpp>
#include <ovrseer/config/sinks.hpp>
#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/retried.hpp>

#include "http_peer.hpp"
#include "record_samples.hpp"
#include "report_samples.hpp"
#include "run.hpp"

namespace ovrseer::test {

/// One integration: how it is configured, and what its receiver says where all is well.
struct integration {
  using settings = std::variant<reporter_settings, sink_settings>;

  std::string name;  ///< in messages
  std::function<settings(const std::string& base)> at;
  std::vector<std::string> credentials;  ///< as they travel; each has the word "secret"
  scripted_peer::behaviour takes;
};

inline std::string http_text(std::string_view status, std::string_view body = {}, std::string_view headers = {}) {
  std::string made("HTTP/1.1 ");
  made.append(status).append("\r\n").append(headers);
  return made.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}
inline scripted_peer::behaviour saying(std::string text, peer_ending how = peer_ending::close) {
  return [answer = peer_answer(std::move(text), how)](const std::string&) { return answer; };
}
inline std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

/// Documents of a bulk request.
inline std::size_t documents_in(const std::string& request) {
  std::size_t count = 0;
  for (const char c : request) count += c == '\n' ? 1 : 0;
  for (const char c : request) count -= c == '\r' ? 1 : 0;
  return count / 2;
}
inline peer_answer takes_all_documents(const std::string& request) {
  std::string items;
  for (std::size_t i = 0; i != documents_in(request); ++i) {
    items += items.empty() ? R"({"create":{"status":201}})" : R"(,{"create":{"status":201}})";
  }
  return http_text("200 OK", R"({"errors":false,"items":[)" + items + "]}");
}

inline std::vector<integration> all_integrations() {
  const auto reports = [](reporter_settings::any_service to) { return reporter_settings("it", std::move(to)); };
  const auto sink = [](sink_settings::any_target to) {
    sink_settings made("it", std::move(to));
    made.what = sink_settings::content::lines;
    return made;
  };
  std::vector<integration> all;
  all.push_back({"webhook",
                 [=](const std::string& base) {
                   return reports(webhook(url(base + "/hook/path-secret")).header("X-Api-Key", "webhook-secret"));
                 },
                 {"/hook/path-secret", R"(\/hook\/path-secret)", "webhook-secret"},
                 saying(http_text("204 No Content"))});
  all.push_back(
      {"Slack",
       [=](const std::string& base) { return reports(slack::with_token("xoxb-token-secret", "#ops").base(url(base))); },
       {"xoxb-token-secret"},
       saying(http_text("200 OK", R"({"ok":true})"))});
  all.push_back(
      {"Slack",
       [=](const std::string& base) { return reports(slack::with_webhook(url(base + "/services/T0/B0/path-secret"))); },
       {"/services/T0/B0/path-secret", R"(\/services\/T0\/B0\/path-secret)"},
       saying(http_text("200 OK", "ok"))});
  all.push_back({"Sentry",
                 [=](const std::string& base) {
                   const std::string host = base.substr(base.find("//") + 2);
                   const std::string scheme = base.substr(0, base.find("//"));
                   return reports(sentry(*sentry_dsn::parse(scheme + "//public-secret-0123@" + host + "/1")));
                 },
                 {"public-secret-0123"},
                 saying(http_text("200 OK", R"({"id":"1"})"))});
  all.push_back({"PagerDuty",
                 [=](const std::string& base) {
                   return reports(pagerduty("routing-secret-0123456789abcdef0", "host-1").base(url(base)));
                 },
                 {"routing-secret-0123456789abcdef0"},
                 saying(http_text("202 Accepted", R"({"status":"success"})"))});
  all.push_back(
      {"Elasticsearch",
       [=](const std::string& base) { return sink(elasticsearch(url(base), "logs").api_key("es-secret-0123")); },
       {"es-secret-0123"},
       takes_all_documents});
  all.push_back({"HTTP receiver",
                 [=](const std::string& base) {
                   return sink(
                       http_batch(url(base + "/in/path-secret")).header("Authorization", "Bearer batch-secret"));
                 },
                 {"/in/path-secret", R"(\/in\/path-secret)", "batch-secret"},
                 saying(http_text("200 OK"))});
  return all;
}

/// The client of the program, and what it is asked.
struct watched_client {
  struct traffic {
    std::size_t under_way = 0;
    std::vector<steady_time> begun;
    std::function<void()> on_end;
  };

  task<http_response> exchange(http_request request) { return run(client, seen, std::move(request)); }

  curl_client client;
  std::shared_ptr<traffic> seen;

 private:
  struct mark {
    explicit mark(traffic& of) : of_(of) { ++of_.under_way; }
    mark(const mark&) = delete;
    mark& operator=(const mark&) = delete;
    ~mark() {
      --of_.under_way;
      if (of_.on_end) of_.on_end();
    }
    traffic& of_;
  };
  static task<http_response> run(curl_client client, std::shared_ptr<traffic> seen, http_request request) {
    const executor ex = co_await asio::this_coro::executor;
    seen->begun.push_back(clock_of(ex).now());
    const mark under_way(*seen);
    http_response answer = co_await client.exchange(std::move(request));
    co_return answer;
  }
};

/// One integration and its receiver.
class service_story {
 public:
  static constexpr std::size_t lines = 4;                                 ///< of a batch
  static constexpr wall_time begin{std::chrono::seconds(1'893'456'000)};  ///< Tue, 01 Jan 2030 00:00:00 GMT

  explicit service_story(const integration& what, curl_options options = {},
                         const asio::ip::address& at = asio::ip::address_v4::loopback())
      : peer(context.get_executor(), at), elsewhere(context.get_executor()) {
    peer.otherwise(what.takes);
    configure(what, "http://" + peer.authority(), std::move(options));
  }
  /// With a receiver that is none of ours.
  service_story(const integration& what, const std::string& base, curl_options options)
      : peer(context.get_executor()), elsewhere(context.get_executor()) {
    configure(what, base, std::move(options));
  }
  /// With a receiver that our peer is the proxy to.
  service_story(const integration& what, const std::string& base)
      : peer(context.get_executor()), elsewhere(context.get_executor()) {
    configure(what, base, curl_options().proxy("http://" + peer.authority()));
  }

  bool is_sink() const { return sink_.has_value(); }

  /// What came of it. Batches are tried again for so long in virtual time; the limits of reports are their own.
  struct ended {
    std::error_code code;  ///< none where it was taken
    std::string said;      ///< all that anybody was told
  };
  ended deliver(const std::string& unit = "api", std::chrono::nanoseconds patience = std::chrono::hours(2)) {
    const std::size_t told = said_.size();
    const attempted<> got = play(attempt(tell(unit, patience)));
    ended made{got ? std::error_code() : got.reason().code(), said_.substr(told)};
    if (!got) made.said += got.reason().what();
    return made;
  }

  /// What a sink heard of its batches.
  const std::vector<std::error_code>& failures() const { return failures_; }
  delivery_status status() const { return sink_ ? status_of(*sink_) : status_of(*reporter_); }
  /// When each exchange began.
  const std::vector<steady_time>& exchanges() const { return traffic_->begun; }
  void after_each_exchange(std::function<void()> then) { traffic_->on_end = std::move(then); }

  asio::io_context context;
  virtual_clock time{context, begin};
  scripted_peer peer;
  scripted_peer elsewhere;  ///< another host, which nobody is to come to

 private:
  void configure(const integration& what, const std::string& base, curl_options options) {
    const watched_client client{curl_client(context.get_executor(), std::move(options)), traffic_};
    const integration::settings settings = what.at(base);
    if (const auto* reports = std::get_if<reporter_settings>(&settings)) {
      reporter_.emplace(retried(circuit_broken(service_of(*reports, reporter_means(client)))));
      return;
    }
    auto on_failure = [this](const caught& why) {
      failures_.push_back(why.code());
      said_ += why.what() + "\n";
    };
    sink_ = std::move(sinks_of(std::get<sink_settings>(settings), client, std::move(on_failure)).lines);
  }

  task<void> tell(std::string unit, std::chrono::nanoseconds patience) {
    if (reporter_) {
      const incident_update report(ovrseer_test::full_report(unit));
      co_await reporter_->deliver(report);
      co_return;
    }
    for (std::uint64_t i = 1; i <= lines; ++i) {
      const log_record record = ovrseer_test::record_of("line " + std::to_string(i), i, unit);
      co_await sink_->deliver(record);
    }
    co_await sink_->flush(time.now() + patience);
  }

  template <class T>
  T play(task<T> operation) {
    started<T> under_way(context, std::move(operation));
    const auto until = std::chrono::steady_clock::now() + hang_limit;
    while (!under_way.is_done()) {
      settle(context);
      if (under_way.is_done()) break;
      if (traffic_->under_way == 0 && time.jump()) continue;
      context.restart();
      if (context.run_one_until(until) == 0) throw std::runtime_error("the coroutine hangs");
    }
    return under_way.get();
  }

  std::shared_ptr<watched_client::traffic> traffic_ = std::make_shared<watched_client::traffic>();
  std::optional<any_incident_reporter> reporter_;
  std::optional<any_log_sink> sink_;
  std::vector<std::error_code> failures_;
  std::string said_;
};

}  // namespace ovrseer::test
