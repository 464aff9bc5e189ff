// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/command.hpp>.
#pragma once

#include <ovrseer/process/command.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace ovrseer {

OVRSEER_DECL command command::shell(std::string line) {
  command made("/bin/sh", "-c");
  made.arguments_.push_back(std::move(line));
  made.is_shell_ = true;
  return made;
}

OVRSEER_DECL command& command::arg_list(const std::vector<std::string>& more) {
  arguments_.insert(arguments_.end(), more.begin(), more.end());
  return *this;
}

OVRSEER_DECL command& command::env(std::string name, std::string value) {
  environment_[std::move(name)] = std::move(value);
  return *this;
}

OVRSEER_DECL command& command::unset_env(std::string name) {
  environment_[std::move(name)] = std::nullopt;
  return *this;
}

OVRSEER_DECL command& command::clear_env() {
  inherits_environment_ = false;
  return *this;
}

OVRSEER_DECL command& command::working_directory(std::filesystem::path path) {
  directory_ = std::move(path);
  return *this;
}

OVRSEER_DECL command& command::user(std::string name_or_id) {
  user_ = std::move(name_or_id);
  return *this;
}

OVRSEER_DECL command& command::groups(std::vector<std::string> names_or_ids) {
  groups_ = std::move(names_or_ids);
  return *this;
}

OVRSEER_DECL command& command::file_mode_mask(mode_t mask) {
  umask_ = mask;
  return *this;
}

OVRSEER_DECL command& command::nice(int increment) {
  nice_ = increment;
  return *this;
}

OVRSEER_DECL command& command::limit(resource_limit limit) {
  limits_.push_back(limit);
  return *this;
}

OVRSEER_DECL command& command::in_group(group where) {
  group_ = where;
  return *this;
}

OVRSEER_DECL command::group command::in_group() const noexcept {
  if (terminal_) return group::session;
  const bool has_our_input = std::holds_alternative<stdin_source::inherited>(stdin_.value());
  return group_.value_or(has_our_input ? group::inherited : group::own);
}

OVRSEER_DECL command& command::input(stdin_source source) {
  stdin_ = std::move(source);
  return *this;
}

OVRSEER_DECL command& command::output(output_target target) {
  stdout_ = std::move(target);
  return *this;
}

OVRSEER_DECL command& command::error_output(output_target target) {
  stderr_ = std::move(target);
  return *this;
}

OVRSEER_DECL command& command::terminal(std::uint16_t columns, std::uint16_t rows) {
  terminal_ = terminal_size{columns, rows};
  stdin_ = stdin_source(stdin_source::writer{});
  stdout_ = output_target(output_target::piped{});
  stderr_ = output_target(output_target::merged{});
  return *this;
}

OVRSEER_DECL command& command::pipe_capacity(int bytes) {
  pipe_capacity_ = bytes;
  return *this;
}

OVRSEER_DECL command& command::when_handle_dies(fate what) {
  handle_fate_ = what;
  return *this;
}

OVRSEER_DECL command& command::when_supervisor_dies(fate what) {
  supervisor_fate_ = what;
  return *this;
}

OVRSEER_DECL std::string to_text(const command& what) {
  const redactor hide;
  if (what.is_shell()) return hide.redact(what.arguments().back());
  const auto quoted = [](const std::string& word) {
    constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
    std::string text = "'";
    for (const char c : word) c == '\'' ? text.append("'\\''") : text.append(1, c);
    return text + "'";
  };
  std::vector<std::string> arguments = what.arguments();
  hide.redact_arguments(arguments);
  std::string text = quoted(what.program());
  for (const std::string& argument : arguments) text.append(" ").append(quoted(argument));
  return text;
}

}  // namespace ovrseer
