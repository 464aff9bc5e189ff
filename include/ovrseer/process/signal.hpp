// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Signals as a type, with the names that people write in configurations.
#pragma once

#include <array>
#include <cctype>
#include <charconv>
#include <compare>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ovrseer {

/// The number of a signal, as `signal_number(SIGTERM)`.
class signal_number {
 public:
  constexpr explicit signal_number(int number) noexcept : number_(number) {}
  constexpr int value() const noexcept { return number_; }
  friend constexpr auto operator<=>(signal_number, signal_number) noexcept = default;

 private:
  int number_;
};

namespace process_detail {

inline constexpr std::array<std::pair<std::string_view, int>, 31> signal_names{{
    {"HUP", SIGHUP},       {"INT", SIGINT},   {"QUIT", SIGQUIT},   {"ILL", SIGILL},   {"TRAP", SIGTRAP},
    {"ABRT", SIGABRT},     {"BUS", SIGBUS},   {"FPE", SIGFPE},     {"KILL", SIGKILL}, {"USR1", SIGUSR1},
    {"SEGV", SIGSEGV},     {"USR2", SIGUSR2}, {"PIPE", SIGPIPE},   {"ALRM", SIGALRM}, {"TERM", SIGTERM},
    {"STKFLT", SIGSTKFLT}, {"CHLD", SIGCHLD}, {"CONT", SIGCONT},   {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},
    {"TTIN", SIGTTIN},     {"TTOU", SIGTTOU}, {"URG", SIGURG},     {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},
    {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"WINCH", SIGWINCH}, {"IO", SIGIO},     {"PWR", SIGPWR},
    {"SYS", SIGSYS},
}};

/// A whole decimal number from 0 to `highest`.
inline std::optional<int> number_up_to(int highest, std::string_view text) {
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < 0 || number > highest) return std::nullopt;
  return number;
}

}  // namespace process_detail

/// "SIGTERM"; "SIGRTMIN+3" for the real-time signals; "signal 99" for what has no name.
inline std::string to_text(signal_number signal) {
  for (const auto& [name, number] : process_detail::signal_names) {
    if (number == signal.value()) return "SIG" + std::string(name);
  }
  if (signal.value() >= SIGRTMIN && signal.value() <= SIGRTMAX) {
    return "SIGRTMIN+" + std::to_string(signal.value() - SIGRTMIN);
  }
  return "signal " + std::to_string(signal.value());
}

/// Reads "SIGTERM", "TERM", "sigterm", "SIGRTMIN+3" or a number from 1 to 64; nothing for anything else.
inline std::optional<signal_number> parse_signal(std::string_view text) {
  if (const auto number = process_detail::number_up_to(64, text)) {
    return *number == 0 ? std::nullopt : std::optional(signal_number(*number));
  }
  std::string upper;
  for (const char c : text) upper.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  std::string_view wanted = upper;
  if (wanted.starts_with("SIG")) wanted.remove_prefix(3);
  for (const auto& [name, value] : process_detail::signal_names) {
    if (name == wanted) return signal_number(value);
  }
  if (wanted == "RTMIN") return signal_number(SIGRTMIN);
  if (!wanted.starts_with("RTMIN+")) return std::nullopt;
  const auto above = process_detail::number_up_to(SIGRTMAX - SIGRTMIN, wanted.substr(6));
  return above ? std::optional(signal_number(SIGRTMIN + *above)) : std::nullopt;
}

}  // namespace ovrseer
