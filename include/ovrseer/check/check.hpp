// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a check is: an awaitable question about a process, with an answer that says why.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/check/needs.hpp>
#include <ovrseer/fwd.hpp>

namespace ovrseer {

/// The answer of a check.
struct check_result {
  enum class verdict : std::uint8_t {
    ready,
    not_ready,  ///< the answer was no, as often as the thresholds ask
    timed_out,  ///< no answer in time
  };
  verdict outcome = verdict::ready;
  /// Why not, for people: "connect 127.0.0.1:5432: connection refused". Empty when ready.
  std::string reason;
  std::chrono::nanoseconds took{};
  std::uint32_t attempts = 0;

  bool is_ready() const noexcept { return outcome == verdict::ready; }
};

/// What a check may look at; all of it outlives the check's call.
struct check_target {
  line_feed* lines = nullptr;        ///< the lines of the unit, if its output is read
  process* child = nullptr;          ///< the running process, if there is one
  std::uint64_t first_seq = 0;       ///< the first of those lines that this process can have written
  notify_channel* notify = nullptr;  ///< what it says of itself, if it was given a socket for that
};

/// An object that answers whether a process is ready or healthy. It is asked once an incarnation (ready)
/// or at intervals (health), never concurrently with itself.
///
/// Answers are values; an exception means that the check itself is broken and counts as not ready.
/// Cancellation: every type abandons the check.
template <class C>
concept ready_check = requires(C check, check_target target) {
  { check(target) } -> std::same_as<task<check_result>>;
};

/// Any ready check, chosen at run time. Copies share the check.
class any_check {
 public:
  any_check() = default;
  template <ready_check C>
    requires(!std::same_as<std::remove_cvref_t<C>, any_check>)
  any_check(C check)  // a check is an any_check wherever one is wanted
      : check_(std::make_shared<model<C>>(std::move(check))) {}

  /// Without a check the answer is always "ready".
  explicit operator bool() const noexcept { return check_ != nullptr; }
  task<check_result> operator()(check_target target) const { return ask(check_, target); }

  /// What is asked, for plans and messages: "TCP 127.0.0.1:5432"; "check" where the check does not say.
  std::string describe() const { return check_ ? check_->describe() : std::string("nothing"); }
  /// The longest time the check can take; zero where it has no bound of its own.
  std::chrono::nanoseconds bound() const { return check_ ? check_->bound() : std::chrono::nanoseconds::zero(); }
  /// What it asks the world, as data. A check takes part by a member `void tell_needs(check_needs&) const`.
  check_needs needs() const {
    check_needs all;
    tell_needs(all);
    return all;
  }
  void tell_needs(check_needs& into) const {
    if (check_ && !check_->tell_needs(into)) into.untold.push_back(check_->describe());
  }

 private:
  struct base {
    virtual ~base() = default;
    virtual task<check_result> ask(check_target target) = 0;
    virtual std::string describe() const = 0;
    virtual std::chrono::nanoseconds bound() const = 0;
    virtual bool tell_needs(check_needs& into) const = 0;
  };
  template <class C>
  struct model final : base {
    explicit model(C check) : check_(std::move(check)) {}
    task<check_result> ask(check_target target) override { return check_(target); }
    std::string describe() const override {
      if constexpr (requires {
                      { check_.describe() } -> std::convertible_to<std::string>;
                    })
        return check_.describe();
      else
        return "check";
    }
    std::chrono::nanoseconds bound() const override {
      if constexpr (requires {
                      { check_.bound() } -> std::convertible_to<std::chrono::nanoseconds>;
                    })
        return check_.bound();
      else
        return {};
    }
    bool tell_needs(check_needs& into) const override {
      constexpr bool tells = requires { check_.tell_needs(into); };
      if constexpr (tells) check_.tell_needs(into);
      return tells;
    }
    C check_;
  };

  static task<check_result> ask(std::shared_ptr<base> check, check_target target) {
    if (!check) co_return check_result{};
    co_return co_await check->ask(target);
  }

  std::shared_ptr<base> check_;
};

}  // namespace ovrseer
