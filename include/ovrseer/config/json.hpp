// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// JSON (RFC 8259) into a document that knows the place of every key and value, with messages that say
// what people usually meant where they wrote something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

namespace config_detail {

/// Reads one document. The first fault of syntax ends it (as `json_reader::stop`); duplicate keys do not.
class json_reader {
 public:
  struct stop {};

  json_reader(source_text& source, document_limits limits, diagnostics& out)
      : source_(source), text_(source.text()), limits_(limits), out_(out) {}

  config_node document();

 private:
  [[noreturn]] void fail(std::size_t at, std::size_t length, std::string found, std::string expected, std::string cure);
  [[noreturn]] void fail_unclosed(std::size_t opening, const char* what, const char* closing);

  bool at_end() const noexcept { return at_ == text_.size(); }
  char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) noexcept;
  void skip_blanks();
  /// What stands at the cursor: a word or a string whole, anything else as one character.
  std::string_view here() const noexcept;
  /// The same in quotes.
  std::string shown_here() const;
  static bool is_word(char c) noexcept;
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  config_node value(std::uint32_t depth);

  void object(config_node& node, std::uint32_t depth);

  void array(config_node& node, std::uint32_t depth);

  void separator(char closing);

  config_node key();

  std::string string();

  void escape(std::string& into);

  std::uint32_t hex4(std::size_t begin);

  static void append_utf8(std::string& into, std::uint32_t code);

  void word(config_node& node);

  static bool is_number(std::string_view text) noexcept;

  static constexpr const char* surrogate_cure = "write the character itself, or both halves";

  source_text& source_;
  std::string_view text_;
  document_limits limits_;
  diagnostics& out_;
  std::size_t at_ = 0;
  std::uint32_t nodes_ = 0;
};

/// What every reader asks of a text first.
OVRSEER_DECL bool is_readable(const source_text& source, document_limits limits, diagnostics& out);

}  // namespace config_detail

/// What makes a document of a text: `read_json`, `read_yaml` or `read_yaml_or_json`.
using document_reader = result<config_document, diagnostics> (*)(source_text source, document_limits limits);

/// Reads JSON. Numbers keep their text; strings are quoted scalars.
///
/// Errors: one of syntax with its place, and every duplicate key before it; a text beyond the limits or
/// not UTF-8. Takes time linear in the text.
OVRSEER_DECL result<config_document, diagnostics> read_json(source_text source, document_limits limits = {});

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/json.ipp>
#endif
