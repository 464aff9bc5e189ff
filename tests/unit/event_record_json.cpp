// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines with their units as JSON: one object for the line, one for each flag, and an id that tells all lines apart.
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include <catch.hpp>

#include <ovrseer/event/record_json.hpp>
#include <ovrseer/log/json.hpp>

#include <record_samples.hpp>

namespace t_event_record_json {

using namespace ovrseer;
using namespace ovrseer_test;

template <class T>
std::string json_of(const T& item, char between = '\n') {
  std::string text;
  append_json(text, item, between);
  return text;
}

TEST_CASE("a line has its unit and reads back as a line") {
  log_record record = record_of("out of memory", 7, unit_id("shop", "api"));
  record.line.source = line_source::err;
  record.line.stated = level::error;
  const std::string text = json_of(record);
  CHECK(
      text ==
      R"({"type":"line","boot_id":"boot","namespace":"shop","unit":"api","v":1,"seq":7,"time":"2023-11-14T22:13:20.007Z",)"
      R"("stream":"err","level":"error","text":"out of memory"})");
  const auto read = decode_line(text);
  REQUIRE(read);
  CHECK(read->text == "out of memory");
  CHECK(read->seq == 7);
  CHECK(read->time == record.line.time);
}

TEST_CASE("each flag that a line matched is an object of its own") {
  log_record record = record_of("took 12 MiB of 40", 7);
  record.flags = {{"oom", 2, {{"size", "12"}, {"2", "\"40\"\n"}}}, {"slow", 1, {}}};
  const std::string text = json_of(record);
  const std::size_t first = text.find('\n');
  const std::size_t second = text.find('\n', first + 1);
  REQUIRE(second != std::string::npos);
  const auto oom = nlohmann::json::parse(text.substr(first + 1, second - first - 1));
  CHECK(oom["v"] == 1);
  CHECK(oom["type"] == "flag_matched");
  CHECK(oom["namespace"] == "default");
  CHECK(oom["unit"] == "api");
  CHECK(oom["boot_id"] == "boot");
  CHECK(oom["time"] == "2023-11-14T22:13:20.007Z");
  CHECK(oom["line_seq"] == 7);
  CHECK(oom["flag"] == "oom");
  CHECK(oom["count"] == 2);
  CHECK(oom["captures"] == nlohmann::json{{"size", "12"}, {"2", "\"40\"\n"}});
  const auto slow = nlohmann::json::parse(text.substr(second + 1));
  CHECK(slow["captures"] == nlohmann::json::object());
  CHECK(nlohmann::json::parse("[" + json_of(record, ',') + "]").size() == 3);
}

TEST_CASE("whatever a line and its unit hold the JSON is one line and valid") {
  log_record record =
      record_of(std::string("\0\x1b[31m \xFF \"\\ \xF0\x9F\x92\xA5", 16), 1, unit_id("a\"\n\xC3", "b\\"));
  record.boot_id = "\xE2\x82";
  record.flags = {{"\xFF\n", 1, {{"\n", "\xFF"}}}};
  const std::string text = json_of(record, ',');
  CHECK(text.find('\n') == std::string::npos);
  const auto both = nlohmann::json::parse("[" + text + "]");
  CHECK(both[0]["namespace"] == "a\"\n\xEF\xBF\xBD");
  CHECK(decode_line(text.substr(0, text.find(",{\"v\""))).value().text == record.line.text);
}

TEST_CASE("an event is what the journal has of it") {
  const stored_event what = event_of(event_type::flag_matched, 9);
  CHECK(json_of(what) == to_json_text(to_json(what.entry, "boot")));
  CHECK(event_from_text(json_of(what)).entry.seq == 9);
  CHECK(id_of(what) == "boot/9");
}

TEST_CASE("the id of a line is its own and stays") {
  CHECK(id_of(record_of("x", 7)) == "boot/default/api/7/1700000000007");
  CHECK(id_of(record_of("x", 7)) == id_of(record_of("y", 7)));
  std::set<std::string> ids;
  log_record anew = record_of("x", 7);  // the unit was removed and added again
  anew.line.time += std::chrono::seconds(5);
  log_record other_life = record_of("x", 7);
  other_life.boot_id = "boot2";
  for (const log_record& each : {record_of("x", 7), record_of("x", 8), record_of("x", 7, "api2"),
                                 record_of("x", 7, unit_id("shop", "api")), anew, other_life}) {
    CHECK(ids.insert(id_of(each)).second);
  }
}

TEST_CASE("what an item counts for grows with its text") {
  log_record record = record_of(std::string(5000, 'x'));
  CHECK(size_in_bytes(record) >= 5000);
  CHECK(size_in_bytes(record) < 6000);
  record.flags = {{"oom", 1, {{"a", std::string(700, 'y')}}}};
  CHECK(size_in_bytes(record) >= 5700);
  stored_event what = event_of(event_type::crashed);
  const std::size_t plain = size_in_bytes(what);
  transition_data data;
  data.why.what = std::string(300, 'z');
  what.entry.data = data;
  CHECK(size_in_bytes(what) == plain + 300);
}

}  // namespace t_event_record_json
