// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/json.hpp>.
#pragma once

#include <algorithm>
#include <utility>

#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/json.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL config_node json_reader::document() {
  config_node root = value(0);
  skip_blanks();
  if (at_ < text_.size()) fail(at_, 1, "there is more text after the end of the document", "", "remove what follows");
  return root;
}

OVRSEER_DECL void json_reader::fail(std::size_t at, std::size_t length, std::string found, std::string expected,
                                    std::string cure) {
  hide_secrets_by_guess(source_, at, values_reach::line_end);
  diagnostic& finding = out_.error(source_, {at, at + length}, std::move(found));
  finding.expected = std::move(expected);
  finding.cure = std::move(cure);
  throw stop();
}

OVRSEER_DECL void json_reader::fail_unclosed(std::size_t opening, const char* what, const char* closing) {
  hide_secrets_by_guess(source_, text_.size(), values_reach::line_end);
  diagnostic& finding =
      out_.error(source_, {text_.size(), text_.size()}, "the file ends inside of " + std::string(what));
  finding.also = {source_.position_of(opening), "it begins here"};
  finding.cure = "close it with " + std::string(closing);
  throw stop();
}

OVRSEER_DECL bool json_reader::take(char c) noexcept {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

OVRSEER_DECL void json_reader::skip_blanks() {
  while (!at_end() && (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t')) ++at_;
  if (peek() == '#' || text_.substr(at_).starts_with("//") || text_.substr(at_).starts_with("/*")) {
    fail(at_, 1, "JSON has no comments", "", "remove it, or write the file as YAML (ovrseer.yml), where # begins one");
  }
}

OVRSEER_DECL std::string_view json_reader::here() const noexcept {
  std::size_t end = at_;
  while (end < text_.size() && is_word(text_[end])) ++end;
  if (end == at_ && peek() == '"') {
    const std::size_t close = text_.find_first_of("\"\n\\", at_ + 1);
    if (close != std::string_view::npos && text_[close] == '"') end = close + 1;
  }
  if (end == at_ && !at_end()) end += std::max<std::size_t>(utf8_length(text_.substr(at_)), 1);
  return text_.substr(at_, end - at_);
}

OVRSEER_DECL std::string json_reader::shown_here() const {
  const std::string_view text = here();
  return text.size() > 1 && text.front() == '"' ? in_quotes(text.substr(1, text.size() - 2)) : in_quotes(text);
}

OVRSEER_DECL bool json_reader::is_word(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '+' ||
         c == '-';
}

OVRSEER_DECL config_node json_reader::value(std::uint32_t depth) {
  skip_blanks();
  if (++nodes_ > limits_.nodes) {
    fail(at_, 1, "the document has more than " + std::to_string(limits_.nodes) + " values", "", "split it up");
  }
  config_node node;
  node.where = {at_, at_};
  if (peek() == '{' || peek() == '[') {
    if (depth >= limits_.depth) {
      fail(at_, 1, "nested more than " + std::to_string(limits_.depth) + " levels deep", "", "flatten the document");
    }
    if (peek() == '{')
      object(node, depth);
    else
      array(node, depth);
  } else if (peek() == '"') {
    node.what = config_node::kind::scalar;
    node.quotes = config_node::quoting::quoted;
    node.text = string();
  } else {
    word(node);
  }
  node.where.end = at_;
  return node;
}

OVRSEER_DECL void json_reader::object(config_node& node, std::uint32_t depth) {
  node.what = config_node::kind::mapping;
  const std::size_t opening = at_++;
  skip_blanks();
  for (bool first = true; !take('}'); first = false) {
    if (at_end()) fail_unclosed(opening, "an object", "}");
    if (!first) {
      separator('}');
      if (peek() == '}') fail(at_, 1, "a comma stands before \"}\"", "", "remove the comma before it");
    }
    if (at_end()) fail_unclosed(opening, "an object", "}");
    node.keys.push_back(key());
    skip_blanks();
    if (at_end()) fail_unclosed(opening, "an object", "}");
    if (peek() == '=') fail(at_, 1, "\"=\" after a key", "\":\"", "write \"key\": value");
    if (!take(':')) fail(at_, here().size(), shown_here() + " after a key", "\":\"", "write \"key\": value");
    node.items.push_back(value(depth + 1));
    skip_blanks();
  }
  report_duplicate_keys(source_, node, out_, values_reach::line_end);
}

OVRSEER_DECL void json_reader::array(config_node& node, std::uint32_t depth) {
  node.what = config_node::kind::sequence;
  const std::size_t opening = at_++;
  skip_blanks();
  for (bool first = true; !take(']'); first = false) {
    if (at_end()) fail_unclosed(opening, "an array", "]");
    if (!first) {
      separator(']');
      if (peek() == ']') fail(at_, 1, "a comma stands before \"]\"", "", "remove the comma before it");
    }
    if (at_end()) fail_unclosed(opening, "an array", "]");
    node.items.push_back(value(depth + 1));
    skip_blanks();
  }
}

OVRSEER_DECL void json_reader::separator(char closing) {
  if (!take(',')) {
    const std::string wanted = std::string("\",\" or \"") + closing + "\"";
    const bool is_value = peek() == '"' || peek() == '{' || peek() == '[' || is_word(peek());
    fail(at_, here().size(), shown_here() + " after a value", wanted, is_value ? "put a comma before it" : "");
  }
  skip_blanks();
}

OVRSEER_DECL config_node json_reader::key() {
  config_node made;
  made.what = config_node::kind::scalar;
  made.quotes = config_node::quoting::quoted;
  made.where = {at_, at_};
  if (peek() == '"') {
    made.text = string();
  } else if (peek() == '\'') {
    fail(at_, 1, "a key in single quotes", "a key in double quotes", "write \"key\": value");
  } else if (is_word(peek())) {
    const std::string word(here());
    fail(at_, word.size(), "the key " + word + " is not quoted", "a key in double quotes", "write \"" + word + "\"");
  } else {
    fail(at_, here().size(), shown_here() + " where a key should be", "a key in double quotes", "");
  }
  made.where.end = at_;
  return made;
}

OVRSEER_DECL std::string json_reader::string() {
  const std::size_t opening = at_++;
  std::string made;
  while (true) {
    if (at_end() || peek() == '\n' || peek() == '\r') {
      fail(opening, 1, "this text is not closed on its line", "a closing \"", "close it; a line break is written \\n");
    }
    const char c = text_[at_];
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 0x20) {
      fail(at_, 1, "a control character inside of text", "", c == '\t' ? "write \\t" : "write it as \\u00XX");
    }
    if (c == '\\') {
      escape(made);
    } else {
      made.push_back(c);
      ++at_;
    }
  }
  ++at_;
  return made;
}

OVRSEER_DECL void json_reader::escape(std::string& into) {
  const std::size_t begin = at_++;
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const std::size_t known = at_end() ? std::string_view::npos : letters.find(peek());
  if (known != std::string_view::npos) {
    into.push_back(meanings[known]);
    ++at_;
    return;
  }
  if (!take('u')) {
    fail(begin, 2, "unknown escape " + in_quotes(text_.substr(begin, 2)),
         "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX", "a backslash itself is written \\\\");
  }
  std::uint32_t code = hex4(begin);
  const bool is_high = code >= 0xD800 && code < 0xDC00;
  if (is_high && text_.substr(at_).starts_with("\\u")) {
    at_ += 2;
    const std::uint32_t low = hex4(begin);
    if (low < 0xDC00 || low > 0xDFFF) fail(begin, at_ - begin, "a surrogate without its partner", "", surrogate_cure);
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
  } else if (code >= 0xD800 && code < 0xE000) {
    fail(begin, at_ - begin, "a surrogate without its partner", "", surrogate_cure);
  }
  append_utf8(into, code);
}

OVRSEER_DECL std::uint32_t json_reader::hex4(std::size_t begin) {
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = peek();
    const bool is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!is_digit(c) && !is_letter) fail(begin, at_ - begin, "\\u needs four hexadecimal digits", "", "");
    code = code * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return code;
}

OVRSEER_DECL void json_reader::append_utf8(std::string& into, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { into.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    byte(code);
    return;
  }
  if (code < 0x800) {
    byte(0xC0U | code >> 6U);
  } else {
    if (code < 0x10000) {
      byte(0xE0U | code >> 12U);
    } else {
      byte(0xF0U | code >> 18U);
      byte(0x80U | (code >> 12U & 0x3FU));
    }
    byte(0x80U | (code >> 6U & 0x3FU));
  }
  byte(0x80U | (code & 0x3FU));
}

OVRSEER_DECL void json_reader::word(config_node& node) {
  const std::string_view text = here();
  const bool is_yaml = nodes_ == 1 && !text.empty() &&
                       (text_.substr(at_).starts_with("- ") || text_.substr(at_ + text.size()).starts_with(":"));
  if (is_yaml) fail(at_, text.size(), "the file is not JSON", "{", "name it ovrseer.yml if it is YAML");
  const auto refuse = [&](std::string cure) {
    fail(at_, text.size(),
         at_end() ? "the file ends where a value should be" : in_quotes(text) + " where a value should be",
         "text in double quotes, a number, true, false, null, { or [", std::move(cure));
  };
  if (text == "null") {
    node.what = config_node::kind::null;
  } else if (text == "true" || text == "false" || is_number(text)) {
    node.what = config_node::kind::scalar;
    node.text = std::string(text);
  } else if (text == "'") {
    refuse("JSON knows double quotes only");
  } else if (text == "," || text == "]" || text == "}") {
    refuse(text == "," ? "remove the comma" : "remove the comma before it");
  } else if (!text.empty() && is_word(text.front())) {
    refuse("write \"" + std::string(text) + "\" if it is text");
  } else {
    refuse("");
  }
  at_ += text.size();
}

OVRSEER_DECL bool json_reader::is_number(std::string_view text) noexcept {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const std::size_t first = i;
  if (!digits() || (text[first] == '0' && i > first + 1)) return false;
  if (i < text.size() && text[i] == '.' && (++i, !digits())) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

OVRSEER_DECL bool is_readable(const source_text& source, document_limits limits, diagnostics& out) {
  if (source.text().size() > limits.size.count()) {
    out.error(source.name(), "the file is larger than " + to_text(limits.size));
    return false;
  }
  if (const auto bad = find_invalid_utf8(source.text())) {
    diagnostic& finding = out.error(source, {*bad, *bad + 1}, "the file is not UTF-8 here");
    finding.cure = "save it as UTF-8";
    return false;
  }
  return true;
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL result<config_document, diagnostics> read_json(source_text source, document_limits limits) {
  diagnostics out;
  if (!config_detail::is_readable(source, limits, out)) return failure(std::move(out));
  config_node root;
  try {
    root = config_detail::json_reader(source, limits, out).document();
  } catch (const config_detail::json_reader::stop&) {}
  if (out.has_errors()) return failure(std::move(out));
  config_detail::hide_secrets(source, root);
  return config_document{std::move(source), std::move(root)};
}

}  // namespace ovrseer
