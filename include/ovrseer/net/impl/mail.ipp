// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/mail.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>

#include <ovrseer/log/encode.hpp>
#include <ovrseer/net/mail.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

namespace net_detail {

[[noreturn]] inline void refuse_mail(std::string why) {
  throw error(std::make_error_code(std::errc::invalid_argument), "mail", std::move(why));
}

inline bool has_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

/// A `dot-atom-text` of RFC 5322, but for its characters beyond `more`.
inline bool is_dotted(std::string_view text, std::string_view more) noexcept {
  const auto fits = [more](char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || more.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), fits);
}

/// Why this is no address, or nothing.
inline const char* fault_of_address(std::string_view text) noexcept {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return "an address has the form name@domain";
  if (text.size() > 254) return "an address has at most 254 bytes";
  if (!is_dotted(text.substr(0, at), "!#$%&'*+-/=?^_`{|}~"))
    return "this is not fit to stand before the @ of an address";
  if (!is_dotted(text.substr(at + 1), "-_")) return "this is not fit to stand behind the @ of an address";
  return nullptr;
}

/// What stands between double quotes, without its backslashes.
inline std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string made;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    made.push_back(text[i]);
  }
  return made;
}

/// Writes headers: folded where there are spaces, or in encoded words.
class mail_head {
 public:
  void add(std::string_view name, std::string_view value) {
    begin(name);
    is_plain(value) ? add_plain(value) : add_encoded(valid_utf8(value));
    end();
  }
  void add(std::string_view name, const std::vector<mail_address>& list) {
    begin(name);
    for (const mail_address& each : list) {
      if (&each != &list.front()) {
        text_.push_back(',');
        fold();
      }
      add_name(each.name());
      add_token(each.name().empty() ? each.address() : "<" + each.address() + ">");
    }
    end();
  }
  std::string& text() noexcept { return text_; }

 private:
  static constexpr std::size_t line_size = 76;           // with an encoded word in it; RFC 2047, 2
  static constexpr std::size_t longest_token = 900;      // a line has at most 998 bytes; RFC 5322, 2.1.1
  static constexpr std::size_t encoded_frame = 12;       // =?UTF-8?B??=
  static constexpr std::size_t least_encoded_room = 20;  // for one character of four bytes

  /// Whether it can stand as it is: then unfolding gives back the same.
  static bool is_plain(std::string_view text) noexcept {
    std::size_t token = 0;
    for (const char c : text) {
      if (c < ' ' || c > '~') return false;
      token = c == ' ' ? 0 : token + 1;
      if (token > longest_token) return false;
    }
    return !text.starts_with(' ') && !text.ends_with(' ') && text.find("  ") == std::string_view::npos &&
           text.find("=?") == std::string_view::npos;
  }

  void begin(std::string_view name) {
    text_.append(name).push_back(':');
    column_ = name.size() + 1;
  }
  void end() { text_ += "\r\n"; }
  void fold() {
    text_ += "\r\n";
    column_ = 0;
  }
  void add_token(std::string_view token) {
    if (column_ + 1 + token.size() > line_size && column_ != 0) fold();
    text_.append(" ").append(token);
    column_ += 1 + token.size();
  }
  void add_plain(std::string_view text) {
    while (!text.empty()) {
      const std::size_t space = std::min(text.find(' '), text.size());
      add_token(text.substr(0, space));
      text.remove_prefix(std::min(space + 1, text.size()));
    }
  }
  void add_encoded(std::string_view text) {
    while (!text.empty()) {
      if (column_ + 1 + least_encoded_room > line_size) fold();
      const std::size_t room = line_size - column_ - 1;
      const std::string_view piece = first_bytes(text, (room - encoded_frame) / 4 * 3);
      std::string word = "=?UTF-8?B?";
      log_detail::append_base64(word, piece);
      add_token(word + "?=");
      text.remove_prefix(piece.size());
    }
  }
  void add_name(std::string_view name) {
    if (name.empty()) return;
    if (!is_plain(name) || name.size() > 60) return add_encoded(valid_utf8(name));
    std::string quoted = "\"";
    for (const char c : name) {
      if (c == '"' || c == '\\') quoted.push_back('\\');
      quoted.push_back(c);
    }
    add_token(quoted + "\"");
  }

  std::string text_;
  std::size_t column_ = 0;
};

/// RFC 5322, 3.3: "Tue, 14 Nov 2023 22:13:20 +0000".
inline std::string mail_date(wall_time time) {
  using namespace std::chrono;
  static constexpr std::array days_of_week{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months_of_year{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time) - day);
  char text[48];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d +0000", days_of_week[weekday(day).c_encoding()],
                static_cast<unsigned>(date.day()), months_of_year[static_cast<unsigned>(date.month()) - 1],
                static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return text;
}

/// One line, without its end; RFC 2045, 6.7.
inline void append_quoted_printable(std::string& out, std::string_view line) {
  std::size_t column = 0;
  for (std::size_t i = 0; i != line.size(); ++i) {
    const char c = line[i];
    const bool is_space = (c == ' ' || c == '\t') && i + 1 != line.size();
    const bool is_literal = is_space || (c > ' ' && c <= '~' && c != '=');
    const std::size_t size = is_literal ? 1 : 3;
    if (column + size > 75) {  // the 76th is for the '=' of a line that goes on
      out += "=\r\n";
      column = 0;
    }
    column += size;
    if (is_literal) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('=');
    out.push_back("0123456789ABCDEF"[byte >> 4U]);
    out.push_back("0123456789ABCDEF"[byte & 15U]);
  }
  out += "\r\n";
}

inline void append_text_part(std::string& out, const std::string& text) {
  out += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    append_quoted_printable(out, line);
  }
}

inline void append_html_part(std::string& out, std::string_view page) {
  out += "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  for (; !page.empty(); page.remove_prefix(std::min<std::size_t>(page.size(), 57))) {
    log_detail::append_base64(out, page.substr(0, 57));  // 76 characters
    out += "\r\n";
  }
}

}  // namespace net_detail

OVRSEER_DECL mail_address::mail_address(std::string_view text) {
  result<mail_address, error> read = parse(text);
  if (!read) throw error(read.reason());
  *this = *std::move(read);
}

OVRSEER_DECL result<mail_address, error> mail_address::parse(std::string_view text) {
  const auto refuse = [](const char* why) {
    return failure(error(std::make_error_code(std::errc::invalid_argument), "mail", why));
  };
  if (net_detail::has_control(text)) return refuse("an address holds no control characters");
  mail_address made;
  text = net_detail::trimmed(text);
  if (text.ends_with('>')) {
    const std::size_t bracket = text.rfind('<');
    if (bracket == std::string_view::npos) return refuse("an address with > needs a < before");
    made.name_ = net_detail::unquoted(net_detail::trimmed(text.substr(0, bracket)));
    text = text.substr(bracket + 1, text.size() - bracket - 2);
  }
  if (const char* const fault = net_detail::fault_of_address(text)) return refuse(fault);
  made.address_ = text;
  return made;
}

OVRSEER_DECL mail_message::mail_message(mail_address from, std::vector<mail_address> to)
    : from_(std::move(from)), to_(std::move(to)) {
  if (to_.empty()) net_detail::refuse_mail("a mail needs a receiver");
}

OVRSEER_DECL mail_message& mail_message::subject(std::string line) {
  if (net_detail::has_control(line)) net_detail::refuse_mail("a subject holds no control characters");
  subject_ = std::move(line);
  return *this;
}

OVRSEER_DECL mail_message& mail_message::text(std::string plain) {
  text_ = std::move(plain);
  return *this;
}

OVRSEER_DECL mail_message& mail_message::html(std::string page) {
  html_ = std::move(page);
  return *this;
}

OVRSEER_DECL mail_message& mail_message::id(std::string unique) {
  if (!unique.empty() && (!net_detail::is_dotted(unique, "-_") || unique.size() > 200)) {
    net_detail::refuse_mail("the id of a mail is of letters, digits, '-', '_' and single dots, at most 200");
  }
  id_ = std::move(unique);
  return *this;
}

OVRSEER_DECL mail_message& mail_message::date(wall_time written) {
  date_ = written;
  return *this;
}

OVRSEER_DECL mail_message& mail_message::header(std::string name, std::string value) {
  constexpr std::array own{"From",           "To",   "Cc",     "Bcc",         "Subject",  "Message-ID", "MIME-Version",
                           "Auto-Submitted", "Date", "Sender", "Return-Path", "Resent-To"};
  const auto is_same = [&name](const char* each) { return net_detail::equal_ignoring_case(name, each); };
  const bool is_content = net_detail::equal_ignoring_case(std::string_view(name).substr(0, 8), "Content-");
  if (is_content || std::any_of(own.begin(), own.end(), is_same)) net_detail::refuse_mail("not to be added: " + name);
  if (name.size() > 70) net_detail::refuse_mail("the name of a header has at most 70 bytes");
  if (net_detail::has_control(value)) net_detail::refuse_mail("a header holds no control characters");
  headers_.add(std::move(name), std::move(value));
  return *this;
}

OVRSEER_DECL std::string to_mime(const mail_message& mail) {
  net_detail::mail_head head;
  head.add("From", std::vector<mail_address>{mail.from()});
  head.add("To", mail.to());
  head.add("Subject", mail.subject());
  if (mail.date()) head.add("Date", net_detail::mail_date(*mail.date()));
  if (!mail.id().empty()) head.add("Message-ID", "<" + mail.id() + "@" + std::string(mail.from().domain()) + ">");
  head.add("Auto-Submitted", "auto-generated");
  for (const http_header& each : mail.headers()) head.add(each.name, each.value);
  head.add("MIME-Version", "1.0");
  std::string made = std::move(head.text());
  const std::string text = valid_utf8(mail.text());
  if (mail.html().empty()) {
    net_detail::append_text_part(made, text);
    return made;
  }
  // In quoted-printable no '_' follows a '=', and base64 has no '_' at all: no part holds the boundary.
  made += "Content-Type: multipart/alternative; boundary=\"=_ovrseer\"\r\n\r\n--=_ovrseer\r\n";
  net_detail::append_text_part(made, text);
  made += "--=_ovrseer\r\n";
  net_detail::append_html_part(made, valid_utf8(mail.html()));
  made += "--=_ovrseer--\r\n";
  return made;
}

OVRSEER_DECL std::string html_escaped(std::string_view text) {
  std::string made;
  for (const char c : valid_utf8(text)) {
    switch (c) {
      case '&': made += "&amp;"; break;
      case '<': made += "&lt;"; break;
      case '>': made += "&gt;"; break;
      case '"': made += "&quot;"; break;
      case '\'': made += "&#39;"; break;
      case '\t':
      case '\n': made.push_back(c); break;
      default:
        if (net_detail::has_control(std::string_view(&c, 1))) {
          made += "\xEF\xBF\xBD";
        } else {
          made.push_back(c);
        }
    }
  }
  return made;
}

OVRSEER_DECL task<mail_receipt> null_mail_client::send(mail_message) { co_return mail_receipt(); }

OVRSEER_DECL task<mail_receipt> any_mail_client::keep(std::shared_ptr<base> client, mail_message mail) {
  mail_receipt receipt = co_await client->send(std::move(mail));
  co_return receipt;
}

OVRSEER_DECL recording_mail_client& recording_mail_client::then_fail(std::error_code code) {
  state_->script.push_back({code, {}});
  return *this;
}

OVRSEER_DECL recording_mail_client& recording_mail_client::then(mail_receipt receipt) {
  state_->script.push_back({{}, std::move(receipt)});
  return *this;
}

OVRSEER_DECL task<mail_receipt> recording_mail_client::play(std::shared_ptr<state> shared, mail_message mail) {
  shared->mails.push_back(std::move(mail));
  if (shared->script.empty()) co_return mail_receipt();
  answer next = std::move(shared->script.front());
  shared->script.pop_front();
  if (next.code) throw error(next.code, "send", shared->mails.back().subject());
  co_return std::move(next.receipt);
}

}  // namespace ovrseer
