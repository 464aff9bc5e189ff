// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/env_file.hpp>.
#pragma once

#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/env_file.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL env_variables env_file_reader::run() {
  while (at_ < text_.size()) line();
  return std::move(made_);
}

OVRSEER_DECL void env_file_reader::skip_line() noexcept {
  at_ = std::min(text_.find('\n', at_), text_.size());
  if (at_ < text_.size()) ++at_;
}

OVRSEER_DECL void env_file_reader::fail(std::size_t at, std::size_t length, std::string found, std::string cure) {
  // Values of such files are not shown, whatever their names.
  const text_span whole = source_.line_around(at);
  const std::size_t equals = text_.find('=', whole.begin);
  std::size_t shown = name_end_;  // without "=", nobody knows where a value begins
  if (whole.begin > name_begin_)
    shown = whole.begin;
  else if (equals < whole.end)
    shown = equals + 1;
  source_.hide({shown, whole.end});
  out_.error(source_, {at, at + length}, std::move(found)).cure = std::move(cure);
}

OVRSEER_DECL void env_file_reader::line() {
  skip_blanks();
  if (peek() == '\n' || peek() == '#') return skip_line();
  if (text_.substr(at_).starts_with("export") && at_ + 6 < text_.size() && is_blank(text_[at_ + 6])) {
    at_ += 6;
    skip_blanks();
  }
  const std::size_t begin = name_begin_ = at_;
  while (at_ < text_.size() && is_name(text_[at_], at_ == begin)) ++at_;
  const std::string name(text_.substr(begin, at_ - begin));
  name_end_ = at_;
  skip_blanks();
  if (peek() != '=' || name.empty()) {
    if (peek() == '\n')
      fail(begin, name.size(), in_quotes(name) + " has no value", "write " + name + "=value");
    else if (name.empty())
      fail(begin, 1, "no name of a variable begins like this", "write NAME=value, or # for a comment");
    else
      fail(name_end_, 1, "a name of a variable has letters, digits and _ only", "write NAME=value");
    return skip_line();
  }
  ++at_;
  skip_blanks();
  std::string value;
  if (peek() == '"' || peek() == '\'') {
    if (!quoted_value(value)) return skip_line();
  } else {
    plain_value(value);
  }
  set(name, std::move(value));
  skip_line();
}

OVRSEER_DECL void env_file_reader::plain_value(std::string& into) {
  const std::size_t begin = at_;
  while (peek() != '\n' && !(peek() == '#' && at_ > begin && is_blank(text_[at_ - 1]))) ++at_;
  std::size_t end = at_;
  while (end > begin && is_blank(text_[end - 1])) --end;
  // "KEY= # none" has no value, and "KEY=#1" has one.
  if (begin < end && text_[begin] == '#' && begin > 0 && is_blank(text_[begin - 1])) end = begin;
  into = text_.substr(begin, end - begin);
}

OVRSEER_DECL bool env_file_reader::quoted_value(std::string& into) {
  const std::size_t opening = at_;
  const char quote = text_[at_++];
  for (;; ++at_) {
    if (at_ >= text_.size()) {
      at_ = opening;
      fail(opening, 1, "this quote is not closed", std::string("close it with ") + quote);
      return false;
    }
    const char c = text_[at_];
    if (c == quote) break;
    if (c == '\\' && quote == '"' && at_ + 1 < text_.size()) {
      constexpr std::string_view letters = "nrt\"\\$`";
      constexpr std::string_view meanings = "\n\r\t\"\\$`";
      const std::size_t known = letters.find(text_[at_ + 1]);
      if (known != std::string_view::npos) {
        into.push_back(meanings[known]);
        ++at_;
        continue;
      }
    }
    if (c != '\r' || at_ + 1 >= text_.size() || text_[at_ + 1] != '\n') into.push_back(c);
  }
  ++at_;
  skip_blanks();
  if (peek() != '\n' && peek() != '#') {
    fail(at_, 1, "there is more text after the closing quote", "quote the whole value, or begin a comment with #");
    return false;
  }
  return true;
}

OVRSEER_DECL void env_file_reader::set(const std::string& name, std::string value) {
  const auto [known, is_new] = index_.try_emplace(name, made_.size());
  if (is_new)
    made_.emplace_back(name, std::move(value));
  else
    made_[known->second].second = std::move(value);
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL result<env_variables, diagnostics> read_env_file(source_text source) {
  diagnostics out;
  if (const std::size_t zero = source.text().find('\0'); zero != std::string_view::npos) {
    const text_span line = source.line_around(zero);
    source.hide(line);
    out.error(source, {zero, zero + 1}, "a NUL byte: this is no text");
    return failure(std::move(out));
  }
  env_variables made = config_detail::env_file_reader(source, out).run();
  if (out.has_errors()) return failure(std::move(out));
  return made;
}

}  // namespace ovrseer
