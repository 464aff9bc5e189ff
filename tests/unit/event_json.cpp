// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Events as JSON: the exact form, the way back for every type, and what is refused.
#include <csignal>

#include <catch.hpp>
#include <ovrseer/event/json.hpp>

#include "journal_samples.hpp"

namespace t_event_json {

using namespace ovrseer;
using namespace std::chrono_literals;

constexpr std::size_t type_count = static_cast<std::size_t>(event_type::supervisor_stopped) + 1;

wall_time moment() {
  return std::chrono::sys_days(
             std::chrono::year_month_day(std::chrono::year(2024), std::chrono::month(2), std::chrono::day(29))) +
         9h + 5min + 7s + 40ms;
}

event sample(event_type type, event_data data) {
  event entry;
  entry.seq = 18'446'744'073'709'551'615U;
  entry.time = moment();
  entry.mono_ns = 1'234'567'890'123;
  entry.unit = unit_id("space", "api-1");
  entry.incarnation = 7;
  entry.type = type;
  entry.severity = severity::error;
  entry.cause_seq = 41;
  entry.data = std::move(data);
  return entry;
}

exit_status dumped() {
  resource_usage used;
  used.user_time = 1200us;
  used.system_time = 34us;
  used.max_resident = byte_size(5'000'000'000);
  used.major_faults = 3;
  exit_status status = exit_status::signaled(signal_number(SIGSEGV), exit_status::core::dumped);
  status.usage(used);
  return status;
}

transition_data full_transition() {
  transition_data data;
  data.from = unit_state::ready;
  data.why = {"exited \"so\"", "restartPolicy on-failure", "restart 2 of 3 in 1.4s"};
  data.pid = 4242;
  data.status = dumped();
  data.uptime = 3'200'000'001ns;
  data.delay = 1400ms;
  data.took = 0ns;
  data.restarts = 2;
  return data;
}

std::vector<event_data> all_kinds_of_data() {
  return {std::monostate(),
          transition_data{},
          full_transition(),
          flag_data{"oom", 3, 10, "out of \t memory"},
          flag_data{"oom", 3, std::nullopt, ""},
          check_data{"tcp", "refused"},
          dropped_data{"lines", 12},
          supervisor_data{{"SIGINT", "", "stop"}, 130},
          supervisor_data{}};
}

TEST_CASE("every type with every kind of data comes back as it was") {
  for (std::size_t type = 0; type < type_count; ++type) {
    for (const event_data& data : all_kinds_of_data()) {
      const event entry = sample(static_cast<event_type>(type), data);
      const ordered_json json = to_json(entry, "boot-1");
      const stored_event back = event_from_json(ordered_json::parse(to_json_text(json)));
      CHECK(back.boot_id == "boot-1");
      CHECK(back.entry.seq == entry.seq);
      CHECK(back.entry.time == entry.time);
      CHECK(back.entry.mono_ns == entry.mono_ns);
      CHECK(back.entry.unit == entry.unit);
      CHECK(back.entry.incarnation == entry.incarnation);
      CHECK(back.entry.type == entry.type);
      CHECK(back.entry.severity == entry.severity);
      CHECK(back.entry.cause_seq == entry.cause_seq);
      CHECK(back.entry.data.index() == entry.data.index());
      CHECK(to_json(back.entry, back.boot_id) == json);
    }
  }
}

TEST_CASE("whatever an event holds comes back from its text as it was") {
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    const event entry = ovrseer_test::random_events(seed).next(seed);
    const ordered_json json = to_json(entry, "life");
    const stored_event back = event_from_text(to_json_text(json));
    INFO(to_json_text(json));
    CHECK(back.boot_id == "life");
    CHECK(back.entry.unit == entry.unit);
    CHECK(back.entry.time == entry.time);
    CHECK(back.entry.data.index() == entry.data.index());
    CHECK(to_json(back.entry, back.boot_id) == json);
    if (const auto* data = std::get_if<transition_data>(&entry.data)) {
      CHECK(std::get<transition_data>(back.entry.data).status == data->status);
      CHECK(std::get<transition_data>(back.entry.data).why == data->why);
    }
  }
}

TEST_CASE("text that is no event is refused with its fault") {
  const auto refused = [](std::string_view text) {
    try {
      (void)event_from_text(text);
    } catch (const error& failure) {
      return failure.context();
    }
    return std::string("accepted");
  };
  const std::string good = to_json_text(to_json(sample(event_type::crashed, full_transition()), "b"));
  CHECK(refused(good) == "accepted");
  CHECK(refused(good + "\n") == "accepted");
  CHECK(refused("") == "\"JSON\"");
  CHECK(refused(good + "x") == "\"JSON\"");
  CHECK(refused("[1]") == "\"event\"");
  for (std::size_t size = 1; size < good.size(); ++size) CHECK(refused(good.substr(0, size)) == "\"JSON\"");
}

TEST_CASE("an event has exactly the keys of the format in their order") {
  const event entry = sample(event_type::flag_reached, flag_data{"oom", 10, 10, "out of memory"});
  event small = entry;
  small.seq = 12;
  CHECK(to_json_text(to_json(small, "b")) ==
        R"({"v":1,"seq":12,"boot_id":"b","incarnation":7,"time":"2024-02-29T09:05:07.040Z","mono_ns":1234567890123,)"
        R"("namespace":"space","unit":"api-1","type":"flag_reached","severity":"error","cause_seq":41,)"
        R"("data":{"flag":"oom","count":10,"target":10,"line":"out of memory"}})");
}

TEST_CASE("a transition says where it came from and why and only what applies") {
  const ordered_json full = to_json(sample(event_type::crashed, full_transition()), "b")["data"];
  CHECK(to_json_text(full) ==
        R"({"from":"ready","cause":{"what":"exited \"so\"","rule":"restartPolicy on-failure",)"
        R"("decision":"restart 2 of 3 in 1.4s"},"pid":4242,"status":{"how":"signaled","signal":"SIGSEGV","number":11,)"
        R"("core":true,"usage":{"user_us":1200,"system_us":34,"max_resident_bytes":5000000000,"minor_faults":0,)"
        R"("major_faults":3,"voluntary_switches":0,"involuntary_switches":0}},"uptime_ns":3200000001,)"
        R"("delay_ns":1400000000,"took_ns":0,"restarts":2})");
  const ordered_json bare = to_json(sample(event_type::waiting, transition_data{}), "b")["data"];
  CHECK(to_json_text(bare) == R"({"from":"created","cause":{"what":"","rule":"","decision":""},"restarts":0})");
}

TEST_CASE("every way to end comes back with its usage") {
  for (const exit_status& status :
       {exit_status::exited(0), exit_status::exited(255), exit_status::lost(), dumped(), exit_status::out_of_memory(),
        exit_status::signaled(signal_number(SIGTERM)), exit_status::signaled(signal_number(SIGRTMIN + 3))}) {
    const ordered_json json = to_json(status);
    CHECK(json.is_object());
    const exit_status back = exit_status_from_json(json);
    CHECK(back == status);
    CHECK(to_json(back) == json);
  }
  CHECK(to_json_text(to_json(exit_status::exited(3))) == R"({"how":"exited","code":3})");
  CHECK(to_json_text(to_json(exit_status::lost())) == R"({"how":"lost"})");
  CHECK(to_json_text(to_json(exit_status::out_of_memory())) ==
        R"({"how":"signaled","signal":"SIGKILL","number":9,"core":false,"out_of_memory":true})");
}

TEST_CASE("bytes that are not UTF-8 are replaced and never make writing fail") {
  const event entry = sample(event_type::flag_matched, flag_data{"f\xFF", 1, std::nullopt, "a\x80z\xE2\x82"});
  const std::string text = to_json_text(to_json(entry, "b\xC0"));
  const stored_event back = event_from_json(ordered_json::parse(text));
  const auto& data = std::get<flag_data>(back.entry.data);
  CHECK(data.flag == "f\xEF\xBF\xBD");
  CHECK_THAT(data.line, catchx::StartsWith("a\xEF\xBF\xBDz\xEF\xBF\xBD"));
  CHECK(back.boot_id == "b\xEF\xBF\xBD");
}

// The context of the refusal: the key in quotes.
std::string refusal(const ordered_json& json) {
  try {
    (void)event_from_json(json);
  } catch (const error& failure) {
    return failure.code() == errc::corrupt ? failure.context() : "another code";
  }
  return "accepted";
}

TEST_CASE("a member that is missing or of another type is refused by name") {
  const ordered_json good = to_json(sample(event_type::crashed, full_transition()), "b");
  REQUIRE(refusal(good) == "accepted");
  for (const auto& [key, value] : good.items()) {
    ordered_json without = good;
    without.erase(key);
    CHECK(refusal(without) == "\"" + key + "\"");
    ordered_json odd = good;
    odd[key] = ordered_json::array();
    CHECK(refusal(odd) == "\"" + key + "\"");
  }
  const auto with = [&](const char* key, const ordered_json& value) {
    ordered_json changed = good;
    changed[key] = value;
    return refusal(changed);
  };
  CHECK(with("v", 2) == "\"v\"");
  CHECK(with("seq", -1) == "\"seq\"");
  CHECK(with("incarnation", 4'294'967'296) == "\"incarnation\"");
  CHECK(with("time", "2024-02-30T00:00:00.000Z") == "\"time\"");
  CHECK(with("type", "exploded") == "\"type\"");
  CHECK(with("severity", "Error") == "\"severity\"");
  CHECK(with("data", {{"from", "nowhere"}}) == "\"from\"");
  CHECK(with("unknown", 1) == "accepted");
  CHECK(refusal(ordered_json(3)) == "\"event\"");
  CHECK(refusal(ordered_json()) == "\"event\"");
}

TEST_CASE("a moment is written in UTC with milliseconds and read back") {
  CHECK(to_iso8601(wall_time()) == "1970-01-01T00:00:00.000Z");
  CHECK(to_iso8601(moment()) == "2024-02-29T09:05:07.040Z");
  CHECK(to_iso8601(moment() + 999'999ns) == "2024-02-29T09:05:07.040Z");
  CHECK(to_iso8601(wall_time() - 1ns) == "1969-12-31T23:59:59.999Z");
  const wall_time first = std::chrono::ceil<std::chrono::milliseconds>(wall_time::min());
  const wall_time last = std::chrono::floor<std::chrono::milliseconds>(wall_time::max());
  for (const wall_time time : {wall_time(), moment(), wall_time() - 1ms, first, last}) {
    CHECK(from_iso8601(to_iso8601(time)) == time);
  }
  for (const char* text :
       {"", "2024-02-29", "2023-02-29T00:00:00.000Z", "2024-01-01T24:00:00.000Z", "2024-01-01T00:60:00.000Z",
        "2024-01-01T00:00:60.000Z", "2024-01-01T00:00:00.000", "2999-01-01T00:00:00.000Z", "1500-01-01T00:00:00.000Z",
        "2024-01-01 00:00:00.000Z", "2024-01-01T00:00:00.0000Z", "2024-1-001T00:00:00.000Z"}) {
    CHECK_FALSE(from_iso8601(text));
  }
}

}  // namespace t_event_json
