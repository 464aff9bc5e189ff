// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The level of a line, as the programs of this world write it; and real logs with a level column.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <catch.hpp>

#include <ovrseer/log/infer_level.hpp>
#include <ovrseer/log/json_line.hpp>

namespace t_log_level {

using namespace ovrseer;

struct example {
  level expected;
  const char* text;
};

TEST_CASE("every level has a name that is read back") {
  for (const level value : {level::trace, level::debug, level::info, level::warning, level::error, level::critical}) {
    CHECK(parse_level(to_text(value)) == value);
  }
  CHECK(parse_level("EMERGENCY") == level::critical);
  CHECK(parse_level("Informational") == level::info);
  CHECK(parse_level("errors") == level::unknown);
}

TEST_CASE("levels of well-known programs are understood") {
  const std::vector<example> examples{
      // columns
      {level::info, "2024-01-02 10:11:12,978 INFO [main] org.example.App: started"},
      {level::warning, "2024-01-02T10:11:12.345Z  WARN 12345 --- [main] o.s.b.App : slow"},
      {level::debug, "081109 203615 148 DEBUG dfs.DataNode: x"},
      {level::error, "2024/01/02 10:11:12 ERROR something"},
      {level::info, "[1] 2024/01/02 10:11:12.345678 [INF] Starting nats-server"},
      {level::error, "[1] 2024/01/02 10:11:12.345678 [ERR] no"},
      {level::critical, "[10:11:12 FTL] gone"},
      {level::info, "2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack"},
      {level::error, "03-17 16:13:38.811  1702  2395 E WindowManager: no window"},
      {level::debug, "D/Tag( 123): text"},
      {level::info, "2024-01-02T10:11:12Z info listening"},
      {level::warning, "12:00:00 warn cache is cold"},
      {level::info, "2024-01-02T10:11:12.345+0100\tINFO\tapp/main.go:12\tready"},
      {level::critical, "- 1117838570 2005.06.03 R02-M1 2005-06-03 R02 RAS KERNEL FATAL data storage interrupt"},
      // brackets
      {level::info, "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok"},
      {level::error, "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708] File does not exist"},
      {level::critical, "2024/01/02 10:11:12 [emerg] 1#1: bind() failed"},
      {level::warning, "2024-01-02T10:11:12.000000Z 0 [Warning] [MY-010068] CA certificate is self signed"},
      {level::info, "2024-01-02T10:11:12.000000Z 0 [Note] ready"},
      {level::warning, "[W] slow"},
      // colours
      {level::info, "\x1b[2m2024-01-02T10:11:12Z\x1b[0m \x1b[32m INFO\x1b[0m app: ready"},
      {level::error, "\x1b[31mERROR\x1b[39m it broke"},
      {level::warning, "\x1b[33mwarn\x1b[0m: old"},
      // keys
      {level::warning, "time=\"2024-01-02T10:11:12Z\" level=warning msg=\"disk is full\""},
      {level::debug, "ts=2024-01-02 caller=main.go lvl=dbug msg=x"},
      {level::error, "time=now level=\"error\" msg=x"},
      // prefixes
      {level::error, "<3>something failed"},
      {level::info, "<30>daemon: hello"},
      {level::error, "E0102 10:11:12.345678       1 reflector.go:1] no"},
      {level::warning, "W0102 10:11:12.345678       1 x.go:1] hm"},
      {level::info, "1234:M 02 Jan 2024 10:11:12.345 * Ready to accept connections"},
      {level::warning, "1234:M 02 Jan 2024 10:11:12.345 # WARNING overcommit_memory is set to 0!"},
      {level::debug, "1234:C 02 Jan 2024 10:11:12.345 - DB 0"},
      // databases
      {level::info, "2024-01-02 10:11:12.345 UTC [1] LOG:  database system is ready to accept connections"},
      {level::critical, "2024-01-02 10:11:12.345 UTC [1] FATAL:  the database system is starting up"},
      {level::error, "2024-01-02 10:11:12.345 UTC [1] ERROR:  relation \"x\" does not exist"},
      // words with a colon
      {level::warning, "WARNING:root:careful"},
      {level::error, "Dec 10 11:04:04 host sshd[25478]: error: Received disconnect from 1.2.3.4"},
      {level::critical, "fatal: not a git repository"},
      {level::error, "Error: Cannot find module 'x'"},
      {level::warning, "src/a.cpp:3:5: warning: unused variable"},
      {level::critical, "PHP Fatal error:  Uncaught Exception"},
      {level::warning, "PHP Warning:  division"},
      {level::info, "info: listening on 80"},
      {level::error, "npm ERR! code ENOENT"},
      // crashes
      {level::error, "TypeError: undefined is not a function"},
      {level::error, "java.lang.NullPointerException: null"},
      {level::error, "kafka.common.NoReplicaOnlineException: No replica"},
      {level::error, "Traceback (most recent call last):"},
      {level::error, "Exception in thread \"main\" java.lang.Error"},
      {level::critical, "panic: runtime error: index out of range"},
      {level::critical, "terminate called after throwing an instance of 'x'"},
      {level::warning, "(node:12) DeprecationWarning: Buffer() is deprecated"},
  };
  for (const example& e : examples) {
    INFO(e.text);
    CHECK(to_text(infer_level(e.text)) == to_text(e.expected));
  }
}

TEST_CASE("lines that state no level are unknown") {
  for (const char* text : {"",
                           " ",
                           "hello world",
                           "GET /error HTTP/1.1",
                           "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: check pass",
                           "no errors were found",
                           "information about you",
                           "reading error.log",
                           "10 warnings",
                           "INFORMATION_SCHEMA",
                           "the debugger is attached",
                           "{",
                           "[",
                           "level=",
                           "see https://example.org/?level=high",
                           "\x1b[",
                           "\x1b[31m",
                           "log in to continue",
                           "fine by me",
                           "an info desk"}) {
    INFO(text);
    CHECK(to_text(infer_level(text)) == "unknown");
  }
}

TEST_CASE("JSON lines state their level in a field") {
  const std::vector<example> examples{
      {level::warning, R"({"level":"warn","msg":"x"})"},
      {level::info, R"({"time":1,"level":30,"msg":"error: no"})"},
      {level::critical, R"({"level":60})"},
      {level::error, R"({"severity":"ERROR","message":"x"})"},
      {level::debug, R"({ "lvl" : "debug" })"},
      {level::error, R"({"nested":{"level":"info"},"list":[{"level":1}],"level":"error"})"},
      {level::info, R"({"text":"a \"level\":\"error\" inside","level":"info"})"},
      {level::error, R"({"log.level":"error","@timestamp":"now"})"},
      {level::warning, R"({"t":{"$date":"now"},"s":"W","c":"NETWORK","msg":"x"})"},
      {level::debug, R"({"t":1,"s":"D1","msg":"x"})"},
      {level::error, R"({"@t":"now","@mt":"x","@l":"Error"})"},
      {level::info, R"({"level":"info","cut":"off)"},
      {level::error, R"({"level":3})"},
      {level::unknown, R"({"level":"high"})"},
      {level::unknown, R"({"level":true})"},
      {level::unknown, R"({"msg":"x","s":"sometimes"})"},
  };
  for (const example& e : examples) {
    INFO(e.text);
    CHECK(to_text(infer_level(e.text)) == to_text(e.expected));
  }
}

TEST_CASE("the fields of a JSON line are found and kept as they stand") {
  const json_line found =
      scan_json_line(R"({"ts":1.5e9,"level":"info","msg":"say \"hi\"","extra":{"a":[1,"}"]},"ok":true} )");
  CHECK(found.is_complete);
  CHECK(found.time.raw == "1.5e9");
  CHECK(found.time.what == json_field::kind::number);
  CHECK(found.level.raw == "info");
  CHECK(found.message.raw == R"(say \"hi\")");
  CHECK(scan_json_line("{}").is_complete);
  CHECK_FALSE(scan_json_line("{}x").is_complete);
  CHECK_FALSE(scan_json_line(R"({"a":})").is_complete);
  CHECK_FALSE(scan_json_line(R"({"a":1,})").is_complete);
  CHECK_FALSE(scan_json_line("not json").is_complete);
  CHECK_FALSE(scan_json_line(R"({"a":"\)").is_complete);
}

std::string data_folder() {
  if (const char* from_environment = std::getenv("OVRSEER_TEST_DATA")) return from_environment;
  return std::string(OVRSEER_SOURCE_DIR) + "/../shared/data";
}

// The word of the level column: the n-th word, or for Apache what stands in the second brackets.
std::string column_of(const std::string& text, int column) {
  if (column < 0) {
    const std::size_t first = text.find("] [");
    if (first == std::string::npos) return "";
    return text.substr(first + 3, text.find(']', first + 3) - first - 3);
  }
  std::istringstream words(text);
  std::string word;
  for (int i = 0; i <= column; ++i) words >> word;
  return word;
}

TEST_CASE("real logs with a level column are read as the column says") {
  struct log {
    const char* name;
    int column;
  };
  for (const log& which : {log{"HDFS", 3}, log{"Hadoop", 2}, log{"Spark", 2}, log{"Zookeeper", 3}, log{"Apache", -1}}) {
    std::ifstream file(data_folder() + "/logs/" + which.name + ".log");
    if (!file) SKIP("no " << which.name << ".log in " << data_folder() << "/logs (set OVRSEER_TEST_DATA)");
    std::size_t lines = 0;
    std::size_t agreed = 0;
    for (std::string text; std::getline(file, text);) {
      const level stated = parse_level(column_of(text, which.column));
      if (stated == level::unknown) continue;
      ++lines;
      if (infer_level(text) == stated) ++agreed;
    }
    INFO(which.name << ": " << agreed << " of " << lines);
    CHECK(lines > 1'900);
    CHECK(agreed * 1'000 >= lines * 995);
  }
}

}  // namespace t_log_level
