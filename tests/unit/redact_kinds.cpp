// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Every kind of secret in every place where one stands, and text that has none.
#include <ovrseer/redact/redactor.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

namespace t_redact_kinds {

using namespace ovrseer;

void becomes(std::string_view text, std::string_view expected) {
  const redactor rules;
  std::string wanted(expected);
  for (std::size_t at = 0; (at = wanted.find('#', at)) != std::string::npos; at += 10)
    wanted.replace(at, 1, "<redacted>");
  CHECK(rules.redact(text) == wanted);
  CHECK(rules.redact(wanted) == wanted);
  CHECK((rules.may_contain_secret(text) || text == wanted));
}

void stays(std::string_view text) { becomes(text, text); }

TEST_CASE("a value behind an equals sign or a colon is hidden") {
  becomes("password=hunter2 user=bob", "password=# user=bob");
  becomes("user=bob, password: hunter2, x: 1", "user=bob, password: #, x: 1");
  becomes("DB_PASSWORD=x", "DB_PASSWORD=#");
  becomes("password    =   x", "password    =   #");
  becomes("password= x", "password= #");
  becomes("password = a=b c", "password = # c");
  becomes("set db.password := x;", "set db.password := #;");
  becomes("a: 1\npassword: x\nb: 2\n", "a: 1\npassword: #\nb: 2\n");
  becomes("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPx=", "export AWS_SECRET_ACCESS_KEY=#");
  becomes("user[password]=x&user[name]=y", "user[password]=#&user[name]=y");
  becomes("https://host/?token=abc&x=1", "https://host/?token=#&x=1");
  becomes("https://s3/o?X-Amz-Signature=ab01&x=1", "https://s3/o?X-Amz-Signature=#&x=1");
  becomes("config[\"password\"] = \"x\"", "config[\"password\"] = \"#\"");
  becomes("{:password=>\"x y\", :b=>1}", "{:password=>\"#\", :b=>1}");
  becomes("['password' => 'x']", "['password' => '#']");
  becomes("<password>x y</password>", "<password>#</password>");
  becomes("pwd=hunter2", "pwd=#");
  becomes("api key: abc123def", "api key: #");
}

TEST_CASE("a bare value ends where another field begins and keeps its odd characters") {
  becomes("Server=s;Password=a;b,c;Database=d", "Server=s;Password=#;Database=d");
  becomes("Password=a,b;Initial Catalog=d", "Password=#;Initial Catalog=d");
  becomes("(password=a(b)c)", "(password=#)");
  becomes("{password=x}", "{password=#}");
  becomes("[password=x] next", "[password=#] next");
  becomes("password=a)b next", "password=# next");
  becomes("password=it's user=x", "password=# user=x");
  becomes("say 'password=x'.", "say 'password=#'.");
  becomes("password=x, user=y", "password=#, user=y");
  becomes("password=a&b user=x", "password=# user=x");
}

TEST_CASE("quoted values are hidden and their quotes stay") {
  becomes("password: 'it is long' next", "password: '#' next");
  becomes("password=\"a b\" next", "password=\"#\" next");
  becomes("password=`a b` next", "password=`#` next");
  becomes("password: \"a\\\"b\" next", "password: \"#\" next");
  becomes("password: \"a\\\\\" next", "password: \"#\" next");
  becomes("password=\"never closed", "password=\"#");
  becomes("password=\"never closed\nnext=1", "password=\"#\nnext=1");
  becomes("{'password': 'x', 'data': b'y', 'secret': b'z'}", "{'password': '#', 'data': b'y', 'secret': b'#'}");
}

TEST_CASE("JSON stays JSON") {
  becomes(R"({"user":"bob","password":"x","n":1})", R"({"user":"bob","password":"#","n":1})");
  becomes(R"({ "password" : "x" })", R"({ "password" : "#" })");
  becomes(R"(secret":12345)", R"(secret":#)");
  becomes(R"({"password":12345,"n":1})", R"({"password":"#","n":1})");
  becomes(R"({"password":null,"secret":true,"token":""})", R"({"password":null,"secret":true,"token":""})");
  becomes(R"({"tokens":["a","b,]c"],"n":1})", R"({"tokens":["#"],"n":1})");
  becomes(R"({"credentials":{"user":"bob","password":"x"}})", R"({"credentials":{"user":"bob","password":"#"}})");
  becomes(R"({"m":"{\"password\":\"x y\",\"a\":1}"})", R"({"m":"{\"password\":\"#\",\"a\":1}"})");
  becomes(R"({"m":"{\\\"password\\\":\\\"x\\\",\\\"a\\\":1}"})", R"({"m":"{\\\"password\\\":\\\"#\\\",\\\"a\\\":1}"})");
  becomes(R"({"m":"{\"token\":12345678}"})", R"({"m":"{\"token\":#}"})");
  becomes(R"({"m":"password=abc"})", R"({"m":"password=#"})");
  becomes(R"({"m":"said \"password=abc\" twice"})", R"({"m":"said \"password=#\" twice"})");
  becomes(R"({"authorization":"Bearer abc","n":1})", R"({"authorization":"Bearer #","n":1})");
  becomes(R"({"private_key":"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n","n":1})",
          R"({"private_key":"#","n":1})");
}

TEST_CASE("values of options are hidden") {
  becomes("mysql --password hunter2 -h x", "mysql --password # -h x");
  becomes("mysql --password=hunter2 -h x", "mysql --password=# -h x");
  becomes("java -Ddb.password=x -jar y", "java -Ddb.password=# -jar y");
  becomes("java -password x -jar y", "java -password # -jar y");
  becomes("run --api-key \"a b\" --v", "run --api-key \"#\" --v");
  stays("mysql --password --host x");
  stays("--password is required");
  stays("- password reset");
}

TEST_CASE("headers of authorization keep their scheme") {
  becomes("Authorization: Bearer abc.def-ghi", "Authorization: Bearer #");
  becomes("authorization: basic dXNlcjpwYXNz", "authorization: basic #");
  becomes("Authorization: abcdef", "Authorization: #");
  becomes("Authorization=Bearer abc x=1", "Authorization=Bearer # x=1");
  becomes("Proxy-Authorization: Token abc, next", "Proxy-Authorization: Token #, next");
  becomes("Authorization: Digest username=\"x\", response=\"y\"\nHost: z", "Authorization: Digest #\nHost: z");
  becomes("curl -H \"Authorization: Bearer abc\" https://x", "curl -H \"Authorization: Bearer #\" https://x");
  becomes("-H 'Authorization: AWS4-HMAC-SHA256 Credential=a/b, Signature=c' -v",
          "-H 'Authorization: AWS4-HMAC-SHA256 #' -v");
  becomes("map[Authorization:[Bearer abc] Cookie:[a=b; c=d] X:[y]]", "map[Authorization:[Bearer #] Cookie:[#] X:[y]]");
  becomes("Cookie: a=b; c=d\nHost: x", "Cookie: #\nHost: x");
  becomes("-H 'Cookie: a=b; c=d' -v", "-H 'Cookie: #' -v");
  becomes("Set-Cookie: id=a3; Path=/; HttpOnly", "Set-Cookie: #");
  becomes("X-Api-Key: abc", "X-Api-Key: #");
  stays("authorization: failed for bob");
  stays("\"authorization\": {\"kind\": 1}");
}

TEST_CASE("a bearer token or a user and password in base64 needs no header") {
  becomes("got Bearer xyz from bob", "got Bearer # from bob");
  becomes("got bearer abc123def456 from bob", "got bearer # from bob");
  becomes("got Basic dXNlcjpwYXNzd29yZA== from bob", "got Basic # from bob");
  stays("the bearer of bad news");
  stays("Bearer token is missing");
  stays("WWW-Authenticate: Bearer realm=\"example\", error=\"x\"");
  stays("Basic information about bob");
  stays("Basic dXNlcm5hbWVvbmx5");
}

TEST_CASE("passwords in addresses are hidden and users stay") {
  becomes("postgres://bob:hunter2@host:5432/db?x=1", "postgres://bob:#@host:5432/db?x=1");
  becomes("redis://:hunter2@host/0", "redis://:#@host/0");
  becomes("amqp+tls://bob:p%40ss@a,b/", "amqp+tls://bob:#@a,b/");
  becomes("postgres://bob:p@ss@host/db", "postgres://bob:#@host/db");
  becomes("postgres://bob:p/w#x@host/db", "postgres://bob:#@host/db");
  becomes("see <https://bob:x@host>, or (http://a:b@c)", "see <https://bob:#@host>, or (http://a:#@c)");
  becomes("https://0123456789abcdef0123@sentry.io/1", "https://#@sentry.io/1");
  becomes("http://a:b@c,http://d:e@f", "http://a:#@c,http://d:#@f");
  stays("ssh://git@github.com/x");
  stays("spark://CoarseGrainedScheduler@10.10.34.11:48636");
  stays("http://host:8080/a@b");
  stays("http://[::1]:80/a@b");
  stays("http://host/ mail bob@host");
  stays("://a:b@c");
  stays(
      "http:/'host:80\x9f"
      "0/a@b");
}

TEST_CASE("known tokens are hidden wherever they stand") {
  const std::string letters36 = "abcdefghijklmnopqrstuvwxyz0123456789";
  const std::vector<std::string> tokens{"AKIAIOSFODNN7EXAMPLE",
                                        "ASIAIOSFODNN7EXAMPLE",
                                        "ghp_" + letters36,
                                        "gho_" + letters36,
                                        "ghs_" + letters36,
                                        "github_pat_" + letters36 + "_" + letters36,
                                        "glpat-abcdefghij0123456789",
                                        "xoxb-123456789012-abcdefghijkl",
                                        "xoxp-123456789012-abcdefghijkl",
                                        "xapp-1-A0-123-abcdef",
                                        "sk_live_abcdefghijklmnop",
                                        "sk-ant-REDACTED-abcdefghijklmnop",
                                        "sk-abcdefghijklmnopqrstuvwxyz0123",
                                        "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234",
                                        "npm_" + letters36,
                                        "hf_abcdefghijklmnopqrstuvwxyz012345",
                                        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc-def_ghi",
                                        "hvs.abcdefghijklmnopqrstuvwx"};
  for (const auto& token : tokens) {
    INFO(token);
    becomes(token, "#");
    becomes("got " + token + ", and", "got #, and");
    becomes("[\"" + token + "\"]", "[\"#\"]");
    becomes("x=" + token + "&y=1", "x=#&y=1");
    becomes("https://host/" + token + "?a", "https://host/#?a");
  }
  becomes("https://hooks.slack.com/services/T0AB/B0CD/abcdefgh x", "https://hooks.slack.com/services/# x");
  stays("XAKIAIOSFODNN7EXAMPLE");
  stays("AKIAIOSFODNN7EXAMPLEX");
  stays("task-abcdefghijklmnopqrstuvwxyz0123");
  stays("ghp_short");
  stays("eyJhbGciOiJIUzI1NiJ9");
  stays("eyJ.eyJ.x");
}

TEST_CASE("tokens of more services are hidden and what is nearly one stays") {
  const std::string hex32 = "0123456789abcdef0123456789abcdef";
  const std::string url40 = "abcdefghijklmnopqrstuvwxyz-_0123456789AB";
  for (const std::string& token : {"SK" + hex32,
                                   "key-" + hex32,
                                   "dapi" + hex32,
                                   "dor_v1_" + hex32 + hex32,
                                   "GOCSPX-" + url40,
                                   "hvb." + url40,
                                   "glrt-" + url40,
                                   "HRKU-" + url40,
                                   std::string("NRAK-ABCDEFGHIJKLMNOPQRSTUVWXYZ0"),
                                   "dp.pt." + hex32 + "abcdefghij",
                                   "lin_api_" + hex32 + "abcdefgh",
                                   "ntn_" + hex32 + "abcdefgh",
                                   "secret_" + hex32 + "abcdefghijk",
                                   "sq0atp-" + url40,
                                   "glsa_" + hex32 + "_0123abcd",
                                   "shppa_" + hex32,
                                   "123456789:AA" + url40.substr(0, 33),
                                   "abcdefghij0123.atlasv1." + url40 + url40,
                                   "MTIyODk3MzczNzUxODQ5ODQyMg.QrmSvw." + url40,
                                   "NzUxODQ5ODQyMjg5NzM3Mzc1.Qrm-vw." + url40}) {
    INFO(token);
    becomes("got " + token + ", and", "got #, and");
    becomes("[\"" + token + "\"]", "[\"#\"]");
    becomes("{\"m\":\"a\\n" + token + "\\nb\"}", "{\"m\":\"a\\n#\\nb\"}");
    becomes("/x?next=a%3D" + token + "%26b", "/x?next=a%3D#%26b");
  }
  stays("SK" + hex32.substr(1));
  stays("SK" + hex32 + "0");
  stays("TASK" + hex32);
  stays("monkey-" + hex32);
  stays("1234:AA" + url40.substr(0, 33));
  stays("12345678901234:AA" + url40.substr(0, 33));
  stays("123456789:AA" + url40);
  stays("link/ether aa:aa:aa:aa:aa:aa at 12:34:56:AAbc");
  stays("x.atlasv1." + url40);
  stays("module.Node.Mode is MTA.smtp.QrmSvw");
  stays("MTIyODk3MzczNzUxODQ5ODQyMg.tooLong8.abc");
}

TEST_CASE("a name behind an escaped line end is a name") {
  becomes(R"({"m":"one\napi_key=abc\nsession: 0a1b2c3d4e"})", R"({"m":"one\napi_key=#\nsession: #"})");
  becomes(R"({"m":"one\tsession=0a1b2c3d4e"})", R"({"m":"one\tsession=#"})");
  becomes("C:\\token=abc123", "C:\\token=#");
  stays("\\nkey=1 \\trate=2");
}

TEST_CASE("what programs take as a user and a password is hidden where it is sure") {
  becomes("machine h login bob password hunter2 x", "machine h login bob password # x");
  becomes("machine h\n  login bob\n  password hunter2\n", "machine h\n  login bob\n  password #\n");
  becomes("curl -u bob:hunter2 https://h", "curl -u bob:# https://h");
  becomes("curl -s --user 'bob:hunter 2' https://h", "curl -s --user 'bob:# 2' https://h");
  becomes("curl -H 'X-Api-Key: abc' --user=bob:hunter2", "curl -H 'X-Api-Key: #' --user=bob:#");
  becomes(R"({"auths":{"h":{"auth":"dXNlcjpwYXNzd29yZA=="}}})", R"({"auths":{"h":{"auth":"#"}}})");
  stays("docker run -u 1000:1000 x");
  stays("curl https://h\nsort -u a:b");
  stays("curl -u bob https://h");
  stays("login bob failed password check");
  stays("the login was: password wrong");
  stays("the machine was down; login with password authentication");
  stays(R"({"auth":"basic"} auth: yes)");
}

TEST_CASE("what looks like user and password again and again is looked at once") {
  std::string text;
  while (text.size() < 1'000'000) text += "auth=";
  CHECK(redactor().redact(text) == text);
}

TEST_CASE("private keys are hidden between their first and last line") {
  for (const char* label : {"RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY",
                            "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"}) {
    const std::string begin = "-----BEGIN " + std::string(label) + "-----";
    const std::string end = "-----END " + std::string(label) + "-----";
    becomes("x\n" + begin + "\nMIIE\nabc=\n" + end + "\ny", "x\n" + begin + "\n#\n" + end + "\ny");
    becomes(begin + "\r\nMIIE\r\nabc=\r\n" + end, begin + "\r\n#\r\n" + end);
    becomes("x " + begin + "\\nMIIE\\nabc=\\n" + end + "\\n y", "x " + begin + "\\n#\\n" + end + "\\n y");
    becomes(begin + "MIIE" + end, begin + "#" + end);
    becomes(begin + "\nMIIE\nabc", begin + "\n#");
    becomes(begin + "\n\n" + end, begin + "\n\n" + end);
    const redactor rules;
    std::string out;
    CHECK(rules.append(out, "x\n" + begin + "\nMIIE\n" + end) == redaction_result::redacted);
    CHECK(rules.append(out, begin + "\nMIIE\n") == redaction_result::open_block);
    CHECK(rules.append(out, begin) == redaction_result::open_block);
    CHECK(rules.append(out, "password=x") == redaction_result::redacted);
    CHECK(rules.append(out, "nothing") == redaction_result::unchanged);
  }
  stays("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----");
  stays("-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----");
  stays("-----BEGIN a section with a title -----");
}

TEST_CASE("a key without an end does not hide a whole text") {
  const redactor rules;
  const std::string text = "-----BEGIN PRIVATE KEY-----\n" + std::string(200000, 'x') + "\nthe end";
  const std::string out = rules.redact(text);
  CHECK_THAT(out, catchx::EndsWith("the end"));
  CHECK(out.size() < text.size());
}

TEST_CASE("text without a secret stays as it is") {
  stays("");
  stays("Failed password for root from 10.0.0.1 port 22 ssh2");
  stays("session opened for user root by (uid=0)");
  stays("closed the one with sessionid: 0x14f05578bd80006 and sessionid: 0x14f05578bd80006");
  stays("Permission denied (publickey,password).");
  stays("Access denied for user 'root'@'localhost' (using password: YES)");
  stays("Unexpected token: } in JSON at position 5");
  stays("unexpected token: foo");
  stays("std::token::parse, Token::new, password::hash");
  stays("max_tokens=512 prompt_tokens: 13 tokens: 99");
  stays("tokenizer=x keyboard: us monkey=1 key=2 primary_key: 3");
  stays("token=Token{78af589 ActivityRecord{3b04890 u0 t761}} lock=233570404");
  stays("token=android.os.Binder@4e11d10");
  stays("password = null, token: none, secret=(unset)");
  stays("password: incorrect. secret: not found");
  stays("PWD=/root OLDPWD=/tmp ; USER=root");
  stays("password:\nnext: 1");
  stays("password=");
  stays("password=\"\" token=''");
  stays("logname= password= user=x token= id=3");
  stays("12 pass: 3 fail: 0");
  stays("\xff\xfe\x00\x80 broken bytes");
}

TEST_CASE("a likely name in running text hides what looks like a secret") {
  becomes("the token: abc123def is used", "the token: # is used");
  becomes("token: abcdef", "token: #");
  becomes("Session: 0a1b2c3d4e", "Session: #");
  becomes("new session=opaque", "new session=#");
  stays("the token: abcdef is used");
}

}  // namespace t_redact_kinds
