// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines as text and as JSON, and back.
#include <chrono>
#include <random>
#include <string>

#include <catch.hpp>

#include <ovrseer/log/encode.hpp>
#include <ovrseer/log/json.hpp>

namespace t_log_encode {

using namespace ovrseer;
using namespace std::string_literals;

line sample(std::string_view text) {
  line made;
  made.text = text;
  made.seq = 7;
  made.time = wall_time(std::chrono::milliseconds(1'704'190'272'345));
  made.source = line_source::err;
  return made;
}

std::string json_of(const line& what) {
  std::string out;
  append_json(out, what);
  return out;
}

std::string line_as(const line& what, log_format format) {
  std::string out;
  append_line(out, what, format);
  return out;
}

TEST_CASE("a line is written as text with and without its time") {
  CHECK(line_as(sample("hello"), log_format::text) == "hello\n");
  CHECK(line_as(sample("hello"), log_format::timed_text) == "2024-01-02T10:11:12.345Z err hello\n");
}

TEST_CASE("a line is written as one JSON object") {
  CHECK(line_as(sample("ERROR it \"broke\"\t\x01"), log_format::jsonl) ==
        R"({"v":1,"seq":7,"time":"2024-01-02T10:11:12.345Z","stream":"err","level":"error",)"
        R"("text":"ERROR it \"broke\"\t\u0001"})"
        "\n");
}

TEST_CASE("times before the epoch and at the end of years are right") {
  std::string out;
  append_utc(out, wall_time(std::chrono::milliseconds(-1)));
  CHECK(out == "1969-12-31T23:59:59.999Z");
  out.clear();
  append_utc(out, wall_time(std::chrono::seconds(1'709'164'800)));
  CHECK(out == "2024-02-29T00:00:00.000Z");
}

TEST_CASE("pieces of a long line are marked") {
  line piece = sample("abc");
  piece.part = line_part::first;
  CHECK(line_as(piece, log_format::text) == "abc\xE2\x80\xA6\n");
  CHECK_THAT(json_of(piece), catchx::ContainsSubstring(R"("part":"first")"));
  piece.part = line_part::middle;
  CHECK(line_as(piece, log_format::text) ==
        "\xE2\x80\xA6"
        "abc\xE2\x80\xA6\n");
  piece.part = line_part::last;
  CHECK(line_as(piece, log_format::text) ==
        "\xE2\x80\xA6"
        "abc\n");
}

void check_round_trip(const line& what) {
  const std::string json = json_of(what);
  INFO(json);
  REQUIRE(nlohmann::json::accept(json));
  const auto back = decode_line(json);
  REQUIRE(back.has_value());
  CHECK(back->text == what.text);
  CHECK(back->seq == what.seq);
  CHECK(back->time == what.time);
  CHECK(back->source == what.source);
  CHECK(back->part == what.part);
  CHECK(back->level() == what.level());
}

TEST_CASE("what was encoded is decoded to the same line") {
  for (const std::string& text : {""s, "plain"s, "quote \" and \\ and \r\t\b"s, "\0 in the middle"s,
                                  "\xE2\x82\xAC \xF0\x9F\x98\x80"s, "\x7f\x1b[31mred"s, "WARN x"s}) {
    check_round_trip(sample(text));
  }
  line piece = sample("x");
  piece.part = line_part::last;
  piece.source = line_source::own;
  piece.stated = level::critical;
  check_round_trip(piece);
}

TEST_CASE("text that is no UTF-8 comes back byte for byte") {
  for (const std::string& text : {"\xff"s, "a\xC3"s, "\xED\xA0\x80"s, "\xC0\x80"s, "\xF4\x90\x80\x80"s, "ok\x80ok"s}) {
    CHECK_THAT(json_of(sample(text)), catchx::ContainsSubstring("base64"));
    check_round_trip(sample(text));
  }
}

TEST_CASE("any bytes are encoded as valid JSON and come back") {
  std::mt19937 random(3);  // NOLINT: the same bytes in every run
  for (int round = 0; round < 2'000; ++round) {
    std::string text(random() % 12, ' ');
    for (char& c : text) c = static_cast<char>(random() % 256);
    check_round_trip(sample(text));
  }
}

TEST_CASE("what is no encoded line is refused with the key that is wrong") {
  const auto reason = [](const char* text) {
    const auto decoded = decode_line(text);
    return decoded.has_value() ? std::string("none") : decoded.reason();
  };
  CHECK(reason("[]") == "not a JSON object");
  CHECK(reason("{") == "not a JSON object");
  CHECK_THAT(reason("{}"), catchx::StartsWith("v:"));
  CHECK_THAT(reason(R"({"v":2})"), catchx::StartsWith("v:"));
  CHECK_THAT(reason(R"({"v":1,"seq":-1})"), catchx::StartsWith("seq:"));
  CHECK_THAT(reason(R"({"v":1,"seq":1,"time":"noon"})"), catchx::StartsWith("time:"));
  CHECK_THAT(reason(R"({"v":1,"seq":1,"time":"2024-13-02T10:11:12.345Z"})"), catchx::StartsWith("time:"));
  const std::string head = R"({"v":1,"seq":1,"time":"2024-01-02T10:11:12.345Z",)";
  CHECK_THAT(reason((head + R"("stream":"in"})").c_str()), catchx::StartsWith("stream:"));
  CHECK_THAT(reason((head + R"("stream":"out"})").c_str()), catchx::StartsWith("level:"));
  CHECK_THAT(reason((head + R"("stream":"out","level":"info"})").c_str()), catchx::StartsWith("text:"));
  CHECK_THAT(reason((head + R"("stream":"out","level":"info","part":"x","text":""})").c_str()),
             catchx::StartsWith("part:"));
  CHECK_THAT(reason((head + R"("stream":"out","level":"info","text":"","base64":"?"})").c_str()),
             catchx::StartsWith("base64:"));
}

TEST_CASE("the fields and the message of JSON lines can be had") {
  const std::string text = R"({"level":"info","msg":"say \"hi\" \u00e9","n":3})";
  const auto fields = fields_of(text);
  REQUIRE(fields);
  CHECK(fields->at("n") == 3);
  CHECK(message_of(text) == "say \"hi\" \xC3\xA9");
  CHECK_FALSE(fields_of("plain"));
  CHECK_FALSE(fields_of("{broken"));
  CHECK(message_of("plain") == "plain");
  CHECK(message_of(R"({"no":"message"})") == R"({"no":"message"})");
}

}  // namespace t_log_encode
