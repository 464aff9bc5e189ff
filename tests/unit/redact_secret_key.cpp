// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Names that announce secrets, in every way of writing them, and names that only look so.
#include <ovrseer/redact/secret_key.hpp>

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

namespace t_redact_secret_key {

using namespace ovrseer;

// snake_case, kebab-case, camelCase, PascalCase, UPPER_CASE, dotted and joined.
std::vector<std::string> spellings(const std::vector<std::string>& words) {
  const auto join = [&](const char* separator, bool is_upper, int from_capital) {
    std::string name;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i != 0) name += separator;
      for (std::size_t k = 0; k < words[i].size(); ++k) {
        const bool is_capital = k == 0 && from_capital >= 0 && static_cast<int>(i) >= from_capital;
        const int c = static_cast<unsigned char>(words[i][k]);
        name += static_cast<char>(is_upper || is_capital ? std::toupper(c) : c);
      }
    }
    return name;
  };
  return {join("_", false, -1), join("-", false, -1), join("", false, 1), join("", false, 0),
          join("_", true, -1),  join(".", false, -1), join("-", false, 0)};
}

TEST_CASE("names of secrets are known in every spelling") {
  const std::vector<std::vector<std::string>> names{{"password"},
                                                    {"passwd"},
                                                    {"secret"},
                                                    {"token"},
                                                    {"api", "key"},
                                                    {"apikey"},
                                                    {"access", "key"},
                                                    {"private", "key"},
                                                    {"authorization"},
                                                    {"credential"},
                                                    {"credentials"},
                                                    {"cookie"},
                                                    {"session"},
                                                    {"passphrase"},
                                                    {"db", "password"},
                                                    {"db", "password", "prod"},
                                                    {"my", "sql", "root", "password"},
                                                    {"client", "secret"},
                                                    {"aws", "secret", "access", "key"},
                                                    {"aws", "access", "key", "id"},
                                                    {"aws", "session", "token"},
                                                    {"github", "token"},
                                                    {"secret", "key", "base"},
                                                    {"encryption", "key"},
                                                    {"session", "id"},
                                                    {"set", "cookie"},
                                                    {"x", "api", "key"},
                                                    {"x", "auth", "token"},
                                                    {"proxy", "authorization"},
                                                    {"refresh", "token"},
                                                    {"jwt"},
                                                    {"db", "pass"},
                                                    {"mysql", "pwd"},
                                                    {"password", "hash"},
                                                    {"token", "github"},
                                                    {"webhook", "secret"}};
  for (const auto& words : names) {
    for (const auto& name : spellings(words)) {
      INFO(name);
      CHECK(is_secret_key(name));
    }
  }
}

TEST_CASE("names written as one word are known") {
  for (const char* name :
       {"PGPASSWORD", "dbpassword", "clientsecret", "authtoken", "accesstoken", "csrftoken", "JSESSIONID", "PHPSESSID",
        "secretkey", "_authToken", "password1", "password_2", "DBPassword"}) {
    INFO(name);
    CHECK(is_secret_key(name));
  }
}

TEST_CASE("names that only contain the letters are not taken") {
  for (const char* name : {"tokenizer",
                           "keyboard",
                           "monkey",
                           "key",
                           "primary_key",
                           "public_key",
                           "foreignKey",
                           "partition-key",
                           "hotkey",
                           "compass",
                           "bypass",
                           "passenger",
                           "passage",
                           "author",
                           "authority",
                           "secretary",
                           "obsession",
                           "cookiecutter",
                           "keyspace",
                           "turkey",
                           "tokenization",
                           "user",
                           "id",
                           "PATH",
                           "HOME",
                           "",
                           "_",
                           "123",
                           "pass",
                           "sessions_dir"}) {
    INFO(name);
    CHECK_FALSE(is_secret_key(name));
  }
}

TEST_CASE("a name is about its last word") {
  for (const char* name : {"password_file",
                           "PASSWORD_FILE",
                           "passwordPolicy",
                           "token_type",
                           "tokenUrl",
                           "token-endpoint",
                           "session_timeout",
                           "minSessionTimeout",
                           "max_tokens",
                           "prompt_tokens",
                           "completionTokens",
                           "secret_name",
                           "SECRET_ARN",
                           "cookie_domain",
                           "cookieSecure",
                           "password_changed_at",
                           "token_expires_in",
                           "private_key_path",
                           "PWD",
                           "OLDPWD",
                           "XDG_SESSION_ID",
                           "XDG_SESSION_TYPE",
                           "DESKTOP_SESSION",
                           "SESSION_MANAGER",
                           "DBUS_SESSION_BUS_ADDRESS",
                           "SSH_AUTH_SOCK",
                           "first_pass",
                           "render_pass",
                           "session_start",
                           "password_length"}) {
    INFO(name);
    CHECK_FALSE(is_secret_key(name));
  }
}

TEST_CASE("what is surely a secret is told from what is likely one") {
  CHECK(kind_of_key("password") == key_kind::secret);
  CHECK(kind_of_key("apiKey") == key_kind::secret);
  CHECK(kind_of_key("session") == key_kind::likely);
  CHECK(kind_of_key("token") == key_kind::likely);
  CHECK(kind_of_key("keyboard") == key_kind::plain);
}

TEST_CASE("names can be added word by word and allowed as a whole") {
  key_rules rules;
  rules.secret = {"pin", "connection_string", "", "--"};
  rules.allowed = {"session_id", "DB-PASSWORD"};
  for (const char* name : {"pin", "USER_PIN", "userPin", "connectionString", "CONNECTION-STRING",
                           "db.connection.string", "connectionstring", "my_connection_string_x"}) {
    INFO(name);
    CHECK(is_secret_key(name, rules));
  }
  for (const char* name :
       {"pinned", "spin", "connection", "string", "session_id", "sessionId", "SESSION-ID", "db_password"}) {
    INFO(name);
    CHECK_FALSE(is_secret_key(name, rules));
  }
  CHECK(is_secret_key("password", rules));
}

TEST_CASE("a name of any length and bytes is answered") {
  CHECK_FALSE(is_secret_key(std::string(10000, 'p') + "password"));
  CHECK(is_secret_key("\xC3\xA4_password"));
  CHECK(is_secret_key(std::string("\0password", 9)));
}

}  // namespace t_redact_secret_key
