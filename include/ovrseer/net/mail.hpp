// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Mails as plain values, their form on the wire, and what sends them: the concept, any model of it, and two for tests.
#pragma once

#include <concepts>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/net/http.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// Who writes or reads a mail: "ops@example.com", or "On call <ops@example.com>".
class mail_address {
 public:
  /// Reads `text`. Errors: `std::errc::invalid_argument`, with the reason.
  mail_address(std::string_view text);
  mail_address(const std::string& text) : mail_address(std::string_view(text)) {}
  mail_address(const char* text) : mail_address(std::string_view(text)) {}

  /// Reads `text`, with the failure as a value.
  ///
  /// An address is of visible ASCII with one '@' and at most 254 bytes; other domains are written in their xn-- form, and a
  /// quoted or non-ASCII part before the '@' is refused. The name is UTF-8 without control characters, in double quotes
  /// or not.
  static result<mail_address, error> parse(std::string_view text);

  const std::string& name() const noexcept { return name_; }
  /// Without brackets.
  const std::string& address() const noexcept { return address_; }
  std::string_view domain() const noexcept { return std::string_view(address_).substr(address_.find('@') + 1); }

  friend bool operator==(const mail_address&, const mail_address&) = default;

 private:
  mail_address() = default;

  std::string name_;
  std::string address_;
};

/// A mail of a program. All setters return the mail, so that they chain.
///
/// Texts are UTF-8; what is not becomes U+FFFD. It says of itself that no person wrote it (`Auto-Submitted`), so that
/// nobody's holiday answers.
class mail_message {
 public:
  /// Errors: `std::errc::invalid_argument` where `to` is empty.
  mail_message(mail_address from, std::vector<mail_address> to);

  /// One line. Errors: `std::errc::invalid_argument` where it holds a control character.
  mail_message& subject(std::string line);
  mail_message& text(std::string plain);
  /// The same for readers that show it in place of the text. Default none.
  mail_message& html(std::string page);
  /// What tells this mail from all others, the same when it is sent again: receivers may drop what they have. It becomes the
  /// part of `Message-ID` before the '@'; empty means none, and then the server may make one up.
  /// Errors: `std::errc::invalid_argument` for what is not of letters, digits, '-', '_' and single dots between them.
  mail_message& id(std::string unique);
  /// Default none; most servers then add the time of arrival.
  mail_message& date(wall_time written);
  /// Adds a header, such as `X-Unit` or `In-Reply-To`.
  /// Errors: `std::errc::invalid_argument` where the name is no token, or is one that the mail sets itself or that names
  /// receivers, and where the value holds a control character.
  mail_message& header(std::string name, std::string value);

  const mail_address& from() const noexcept { return from_; }
  const std::vector<mail_address>& to() const noexcept { return to_; }
  const std::string& subject() const noexcept { return subject_; }
  const std::string& text() const noexcept { return text_; }
  const std::string& html() const noexcept { return html_; }
  const std::string& id() const noexcept { return id_; }
  const std::optional<wall_time>& date() const noexcept { return date_; }
  const http_headers& headers() const noexcept { return headers_; }

  friend bool operator==(const mail_message&, const mail_message&) = default;

 private:
  mail_address from_;
  std::vector<mail_address> to_;
  std::string subject_;
  std::string text_;
  std::string html_;
  std::string id_;
  std::optional<wall_time> date_;
  http_headers headers_;
};

/// A mail as servers take it (RFC 5322, 2045 to 2047): lines end in CRLF, are ASCII, and of at most 998 bytes; words of
/// headers that are not ASCII are encoded, the text is quoted-printable, the page base64. Dots at the begin of lines are
/// not doubled yet. The same mail gives the same bytes.
OVRSEER_DECL std::string to_mime(const mail_message& mail);

/// Text that may stand in a page, also within quotes. Control characters but tab and newline become U+FFFD.
OVRSEER_DECL std::string html_escaped(std::string_view text);

/// Somebody to whom the server does not bring a mail that it took for others.
struct refused_recipient {
  std::string address;
  std::error_code code;  ///< `errc::unavailable` where it may later, else `errc::rejected`
  std::string reason;    ///< the server's words
};

/// What became of a mail that was taken.
struct mail_receipt {
  std::vector<refused_recipient> refused;  ///< fewer than all
};

/// An object whose `send` hands a mail to a server, which then answers for it.
///
/// Several may be under way. It completes when the server has taken the mail for one receiver at least, and throws where it
/// has for none: a code for which `condition::retryable` holds where a later call may succeed.
/// Cancellation: every type abandons the mail; whether the server has taken it is then unknown.
template <class C>
concept mail_client = requires(C client, mail_message mail) {
  { client.send(std::move(mail)) } -> std::same_as<task<mail_receipt>>;
};

/// The least that a `mail_client` is; for tests of templates.
struct mail_client_archetype {
  task<mail_receipt> send(mail_message mail);
};
static_assert(mail_client<mail_client_archetype>);

/// Takes every mail and gives it to nobody.
class null_mail_client {
 public:
  task<mail_receipt> send(mail_message mail);
};

/// Any mail client, chosen at run time. Copies share the client.
class any_mail_client {
 public:
  template <mail_client C>
    requires(!std::same_as<std::remove_cvref_t<C>, any_mail_client>)
  any_mail_client(C client)  // a client is an any_mail_client wherever one is wanted
      : client_(std::make_shared<model<C>>(std::move(client))) {}

  task<mail_receipt> send(mail_message mail) { return keep(client_, std::move(mail)); }

 private:
  struct base {
    virtual ~base() = default;
    virtual task<mail_receipt> send(mail_message mail) = 0;
  };
  template <class C>
  struct model final : base {
    explicit model(C client) : client_(std::move(client)) {}
    task<mail_receipt> send(mail_message mail) override { return client_.send(std::move(mail)); }
    C client_;
  };

  // The client outlives the mail, also where every handle of it is gone.
  static task<mail_receipt> keep(std::shared_ptr<base> client, mail_message mail);

  std::shared_ptr<base> client_;
};

/// Keeps every mail, also those that it refuses; copies share them. For tests.
class recording_mail_client {
 public:
  /// The next mails, one a call, fail with this code or are taken with this receipt; later ones are taken for all.
  recording_mail_client& then_fail(std::error_code code);
  recording_mail_client& then(mail_receipt receipt);

  task<mail_receipt> send(mail_message mail) { return play(state_, std::move(mail)); }

  /// Every mail so far, in order.
  const std::deque<mail_message>& mails() const noexcept { return state_->mails; }

 private:
  struct answer {
    std::error_code code;
    mail_receipt receipt;
  };
  struct state {
    std::deque<answer> script;
    std::deque<mail_message> mails;
  };

  static task<mail_receipt> play(std::shared_ptr<state> shared, mail_message mail);

  std::shared_ptr<state> state_ = std::make_shared<state>();
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/impl/mail.ipp>
#endif
