// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The redactor as its users see it: generated secrets, environments, arguments, keys of one's own, hostile text.
#include <ovrseer/redact/line_redactor.hpp>
#include <ovrseer/redact/redactor.hpp>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

namespace t_redact_redactor {

using namespace ovrseer;

std::string random_secret(std::mt19937_64& random, std::string_view letters, std::size_t size) {
  std::string secret = "a1";
  while (secret.size() < size) secret += letters[random() % letters.size()];
  return secret;
}

TEST_CASE("generated secrets are hidden in every context and the rest stays") {
  const redactor rules;
  const std::vector<std::string> names{"password",     "DB_PASSWORD", "apiKey",         "client-secret",
                                       "x.auth.token", "API_KEY",     "passwd",         "accessToken",
                                       "private_key",  "sessionId",   "MY_CREDENTIALS", "cookie"};
  // NAME and SECRET are replaced; what is before and after must stay as it is.
  const std::vector<std::string> contexts{"NAME=SECRET",
                                          "x NAME=SECRET y",
                                          "NAME: SECRET",
                                          "NAME = \"SECRET\"",
                                          "NAME: 'SECRET', y",
                                          "{\"NAME\":\"SECRET\"}",
                                          "{\"a\": 1, \"NAME\": \"SECRET\", \"b\": [2]}",
                                          "{\"m\":\"{\\\"NAME\\\":\\\"SECRET\\\"}\"}",
                                          "{'NAME': 'SECRET'}",
                                          "cmd --NAME SECRET -x",
                                          "cmd --NAME=SECRET -x",
                                          "/path?NAME=SECRET&z=1",
                                          "a=1;NAME=SECRET;b=2",
                                          "(NAME=SECRET)",
                                          "2024-01-01 12:00:00 [info] NAME=SECRET took 5ms",
                                          "a:b:c NAME: \"SECRET\" d",
                                          "\"NAME=SECRET\"",
                                          "NAME=>\"SECRET\"",
                                          "<NAME>SECRET</NAME>",
                                          "\tNAME:\tSECRET",
                                          "NAME := SECRET"};
  std::mt19937_64 random(42);
  std::size_t count = 0;
  for (const auto& name : names) {
    for (const auto& context : contexts) {
      for (int k = 0; k < 20; ++k) {
        const std::string_view letters =
            k % 2 == 0 ? "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" : "abcXYZ019+/=_-.~!@$%^*#?";
        const std::string secret = random_secret(random, letters, 8 + random() % 40) + "z9";
        std::string text = context;
        std::string wanted = context;
        for (std::size_t at = 0; (at = text.find("NAME", at)) != std::string::npos; at += name.size())
          text.replace(at, 4, name);
        for (std::size_t at = 0; (at = wanted.find("NAME", at)) != std::string::npos; at += name.size())
          wanted.replace(at, 4, name);
        text.replace(text.find("SECRET"), 6, secret);
        wanted.replace(wanted.find("SECRET"), 6, rules.replacement());
        ++count;
        if (rules.redact(text) == wanted) continue;
        FAIL("'" << text << "' becomes '" << rules.redact(text) << "'");
      }
    }
  }
  CHECK(count == names.size() * contexts.size() * 20);
}

TEST_CASE("the replacement can be chosen and redacting twice changes nothing") {
  redactor rules;
  for (const char* replacement : {"***", "<redacted>", "[hidden]", "x"}) {
    rules.replacement(replacement);
    for (const char* text :
         {"password=abc user=x", "{\"token\":\"abc\"}", "http://a:b@c", "Bearer abcdef", "--password abc"}) {
      const std::string once = rules.redact(text);
      INFO(once);
      CHECK(once.find("abc") == std::string::npos);
      CHECK(rules.redact(once) == once);
    }
  }
}

TEST_CASE("keys can be added and allowed") {
  redactor rules;
  rules.add_key("pin").add_key("connection_string").add_key("ab").add_key("q");
  rules.allow_key("session_id").allow_key("DB_PASSWORD");
  CHECK(rules.redact("pin=1234 userPin: 99 pins=3") == "pin=<redacted> userPin: <redacted> pins=3");
  CHECK(rules.redact("{\"connectionString\":\"a;b\"}") == "{\"connectionString\":\"<redacted>\"}");
  CHECK(rules.redact("ab=1 q=2 x=3 abc=4 qq=5") == "ab=<redacted> q=<redacted> x=3 abc=4 qq=5");
  CHECK(rules.redact("session_id=abc123 dbPassword=x password=y") ==
        "session_id=abc123 dbPassword=x password=<redacted>");
  CHECK(rules.may_contain_secret("the pin=1"));
  CHECK_FALSE(rules.may_contain_secret("nothing at all"));
  CHECK(rules.is_secret_key("USER_PIN"));
  CHECK_FALSE(rules.is_secret_key("SESSION_ID"));
  const redactor copy = rules;
  rules.add_key("other");
  CHECK_FALSE(copy.is_secret_key("other"));
}

TEST_CASE("in place says whether anything was hidden") {
  const redactor rules;
  std::string text = "password=x";
  CHECK(rules.redact_in_place(text));
  CHECK(text == "password=<redacted>");
  CHECK_FALSE(rules.redact_in_place(text));
  text = "nothing";
  CHECK_FALSE(rules.redact_in_place(text));
  CHECK(text == "nothing");
}

TEST_CASE("variables are hidden by their names and redacted within otherwise") {
  const redactor rules;
  CHECK(rules.redact_environment("DB_PASSWORD", "a b c") == "<redacted>");
  CHECK(rules.redact_environment("DB_PASSWORD", "") == "");
  CHECK(rules.redact_environment("DATABASE_URL", "postgres://a:b@c/d") == "postgres://a:<redacted>@c/d");
  CHECK(rules.redact_environment("PATH", "/bin:/usr/bin") == "/bin:/usr/bin");
  CHECK(rules.redact_environment("OPTS", "--token abc") == "--token <redacted>");
}

TEST_CASE("arguments are hidden by their options") {
  const redactor rules;
  const auto redacted = [&](std::vector<std::string> arguments) {
    rules.redact_arguments(arguments);
    std::string joined;
    for (const auto& each : arguments) joined += each + "|";
    return joined;
  };
  CHECK(redacted({"mysql", "--password", "hunter 2", "-h", "x"}) == "mysql|--password|<redacted>|-h|x|");
  CHECK(redacted({"mysql", "--password=hunter 2", "-h"}) == "mysql|--password=<redacted>|-h|");
  CHECK(redacted({"mysql", "--password", "--host", "x"}) == "mysql|--password|--host|x|");
  CHECK(redacted({"mysql", "--password", "-x1", "y"}) == "mysql|--password|<redacted>|y|");
  CHECK(redacted({"mysql", "--password"}) == "mysql|--password|");
  CHECK(redacted({"env", "DB_PASSWORD=a b", "x"}) == "env|DB_PASSWORD=<redacted>|x|");
  CHECK(redacted({"java", "-Ddb.password=a b"}) == "java|-Ddb.password=<redacted>|");
  CHECK(redacted({"curl", "-H", "Authorization: Bearer abc", "https://a:b@c"}) ==
        "curl|-H|Authorization: Bearer <redacted>|https://a:<redacted>@c|");
  CHECK(redacted({"sh", "-c", "login --token abc; ls"}) == "sh|-c|login --token <redacted>; ls|");
  CHECK(redacted({"x", "--max-tokens", "5", "--password-file", "/f", "--no-password=true"}) ==
        "x|--max-tokens|5|--password-file|/f|--no-password=true|");
  CHECK(redacted({"", "-", "--", "password", "x"}) == "|-|--|password|x|");
  CHECK(redacted({}) == "");
  std::vector<std::string> clean{"ls", "-l"};
  CHECK_FALSE(rules.redact_arguments(clean));
}

TEST_CASE("hostile text costs no more than other text of its length") {
  // Nothing is measured: with a pass for each sign in it this would not end.
  const redactor rules;
  for (const char* part : {"password",
                           "token:",
                           "token=",
                           "Session: ",
                           "a://b:c/",
                           "://@",
                           "-eyJ",
                           "eyJ-",
                           "-----BEGIN PRIVATE KEY-----",
                           "bearer ",
                           "cookie:",
                           "cookie:a ",
                           "authorization:",
                           "authorization: failed ",
                           "authorization:{",
                           "authorization:[",
                           "<token>",
                           "--token ",
                           "key",
                           "AIza-",
                           "\"password\":\"",
                           "password=\\",
                           "password=[",
                           "tokens:[\"a\",",
                           "token=;a ",
                           "Token{",
                           "api key:",
                           "\\\"token\\\":",
                           "'token: 'a",
                           "password:'x\n",
                           "secret.",
                           "secret-",
                           "(token:"}) {
    std::string text;
    while (text.size() < (128U << 10U)) text += part;
    CHECK(rules.redact(text).size() <= 3 * text.size());
  }
}

TEST_CASE("a quick look never says no where something is hidden") {
  const redactor rules;
  std::mt19937_64 random(3);
  const std::vector<std::string> parts{"password",
                                       "=",
                                       ":",
                                       " ",
                                       "\"",
                                       "token",
                                       "abc123",
                                       "Bearer ",
                                       "://",
                                       "a:b@",
                                       "x",
                                       "--",
                                       "-----BEGIN PRIVATE KEY-----",
                                       "-----END",
                                       "eyJabcdefghi",
                                       ".",
                                       "AKIAIOSFODNN7EXAMPLE",
                                       "{",
                                       "}",
                                       "[",
                                       "]",
                                       "\\",
                                       "\n",
                                       "Authorization",
                                       "Cookie",
                                       "sig",
                                       "?",
                                       "&",
                                       ",",
                                       "'",
                                       "key"};
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += parts[random() % parts.size()];
    const std::string once = rules.redact(text);
    if (once != text && !rules.may_contain_secret(text)) FAIL("'" << text << "' looks clean");
  }
}

TEST_CASE("a secret that is known is hidden wherever it stands") {
  redactor rules;
  rules.add_secret("Xq81vZ0plm").add_secret("Xq81vZ0plm7w-long");
  CHECK(rules.redact("connect me Xq81vZ0plm now") == "connect me <redacted> now");
  CHECK(rules.redact("aXq81vZ0plm7w-longb Xq81vZ0plm") == "a<redacted>b <redacted>");
  CHECK(rules.may_contain_secret("x Xq81vZ0plm"));
  CHECK_FALSE(rules.may_contain_secret("x Xq9"));
  CHECK(rules.redact("password=Xq81vZ0plm7") == "password=<redacted>");
  std::string out;
  CHECK(rules.append(out, "Xq81vZ0plm") == redaction_result::redacted);
  CHECK(rules.append(out, "nothing") == redaction_result::unchanged);
}

TEST_CASE("a known text that may mean something else is not hidden everywhere") {
  redactor rules;
  for (const char* const word : {"", "true", "short1", "postgres", "PRODUCTION", "1234567890", "two\nlines-of-it"}) {
    rules.add_secret(word);
    CHECK(rules.redact(std::string("a ") + word + " b") == std::string("a ") + word + " b");
  }
}

TEST_CASE("the secrets of variables and arguments are known") {
  redactor rules;
  rules.add_secrets_of("DB_PASSWORD", "Xq81vZ0plm7w")
      .add_secrets_of("DATABASE_URL", "mysql://root:Kd93-hunter-2@db/app");
  rules.add_secrets_of("GREETING", "hello-world-22");
  rules.add_secrets_of(
      {"run", "--token", "tok-1234567", "--secret=sec-1234567", "postgres://me:pg-1234567@db", "me:7"});
  CHECK(rules.redact("Xq81vZ0plm7w Kd93-hunter-2 hello-world-22 tok-1234567 sec-1234567 pg-1234567 root me:7") ==
        "<redacted> <redacted> hello-world-22 <redacted> <redacted> <redacted> root me:7");
}

TEST_CASE("a known secret across the cut of a long line is hidden") {
  redactor rules;
  rules.add_secret("Xq81vZ0plm7w");
  line_redactor lines(rules);
  CHECK(lines.redact("it is Xq81v", line_part::first) == "it is <redacted>");
  CHECK(lines.redact("Z0plm7w it was", line_part::last) == "<redacted> it was");
}

}  // namespace t_redact_redactor
