// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer up`: a supervisor, and everything that is attached to it from outside.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <asio/io_context.hpp>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/async/signals.hpp>
#include <ovrseer/config/difference.hpp>
#include <ovrseer/config/exporters.hpp>
#include <ovrseer/config/flag_sources.hpp>
#include <ovrseer/config/remote_flags.hpp>
#include <ovrseer/config/reporters.hpp>
#include <ovrseer/config/sinks.hpp>
#include <ovrseer/config/yaml.hpp>
#include <ovrseer/deliver/enriched.hpp>
#include <ovrseer/event/journal_file.hpp>
#include <ovrseer/export/delivery_metrics.hpp>
#include <ovrseer/export/endpoint.hpp>
#include <ovrseer/export/host_metrics.hpp>
#include <ovrseer/export/periodic_export.hpp>
#include <ovrseer/export/supervisor_health.hpp>
#include <ovrseer/export/supervisor_metrics.hpp>
#include <ovrseer/export/unit_metrics.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/net/llhttp.hpp>
#include <ovrseer/process/guard.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/report/file_reporter.hpp>
#include <ovrseer/sink/attach.hpp>
#include <ovrseer/sink/attach_events.hpp>
#include <ovrseer/sink/attach_lines.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "choose.hpp"
#include "means.hpp"
#include "options.hpp"
#include "view.hpp"
#include "words.hpp"

namespace program {
namespace {

using namespace std::chrono_literals;

ovrseer::task<void> limit_shutdown(ovrseer::supervisor& target, std::chrono::nanoseconds limit) {
  while (!target.is_stopping()) co_await ovrseer::sleep_for(100ms);
  co_await ovrseer::sleep_for(limit);
  target.force_stop("the shutdown takes longer than " + ovrseer::to_text(limit));
}

/// The exit code that the configuration asks for, where it is not the supervisor's own choice.
int exit_code(const stack_configuration& stack, const ovrseer::supervisor& ended, int code) {
  using kind = ovrseer::exit_code_rule::kind;
  const bool is_overruled = code == static_cast<int>(ovrseer::supervisor_exit::forced) ||
                            code == static_cast<int>(ovrseer::supervisor_exit::start_failed);
  if (is_overruled || stack.exit_code.what == kind::first_failed) return code;
  if (stack.exit_code.what == kind::zero) return 0;
  std::optional<int> chosen;
  std::uint64_t newest = 0;
  for (const ovrseer::unit_snapshot& unit : ended.snapshot().units) {
    if (!unit.last_status || unit.role != ovrseer::role::main) continue;
    const ovrseer::event* last = ended.events().last_transition_of(unit.id);
    const std::uint64_t seq = last == nullptr ? 0 : last->seq;
    const bool is_chosen = stack.exit_code.what == kind::of_unit
                               ? unit.id == stack.exit_code.unit
                               : unit.state == ovrseer::unit_state::failed && seq > newest;
    if (!is_chosen) continue;
    chosen = unit.last_status->shell_code();
    newest = seq;
  }
  return chosen.value_or(code);
}

/// How long the end waits for what is on its way to reporters and sinks.
constexpr std::chrono::nanoseconds last_deliveries = 10s;

/// An exporter of the configuration. That it fails is told once until it works again.
struct attached_exporter {
  attached_exporter(ovrseer::registry& metrics, const ovrseer::exporter_settings& to, const ovrseer::executor& ex,
                    stack_view& view)
      : name(to.name), exports(metrics, exporter_of(to, ex), options_of(to, view)) {}
  attached_exporter(const attached_exporter&) = delete;
  attached_exporter& operator=(const attached_exporter&) = delete;

  ovrseer::periodic_export_options options_of(const ovrseer::exporter_settings& to, stack_view& view) {
    ovrseer::periodic_export_options every;
    every.interval = to.interval;
    every.on_error = [this, &view](const ovrseer::caught& why) {
      const std::uint64_t done = exports.counts().done;
      if (std::exchange(done_when_told, done) != done) {
        view.notice({}, "exporter " + name + ": " + why.what(), color::red);
      }
    };
    return every;
  }

  std::string name;
  std::optional<std::uint64_t> done_when_told;
  ovrseer::periodic_export exports;
};

class stack_run {
 public:
  stack_run(stack_configuration stack, const stack_options& options, const ovrseer::executor& ex)
      : stack_(std::move(stack)),
        options_(options),
        target_(ex, options_of(stack_)),
        beside_(ex),
        registry_(stack_.metrics.max_series, stack_.metrics.idle_for) {
    for (const ovrseer::group_spec& group : stack_.groups) target_.add(group);
    for (const ovrseer::unit_spec& unit : stack_.units) target_.add(unit);
  }

  ovrseer::task<int> run() {
    const ovrseer::executor ex = co_await asio::this_coro::executor;
    ovrseer::nursery readers(ex);  // end by themselves when the supervisor has ended
    stack_view view(target_, options_.form, options_.colors, readers);
    target_.on_error([&view](const ovrseer::failure_notice& notice) {
      view.notice(notice.unit, notice.operation + ": " + notice.message, color::red);
    });
    std::optional<ovrseer::guard> guard;
    if (stack_.supervision.orphan_guard == ovrseer::supervision_settings::guard::on) guard.emplace(ex);
    readers.start(view.show_events());
    ovrseer::nursery deliveries(ex);
    attach_deliveries(readers, deliveries, ex, view);
    if (stack_.journal) {
      journal_.emplace(*stack_.journal);
      readers.start(attach(target_, *journal_));
    }
    ovrseer::supervisor_metrics metrics(registry_, stack_.metrics.max_series);
    readers.start(metrics.run(target_.events().subscribe_from(1)));
    ovrseer::unit_metrics used(registry_);
    readers.start(used.run(target_));
    serve(view, ex);
    measure_host();
    attach_exporters(view, ex);
    if (!stack_.flag_sources.empty()) beside_.start(follow_flags(view));
    beside_.start(take_requests(view));
    beside_.start(view.name_the_late());
    if (stack_.supervision.shutdown_timeout > 0ns) {
      beside_.start(limit_shutdown(target_, stack_.supervision.shutdown_timeout));
    }
    const ovrseer::steady_time begin = ovrseer::clock_of(ex).now();
    const ovrseer::attempted<int> ended = co_await ovrseer::attempt(target_.run());
    beside_.cancel(ovrseer::cancellation_type::terminal);
    co_await beside_.join();
    co_await see_delivered(deliveries, view);
    if (!ended) readers.cancel(ovrseer::cancellation_type::terminal);
    co_await readers.join();
    co_await export_the_end();
    if (!ended) ended.reason().rethrow();
    if (guard) co_await guard->dismiss();
    const int code = exit_code(stack_, target_, *ended);
    view.summarize(target_.snapshot(), ovrseer::clock_of(ex).now() - begin, code);
    co_return code;
  }

 private:
  static ovrseer::supervisor_options options_of(const stack_configuration& stack) {
    ovrseer::supervisor_options options;
    if (stack.supervision.max_units) options.max_units(*stack.supervision.max_units);
    if (stack.supervision.journal_events) options.journal_capacity(*stack.supervision.journal_events);
    if (stack.supervision.report_lines) options.report_lines(*stack.supervision.report_lines);
    return options;
  }

  /// Ctrl-C stops, a second one kills; SIGHUP reads the configuration again.
  ovrseer::task<void> take_requests(stack_view& view) {
    const ovrseer::executor ex = co_await asio::this_coro::executor;
    ovrseer::program_signals signals(ex);
    for (;;) {
      const ovrseer::user_request request = co_await signals.next();
      const std::string name = to_text(ovrseer::signal_number(signals.last_signal()));
      switch (request) {
        case ovrseer::user_request::stop: target_.request_stop(name); break;
        case ovrseer::user_request::force: target_.force_stop(name + " again"); break;
        case ovrseer::user_request::reload:
          if (std::exchange(reload_, reload::again) == reload::none) beside_.start(follow_file(view));
          break;
      }
    }
  }

  /// Follows the configuration as it is in its file now, and once more if it was asked to meanwhile.
  ovrseer::task<void> follow_file(stack_view& view) {
    while (std::exchange(reload_, reload::running) == reload::again) {
      auto next = load_chosen(options_, target_.get_executor());
      if (!next) {
        view.notice({}, "the configuration is in error, nothing changes", color::red);
        continue;
      }
      const ovrseer::configuration_difference found = ovrseer::difference(stack_, *next);
      if (found.is_empty()) view.notice({}, "the configuration has not changed", color::gray);
      for (const ovrseer::changed_unit& each : found.changed)
        view.notice({}, "changed: " + to_text(each.id) + ": " + joined(each.keys), color::yellow);
      if (!found.settings.empty()) view.notice({}, "from the next start on: " + joined(found.settings), color::yellow);
      const ovrseer::attempted<void> done =
          co_await ovrseer::attempt(remote_.change(ovrseer::changes_of(found, *next)));
      if (!done) {
        view.notice({}, "nothing changes: " + done.reason().what(), color::red);
        continue;
      }
      stack_.units = std::move(next->units);
      stack_.written.units = std::move(next->written.units);
      if (!found.is_empty()) view.notice({}, "the configuration is followed", color::green);
      remote_.ask_again();
    }
    reload_ = reload::none;
  }

  /// Follows the documents of flags that the configuration names.
  ovrseer::task<void> follow_flags(stack_view& view) {
    for (const ovrseer::flag_source_settings& each : stack_.flag_sources) {
      remote_.add(ovrseer::source_of(each, http_client_of(target_.get_executor(), each.connection)),
                  ovrseer::options_of(each, ovrseer::read_yaml_or_json));
    }
    remote_.on_news([&view](const ovrseer::remote_flag_news& news) {
      const bool is_good = news.what == ovrseer::poll_news::swapped || news.what == ovrseer::poll_news::reachable;
      view.notice({}, to_text(news), is_good ? color::green : color::red);
    });
    co_await remote_.run();
  }

  void attach_deliveries(ovrseer::nursery& readers, ovrseer::nursery& deliveries, const ovrseer::executor& ex,
                         stack_view& view) {
    const auto fields = fields_of(stack_.report_fields);
    if (stack_.reports) {
      readers.start(attach(target_, ovrseer::enriched(ovrseer::file_reporter(*stack_.reports), fields)));
    }
    for (const ovrseer::reporter_settings& each : stack_.reporters) {
      ovrseer::reporter_means means = means_of(ex, each.connection);
      means.fields = fields;
      const auto tell = [&view, name = each.name](const ovrseer::unit_id& unit, const ovrseer::caught& why) {
        view.notice(unit, "reporter " + name + ": " + why.what(), color::red);
      };
      deliveries.start(reporters_.emplace_back(ex, each, std::move(means), tell).run(target_));
    }
    for (const ovrseer::sink_settings& each : stack_.sinks) {
      const auto tell = [&view, name = each.name](const ovrseer::caught& why) {
        view.notice({}, "sink " + name + ": " + why.what(), color::red);
      };
      ovrseer::sink_policies& to = sinks_.emplace_back(sinks_of(each, http_client_of(ex, each.connection), tell));
      if (to.lines) deliveries.start(attach_lines(target_, ovrseer::borrowed(*to.lines)));
      if (to.events) deliveries.start(attach_events(target_, ovrseer::borrowed(*to.events)));
    }
  }

  /// Waits for what is on its way to reporters and sinks, as long as the limit and the user have patience.
  ovrseer::task<void> see_delivered(ovrseer::nursery& deliveries, stack_view& view) {
    const ovrseer::executor ex = co_await asio::this_coro::executor;
    ovrseer::nursery meanwhile(ex);
    bool is_left = false;
    meanwhile.start(offer_to_leave(deliveries, view, is_left));
    const bool is_late = co_await deliveries.join_within(last_deliveries, 1s);
    meanwhile.cancel(ovrseer::cancellation_type::terminal);
    co_await meanwhile.join();
    if (is_late || is_left) {
      const std::string when = is_left ? "before the interrupt" : "within " + ovrseer::to_text(last_deliveries);
      view.notice({}, "not all reports and lines were delivered " + when, color::red);
    }
  }
  ovrseer::task<void> offer_to_leave(ovrseer::nursery& deliveries, stack_view& view, bool& is_left) {
    const ovrseer::executor ex = co_await asio::this_coro::executor;
    ovrseer::program_signals signals(ex);
    co_await ovrseer::sleep_for(1s);  // mostly nothing is left by then
    view.notice({}, "waiting for the last reports and lines; Ctrl-C leaves them", color::yellow);
    for (;;) {
      const ovrseer::user_request request = co_await signals.next();
      if (request == ovrseer::user_request::reload) continue;
      is_left = true;
      deliveries.cancel(ovrseer::cancellation_type::terminal);
    }
  }

  /// How reporters, sinks and exporters stand, before somebody looks at the metrics.
  void show_deliveries() {
    const ovrseer::steady_time now = ovrseer::clock_of(target_.get_executor()).now();
    for (const ovrseer::configured_reporter& each : reporters_) {
      deliveries_shown_.apply("reporters/" + each.name(), ovrseer::status_of(each), now);
    }
    std::size_t i = 0;
    for (const ovrseer::sink_policies& sink : sinks_) {
      ovrseer::delivery_status status;
      if (sink.lines) add_status(*sink.lines, status);
      if (sink.events) add_status(*sink.events, status);
      deliveries_shown_.apply("sinks/" + stack_.sinks[i++].name, status, now);
    }
    for (const attached_exporter& each : exporters_) {
      deliveries_shown_.apply("exporters/" + each.name, ovrseer::status_of(each.exports), now);
    }
  }
  ovrseer::task<void> show_deliveries_every(std::chrono::nanoseconds interval) {
    for (;;) {
      show_deliveries();
      co_await ovrseer::sleep_for(interval);
    }
  }

  /// Figures of the machine, where somebody is to see them.
  void measure_host() {
    const std::optional<ovrseer::host_settings>& how = stack_.metrics.host;
    if (!how || (!stack_.metrics.listen && stack_.exporters.empty())) return;
    host_.emplace(registry_, how->mount_points, how->interval);
    beside_.start(host_->run());
  }

  void attach_exporters(stack_view& view, const ovrseer::executor& ex) {
    if (stack_.exporters.empty()) return;
    const auto fastest = std::ranges::min_element(stack_.exporters, {}, &ovrseer::exporter_settings::interval);
    beside_.start(show_deliveries_every(fastest->interval));
    for (const ovrseer::exporter_settings& each : stack_.exporters) {
      beside_.start(exporters_.emplace_back(registry_, each, ex, view).exports.run());
    }
  }
  /// Once more, when all has ended and is counted.
  ovrseer::task<void> export_the_end() {
    const ovrseer::executor ex = co_await asio::this_coro::executor;
    show_deliveries();
    ovrseer::nursery last(ex);
    for (attached_exporter& each : exporters_) last.start(each.exports.export_now());
    co_await last.join_within(last_deliveries, 1s);
  }

  void serve(stack_view& view, const ovrseer::executor& ex) {
    if (!stack_.metrics.listen) return;
    const auto collect = [this] {
      show_deliveries();
      return registry_.collect(ovrseer::clock_of(target_.get_executor()).now());
    };
    ovrseer::endpoint pages(collect, [this] { return health_of(target_); });
    if (stack_.metrics.credentials) pages.protect(*stack_.metrics.credentials);
    server_.emplace(ex, *stack_.metrics.listen);
    server_->on_error([&view](std::string_view step, const ovrseer::caught& why) {
      view.notice({}, "metrics: " + std::string(step) + ": " + why.what(), color::red);
    });
    beside_.start(server_->serve(pages.handler()));
    view.remark({}, "metrics, health and ready on " + to_text(server_->endpoint()), color::gray);
    view.flush();
  }

  enum class reload : std::uint8_t { none, running, again };

  stack_configuration stack_;
  const stack_options& options_;
  ovrseer::supervisor target_;
  ovrseer::remote_flags remote_{target_};
  ovrseer::nursery beside_;
  ovrseer::registry registry_;
  ovrseer::delivery_metrics deliveries_shown_{registry_};
  std::list<ovrseer::configured_reporter> reporters_;
  std::list<ovrseer::sink_policies> sinks_;  // in the order of the configuration
  std::optional<ovrseer::journal_file> journal_;
  std::list<attached_exporter> exporters_;
  std::optional<ovrseer::host_metrics> host_;
  std::optional<ovrseer::llhttp_server> server_;
  reload reload_ = reload::none;
};

}  // namespace

int run_up(const stack_options& options) {
  std::signal(SIGPIPE, SIG_IGN);  // `ovrseer up | head` ends in order
  asio::io_context io(1);
  auto stack = load_chosen(options, io.get_executor());
  if (!stack) return usage;
  stack_run running(*std::move(stack), options, io.get_executor());
  int code = success;
  std::exception_ptr failure;
  const auto work = [&]() -> ovrseer::task<void> { code = co_await running.run(); };
  asio::co_spawn(io, work, [&](std::exception_ptr why) {
    failure = std::move(why);
    io.stop();  // all has ended but a thread that a disk holds up
  });
  io.run();
  if (failure) {
    console errors(STDERR_FILENO, options.colors);
    errors.text("ovrseer: ").line(ovrseer::caught(failure).what());
    return static_cast<int>(ovrseer::supervisor_exit::start_failed);
  }
  return code;
}

}  // namespace program
