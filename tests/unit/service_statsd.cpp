// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The lines that StatsD servers are sent: the formats, what must not get out of its field, and the limits.
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include <catch.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/service/statsd.hpp>
#include <ovrseer/utf8.hpp>

namespace t_service_statsd {

using namespace ovrseer;
using namespace std::chrono_literals;

constexpr wall_time moment = wall_time(1'700'000'000s + 999ms);

const statsd& datadog() {
  static const statsd made;
  return made;
}
const statsd& plain() {
  static const statsd made(statsd_dialect::plain);
  return made;
}
std::string gauge(const statsd& service, double value) {
  return service.message(statsd_metric("g", value, statsd_type::gauge));
}
std::string check_text(const std::string& text) {
  statsd_check check("c", statsd_check::state::ok);
  check.message = text;
  const std::string made = datadog().message(check);
  return made.size() > 8 ? made.substr(8) : "";
}
std::string tagged(const std::string& key, const std::string& value) {
  statsd_metric metric("n", 1, statsd_type::count);
  metric.tags = {{key, value}};
  const std::string made = datadog().message(metric);
  return made.size() > 6 ? made.substr(6) : "";
}

// What the header of an event says of the rest: title, text and the fields.
struct parsed_event {
  explicit parsed_event(const std::string& line) {
    std::size_t title_size = 0;
    std::size_t text_size = 0;
    int head = 0;
    REQUIRE(std::sscanf(line.c_str(), "_e{%zu,%zu}:%n", &title_size, &text_size, &head) == 2);
    title = line.substr(static_cast<std::size_t>(head), title_size);
    REQUIRE(line.at(static_cast<std::size_t>(head) + title_size) == '|');
    text = line.substr(static_cast<std::size_t>(head) + title_size + 1, text_size);
    fields = line.substr(static_cast<std::size_t>(head) + title_size + 1 + text_size);
    REQUIRE((fields.empty() || fields.front() == '|'));
  }
  std::string title;
  std::string text;
  std::string fields;
};

TEST_CASE("each type of metric has its letter in each dialect") {
  const std::pair<statsd_type, std::pair<const char*, const char*>> letters[] = {
      {statsd_type::count, {"c", "c"}},
      {statsd_type::gauge, {"g", "g"}},
      {statsd_type::timing, {"ms", "ms"}},
      {statsd_type::histogram, {"h", "ms"}},
      {statsd_type::distribution, {"d", "ms"}}};
  for (const auto& [type, letter] : letters) {
    CHECK(datadog().message(statsd_metric("a.b", 2.5, type)) == std::string("a.b:2.5|") + letter.first);
    CHECK(plain().message(statsd_metric("a.b", 2.5, type)) == std::string("a.b:2.5|") + letter.second);
  }
  CHECK(datadog().message(statsd_metric("users", "ann")) == "users:ann|s");
  CHECK(plain().message(statsd_metric("users", "ann")) == "users:ann|s");
  CHECK(plain().message(statsd_metric("users", "")).empty());
}

TEST_CASE("rate and tags and moment stand where they mean something") {
  statsd service = datadog();
  service.prefix("shop.").tag("env", "prod");
  statsd_metric metric("hits", 3, statsd_type::count);
  metric.rate = 0.25;
  metric.tags = {{"path", "/a:b"}, {"beta", ""}};
  metric.time = moment;
  CHECK(service.message(metric) == "shop.hits:3|c|@0.25|#env:prod,path:/a:b,beta|T1700000000");
  metric.type = statsd_type::distribution;
  CHECK(service.message(metric) == "shop.hits:3|d|@0.25|#env:prod,path:/a:b,beta");
  metric.type = statsd_type::gauge;
  CHECK(service.message(metric) == "shop.hits:3|g|#env:prod,path:/a:b,beta|T1700000000");
  metric.type = statsd_type::count;
  for (const double rate : {1.0, 0.0, -1.0, 2.0, std::nan("")}) {
    metric.rate = rate;
    CHECK(service.message(metric) == "shop.hits:3|c|#env:prod,path:/a:b,beta|T1700000000");
  }
  statsd bare(statsd_dialect::plain);
  bare.prefix("shop.").tag("env", "prod");
  metric.rate = 0.5;
  CHECK(bare.message(metric) == "shop.hits:3|c|@0.5");
}

TEST_CASE("numbers are exact and have no exponent and none is infinite") {
  CHECK(statsd_number(0.1) == "0.1");
  CHECK(statsd_number(1e6) == "1000000");
  CHECK(statsd_number(-0.0) == "0");
  CHECK(statsd_number(1e22) == "10000000000000000000000");
  CHECK(statsd_number(0.000001) == "0.000001");
  const double extremes[] = {std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min(),
                             -std::numeric_limits<double>::denorm_min()};
  for (const double extreme : extremes) {
    CHECK(std::strtod(statsd_number(extreme).c_str(), nullptr) == extreme);
    CHECK(statsd_number(extreme).find('e') == std::string::npos);
  }
  CHECK(gauge(datadog(), std::nan("")).empty());
  CHECK(gauge(datadog(), HUGE_VAL).empty());
  CHECK(gauge(plain(), -HUGE_VAL).empty());
}

TEST_CASE("a negative gauge is a number to Datadog and a change from zero to others") {
  CHECK(gauge(datadog(), -5) == "g:-5|g");
  CHECK(gauge(plain(), -5) == "g:0|g\ng:-5|g");
  CHECK(gauge(plain(), -0.0) == "g:0|g");
  CHECK(gauge(plain(), 5) == "g:5|g");
}

TEST_CASE("a name keeps what every server reads") {
  const auto name = [](const std::string& text, const statsd& service) {
    const std::string made = service.message(statsd_metric(text, 1, statsd_type::count));
    return made.substr(0, made.find(':'));
  };
  CHECK(name("ovrseer_unit.up", datadog()) == "ovrseer_unit.up");
  CHECK(name("a:1|c\nb|#x@y", datadog()) == "a_1_c_b__x_y");
  CHECK(name("_9lives", datadog()) == "lives");
  CHECK(name("\xC3\xA4"
             "b c",
             datadog()) == "b_c");
  CHECK(name("", datadog()) == "unnamed");
  CHECK(name("123", plain()) == "unnamed");
  CHECK(name(std::string(300, 'x'), datadog()).size() == 200);
  CHECK(name(std::string(300, 'x'), plain()).size() == 300);
}

TEST_CASE("nothing gets out of a tag") {
  CHECK(tagged("k", "v") == "#k:v");
  CHECK(tagged("k", "a|#b,c@d\ne\rf\tg") == "#k:a__b_c_d_e_f_g");
  CHECK(tagged("a:b|c", "x:y") == "#a_b_c:x:y");
  CHECK(tagged("", "v").empty());
  CHECK(tagged("k", "\xFF\xC3\xA4") == "#k:\xEF\xBF\xBD\xC3\xA4");
  const std::string large = tagged("k", std::string(199, 'x') + "\xC3\xA4");
  CHECK(count_characters(large) == 201);
  CHECK(datadog().message(statsd_metric("s", "a:1|c|#b\n@")) == "s:a_1_c__b__|s");
}

TEST_CASE("an event says the bytes of its title and text as they are sent") {
  statsd_event event("Caf\xC3\xA9 down", "one\ntwo\r\nthree\rfour");
  CHECK(datadog().message(event) == "_e{10,21}:Caf\xC3\xA9 down|one\\ntwo\\nthree\\nfour");
  event = statsd_event("t|x", "a|#tag:1\x1b[31m\xFF");
  event.time = moment;
  event.host = "db|1\n";
  event.aggregation = "key";
  event.source = "ovrseer";
  event.type = statsd_event::alert::error;
  event.priority = statsd_event::rank::low;
  event.tags = {{"unit", "api"}};
  CHECK(datadog().message(event) ==
        "_e{3,16}:t|x|a|#tag:1 [31m\xEF\xBF\xBD|d:1700000000|h:db_1_|k:key|p:low|s:ovrseer|t:error|#unit:api");
  CHECK(plain().message(event).empty());
}

TEST_CASE("an event always has a title and a text") {
  CHECK(datadog().message(statsd_event("", "")) == "_e{8,8}:untitled|untitled");
  CHECK(datadog().message(statsd_event("t", "")) == "_e{1,1}:t|t");
  CHECK(datadog().message(statsd_event("\n", "\n")) == "_e{2,2}:\\n|\\n");
}

TEST_CASE("an event that is too large keeps the begin and the end of its text") {
  std::string log = "begin\n";
  while (log.size() < 20'000) log += "a line with \xC3\xA4\xE2\x82\xAC\n";
  log += "end";
  for (std::size_t limit : {200U, 1432U, 1433U, 1434U, 1435U, 8192U}) {
    statsd service;
    service.limit(limit).tag("env", "prod");
    statsd_event event(std::string(90, 't') + "\n\n\n\n\n\n\n\n\xC3\xA4", log);
    event.tags = {{"unit", "api"}};
    const std::string line = service.message(event);
    CHECK(line.size() <= limit);
    const parsed_event read(line);
    CHECK(count_characters(read.title) <= 100);
    CHECK(read.text.size() <= 4000);
    CHECK(is_valid_utf8(line));
    CHECK(read.fields == "|#env:prod,unit:api");
    CHECK(read.text.starts_with("begin\\n"));
    if (limit > 1000) CHECK(read.text.ends_with("\\nend"));
    for (std::size_t at = read.text.find('\\'); at != std::string::npos; at = read.text.find('\\', at + 1)) {
      CHECK(read.text.substr(at, 2) == "\\n");
    }
  }
}

TEST_CASE("a check ends with its message out of which nothing gets") {
  statsd_check check("ovrseer.unit", statsd_check::state::critical);
  check.message = "exit code 3\nm:|#env:evil|h:evil";
  check.time = moment;
  check.host = "db-1";
  check.tags = {{"unit", "api"}};
  CHECK(datadog().message(check) ==
        "_sc|ovrseer.unit|2|d:1700000000|h:db-1|#unit:api|m:exit code 3\\nm\\:_#env:evil_h:evil");
  CHECK(plain().message(check).empty());
  CHECK(datadog().message(statsd_check("a b|c", statsd_check::state::unknown)) == "_sc|a_b_c|3");
  CHECK(check_text("m:m:mm:") == "m:m\\:m\\:mm\\:");
  CHECK(check_text("") == "");
}

TEST_CASE("the message of a check is cut to the limit and no escape in two") {
  statsd service;
  for (std::size_t limit = 60; limit != 70; ++limit) {
    service.limit(limit);
    statsd_check check("c", statsd_check::state::ok);
    for (int i = 0; i != 60; ++i) check.message += "\n\xC3\xA4";
    const std::string line = service.message(check);
    CHECK(line.size() <= limit);
    CHECK(line.size() + 4 > limit);
    CHECK(is_valid_utf8(line));
    CHECK_FALSE(line.ends_with('\\'));
  }
  service.limit(5);
  CHECK(service.message(statsd_check("c", statsd_check::state::ok)) == "_sc|c|0");
}

TEST_CASE("a packer joins messages by newlines up to its limit") {
  datagram_packer packer(10);
  CHECK_FALSE(packer.take());
  CHECK_FALSE(packer.add("abcd"));
  CHECK_FALSE(packer.add(""));
  CHECK_FALSE(packer.add("efghi"));
  CHECK(packer.add("j") == "abcd\nefghi");
  CHECK_FALSE(packer.add(std::string(11, 'x')));
  CHECK(packer.left_out() == 1);
  CHECK(packer.add(std::string(10, 'y')) == "j");
  CHECK(packer.take() == std::string(10, 'y'));
  CHECK_FALSE(packer.take());
}

TEST_CASE("the limits are those of a frame and of the buffer of the Agent") {
  CHECK(statsd().limit() == 1432);
  CHECK(statsd::limit_of(datagram_address::kind::udp) == 1432);
  CHECK(statsd::limit_of(datagram_address::kind::local) == 8192);
}

TEST_CASE("what the kernel did not take is told by whether it ever will") {
  CHECK_NOTHROW(expect_taken({}, "StatsD"));
  const auto thrown = [](int code) {
    try {
      expect_taken(errno_code(code), "StatsD");
    } catch (const error& why) {
      return why;
    }
    throw std::runtime_error("nothing thrown");
  };
  CHECK(thrown(ECONNREFUSED).code() == condition::retryable);
  CHECK(thrown(ENOBUFS).code() == errc::unavailable);
  CHECK(thrown(EMSGSIZE).code() == errc::message_too_large);
  CHECK(thrown(EMSGSIZE).code() == condition::fatal);
  CHECK_THAT(thrown(ECONNREFUSED).what(), catchx::ContainsSubstring("StatsD: Connection refused"));
}

}  // namespace t_service_statsd
