// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/process.hpp>.
#pragma once

#include <ovrseer/process/process.hpp>

namespace ovrseer {

OVRSEER_DECL process& process::operator=(process&& other) noexcept {
  process old(std::move(*this));
  child_ = std::move(other.child_);
  return *this;
}

OVRSEER_DECL process::~process() {
  if (!child_ || child_->status || child_->what.when_handle_dies() == command::fate::keep) return;
  child_->signal(signal_number(SIGKILL), stop_scope::group);
}

OVRSEER_DECL task<exit_status> process::wait() {
  co_await detail::admit_all_cancellation();
  const std::shared_ptr<child> kept = child_;
  state();
  if (!kept->output_is_read && !kept->status) {
    kept->output_is_read = true;
    drain(kept, output_stream::out);
    drain(kept, output_stream::err);
  }
  while (!kept->status) co_await kept->changed.wait();
  co_return *kept->status;
}

OVRSEER_DECL void process::send(signal_number signal, stop_scope scope) {
  const std::error_code code = state().signal(signal, scope);
  if (code) throw error(code, "signal", to_text(signal) + " to process " + std::to_string(pid()));
}

OVRSEER_DECL void process::resize(std::uint16_t columns, std::uint16_t rows) {
  const terminal_size size{columns, rows};
  const std::error_code code = state().resize(size);
  if (code) throw error(code, "resize", "process " + std::to_string(pid()) + ": give its command a terminal first");
}

OVRSEER_DECL task<std::string_view> process::read_output(output_stream stream) {
  state().output_is_read = true;
  return child_->read_output(stream);
}

OVRSEER_DECL child& process::state() const {
  if (!child_) throw error(errc::no_process, "process", "the handle is empty");
  return *child_;
}

OVRSEER_DECL void process::drain(const std::shared_ptr<child>& kept, output_stream stream) {
  asio::co_spawn(kept->changed.get_executor(), read_all(kept, stream), [](const std::exception_ptr&) {
    // A pipe that cannot be read has nobody who misses its content.
  });
}

OVRSEER_DECL task<void> process::read_all(std::shared_ptr<child> kept, output_stream stream) {
  for (std::string_view bytes = "more"; !bytes.empty();) bytes = co_await kept->read_output(stream);
}

OVRSEER_DECL task<process> spawn(command what) {
  const executor ex = co_await asio::this_coro::executor;
  co_return process(os_of(ex).spawn(ex, what));
}

}  // namespace ovrseer
