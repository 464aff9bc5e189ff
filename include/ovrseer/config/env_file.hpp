// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Files of `KEY=VALUE` lines (".env"): variables for a configuration and for what it starts.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/source.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// The variables of an env file, in order; of a name that is given twice, the last value.
using env_variables = std::vector<std::pair<std::string, std::string>>;

namespace config_detail {

class env_file_reader {
 public:
  env_file_reader(source_text& source, diagnostics& out) : source_(source), text_(source.text()), out_(out) {}

  env_variables run();

 private:
  static bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r'; }
  static bool is_name(char c, bool is_first) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!is_first && c >= '0' && c <= '9');
  }
  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\n'; }
  void skip_blanks() noexcept {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void skip_line() noexcept;
  void fail(std::size_t at, std::size_t length, std::string found, std::string cure);

  void line();

  void plain_value(std::string& into);

  bool quoted_value(std::string& into);

  void set(const std::string& name, std::string value);

  source_text& source_;
  std::string_view text_;
  diagnostics& out_;
  std::size_t at_ = 0;
  std::size_t name_begin_ = 0;
  std::size_t name_end_ = 0;
  env_variables made_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace config_detail

/// Reads an env file, all its errors at once.
///
/// A line is `NAME=value`, also with `export` before it, empty, or a comment from `#` on. A plain value ends
/// at ` #` and loses its blanks at both ends. In single quotes everything stands for itself; in double quotes
/// `\n \r \t \" \\ \$` are escapes; both may reach over several lines. Nothing is expanded: `$` is a `$`.
/// Messages never show values.
OVRSEER_DECL result<env_variables, diagnostics> read_env_file(source_text source);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/env_file.ipp>
#endif
