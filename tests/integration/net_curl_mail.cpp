// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Mails to a server that is not ours, with and without TLS, and to one that answers by script on our own thread.
#include <ovrseer/net/curl_mail.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/report/mail_reporter.hpp>

#include "catch.hpp"
#include "certificates.hpp"
#include "counterparty.hpp"
#include "disk_folder.hpp"
#include "file_text.hpp"
#include "http_run.hpp"
#include "mail_peer.hpp"
#include "report_samples.hpp"

namespace t_net_curl_mail {

using namespace ovrseer;
using namespace ovrseer::test;
using ovrseer_test::content_of;
using namespace std::chrono_literals;

mail_message sample() {
  mail_message made("Ovrseer \xC3\xBC <ovr@example.com>", {"ops@example.com"});
  made.subject("error: \xC3\xA4pi gave up \xF0\x9F\x92\xA5").id("one").date(wall_time(1'700'000'000s));
  made.text("first\n.\n..two dots\n.dot\nlast \xE2\x82\xAC").html("<p>\xE2\x82\xAC</p>");
  return made;
}

/// For 127.0.0.1, and one that has expired.
const certificates& the_authority() {
  static certificates authority;
  static const certificates& made = authority.sign("host").sign("old", "IP:127.0.0.1", -1);
  return made;
}

/// aiosmtpd, running.
struct stand {
  explicit stand(std::string how, const std::string& behaviour = "", const std::string& certificate = "host")
      : mode(std::move(how)), port(free_port(context)), server(context, start(behaviour, certificate), port) {}

  command start(const std::string& behaviour, const std::string& certificate) const {
    // Its way of refusing a password is to say nothing at all, which no server does.
    std::string script = content_of(counterparty("aiosmtp.py"));
    const std::string silent = "AuthResult(success=ok,";
    const std::size_t at = script.find(silent);
    if (at != std::string::npos) script.replace(at, silent.size(), "AuthResult(success=ok, handled=ok,");
    const std::string asks = "ctx.verify_mode = ssl.CERT_REQUIRED; ctx.load_verify_locations(os.environ['TLS_CA'])\n";
    if (behaviour == "asks who we are") script.insert(script.find("n=0\n"), asks);
    std::ofstream(folder / "server.py") << script;
    command made("/usr/bin/python3", folder / "server.py", std::to_string(port), mode);
    if (!behaviour.empty()) made.args(behaviour);
    made.env("TLS_CA", the_authority() / "ca.pem")
        .env("TLS_CERT", the_authority() / (certificate + ".pem"))
        .env("TLS_KEY", the_authority() / (certificate + ".key"));
    made.output(output_target(output_target::file{folder / "out"}));
    return made;
  }
  mail_server address(const std::string& login = "ovr:p%40ss@") const {
    const std::string scheme = mode == "tls" ? "smtps" : "smtp";
    return mail_server(scheme + "://" + login + "127.0.0.1:" + std::to_string(port));
  }
  /// What became of the mail; throws what the client does.
  mail_receipt send(mail_message mail, mail_server to, std::string ca = the_authority() / "ca.pem") {
    curl_mail_client client(context.get_executor(), std::move(to), curl_options().trust(std::move(ca)));
    return run_task(context, client.send(std::move(mail)));
  }
  /// What the client throws.
  error fails(mail_message mail, mail_server to, std::string ca = the_authority() / "ca.pem") {
    try {
      send(std::move(mail), std::move(to), std::move(ca));
    } catch (const error& why) {
      return why;
    }
    FAIL("the mail was taken");
    throw std::logic_error("not reached");
  }
  /// What came to the server, one object a mail.
  std::vector<nlohmann::json> mails() const {
    std::ifstream in(folder / "out");
    std::vector<nlohmann::json> made;
    for (std::string line; std::getline(in, line);) made.push_back(nlohmann::json::parse(line));
    return made;
  }

  ovrseer_test::disk_folder folder;
  asio::io_context context;
  std::string mode;
  std::uint16_t port;
  peer server;
};

#define NEEDS_AIOSMTPD()                                                                                  \
  if (!has_program("openssl") || std::system("/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null") != 0 || \
      !std::filesystem::exists(counterparty("aiosmtp.py")))                                               \
    SKIP("needs openssl, python3-aiosmtpd and " << counterparty("aiosmtp.py"));                           \
  REQUIRE(the_authority().was_made())

void check_sample(const nlohmann::json& got) {
  CHECK(got.at("from") == "ovr@example.com");
  CHECK(got.at("to") == nlohmann::json{"ops@example.com"});
  CHECK(got.at("subject") == "error: \xC3\xA4pi gave up \xF0\x9F\x92\xA5");
  REQUIRE(got.at("parts").size() == 2);
  CHECK(got.at("parts")[0] == nlohmann::json{"text/plain", "first\r\n.\r\n..two dots\r\n.dot\r\nlast \xE2\x82\xAC"});
  CHECK(got.at("parts")[1] == nlohmann::json{"text/html", "<p>\xE2\x82\xAC</p>"});
}

TEST_CASE("a mail goes by STARTTLS with its user and comes out as it was written") {
  NEEDS_AIOSMTPD();
  stand server("starttls");
  REQUIRE(server.server.readiness().is_ready());
  CHECK(server.send(sample(), server.address()).refused.empty());
  REQUIRE(server.mails().size() == 1);
  check_sample(server.mails()[0]);
  CHECK(server.mails()[0].at("tls") == true);
  CHECK(server.mails()[0].at("auth") == true);
  server.send(sample(), server.address());
  CHECK(server.mails().size() == 2);
}

TEST_CASE("a mail goes by TLS from the first byte") {
  NEEDS_AIOSMTPD();
  stand server("tls");
  server.send(sample(), server.address());
  REQUIRE(server.mails().size() == 1);
  check_sample(server.mails()[0]);
  CHECK(server.mails()[0].at("auth") == true);
}

TEST_CASE("a server without TLS gets nothing unless plain was asked for") {
  NEEDS_AIOSMTPD();
  stand server("plain");
  const error why = server.fails(sample(), server.address(""));
  CHECK(why.code() == std::error_code(CURLE_USE_SSL_FAILED, curl_category()));
  CHECK(why.code() == condition::fatal);
  CHECK(server.fails(sample(), server.address()).code() == why.code());  // and no password
  CHECK(server.mails().empty());
  server.send(sample(), server.address("").security(mail_security::plain));
  REQUIRE(server.mails().size() == 1);
  check_sample(server.mails()[0]);
  CHECK(server.mails()[0].at("tls") == false);
}

TEST_CASE("a server that asks to come later and one that refuses are told apart") {
  NEEDS_AIOSMTPD();
  stand grey("starttls", "reject4xx");
  const error later = grey.fails(sample(), grey.address());
  CHECK(later.code() == errc::unavailable);
  CHECK_THAT(later.what(), catchx::ContainsSubstring("451 4.7.1 greylisted, try again"));
  CHECK_THAT(later.what(), !catchx::ContainsSubstring("p@ss") && !catchx::ContainsSubstring("p%40ss"));
  grey.send(sample(), grey.address());
  CHECK(grey.mails().size() == 1);
  stand black("starttls", "reject5xx");
  const error never = black.fails(sample(), black.address());
  CHECK(never.code() == errc::rejected);
  CHECK_THAT(never.what(), catchx::ContainsSubstring("554 5.7.1 rejected"));
}

TEST_CASE("receivers that a server does not know are told and the others have the mail") {
  NEEDS_AIOSMTPD();
  stand server("starttls", "rcpt1");
  const mail_message some =
      mail_message("ovr@example.com", {"ops@example.com", "bad1@example.com", "dev@example.com", "bad2@example.com"})
          .subject("four");
  const mail_receipt receipt = server.send(some, server.address());
  REQUIRE(receipt.refused.size() == 2);
  CHECK(receipt.refused[0].address == "bad1@example.com");
  CHECK(receipt.refused[0].code == errc::rejected);
  CHECK(receipt.refused[0].reason == "550 5.1.1 no such user");
  CHECK(receipt.refused[1].address == "bad2@example.com");
  REQUIRE(server.mails().size() == 1);
  CHECK(server.mails()[0].at("to") == nlohmann::json{"ops@example.com", "dev@example.com"});
  const mail_message none = mail_message("ovr@example.com", {"bad1@example.com", "bad2@example.com"}).subject("none");
  CHECK(server.fails(none, server.address()).code() == errc::rejected);
  CHECK(server.mails().size() == 1);
}

TEST_CASE("a wrong password and none at all are not permitted") {
  NEEDS_AIOSMTPD();
  stand server("starttls");
  const error wrong = server.fails(sample(), server.address("ovr:guess@"));
  CHECK(wrong.code() == errc::not_permitted);
  CHECK_THAT(wrong.what(), catchx::ContainsSubstring("535") && !catchx::ContainsSubstring("guess"));
  CHECK(server.fails(sample(), server.address("")).code() == errc::not_permitted);
}

TEST_CASE("a certificate of an unknown authority ends it before the password") {
  NEEDS_AIOSMTPD();
  for (const std::string mode : {"starttls", "tls"}) {
    stand server(mode);
    const error why = server.fails(sample(), server.address(), "");
    CHECK(why.code() == std::error_code(CURLE_PEER_FAILED_VERIFICATION, curl_category()));
    CHECK(why.code() == condition::fatal);
    CHECK(server.mails().empty());
  }
}

TEST_CASE("a certificate of another host or of the past ends it before the password") {
  NEEDS_AIOSMTPD();
  for (const std::string mode : {"starttls", "tls"}) {
    stand server(mode);
    const mail_server by_name((mode == "tls" ? "smtps" : "smtp") + std::string("://ovr:p%40ss@localhost:") +
                              std::to_string(server.port));
    CHECK(server.fails(sample(), by_name).code() == std::error_code(CURLE_PEER_FAILED_VERIFICATION, curl_category()));
    CHECK(server.mails().empty());
    stand expired(mode, "", "old");
    const error why = expired.fails(sample(), expired.address());
    CHECK(why.code() == std::error_code(CURLE_PEER_FAILED_VERIFICATION, curl_category()));
    CHECK_THAT(why.what(), catchx::ContainsSubstring("expired"));
    CHECK(expired.mails().empty());
  }
}

TEST_CASE("a mail server that asks who we are is shown our certificate") {
  NEEDS_AIOSMTPD();
  for (const std::string mode : {"starttls", "tls"}) {
    stand server(mode, "asks who we are");
    curl_options options = curl_options().trust(the_authority() / "ca.pem");
    const auto try_with = [&] {
      curl_mail_client client(server.context.get_executor(), server.address(), options);
      return run_task(server.context, attempt(client.send(sample()))).has_value();
    };
    CHECK_FALSE(try_with());
    CHECK(server.mails().empty());
    options.certificate(the_authority() / "host.pem", the_authority() / "host.key");
    CHECK(try_with());
    REQUIRE(server.mails().size() == 1);
    check_sample(server.mails()[0]);
  }
}

TEST_CASE("a report by mail that a server puts off arrives later and once") {
  NEEDS_AIOSMTPD();
  stand grey("starttls", "reject4xx");
  retry_limits soon(backoff::constant(1ms));
  soon.only_if([](const failed_attempt& failed) { return failed.code == condition::retryable; });
  curl_mail_client client(grey.context.get_executor(), grey.address(),
                          curl_options().trust(the_authority() / "ca.pem"));
  const mail_report to_people("ovr@example.com", {"ops@example.com"});
  retried reporter(mail_reporter<curl_mail_client>(to_people, std::move(client)), soon);
  const crash_report report = ovrseer_test::full_report();
  run_task(grey.context, reporter.deliver(report));
  REQUIRE(grey.mails().size() == 1);
  CHECK(grey.mails()[0].at("subject") == "critical: api gave up");
  CHECK(status_of(reporter).retried == 1);
}

TEST_CASE("a mail of a megabyte comes out as it was written") {
  NEEDS_AIOSMTPD();
  stand server("starttls");
  std::string text;
  for (int i = 0; i != 20'000; ++i)
    text += "." + std::string(static_cast<std::size_t>(i % 120), "=.\xC3 x"[i % 5]) + "\n";
  server.send(sample().text(text).html(""), server.address());
  REQUIRE(server.mails().size() == 1);
  std::string got = server.mails()[0].at("parts")[0][1];
  got.erase(std::remove(got.begin(), got.end(), '\r'), got.end());
  CHECK((got == valid_utf8(text)));
}

using answers = mail_peer::answers;

/// The code of sending to a server with this script; none where it took the mail.
struct sent {
  explicit sent(answers script, std::vector<mail_address> to = {"ops@example.com"}) {
    const std::size_t before = open_descriptors();
    {
      asio::io_context context;
      mail_peer server(context.get_executor(), std::move(script));
      asio::co_spawn(context, server.serve(), [](const std::exception_ptr&) {});
      curl_mail_client client(context.get_executor(), server.address());
      const mail_message mail = mail_message("ovr@example.com", std::move(to)).subject("hello");
      const auto began = std::chrono::steady_clock::now();
      const auto ended = run_task(context, attempt(with_deadline(client.send(mail), 5s)));
      took = std::chrono::steady_clock::now() - began;
      if (!ended) {
        code = ended.reason().code();
        what = ended.reason().what();
      } else {
        receipt = *ended;
      }
      commands = server.commands();
    }
    leaked = open_descriptors() - before;
  }

  std::error_code code;
  std::string what;
  mail_receipt receipt;
  std::vector<std::string> commands;
  std::chrono::nanoseconds took{};
  std::size_t leaked = 0;
};

TEST_CASE("a server that does not answer the farewell holds nobody up") {
  const sent good(answers{{"QUIT", "..."}});
  CHECK(good.code == std::error_code());
  CHECK(good.took < 900ms);
  CHECK(good.leaked == 0);
  const sent refused(answers{{"QUIT", "..."}, {"RCPT", "550 no"}});
  CHECK(refused.code == errc::rejected);
  CHECK(refused.took < 900ms);
  const sent late(answers{{"QUIT", "..."}, {".", "451 later"}});
  CHECK(late.code == errc::unavailable);
  CHECK(late.took < 900ms);
}

TEST_CASE("each refusal of a server is understood wherever it comes") {
  CHECK(sent(answers{{"", "421 too busy"}}).code == errc::unavailable);
  CHECK(sent(answers{{"", "554 go away"}}).code == errc::rejected);
  CHECK(sent(answers{{"MAIL", "452 full"}}).code == errc::unavailable);
  CHECK(sent(answers{{"MAIL", "530 who are you"}}).code == errc::not_permitted);
  CHECK(sent(answers{{"DATA", "554 no"}}).code == errc::rejected);
  CHECK(sent(answers{{"DATA", "451 no"}}).code == errc::unavailable);
  CHECK(sent(answers{{".", "552 too large"}}).code == errc::rejected);
  CHECK_THAT(sent(answers{{".", "550-first\r\n550 second \x01\xFF"}}).what,
             catchx::ContainsSubstring("550 first second  \xEF\xBF\xBD"));
  const std::vector<mail_address> two{"a@example.com", "b@example.com"};
  CHECK(sent(answers{{"RCPT TO:<a@", "450 later"}, {"RCPT", "550 never"}}, two).code == errc::unavailable);
  CHECK(sent(answers{{"RCPT", "550 never"}}, two).code == errc::rejected);
  const sent part(answers{{"RCPT TO:<a@", "450 later"}}, two);
  CHECK(part.code == std::error_code());
  REQUIRE(part.receipt.refused.size() == 1);
  CHECK(part.receipt.refused[0].address == "a@example.com");
  CHECK(part.receipt.refused[0].code == errc::unavailable);
}

TEST_CASE("a server that leaves is one that may be back") {
  CHECK(sent(answers{{"", ""}}).code == condition::retryable);
  CHECK(sent(answers{{"EHLO", ""}}).code == condition::retryable);
  CHECK(sent(answers{{"RCPT", ""}}).code == condition::retryable);
  CHECK(sent(answers{{"DATA", ""}}).code == condition::retryable);
  CHECK(sent(answers{{".", ""}}).code == condition::retryable);
  const std::vector<mail_address> two{"a@example.com", "b@example.com"};
  CHECK(sent(answers{{"RCPT TO:<a@", "550 never"}, {".", ""}}, two).code == condition::retryable);
}

std::error_code send_to_silence(const std::string& at) {
  asio::io_context context;
  mail_peer server(context.get_executor(), {{at, "..."}});
  asio::co_spawn(context, server.serve(), [](const std::exception_ptr&) {});
  curl_mail_client client(context.get_executor(), server.address());
  const mail_message mail("ovr@example.com", {"ops@example.com"});
  const auto ended = run_task(context, attempt(with_deadline(client.send(mail), 100ms)));
  context.restart();
  context.run();  // the server has seen the end
  return ended ? std::error_code() : ended.reason().code();
}

TEST_CASE("a mail whose server is silent is abandoned at its deadline") {
  const std::size_t before = open_descriptors();
  for (const std::string silent : {"", "EHLO", "MAIL", "RCPT", "DATA", "."}) {
    CHECK(send_to_silence(silent) == errc::timed_out);
    CHECK(open_descriptors() == before);
  }
}

TEST_CASE("nobody listening is one that may come back") {
  asio::io_context context;
  const mail_server nobody("smtp://127.0.0.1:" + std::to_string(free_port(context)));
  curl_mail_client client(context.get_executor(), nobody);
  const mail_message mail("ovr@example.com", {"ops@example.com"});
  const auto ended = run_task(context, attempt(client.send(mail)));
  REQUIRE_FALSE(ended);
  CHECK(ended.reason().code() == std::errc::connection_refused);
}

TEST_CASE("a server is described so that no password can go without TLS") {
  CHECK(mail_server("smtp://mail.example.com").text() == "smtp://mail.example.com:587");
  CHECK(mail_server("smtps://u:p@mail.example.com/me").text() == "smtps://mail.example.com:465");
  CHECK(mail_server("smtp://[::1]:2525").text() == "smtp://[::1]:2525");
  CHECK(mail_server("smtp://u:p%40@h").password() == "p@");
  CHECK_THROWS_AS(mail_server("http://h"), error);
  CHECK_THROWS_AS(mail_server("smtp://h/?x=1"), error);
  CHECK_THROWS_AS(mail_server("smtp://u:p@h").security(mail_security::plain), error);
  CHECK_THROWS_AS(mail_server("smtp://h").security(mail_security::plain).login("u", "p"), error);
  CHECK_THROWS_AS(mail_server("smtps://h").security(mail_security::plain), error);
}

TEST_CASE("another reader of mails finds what was written and nothing more") {
  if (!has_program("python3")) SKIP("needs python3");
  const ovrseer_test::disk_folder folder;
  std::string long_word(200, 'x');
  mail_message mail("\"Wei\xC3\x9F, \\\"A\\\" (x)\" <ovr@example.com>",
                    {"a@example.com", "Plain Name <b@example.com>",
                     std::string(90, 'N') + "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E <c@example.com>"});
  const std::string subject = "=?not a word?= " + long_word +
                              "  \xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5\xE6\x9C\xAC "
                              "\xF0\x9F\x92\xA5\xF0\x9F\x92\xA5\xF0\x9F\x92\xA5\xF0\x9F\x92\xA5\xF0\x9F\x92\xA5 end";
  const std::string text = "tab\tand space \n" + long_word + long_word + "=\n\n.\nFrom me\n\xE2\x82\xAC";
  mail.subject(subject).text(text).html("<b>" + long_word + "</b>").id("a.b-1").date(wall_time(1'700'000'000s));
  mail.header("X-Unit", "api").header("X-Long", "word " + long_word + " and " + long_word);
  std::ofstream(folder / "mail") << to_mime(mail);
  std::ofstream(folder / "read.py") << R"(
import email, email.policy, json, sys
raw = open(sys.argv[1], 'rb').read()
m = email.message_from_bytes(raw, policy=email.policy.default)
lines = raw.split(b'\r\n')
print(json.dumps({
  'bare': raw.replace(b'\r\n', b'').count(b'\n') + raw.replace(b'\r\n', b'').count(b'\r'),
  'longest': max(len(l) for l in lines), 'ascii': raw.isascii(),
  'words': max([len(w) for l in lines for w in l.split() if w.startswith(b'=?')]),
  'wordlines': max([len(l) for l in lines if b'=?UTF-8' in l]),
  'from': [(a.display_name, a.addr_spec) for a in m['from'].addresses],
  'to': [(a.display_name, a.addr_spec) for a in m['to'].addresses],
  'subject': str(m['subject']), 'date': m['date'].datetime.isoformat(), 'id': m['message-id'],
  'auto': m['auto-submitted'], 'unit': m['x-unit'], 'long': m['x-long'], 'keys': m.keys(),
  'defects': [str(d) for d in m.defects] + [str(d) for p in m.walk() for d in p.defects],
  'text': m.get_body(('plain',)).get_content().replace('\r\n', '\n'), 'html': m.get_body(('html',)).get_content()})))";
  REQUIRE(std::system(("python3 " + folder / "read.py" + " " + folder / "mail" + " >" + folder / "out").c_str()) == 0);
  const auto got = nlohmann::json::parse(content_of(folder / "out"));
  CHECK(got.at("bare") == 0);
  CHECK(got.at("ascii") == true);
  CHECK(got.at("longest") <= 998);
  CHECK(got.at("words") <= 75);
  CHECK(got.at("wordlines") <= 76);
  CHECK(got.at("from")[0][0] == "Wei\xC3\x9F, \"A\" (x)");
  CHECK(got.at("to").size() == 3);
  CHECK(got.at("to")[1][0] == "Plain Name");
  std::string name = got.at("to")[2][0];  // this reader keeps the space between encoded words
  name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
  CHECK(name == std::string(90, 'N') + "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E");
  CHECK(got.at("subject") == subject);
  CHECK(got.at("date") == "2023-11-14T22:13:20+00:00");
  CHECK(got.at("id") == "<a.b-1@example.com>");
  CHECK(got.at("auto") == "auto-generated");
  CHECK(got.at("unit") == "api");
  CHECK(got.at("long") == "word " + long_word + " and " + long_word);
  CHECK(got.at("keys").size() == 10);
  CHECK(got.at("defects") == nlohmann::json::array());
  CHECK(got.at("text") == text);
  CHECK(got.at("html") == "<b>" + long_word + "</b>");
}

}  // namespace t_net_curl_mail
