// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer up`: a supervisor, and everything that is attached to it from outside.
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <asio/io_context.hpp>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/async/signals.hpp>
#include <ovrseer/event/journal_file.hpp>
#include <ovrseer/export/endpoint.hpp>
#include <ovrseer/export/periodic_export.hpp>
#include <ovrseer/export/prometheus.hpp>
#include <ovrseer/export/supervisor_metrics.hpp>
#include <ovrseer/net/llhttp.hpp>
#include <ovrseer/process/guard.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/report/file_reporter.hpp>
#include <ovrseer/sink/attach.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "load.hpp"
#include "options.hpp"
#include "view.hpp"

namespace program {
namespace {

using namespace std::chrono_literals;

/// Ctrl-C stops, a second one kills; SIGHUP has no meaning yet and says so.
ovrseer::task<void> take_requests(ovrseer::supervisor& target, stack_view& view) {
  const ovrseer::executor ex = co_await asio::this_coro::executor;
  ovrseer::program_signals signals(ex);
  for (;;) {
    const ovrseer::user_request request = co_await signals.next();
    const std::string name = to_text(ovrseer::signal_number(signals.last_signal()));
    switch (request) {
      case ovrseer::user_request::stop: target.request_stop(name); break;
      case ovrseer::user_request::force: target.force_stop(name + " again"); break;
      case ovrseer::user_request::reload:
        view.remark({}, "SIGHUP: reading the configuration again is not supported; restart instead", color::yellow);
        view.flush();
        break;
    }
  }
}

ovrseer::task<void> limit_shutdown(ovrseer::supervisor& target, std::chrono::nanoseconds limit) {
  while (!target.is_stopping()) co_await ovrseer::sleep_for(100ms);
  co_await ovrseer::sleep_for(limit);
  target.force_stop("the shutdown takes longer than " + ovrseer::to_text(limit));
}

ovrseer::health_view health_of(const ovrseer::supervisor& target) {
  ovrseer::health_view view;
  view.is_alive = true;
  view.is_stopping = target.is_stopping();
  for (const ovrseer::unit_id& id : target.not_ready()) {
    const ovrseer::event* last = target.events().last_transition_of(id);
    const auto* change = last == nullptr ? nullptr : std::get_if<ovrseer::transition_data>(&last->data);
    view.not_ready.push_back({id, target.state(id), change == nullptr ? std::string() : change->why.what});
  }
  return view;
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

class stack_run {
 public:
  stack_run(const stack_configuration& stack, const stack_options& options, const ovrseer::executor& ex)
      : stack_(stack), options_(options), target_(ex, options_of(stack)), beside_(ex) {
    for (const ovrseer::group_spec& group : stack.groups) target_.add(group);
    for (const ovrseer::unit_spec& unit : stack.units) target_.add(unit);
  }

  ovrseer::task<int> run() {
    const ovrseer::executor ex = co_await asio::this_coro::executor;
    stack_view view(target_, options_.form, options_.colors);
    target_.on_error([&view](const ovrseer::failure_notice& notice) {
      view.remark(notice.unit, notice.operation + ": " + notice.message, color::red);
    });
    std::optional<ovrseer::guard> guard;
    if (stack_.supervision.orphan_guard == ovrseer::supervision_settings::guard::on) guard.emplace(ex);
    ovrseer::nursery readers(ex);  // end by themselves when the supervisor has ended
    readers.start(view.show_events());
    for (const ovrseer::unit_id& id : target_.units()) readers.start(view.show_lines(id));
    if (stack_.reports) readers.start(attach(target_, ovrseer::file_reporter(*stack_.reports)));
    if (stack_.journal) {
      journal_.emplace(*stack_.journal);
      readers.start(attach(target_, *journal_));
    }
    ovrseer::supervisor_metrics metrics(registry_);
    readers.start(metrics.run(target_.events().subscribe_from(1)));
    serve(view, ex);
    beside_.start(take_requests(target_, view));
    beside_.start(view.name_the_late());
    if (stack_.supervision.shutdown_timeout > 0ns) {
      beside_.start(limit_shutdown(target_, stack_.supervision.shutdown_timeout));
    }
    const ovrseer::steady_time begin = ovrseer::clock_of(ex).now();
    const ovrseer::attempted<int> ended = co_await ovrseer::attempt(target_.run());
    beside_.cancel(ovrseer::cancellation_type::terminal);
    co_await beside_.join();
    if (!ended) {
      readers.cancel(ovrseer::cancellation_type::terminal);
      co_await readers.join();
      ended.reason().rethrow();
    }
    co_await readers.join();
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

  void serve(stack_view& view, const ovrseer::executor& ex) {
    if (!stack_.metrics.file.empty()) {
      ovrseer::periodic_export_options every;
      every.interval = stack_.metrics.interval;
      every.on_error = [&view](const ovrseer::caught& why) { view.remark({}, "metrics: " + why.what(), color::red); };
      export_.emplace(registry_, ovrseer::prometheus_file(stack_.metrics.file.string()), every);
      beside_.start(export_->run());
    }
    if (!stack_.metrics.listen) return;
    const ovrseer::endpoint pages([this] { return prometheus_text(registry_); }, [this] { return health_of(target_); });
    server_.emplace(ex, *stack_.metrics.listen);
    server_->on_error([&view](std::string_view step, const ovrseer::caught& why) {
      view.remark({}, "metrics: " + std::string(step) + ": " + why.what(), color::red);
    });
    beside_.start(server_->serve(pages.handler()));
    view.remark({}, "metrics, health and ready on " + to_text(server_->endpoint()), color::gray);
    view.flush();
  }

  const stack_configuration& stack_;
  const stack_options& options_;
  ovrseer::supervisor target_;
  ovrseer::nursery beside_;
  ovrseer::registry registry_;
  std::optional<ovrseer::journal_file> journal_;
  std::optional<ovrseer::periodic_export> export_;
  std::optional<ovrseer::llhttp_server> server_;
};

}  // namespace

int run_up(const stack_options& options) {
  std::signal(SIGPIPE, SIG_IGN);  // `ovrseer up | head` ends in order
  asio::io_context io(1);
  const std::optional<stack_configuration> stack = load(options, io.get_executor());
  if (!stack) return usage;
  stack_run running(*stack, options, io.get_executor());
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
