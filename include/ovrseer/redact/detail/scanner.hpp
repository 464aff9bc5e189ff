// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One pass over a text that finds the secrets in it, left to right; linear in its length whatever is in it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include <ovrseer/redact/detail/credentials.hpp>
#include <ovrseer/redact/detail/known_token.hpp>
#include <ovrseer/redact/detail/stem_filter.hpp>
#include <ovrseer/redact/detail/text.hpp>
#include <ovrseer/redact/detail/value.hpp>
#include <ovrseer/redact/secret_key.hpp>

namespace ovrseer::redact_detail {

/// What a scan needs beside the text.
struct scan_rules {
  const key_rules* keys;
  const stem_filter* filter;
  std::string_view replacement;  // text that is hidden already
};

/// Where a name stands, what it says, and what stands around it.
struct found_key {
  std::size_t begin = 0;
  std::size_t end = 0;
  key_kind kind = key_kind::plain;
  char quote = 0;             // of the name itself: "password": …
  char enclosing = 0;         // around name and value: "password=…"
  char separator = 0;         // '=' or ':', '>' of an element, ' ' of an option
  bool begins_field = false;  // nothing but a separator stands before it in its line
  std::size_t value = 0;      // where its value begins
};

template <class Emit>
class scanner {
 public:
  scanner(std::string_view text, const scan_rules& rules, Emit& emit)
      : text_(text), rules_(rules), emit_(emit), urls_(text), no_jwt_before_(0) {}

  void run() {
    for (std::size_t i = rules_.filter->find(text_, 0); i < text_.size(); i = rules_.filter->find(text_, i)) {
      const std::size_t next = look(i);
      i = std::max(next, i + 1);
    }
  }

 private:
  // Looks at what may begin at `i`; gives where to go on, or zero.
  std::size_t look(std::size_t i) {
    switch (text_[i]) {
      case ':':
        if (const auto bot = match_bot(text_, i)) return hide(bot->begin, bot->end, secret_kind::token);
        return look_url(i);
      case '-': return i < curl_end_ ? std::max(look_pem(i), look_user(i)) : look_pem(i);
      case 'c':
        if (i >= curl_end_ && text_.compare(i, 5, "curl ") == 0) curl_end_ = line_end(text_, i);
        break;
      case 'm':
        if (const auto end = look_machine(i)) return end;
        break;
      case 'b':
      case 'B':
        if (const auto end = look_scheme(i)) return end;
        break;
      default: break;
    }
    if (const auto place = match_token(text_, i, no_jwt_before_))
      return hide(place->begin, place->end, secret_kind::token);
    return rules_.filter->may_be_key(text_, i) ? look_key(i) : 0;
  }

  std::size_t hide(std::size_t begin, std::size_t end, secret_kind kind, hidden_as how = hidden_as::text) {
    if (begin < done_ || begin >= end) return 0;
    if (text_.substr(begin, rules_.replacement.size()) == rules_.replacement && !rules_.replacement.empty()) {
      if (begin + rules_.replacement.size() >= end) return done_ = end;
    }
    emit_(secret_span{begin, end, kind, how});
    return done_ = end;
  }

  std::size_t look_url(std::size_t i) {
    const auto place = urls_.password(i);
    return place ? hide(place->begin, place->end, secret_kind::url) : 0;
  }

  std::size_t look_pem(std::size_t i) {
    const auto block = read_pem(text_, i);
    if (!block) return 0;
    if (block->begin >= block->end) {
      if (block->is_open) emit_(secret_span{block->end, block->end, secret_kind::pem, hidden_as::open_block});
      return block->end;
    }
    return hide(block->begin, block->end, secret_kind::pem, block->is_open ? hidden_as::open_block : hidden_as::text);
  }

  // "Bearer …" and "Basic …" without a header's name before them.
  std::size_t look_scheme(std::size_t i) {
    const auto place = read_scheme(text_, i);
    return place ? hide(place->begin, place->end, secret_kind::authorization) : 0;
  }

  // "curl -u user:password": without the program before it, it may be anything.
  std::size_t look_user(std::size_t i) {
    std::size_t value = 0;
    for (const std::string_view option : {"-u "sv, "--user "sv, "--user="sv}) {
      if (text_.compare(i, option.size(), option) == 0) value = i + option.size();
    }
    if (value == 0 || (i != 0 && !is_blank(text_[i - 1]))) return 0;
    value = skip(text_, value, [](char c) { return is_blank(c) || is_quote(c); });
    const std::size_t colon = skip(text_, value, [](char c) { return is_name(c) || c == '@'; });
    if (at(text_, colon) != ':') return 0;
    const auto is_inside = [](char c) { return static_cast<unsigned char>(c) > ' ' && !is_quote(c) && c != '\\'; };
    return hide(colon + 1, skip(text_, colon, is_inside), secret_kind::argument);
  }

  // "machine host login user password secret", as .netrc has it, on one line or several.
  std::size_t look_machine(std::size_t i) {
    const auto is_space = [](char c) { return is_blank(c) || is_line_end(c); };
    const auto is_inside = [](char c) { return static_cast<unsigned char>(c) > ' '; };
    if (i != 0 && !is_space(text_[i - 1])) return 0;
    for (const std::string_view word : {"machine"sv, "login"sv, "password"sv}) {
      if (text_.compare(i, word.size(), word) != 0) return 0;
      const std::size_t value = skip(text_, i + word.size(), is_space, 64);
      if (value == i + word.size()) return 0;
      const std::size_t end = skip(text_, value, is_inside, 256);
      if (word == "password") return hide(value, end, secret_kind::key_value);
      i = skip(text_, end, is_space, 64);
    }
    return 0;
  }

  std::size_t look_key(std::size_t i) {
    if (i < checked_until_ || !is_name(text_[i])) return 0;
    found_key key;
    if (!read_name(i, key) || !read_separator(key)) return 0;
    const std::string_view name = text_.substr(key.begin, key.end - key.begin);
    key.kind = kind_of(name, key.begin);
    if (key.kind == key_kind::plain && key.begin != 0 && text_[key.begin - 1] == '\\' &&
        "nrt"sv.find(name[0]) != std::string_view::npos) {
      key.kind = kind_of(name.substr(1), key.begin + 1);  // behind an escaped line end
    }
    if (key.kind == key_kind::plain) return equal_fold(name, "auth") ? look_auth(key) : 0;
    if (ends_fold(name, "authorization")) return look_authorization(key);
    if (ends_fold(name, "cookie") && key.separator == ':' && key.quote == 0) {
      if (const auto end = look_cookies(key)) return end;
    }
    const auto place = read_value(key);
    if (!place) return 0;
    const bool is_json = place->form == value_form::bare && is_json_name(key);
    const auto kind = key.separator == ' ' ? secret_kind::argument : secret_kind::key_value;
    return hide(place->begin, place->end, kind, is_json ? hidden_as::string : hidden_as::text);
  }

  // "auth": a user and a password in base64, as Docker keeps them.
  std::size_t look_auth(const found_key& key) {
    const auto open = read_quote(text_, key.value);
    const std::size_t begin = open ? open->content : key.value;
    const std::size_t end = skip(text_, begin, is_token, surely_a_value);
    return is_basic(text_.substr(begin, end - begin)) ? hide(begin, end, secret_kind::key_value) : 0;
  }

  // In plain quotes, not escaped ones: where a value without quotes stands, a text must have them.
  bool is_json_name(const found_key& key) const {
    if (key.quote != '"' || key.begin == 0 || text_[key.begin - 1] != '"') return false;
    return key.begin < 2 || text_[key.begin - 2] != '\\';
  }

  // The whole name around `i`. A run of name characters is looked at once, so that long ones cost no more.
  bool read_name(std::size_t i, found_key& key) {
    constexpr std::size_t longest = name_words::longest_name + 8;
    key.begin = i;
    while (key.begin > std::max(done_, checked_until_) && i - key.begin < longest && is_name(text_[key.begin - 1])) {
      --key.begin;
    }
    key.end = skip(text_, i, is_name);
    checked_until_ = key.end;
    if (key.end - key.begin > longest) return false;
    const std::size_t before = key.begin;
    while (key.begin < key.end && !is_alnum(text_[key.begin]) && text_[key.begin] != '_') ++key.begin;
    dashes_ = key.begin != before && text_[key.begin - 1] == '-' ? key.begin - before : 0;
    if (before != 0) {
      const char c = text_[before - 1];
      key.enclosing = is_quote(c) ? c : '\0';
    }
    std::size_t left = before;
    while (left > 0 && before - left < 8 &&
           (is_blank(text_[left - 1]) || is_quote(text_[left - 1]) || text_[left - 1] == '\\')) {
      --left;
    }
    key.begins_field = left == 0 || "\r\n{([,;&?|"sv.find(text_[left - 1]) != std::string_view::npos;
    return true;
  }

  // Goes from the name's end over closing quotes and brackets and the separator to the value.
  bool read_separator(found_key& key) {
    std::size_t i = key.end;
    while (key.end > key.begin && (text_[key.end - 1] == '-' || text_[key.end - 1] == '.')) --key.end;
    if (at(text_, i) == '>' && text_[i - 1] != '-') {
      if (key.begin == 0 || text_[key.begin - 1] != '<') return false;
      key.separator = '>';
      key.value = i + 1;
      return true;
    }
    const std::size_t closers = skip(text_, i, [](char c) { return is_quote(c) || c == '\\' || c == ']'; }, 18);
    if (closers != i && is_quote(text_[closers - 1])) key.quote = text_[closers - 1];
    if (closers != i && key.quote == 0 && is_quote(text_[i])) key.quote = text_[i];
    if (key.quote != 0) key.enclosing = 0;
    const std::size_t spaces = skip(text_, closers, is_blank, 64);
    i = spaces;
    const char c = at(text_, i);
    if (c == '=' || c == ':') {
      if (c == ':' && (at(text_, i + 1) == ':' || (at(text_, i + 1) == '/' && at(text_, i + 2) == '/'))) return false;
      key.separator = c;
      i = skip(text_, i + 1, [](char each) { return each == '='; }, 2);
      if (at(text_, i) == '>') ++i;  // Ruby's and PHP's =>
      key.value = skip(text_, i, is_blank, 64);
      // "password= user=x": none is set.
      const bool may_be_empty = c == '=' && spaces == closers && key.value != i;
      if (may_be_empty && at(text_, skip(text_, key.value, is_name, name_words::longest_name)) == '=') return false;
      return !is_line_end(at(text_, key.value));
    }
    const bool is_option = dashes_ >= 2 || (dashes_ == 1 && key.end - key.begin > 2);
    if (!is_option || closers != key.end || spaces == closers || is_line_end(c)) return false;
    key.separator = ' ';
    key.value = i;
    return true;
  }

  key_kind kind_of(std::string_view name, std::size_t begin) const {
    const key_kind kind = kind_of_key(name, *rules_.keys);
    if (kind != key_kind::plain) return kind;
    // "API key: …": the word before belongs to it.
    if (is_one_of_fold(name, std::array{"key"sv, "keys"sv}) && begin > 1 && text_[begin - 1] == ' ') {
      std::size_t word = begin - 1;
      while (word > done_ && begin - word < 16 && is_letter(text_[word - 1])) --word;
      const auto both = kind_of_key(text_.substr(word, begin + name.size() - word), *rules_.keys);
      return both == key_kind::secret ? key_kind::likely : both;
    }
    // Signed addresses: whoever has the signature may get the content.
    const bool in_query = begin > 0 && (text_[begin - 1] == '?' || text_[begin - 1] == '&');
    if (in_query && (ends_fold(name, "signature") || equal_fold(name, "sig"))) return key_kind::secret;
    return key_kind::plain;
  }

  std::optional<value_place> read_value(const found_key& key) const {
    std::size_t i = key.value;
    if (key.separator == '>') {
      const std::size_t end = skip(text_, i, [](char c) { return c != '<' && !is_line_end(c); });
      const value_place place{i, end, value_form::quoted};
      return is_flag_value(text_.substr(i, place.end - i)) ? std::nullopt : std::optional(place);
    }
    // b"…", u'…': a letter before the quote.
    if (is_letter(at(text_, i)) && is_quote(at(text_, i + 1)) && "bBrRuU"sv.find(text_[i]) != std::string_view::npos)
      ++i;
    if (key.separator == ' ' && at(text_, i) == '-') return std::nullopt;
    if (const auto open = read_quote(text_, i); open && open->quote != key.enclosing) {
      const value_place place{open->content, quoted_end(text_, *open), value_form::quoted};
      return accept(key, place);
    }
    if (at(text_, i) == '[') {
      if (const auto list = read_list(text_, i)) return list;
    }
    if (at(text_, i) == '{') return std::nullopt;
    return accept(key, {i, bare_end(text_, i, key.enclosing), value_form::bare});
  }

  // What the name announces, or not: a flag, a sentence, a number, an object's description.
  static constexpr std::size_t surely_a_value = 256;  // a word of this length needs no second look

  std::optional<value_place> accept(const found_key& key, const value_place& place) const {
    const std::string_view value = text_.substr(place.begin, place.end - place.begin);
    if (value.empty()) return std::nullopt;
    if (value.size() > surely_a_value) return place;
    if (is_flag_value(value)) return std::nullopt;
    const bool in_text = key.separator == ':' && key.quote == 0;
    const bool may_go_on = (in_text || key.separator == ' ') && place.form == value_form::bare;
    if (may_go_on && is_sentence(value)) return std::nullopt;
    if (key.kind == key_kind::secret) return place;
    if (is_count(key, value) || is_description(value) || is_described(place)) return std::nullopt;
    if (equal_fold(text_.substr(key.begin, key.end - key.begin), "pwd") && (value[0] == '/' || value[0] == '~')) {
      return std::nullopt;
    }
    if (in_text && !key.begins_field && !looks_random(value, 6) && value.size() < 32) return std::nullopt;
    return place;
  }

  // "tokens=512", "session: 3".
  bool is_count(const found_key& key, std::string_view value) const {
    if (!std::all_of(value.begin(), value.end(), [](char c) { return is_digit(c) || c == '.' || c == ','; }))
      return false;
    return value.size() < 6 || lower(text_[key.end - 1]) == 's';
  }

  // "Token{78af589 …", "android.os.Binder@4e11d": how programs print objects.
  static bool is_description(std::string_view value) {
    const std::size_t name = skip(value, 0, [](char c) { return is_letter(c) || c == '.' || c == '$' || c == '_'; });
    return name != 0 && (at(value, name) == '{' || at(value, name) == '@' || at(value, name) == '(');
  }

  // "Token { kind: …": the same with a blank.
  bool is_described(const value_place& place) const {
    return at(text_, place.end) == ' ' && at(text_, place.end + 1) == '{' &&
           skip(text_, place.begin, is_letter) == place.end;
  }

  std::size_t look_authorization(const found_key& key) {
    std::size_t begin = key.value;
    if (at(text_, begin) == '[') ++begin;  // a header with a list of values, as Go prints it
    const auto open = read_quote(text_, begin);
    const bool is_quoted = open && open->quote != key.enclosing;
    if (is_quoted) begin = open->content;
    const auto credentials = read_credentials(text_, begin);
    begin = credentials.begin;
    if (is_quoted) return hide(begin, quoted_end(text_, *open), secret_kind::authorization);
    if (credentials.is_single) {
      const std::size_t end = bare_end(text_, begin, key.enclosing);
      const std::string_view value = text_.substr(begin, end - begin);
      const bool is_none = is_flag_value(value) || is_sentence(value) || value.starts_with('{');
      return !credentials.has_scheme && is_none ? 0 : hide(begin, end, secret_kind::authorization);
    }
    std::size_t end = line_end(text_, begin);
    if (key.enclosing != 0) end = std::min(end, text_.find(key.enclosing, begin));
    return hide(begin, end, secret_kind::authorization);
  }

  std::size_t look_cookies(const found_key& key) {
    const bool is_list = at(text_, key.value) == '[';
    const std::size_t begin = key.value + (is_list ? 1 : 0);
    const auto named = text_.substr(begin, surely_a_value).find('=');
    if (named == std::string_view::npos || is_quote(at(text_, begin))) return 0;
    std::size_t end = line_end(text_, begin);
    if (key.enclosing != 0) end = std::min(end, text_.find(key.enclosing, begin));
    if (is_list) end = std::min(end, text_.find(']', begin));
    return begin + named < end ? hide(begin, end, secret_kind::key_value) : 0;
  }

  static bool ends_fold(std::string_view name, std::string_view word) {
    return name.size() >= word.size() && equal_fold(name.substr(name.size() - word.size()), word);
  }

  std::string_view text_;
  scan_rules rules_;
  Emit& emit_;
  url_reader urls_;
  std::size_t done_ = 0;           // the end of the last secret
  std::size_t checked_until_ = 0;  // names before it have been looked at
  std::size_t no_jwt_before_;
  std::size_t curl_end_ = 0;  // the end of the last line that runs curl
  std::size_t dashes_ = 0;    // before the name that is looked at
};

/// Gives every secret in `text` to `emit(secret_span)`, left to right and without overlap.
template <class Emit>
void find_secrets(std::string_view text, const scan_rules& rules, Emit&& emit) {
  scanner<Emit>(text, rules, emit).run();
}

}  // namespace ovrseer::redact_detail
