// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Mails as values and on the wire: what is refused, and that nothing in them can pass for something else.
#include <ovrseer/net/mail.hpp>

#include <string>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/net/detail/smtp_transaction.hpp>

#include "catch.hpp"
#include "http_run.hpp"

namespace t_net_mail {

using namespace ovrseer;
using ovrseer::test::run_task;

static_assert(mail_client<null_mail_client>);
static_assert(mail_client<recording_mail_client>);
static_assert(mail_client<any_mail_client>);
static_assert(!mail_client<int>);

mail_message sample() { return mail_message("Ovr <ovr@example.com>", {"ops@example.com"}); }

TEST_CASE("an address is read with its name or without") {
  CHECK(mail_address("a@b").address() == "a@b");
  const mail_address named(" \"O'Neil, \\\"Al\\\"\" <a.b+c@ex-ample.com> ");
  CHECK(named.name() == "O'Neil, \"Al\"");
  CHECK(named.address() == "a.b+c@ex-ample.com");
  CHECK(named.domain() == "ex-ample.com");
  CHECK(mail_address("<a@b>").name().empty());
}

TEST_CASE("an address that could be more than one is refused") {
  for (const std::string bad :
       {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x@y>", "a@b> SIZE=1", "<a@b", "a@b>", ".a@b", "a..b@c",
        "a@.b", "a@b.", "\xC3\xA4@b", "a@[127.0.0.1]", "n\n <a@b>", "a,b@c", "n <a@b,c@d>"}) {
    CAPTURE(bad);
    CHECK_FALSE(mail_address::parse(bad));
    CHECK_THROWS_AS(mail_address(bad), error);
  }
  CHECK_FALSE(mail_address::parse(std::string(250, 'a') + "@b.example"));
}

TEST_CASE("nobody smuggles a header into a mail") {
  mail_message mail = sample();
  CHECK_THROWS_AS(mail.subject("a\r\nBcc: x@y"), error);
  CHECK_THROWS_AS(mail.subject(std::string("a\0b", 3)), error);
  CHECK_THROWS_AS(mail.header("X-A", "a\nb"), error);
  CHECK_THROWS_AS(mail.header("X A", "a"), error);
  CHECK_THROWS_AS(mail.header("bcc", "x@y"), error);
  CHECK_THROWS_AS(mail.header("content-type", "text/html"), error);
  CHECK_THROWS_AS(mail.id("a@b"), error);
  CHECK_THROWS_AS(mail.id("a>\r\n"), error);
  CHECK_THROWS_AS(mail_message("a@b", {}), error);
  CHECK(mail == sample());
}

TEST_CASE("a mail of ASCII is written as it is") {
  const std::string wire =
      to_mime(sample().subject("hello").text("a=b\n\n.\n").id("x-1").date(wall_time(std::chrono::seconds(0))));
  CHECK(wire ==
        "From: \"Ovr\" <ovr@example.com>\r\nTo: ops@example.com\r\nSubject: hello\r\n"
        "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nMessage-ID: <x-1@example.com>\r\nAuto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n\r\n.\r\n");
}

TEST_CASE("lines are short whatever is in them") {
  std::string long_text(5000, '\xFF');
  const std::string wire =
      to_mime(sample().subject(long_text).text(long_text).html(long_text).header("X-A", long_text));
  for (std::size_t begin = 0; begin < wire.size();) {
    const std::size_t end = wire.find("\r\n", begin);
    REQUIRE(end != std::string::npos);
    REQUIRE(end - begin <= 76);
    begin = end + 2;
  }
  CHECK(wire.find("--=_ovrseer--\r\n") != std::string::npos);
}

TEST_CASE("what is dynamic cannot end an element or an attribute of a page") {
  CHECK(html_escaped("<a href=\"x\" o='y'>&\n\x01\xFF") ==
        "&lt;a href=&quot;x&quot; o=&#39;y&#39;&gt;&amp;\n\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a transaction names each receiver and doubles the dots of lines") {
  const mail_message mail = mail_message("a@b", {"c@d", "e@f"}).text(".x\n..\n");
  net_detail::smtp_transaction talk(mail);
  CHECK(talk.begin() == "MAIL FROM:<a@b>\r\n");
  CHECK(talk.resume({250, ""}) == "RCPT TO:<c@d>\r\n");
  CHECK(talk.resume({450, "later"}) == "RCPT TO:<e@f>\r\n");
  CHECK(talk.resume({250, ""}) == "DATA\r\n");
  CHECK_THAT(talk.resume({354, ""}), catchx::EndsWith("\r\n\r\n..x\r\n...\r\n.\r\n"));
  CHECK(talk.resume({250, ""}).empty());
  REQUIRE(talk.receipt("h").refused.size() == 1);
  CHECK(talk.receipt("h").refused[0].address == "c@d");
  CHECK(talk.receipt("h").refused[0].code == errc::unavailable);
}

TEST_CASE("a reply of several lines is one and what is no reply is refused") {
  net_detail::smtp_reader reader;
  CHECK_FALSE(reader.take("250-a\r\n"));
  const auto reply = reader.take("250 b\r\n");
  REQUIRE(reply);
  CHECK(reply->in_words() == "250 a b");
  CHECK(reader.take("354")->code == 354);
  for (const std::string bad : {"", "25", "abc", "HTTP/1.1 200", "099 x", "1x0"})
    CHECK_THROWS_AS(reader.take(bad), error);
}

TEST_CASE("a recording client answers by script and keeps every mail") {
  asio::io_context context;
  recording_mail_client client;
  client.then_fail(make_error_code(errc::unavailable)).then({{{"x@y", make_error_code(errc::rejected), "550 no"}}});
  any_mail_client any(client);
  CHECK(run_task(context, attempt(any.send(sample()))).reason().code() == errc::unavailable);
  CHECK(run_task(context, any.send(sample())).refused.size() == 1);
  CHECK(run_task(context, any.send(sample())).refused.empty());
  CHECK(client.mails().size() == 3);
  CHECK(run_task(context, any_mail_client(null_mail_client()).send(sample())).refused.empty());
}

}  // namespace t_net_mail
