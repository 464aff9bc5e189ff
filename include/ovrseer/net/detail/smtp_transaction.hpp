// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One mail to a server that knows us already (RFC 5321): what to say next, and what the answers mean, without a network.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/error.hpp>
#include <ovrseer/net/mail.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer::net_detail {

/// A reply: the three-digit code and the begin of its text, on one line.
struct smtp_reply {
  int code = 0;
  std::string text;

  bool is_refusal() const noexcept { return code >= 400; }
  std::string in_words() const { return std::to_string(code) + " " + text; }
};

/// 4yz is for now, 5yz is for good, and some of those have to do with who we are.
inline std::error_code meaning_of(const smtp_reply& reply) noexcept {
  if (reply.code < 500) return make_error_code(errc::unavailable);
  const bool is_about_us = reply.code == 530 || reply.code == 534 || reply.code == 535 || reply.code == 538;
  return make_error_code(is_about_us ? errc::not_permitted : errc::rejected);
}

/// Makes replies of lines, of which all but the last have a '-' behind the code.
class smtp_reader {
 public:
  /// The reply that ends with this line.
  /// Errors: `errc::malformed_message` for what does not begin with a code.
  std::optional<smtp_reply> take(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    int code = 0;
    for (const char c : line.substr(0, 3)) {
      if (c < '0' || c > '9') code = -1000;
      code = code * 10 + (c - '0');
    }
    if (code < 200) throw error(make_error_code(errc::malformed_message), "send", "this is not SMTP");
    if (line.size() > 4) add(line.substr(4));
    if (line.size() > 3 && line[3] == '-') return std::nullopt;
    return smtp_reply{code, std::exchange(text_, {})};
  }

 private:
  static constexpr std::size_t most = 200;

  void add(std::string_view more) {
    std::string clean = valid_utf8(more.substr(0, most));
    for (char& c : clean) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    if (!text_.empty()) text_.push_back(' ');
    text_ += clean;
    text_.resize(first_bytes(text_, most).size());
  }

  std::string text_;  // of a reply that goes on
};

/// From MAIL to the end of the mail. A receiver that is refused does not keep the mail from the others.
class smtp_transaction {
 public:
  /// `mail` outlives it.
  explicit smtp_transaction(const mail_message& mail) : mail_(mail) {}

  /// What to say first.
  std::string begin() const { return "MAIL FROM:<" + mail_.from().address() + ">\r\n"; }

  /// What to say after this reply; empty when it is over.
  std::string resume(smtp_reply reply) {
    last_ = std::move(reply);
    switch (step_) {
      case step::sender: return last_.is_refusal() ? end() : next_recipient();
      case step::recipient:
        answers_.push_back(last_);
        is_wanted_ = is_wanted_ || !last_.is_refusal();
        if (answers_.size() < mail_.to().size() && last_.code != 421) return next_recipient();  // 421: it leaves
        if (!is_wanted_ || last_.code == 421) return end();
        step_ = step::data;
        return "DATA\r\n";
      case step::data:
        if (last_.code != 354) return end();
        step_ = step::content;
        return content();
      case step::content: is_taken_ = !last_.is_refusal(); return end();
      case step::over: break;
    }
    return {};
  }

  /// When it is over: who does not get it, or throws why nobody does. `where` is for the message.
  mail_receipt receipt(const std::string& where) const {
    if (!is_taken_) throw error(meaning(), "send", where + ": " + last_.in_words());
    mail_receipt made;
    for (std::size_t i = 0; i != answers_.size(); ++i) {
      const smtp_reply& answer = answers_[i];
      if (answer.is_refusal()) made.refused.push_back({mail_.to()[i].address(), meaning_of(answer), answer.in_words()});
    }
    return made;
  }

 private:
  enum class step { sender, recipient, data, content, over };

  std::string next_recipient() {
    step_ = step::recipient;
    return "RCPT TO:<" + mail_.to()[answers_.size()].address() + ">\r\n";
  }
  std::string end() {
    step_ = step::over;
    return {};
  }
  /// The mail with its dots doubled at the begin of lines, and its end; RFC 5321, 4.5.2.
  std::string content() const {
    std::string made = to_mime(mail_);
    for (std::size_t at = made.find("\r\n."); at != std::string::npos; at = made.find("\r\n.", at + 3)) {
      made.insert(at + 2, ".");
    }
    return made + ".\r\n";
  }
  /// Where all receivers were refused, one that is not for good decides.
  std::error_code meaning() const {
    if (is_wanted_) return meaning_of(last_);
    for (const smtp_reply& each : answers_) {
      if (each.code < 500) return meaning_of(each);
    }
    return meaning_of(last_);
  }

  const mail_message& mail_;
  step step_ = step::sender;
  smtp_reply last_;
  std::vector<smtp_reply> answers_;  // one for each receiver
  bool is_wanted_ = false;           // by one receiver at least
  bool is_taken_ = false;
};

}  // namespace ovrseer::net_detail
