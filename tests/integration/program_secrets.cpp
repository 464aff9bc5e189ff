// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Secrets wherever a configuration and its processes can have them: none is in anything that the program writes or sends,
// but for each service's own credential where the service wants it.
#include <catch.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/write.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/redact/line_redactor.hpp>

#include "http_serving.hpp"
#include "leaks.hpp"
#include "program_run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_program_secrets {

using namespace ovrseer;
using namespace ovrseer::test;
using nlohmann::json;

/// All secrets of a run, each with the name of its place.
class secret_book {
 public:
  std::string make(const std::string& place, std::size_t size = 24) {
    static constexpr std::string_view letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    std::string text;
    while (text.size() < size) text += letters[random_() % letters.size()];
    return add(place, text);
  }
  std::string add(const std::string& place, const std::string& text) {
    all_.emplace_back(place, text);
    return text;
  }

  /// The places whose secrets are in `text`, ten characters of them at least.
  std::vector<std::string> found_in(std::string_view text) const {
    constexpr std::size_t most = 10;
    std::set<std::string> found;
    std::unordered_map<std::string_view, const std::string*>
        places;  // of pieces: the text is gone through once for all
    for (const auto& [place, secret] : all_) {
      if (secret.size() < most && text.find(secret) != std::string_view::npos) found.insert(place);
      for (std::size_t i = 0; i + most <= secret.size(); ++i)
        places.try_emplace(std::string_view(secret).substr(i, most), &place);
    }
    for (std::size_t i = 0; i + most <= text.size(); ++i) {
      const auto at = places.find(text.substr(i, most));
      if (at != places.end()) found.insert(*at->second);
    }
    return {found.begin(), found.end()};
  }

 private:
  std::mt19937 random_{5};
  std::vector<std::pair<std::string, std::string>> all_;
};

/// Lines of logs with a secret in each, of all kinds and places; those that no sign gives away are left out.
std::string corpus_lines(secret_book& secrets) {
  const std::string command = "python3 -B '" OVRSEER_SOURCE_DIR "/tools/secret_corpus.py' --seed 11 --each 1";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string lines;
  std::string line;
  for (int c = 0; pipe && (c = std::fgetc(pipe.get())) != EOF;) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    const json made = json::parse(std::exchange(line, {}));
    const std::string text = made.at("text");
    const std::string secret = made.at("secret");
    secret_book one;
    one.add("", secret);
    if (text.find('\n') != std::string::npos || secret.size() < 10) continue;
    if (!one.found_in(line_redactor().redact(text)).empty()) continue;
    secrets.add(std::string(made.at("kind")) + " in " + std::string(made.at("where")), secret);
    lines += text + "\n";
  }
  return lines;
}

/// Takes every request; refuses with what it was sent where the path says so.
struct receiver {
  std::string bodies;
  std::size_t requests = 0;

  task<http_response> answer(const http_request& request) {
    ++requests;
    bodies += request.body() + "\n";
    const std::string path = request.target().target();
    http_response made(200);
    if (path.find("/quotes") != std::string::npos) {
      json quoted{{"error", "refused"}, {"path", path}};
      for (const http_header& each : request.headers()) quoted["headers"][each.name] = each.value;
      made.status(path.find("/later") != std::string::npos ? 503 : 400).body(quoted.dump());
    } else if (path.find("/plainly") != std::string::npos) {
      made.status(401).body("no: " + std::string(request.headers().get("Authorization").value_or("")) + " " + path);
    } else if (path.find("_bulk") != std::string::npos) {
      made.body(R"({"errors": false, "items": []})");
    } else {
      made.body(R"({"ok": true, "status": "success"})");
    }
    co_return made;
  }
};

/// As much of a mail server as a mail needs.
task<void> take_mails(asio::ip::tcp::acceptor& from, std::string& heard) {
  for (;;) {
    asio::ip::tcp::socket peer = co_await from.async_accept(asio::use_awaitable);
    std::string in;
    std::string out = "220 here\r\n";
    bool is_text = false;
    asio::error_code over;
    auto token = asio::redirect_error(asio::use_awaitable, over);
    for (;;) {
      if (!out.empty()) co_await asio::async_write(peer, asio::buffer(out), token);
      const std::size_t size = co_await asio::async_read_until(peer, asio::dynamic_buffer(in), "\r\n", token);
      if (over) break;
      const std::string line = in.substr(0, size);
      in.erase(0, size);
      heard += line;
      out = is_text ? "" : "250 fine\r\n";
      if (line == "DATA\r\n") out = "354 go on\r\n";
      if (is_text && line == ".\r\n") out = "250 fine\r\n";
      is_text = line == "DATA\r\n" || (is_text && line != ".\r\n");
    }
  }
}

struct place {
  place() { make(); }

  void make() {
    const auto secret = [&](const char* where) { return secrets.make(where); };
    lines = corpus_lines(secrets);
    write_file(folder / "lines", lines);
    write_file(folder / "vars.env", "API_TOKEN=" + secret("a file of variables") + "\n");
    const std::string split = "ghp_" + secrets.make("a line in two writes", 36);
    const std::string cut = "ghp_" + secrets.make("a line that flags cut", 36);
    std::string key = "-----BEGIN RSA PRIVATE KEY-----\n";
    for (int i = 0; i < 12; ++i) key += secrets.make("a private key", 64) + "\n";
    write_file(folder / "more",
               std::string(1000, 'x') + " " + cut + " tail\n" + key + "-----END RSA PRIVATE KEY-----\n");
    write_file(folder / "begin", "token " + split.substr(0, 20));
    write_file(folder / "rest", split.substr(20) + "\n");
    const std::string script = "cat; cat lines more begin; sleep 0.1; cat rest; echo Authorization: Bearer " +
                               secret("standard error") +
                               " >&2; echo $DB_PASSWORD is bare; echo and $2; echo the end; exit 3";
    json api{{"id", "api"}, {"command", "sh"}, {"restartPolicy", "no"}, {"envFile", "vars.env"}};
    api["args"] = {"-c",
                   script,
                   "sh",
                   "--password",
                   secret("an argument"),
                   "--token=" + secret("half an argument"),
                   "--dsn",
                   "postgres://me:" + secret("an address in an argument") + "@db/x"};
    api["env"] = {{"DB_PASSWORD", secret("a variable")},
                  {"DATABASE_URL", "mysql://root:" + secret("an address in a variable") + "@db/app"}};
    api["stdin"] = {{"text", "login password=" + secret("standard input") + "\n"}};
    api["log"] = {{"file", "api.log"}};
    api["flags"] = json::array({{{"name", "any"}, {"pattern", "/(?<all>.+)/"}, {"context", 5}, {"target", 3}},
                                {{"name", "key"}, {"pattern", "/^[A-Za-z0-9]{64}$/"}, {"context", 3}}});
    const json stopper{{"command", "stopper"}, {"args", {"--password", secret("a stop command")}}};
    const std::string page = "http://me:" + secret("a stop condition") + "@127.0.0.1:1/?token=" + secret("its query");
    api["stop"] = {{"steps", json::array({{{"command", stopper}, {"grace", "1s"}, {"until", {{"http", page}}}}})}};
    json torn{{"id", "torn"}, {"shell", "cat lines more; exit 3"}, {"restartPolicy", "no"}};
    torn["log"] = {{"lineLimit", 90}};
    json lost{{"id", "lost"}, {"command", "/no/such/program"}, {"restartPolicy", "no"}};
    lost["args"] = {"--password", secret("an argument of what cannot start")};
    json nowhere{{"id", "nowhere"}, {"command", "true"}, {"restartPolicy", "no"}};
    nowhere["cwd"] = "/no/such/token=" + secret("a folder");
    json probed{{"id", "probed"}, {"shell", "exec sleep 60"}, {"restartPolicy", "no"}};
    const json probe{{"command", "sh"},
                     {"args", {"-c", "echo $0 $1; exit 1", "--password", secret("an argument of a check")}}};
    probed["readyChecks"] = json::array({{{"exec", probe}, {"timeout", "300ms"}, {"interval", "50ms"}}});
    json asked{{"id", "asked"}, {"shell", "exec sleep 60"}, {"restartPolicy", "no"}};
    const json question{{"url", base.substr(0, 7) + "me:" + secret("an address of a check") + "@" + base.substr(7) +
                                    "/plainly?api_key=" + secret("a query of a check")},
                        {"headers", {{"Authorization", "Bearer " + secret("a header of a check")}}}};
    asked["readyChecks"] = json::array({{{"http", question}, {"timeout", "300ms"}, {"interval", "50ms"}}});
    stack["env"] = {{"STACK_SECRET", secret("a variable of all")}};
    stack["processes"] = {api, torn, lost, nowhere, probed, asked};
    stack["reports"] = {{"directory", "reports"}};
    stack["journal"] = {{"path", "journal"}};
    stack["metrics"] = {{"listen", "127.0.0.1:0"}, {"token", secret("/metrics")}};
    stack["exporters"] = json::array({{{"id", "page"}, {"file", "metrics.prom"}}});
    json reporters = json::array();
    const auto hook = [&](const std::string& name, const std::string& at, const char* header) {
      json headers{{header, header == std::string_view("Authorization") ? "Bearer " + secret("a header of a reporter")
                                                                        : secret("a header of a reporter")}};
      const std::string path = at + secret("a path of a reporter") + "?api_key=" + secret("a query of a reporter");
      return json{{"id", name}, {"webhook", {{"url", base + path}, {"headers", headers}}}};
    };
    const auto kept = [](json reporter) {
      reporter["outbox"] = "box-" + std::string(reporter["id"]);
      return reporter;
    };
    reporters.push_back(hook("hook", "/taken/", "X-Api-Key"));
    reporters.push_back(hook("quoting", "/quotes/", "Authorization"));
    reporters.push_back(hook("plain", "/plainly/", "Authorization"));
    reporters.push_back(kept(hook("kept", "/quotes/", "X-Api-Key")));
    reporters.push_back(kept(hook("late", "/quotes/later/", "X-Api-Key")));
    json away = kept(hook("away", "/", "Authorization"));
    away["webhook"]["url"] =
        "http://me:" + secret("a user of a reporter") + "@127.0.0.1:1/" + secret("a path to nobody");
    reporters.push_back(away);
    const auto bot = [&](const std::string& name, const std::string& url) {
      const std::string token = "xoxb-" + secret("a token of Slack");
      return json{{"id", name}, {"slack", {{"token", token}, {"channel", "#ops"}, {"url", url}}}};
    };
    reporters.push_back(bot("slack", base));
    reporters.push_back(bot("slack-plain", base + "/plainly"));
    reporters.push_back(
        {{"id", "slack-hook"}, {"slack", {{"webhook", base + "/quotes/" + secret("a hook of Slack")}}}});
    const std::string dsn = base.substr(0, 7) + secret("a DSN") + "@" + base.substr(7);
    reporters.push_back({{"id", "sentry"}, {"sentry", {{"dsn", dsn + "/42"}}}});
    reporters.push_back({{"id", "sentry-plain"}, {"sentry", {{"dsn", dsn + "/quotes/42"}}}});
    routing_key = secrets.make("a routing key", 32);
    reporters.push_back(
        {{"id", "pager"}, {"pagerduty", {{"routingKey", routing_key}, {"url", base}, {"fromRestarts", 0}}}});
    const json mail{{"server", "smtp://127.0.0.1:" + mail_port},
                    {"security", "plain"},
                    {"from", "a@b.example"},
                    {"to", {"c@d.example"}}};
    reporters.push_back({{"id", "mail"}, {"mail", mail}});
    const json told{{"command", "sh"},
                    {"args", {"-c", "cat >> told; echo failed with --password $0 >&2; exit 1", secret("a command")}}};
    reporters.push_back(kept({{"id", "exec"}, {"exec", told}}));
    reporters.push_back(hook("other", "/quotes/", "X-Route"));
    stack["reporters"] = reporters;
    json sinks = json::array({{{"id", "file"}, {"jsonLines", "all.jsonl"}}});
    sinks.push_back({{"id", "es"}, {"elasticsearch", {{"url", base}, {"apiKey", secret("a key of Elasticsearch")}}}});
    const json user{{"url", base + "/plainly"}, {"user", "me"}, {"password", secret("a password of Elasticsearch")}};
    sinks.push_back({{"id", "es-plain"}, {"elasticsearch", user}});
    for (const char* at : {"/sink/", "/quotes/sink/", "/plainly/sink/"}) {
      const json headers{{"Authorization", "Bearer " + secret("a header of a sink")}};
      sinks.push_back({{"id", "web-" + std::to_string(sinks.size())},
                       {"http", {{"url", base + at + secret("a path of a sink")}, {"headers", headers}}}});
    }
    stack["sinks"] = sinks;
    write_file(folder / "ovrseer.json", stack.dump(1));
  }

  template <class... Words>
  program_result run(Words&&... words) {
    command what(OVRSEER_PROGRAM, std::forward<Words>(words)...);
    what.working_directory(folder.path());
    return run_to_end(what, context);
  }

  /// Fails with what is there and should not be.
  void look_at(const std::string& what, std::string_view text) {
    INFO(what);
    CHECK(secrets.found_in(text) == std::vector<std::string>{});
  }

  ovrseer_test::disk_folder folder;
  asio::io_context context;
  secret_book secrets;
  receiver heard;
  http_handler handler = [this](const http_request& request) { return heard.answer(request); };
  serving server{context.get_executor(), server_endpoint::tcp("127.0.0.1", 0), handler};
  asio::ip::tcp::acceptor mail_door{context, {asio::ip::address_v4::loopback(), 0}};
  std::string base = "http://127.0.0.1:" + std::to_string(server.endpoint().port());
  std::string mail_port = std::to_string(mail_door.local_endpoint().port());
  std::string mails;
  std::string lines;
  std::string routing_key;
  json stack;
};

void remove_all(std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) text.erase(at, word.size());
}

TEST_CASE("no secret is in anything that the program writes or sends") {
  const no_leaks nothing_left;
  place p;
  if (p.lines.empty()) SKIP("no python3 to make secrets with");
  asio::co_spawn(p.context, take_mails(p.mail_door, p.mails), [](const std::exception_ptr&) {});  // until it is closed
  const std::string form = GENERATE("--json", "--color=never");
  const program_result up = p.run("up", form);
  INFO(up.err.substr(0, 2000));
  REQUIRE(up.code == 3);
  CHECK(up.out.find("the end") != std::string::npos);
  CHECK(p.heard.bodies.find("<redacted>") != std::string::npos);
  CHECK(p.mails.find("Subject: ") != std::string::npos);
  p.look_at("up", up.out);
  p.look_at("errors of up", up.err);
  p.look_at("mails", p.mails);
  std::string sent = p.heard.bodies;
  remove_all(sent, p.routing_key);  // PagerDuty wants it there
  p.look_at("what was sent", sent);
  const std::set<std::string> given{"ovrseer.json", "vars.env", "lines", "more", "begin", "rest"};
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(p.folder.path())) {
    const std::string name = std::filesystem::relative(entry.path(), p.folder.path());
    if (!entry.is_regular_file() || given.contains(name) || name == "api.log")
      continue;  // a log has the lines as they came
    ++files;
    p.look_at(name, read_file(entry.path().string()).value());
  }
  CHECK(files >= 12);  // reports, journal, outboxes with dead letters, sinks, metrics, what the command was told
  CHECK(std::filesystem::exists(p.folder / "box-kept/dead"));
  const std::vector<std::vector<std::string>> commands{{"plan"},
                                                       {"plan", "--json"},
                                                       {"plan", "--format", "dot"},
                                                       {"list"},
                                                       {"list", "--json"},
                                                       {"check"},
                                                       {"check", "--json"},
                                                       {"dead"},
                                                       {"dead", "--json"},
                                                       {"dead", "--send"},
                                                       {"send-test"},
                                                       {"send-test", "--json"},
                                                       {"journal"},
                                                       {"journal", "--json"},
                                                       {"journal", "--at", "end"},
                                                       {"simulate", "--for", "2m"},
                                                       {"simulate", "--json", "--for", "2m"}};
  for (const std::vector<std::string>& words : commands) {
    command what(OVRSEER_PROGRAM);
    what.arg_list(words).working_directory(p.folder.path());
    program_run program(p.context.get_executor(), what);
    const int code = complete(p.context, program.end());
    INFO(words.front() << " ended with " << code);
    CHECK(code != 2);
    p.look_at(words.front() + (words.size() > 1 ? " " + words[1] : ""),
              program.text() + program.text(line_source::err));
  }
  p.mail_door.close();
  complete(p.context, p.server.stop());
}

TEST_CASE("no message about a broken configuration shows a secret of it") {
  const no_leaks nothing_left;
  place p;
  const json good = p.stack;
  const auto look = [&](const std::string& what, const std::string& text) {
    write_file(p.folder / "ovrseer.json", text);
    for (const char* const form : {"--color=never", "--json"}) {
      const program_result said = p.run("check", form);
      INFO(what);
      CHECK(said.code == 2);
      p.look_at(what, said.out + said.err);
    }
  };
  // A key that is none beside each value, and a list in its place: the message shows the line.
  const auto break_at = [&](const json::json_pointer& at, const std::string& name) {
    json broken = good;
    broken[at].clear();
    broken[at] = good[at];
    broken[at][name] = good[at].begin().value();
    look(at.to_string() + " with " + name, broken.dump());
    look(at.to_string() + " with " + name + " in lines", broken.dump(1));
  };
  break_at(json::json_pointer("/processes/0"), "pasword");
  break_at(json::json_pointer("/reporters/0/webhook"), "urll");
  break_at(json::json_pointer("/sinks/1/elasticsearch"), "apikey");
  break_at(json::json_pointer("/metrics"), "tokn");
  for (const char* const at :
       {"/processes/0/env", "/processes/0/args", "/reporters/0/webhook/url", "/metrics/token",
        "/sinks/1/elasticsearch/apiKey", "/reporters/6/slack/token", "/reporters/9/sentry/dsn"}) {
    json broken = good;
    const json::json_pointer where(at);
    broken[where] = json::array({json::array({good[where]})});
    look(at, broken.dump(1));
  }
  std::string cut = good.dump(1);
  for (const std::size_t share : {3U, 5U, 7U}) look("cut short", cut.substr(0, cut.size() * share / 9));
  json bad_dsn = good;
  bad_dsn["reporters"][9]["sentry"]["dsn"] = "http:/" + p.secrets.make("a DSN that is none");
  look("a DSN", bad_dsn.dump());
  json bad_url = good;
  bad_url["reporters"][0]["webhook"]["url"] = "htp//hooks/services/token=" + p.secrets.make("an address that is none");
  look("an address", bad_url.dump());
  complete(p.context, p.server.stop());
}

}  // namespace t_program_secrets

#endif
