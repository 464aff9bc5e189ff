// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What is broken, said once and the same way everywhere: one category, the codes of every folder,
// four conditions that policies branch on, and the exception that carries step and context.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace ovrseer {

/// Every failure that the library itself names. What the operating system names keeps its errno in
/// `std::generic_category()`. The comment of each says: cause, and what to do.
enum class errc {
  // async/
  timed_out = 1,  ///< with_deadline: the operation did not end within its limit; retryable
  cancelled,      ///< the operation was cancelled from outside; final
  closed,         ///< the mailbox, broadcast or scope it waits on was closed; final
  overrun,        ///< a broadcast reader that chose to fail fell behind; read faster or choose otherwise
  exhausted,      ///< retry: no attempt left, or no time; see the history

  // process/
  no_process = 100,  ///< the handle is empty, or the process has already been reaped
  stdin_closed,      ///< the child closed its standard input, or has none to write to
  guard_lost,        ///< the guard process died: orphans are no longer prevented

  // disk/
  corrupt = 200,  ///< a record's checksum does not hold; the log before it is intact
  record_too_large,
  short_write,  ///< the system took fewer bytes than given and then none; retryable

  // check/ and net/
  not_ready = 300,    ///< a check was used as an operation and did not pass
  malformed_message,  ///< what came from the peer is not HTTP, or not within the limits
  message_too_large,
  connection_closed,  ///< the peer ended the connection before the message was complete; retryable
  no_http_client,     ///< a check needs an `http_client` and none was given

  // supervise/
  unknown_unit = 400,
  duplicate_unit,
  dependency_cycle,  ///< the context names the path
  unknown_dependency,
  limit_reached,  ///< units, reports or buffers would pass the limit that was set
  invalid_state,  ///< the request does not fit the unit's or the supervisor's state

  // config/
  invalid_configuration = 500,  ///< the diagnostics say file, line, column and cure

  // deliver/
  rejected = 600,  ///< the receiver refuses the item for good; the context has its words
  not_permitted,   ///< the receiver does not know us, or not for this: look at the key or token
  throttled,       ///< the receiver asks to come later; retryable
  unavailable,     ///< the receiver is out of order for now; retryable
  circuit_open,    ///< too many deliveries failed: none is tried for a while; retryable
  misdirected,     ///< nobody takes such items at the address, whatever is in them: look at the address
};

/// What a policy wants to know of a failure, whatever its code.
enum class condition {
  retryable = 1,  ///< the same call may succeed later
  fatal,          ///< no later call will succeed either
  cancelled,      ///< somebody asked for the end
  timed_out,      ///< a limit passed
};

namespace detail {

inline std::string_view message_of(errc code) noexcept {
  switch (code) {
    case errc::timed_out: return "timed out";
    case errc::cancelled: return "cancelled";
    case errc::closed: return "closed";
    case errc::overrun: return "the reader fell behind and lost entries";
    case errc::exhausted: return "no attempt left";
    case errc::no_process: return "no such process";
    case errc::stdin_closed: return "the standard input of the process is closed";
    case errc::guard_lost: return "the guard process died";
    case errc::corrupt: return "a record is corrupt";
    case errc::record_too_large: return "the record is too large";
    case errc::short_write: return "the file took only a part of the data";
    case errc::not_ready: return "not ready";
    case errc::malformed_message: return "malformed message";
    case errc::message_too_large: return "the message is too large";
    case errc::connection_closed: return "the peer closed the connection";
    case errc::no_http_client: return "no HTTP client was given";
    case errc::unknown_unit: return "no such unit";
    case errc::duplicate_unit: return "a unit of this name exists";
    case errc::dependency_cycle: return "the dependencies form a cycle";
    case errc::unknown_dependency: return "a dependency names no unit";
    case errc::limit_reached: return "a limit is reached";
    case errc::invalid_state: return "not possible in this state";
    case errc::invalid_configuration: return "the configuration is not valid";
    case errc::rejected: return "rejected by the receiver";
    case errc::not_permitted: return "not permitted by the receiver";
    case errc::throttled: return "the receiver asks to come later";
    case errc::unavailable: return "the receiver is out of order";
    case errc::circuit_open: return "not tried: too many deliveries have failed";
    case errc::misdirected: return "nobody takes it at this address";
  }
  return "unknown error";
}

constexpr bool is_retryable(errc code) noexcept {
  return code == errc::timed_out || code == errc::short_write || code == errc::connection_closed ||
         code == errc::not_ready || code == errc::throttled || code == errc::unavailable || code == errc::circuit_open;
}

class category_type final : public std::error_category {
 public:
  const char* name() const noexcept override { return "ovrseer"; }
  std::string message(int value) const override { return std::string(message_of(static_cast<errc>(value))); }
};

class condition_category_type final : public std::error_category {
 public:
  const char* name() const noexcept override { return "ovrseer.condition"; }
  std::string message(int value) const override {
    switch (static_cast<condition>(value)) {
      case condition::retryable: return "may succeed later";
      case condition::fatal: return "will not succeed later";
      case condition::cancelled: return "was cancelled";
      case condition::timed_out: return "timed out";
    }
    return "unknown condition";
  }
  bool equivalent(const std::error_code& code, int value) const noexcept override {
    const bool ours = std::string_view(code.category().name()) == "ovrseer";
    const auto own = static_cast<errc>(code.value());
    const bool is_cancelled = ours ? own == errc::cancelled : code == std::errc::operation_canceled;
    const bool is_timed_out = ours ? own == errc::timed_out : code == std::errc::timed_out;
    const bool may_succeed = ours ? is_retryable(own) : is_transient(code);
    switch (static_cast<condition>(value)) {
      case condition::retryable: return may_succeed;
      case condition::fatal: return static_cast<bool>(code) && !may_succeed && !is_cancelled;
      case condition::cancelled: return is_cancelled;
      case condition::timed_out: return is_timed_out;
    }
    return false;
  }

 private:
  // The transient failures of POSIX: a resource is short now, or a peer is away for now.
  static bool is_transient(const std::error_code& code) noexcept {
    return code == std::errc::resource_unavailable_try_again || code == std::errc::interrupted ||
           code == std::errc::timed_out || code == std::errc::connection_refused ||
           code == std::errc::connection_reset || code == std::errc::connection_aborted ||
           code == std::errc::host_unreachable || code == std::errc::network_unreachable ||
           code == std::errc::broken_pipe || code == std::errc::not_enough_memory ||
           code == std::errc::no_space_on_device || code == std::errc::too_many_files_open ||
           code == std::errc::too_many_files_open_in_system || code == std::errc::device_or_resource_busy;
  }
};

}  // namespace detail

/// The category of `errc`.
inline const std::error_category& error_category() noexcept {
  static const detail::category_type instance;
  return instance;
}

inline std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), error_category()}; }

inline std::error_condition make_error_condition(condition value) noexcept {
  static const detail::condition_category_type instance;
  return {static_cast<int>(value), instance};
}

/// The code of the operating system's `errno` value.
inline std::error_code errno_code(int value) noexcept { return {value, std::generic_category()}; }

/// A failure with the step that failed and the context that a person needs to mend it.
///
/// `what()` reads "step: context: message of the code", leaving out what is empty.
class error : public std::system_error {
 public:
  error(std::error_code code, std::string step, std::string context = {})
      : std::system_error(code, join(step, context)), step_(std::move(step)), context_(std::move(context)) {}

  /// The step that failed, in the words of the operation ("exec", "chdir", "fsync"); may be empty.
  const std::string& step() const noexcept { return step_; }
  /// What it was about: a path, a name, an address; may be empty.
  const std::string& context() const noexcept { return context_; }

 private:
  static std::string join(const std::string& step, const std::string& context) {
    if (step.empty()) return context;
    return context.empty() ? step : step + ": " + context;
  }

  std::string step_;
  std::string context_;
};

}  // namespace ovrseer

template <>
struct std::is_error_code_enum<ovrseer::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<ovrseer::condition> : std::true_type {};
