// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Durations, sizes, numbers and addresses as people write them, and the cure where they slip.
#include <chrono>
#include <csignal>
#include <limits>
#include <string>
#include <string_view>

#include <ovrseer/config/address.hpp>
#include <ovrseer/config/values.hpp>

#include "catch.hpp"

namespace t_config_values {

using namespace ovrseer;
using namespace std::chrono_literals;

std::string duration_cure(std::string_view text) {
  const auto read = parse_duration(text);
  return read ? "accepted" : read.reason().cure;
}

TEST_CASE("durations have units and a bare number is milliseconds") {
  CHECK(*parse_duration("500ms") == 500ms);
  CHECK(*parse_duration("5s") == 5s);
  CHECK(*parse_duration("1.5s") == 1500ms);
  CHECK(*parse_duration("2m") == 2min);
  CHECK(*parse_duration("1h30m") == 90min);
  CHECK(*parse_duration("1d12h") == 36h);
  CHECK(*parse_duration("2m 5s") == 125s);
  CHECK(*parse_duration("5 s") == 5s);
  CHECK(*parse_duration("10us") == 10us);
  CHECK(*parse_duration("10\xC2\xB5s") == 10us);
  CHECK(*parse_duration("7ns") == 7ns);
  CHECK(*parse_duration("5000") == 5s);
  CHECK(*parse_duration("0") == 0s);
  CHECK(*parse_duration("0.5") == 500us);
  CHECK(*parse_duration("0s") == 0s);
}

TEST_CASE("a duration reads back what is written for people") {
  for (const std::chrono::nanoseconds each :
       {0ns, 999ns, 250'000ns, 12'000'000ns, 1'500'000'000ns, std::chrono::nanoseconds(125s),
        std::chrono::nanoseconds(200min), std::chrono::nanoseconds(52h)}) {
    INFO(to_text(each));
    CHECK(*parse_duration(to_text(each)) == each);
  }
}

TEST_CASE("a wrong duration has a cure where one is known") {
  CHECK(duration_cure("5 sec") == "write 5s");
  CHECK(duration_cure("10seconds") == "write 10s");
  CHECK(duration_cure("2min") == "write 2m");
  CHECK(duration_cure("3 hours") == "write 3h");
  CHECK(duration_cure("1day") == "write 1d");
  CHECK(duration_cure("100 millis") == "write 100ms");
  CHECK(duration_cure("5S") == "write 5s");
  CHECK(duration_cure("5x") == "the units are ns, us, ms, s, m, h and d");
  CHECK(duration_cure("-5s") == "a duration has no sign");
  for (const std::string_view text : {"", " ", "s", "5s5", "1.s", ".5s", "5ss", "5s ", " 5s", "5s,3m", "1e3", "0x5",
                                      "5  s", "forever", "999999999999d", "nan", "inf"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("sizes know thousands and 1024 and a bare number is bytes") {
  CHECK(*parse_size("0") == byte_size(0));
  CHECK(*parse_size("512") == byte_size(512));
  CHECK(*parse_size("64KiB") == 64_KiB);
  CHECK(*parse_size("64 KiB") == 64_KiB);
  CHECK(*parse_size("10MB") == byte_size(10'000'000));
  CHECK(*parse_size("10mb") == byte_size(10'000'000));
  CHECK(*parse_size("1.5GiB") == byte_size(1536U << 20U));
  CHECK(*parse_size("2tib") == byte_size(std::uint64_t{2} << 40U));
  CHECK(*parse_size("7B") == 7_B);
  CHECK(parse_size("10M").reason().cure == "write 10MiB (in 1024) or 10MB (in 1000)");
  CHECK(parse_size("-1").reason().cure == "a size has no sign");
  for (const std::string_view text : {"", "MB", "10XB", "10 MB MB", "1e3", "99999999TiB", "5 "}) {
    INFO(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("whole numbers keep to their range") {
  CHECK(*parse_integer("-20", -20, 19) == -20);
  CHECK(*parse_integer("019", -20, 19) == 19);
  CHECK(parse_integer("20", -20, 19).reason().expected == "a whole number from -20 to 19");
  CHECK(parse_integer("-1", 0, std::numeric_limits<std::int64_t>::max()).reason().expected ==
        "a whole number of at least 0");
  for (const std::string_view text :
       {"", "1.5", "1 ", " 1", "+1", "1e3", "0x1", "99999999999999999999", "one", "1_000"}) {
    INFO(text);
    CHECK_FALSE(parse_integer(text, 0, 1'000'000'000'000));
  }
}

TEST_CASE("numbers and booleans say what they may be") {
  CHECK(*parse_number("0.25", 0, 1) == 0.25);
  CHECK(*parse_number("1", 0, 1) == 1.0);
  CHECK(parse_number("1.5", 0, 1).reason().expected == "a number from 0 to 1");
  CHECK(parse_number("x", 1, 1000).reason().expected == "a number from 1 to 1000");
  CHECK(*parse_boolean("true"));
  CHECK_FALSE(*parse_boolean("false"));
  CHECK(parse_boolean("yes").reason().cure == "write true");
  CHECK(parse_boolean("No").reason().cure == "write false");
  CHECK(parse_boolean("TRUE").reason().cure == "write true");
  CHECK(parse_boolean("maybe").reason().cure.empty());
}

TEST_CASE("signals and masks and limits") {
  CHECK(*parse_signal_value("SIGTERM") == signal_number(SIGTERM));
  CHECK(*parse_signal_value("hup") == signal_number(SIGHUP));
  CHECK(*parse_signal_value("9") == signal_number(SIGKILL));
  CHECK_FALSE(parse_signal_value("SIGNOPE"));
  CHECK_FALSE(parse_signal_value("0"));
  CHECK(*parse_file_mode_mask("022") == 022);
  CHECK(*parse_file_mode_mask("77") == 077);
  CHECK(*parse_file_mode_mask("0o027") == 027);
  for (const std::string_view text : {"", "8", "1000", "-1", "rwx", "0o"}) CHECK_FALSE(parse_file_mode_mask(text));
  const auto limit = [](std::string_view name, std::string_view text) {
    for (const resource_name& each : resource_names) {
      if (each.name == name) return parse_resource_limit(each, text);
    }
    throw std::logic_error("no such resource");
  };
  CHECK(*limit("nofile", "4096") == 4096);
  CHECK(*limit("nofile", "unlimited") == RLIM_INFINITY);
  CHECK(*limit("as", "2GiB") == rlim_t{2} << 30U);
  CHECK(*limit("cpu", "90") == 90);
  CHECK(*limit("cpu", "1m30s") == 90);
  CHECK(*limit("cpu", "100ms") == 1);
  CHECK(limit("core", "-1").reason().cure == "write unlimited");
  CHECK_FALSE(limit("nofile", "2GiB"));
  CHECK_FALSE(limit("cpu", ""));
}

TEST_CASE("addresses of peers") {
  CHECK(parse_peer_address("127.0.0.1:8080")->port == 8080);
  CHECK(parse_peer_address("db.internal:5432")->host == "db.internal");
  CHECK(parse_peer_address("[::1]:80")->host == "::1");
  CHECK(parse_peer_address("8080")->host == "127.0.0.1");
  CHECK(parse_peer_address("unix:/run/x.sock")->socket_path == "/run/x.sock");
  for (const std::string_view text : {"127.0.0.1:8080", "[::1]:80", "unix:/run/x.sock", "db:1"}) {
    CHECK(to_text(*parse_peer_address(text)) == text);
  }
  const auto cure = [](std::string_view text) {
    const auto read = parse_peer_address(text);
    return read ? "accepted" : read.reason().cure;
  };
  CHECK(cure("localhost") == "put :port after it");
  CHECK(cure(":80") == "write 127.0.0.1:80 for this machine alone, or 0.0.0.0:80 for all addresses");
  CHECK(cure("::1:80") == "write an IPv6 address in brackets: [::1]:8080");
  CHECK(cure("[::1") == "close the address with ]");
  CHECK(cure("[]:80") == "an IPv6 address stands in brackets, and nothing else");
  CHECK(cure("[db]:80") == "an IPv6 address stands in brackets, and nothing else");
  CHECK(cure("[::1]80") == "put :port after the ]");
  CHECK(cure("http://x:80") == "write host:port without http://");
  CHECK(cure("x:0") == "a port is a number from 1 to 65535");
  CHECK(cure("x:65536") == "a port is a number from 1 to 65535");
  CHECK(cure("/run/x.sock") == "write unix:/run/x.sock");
  CHECK(cure("unix:run/x") == "the path of a socket begins with /");
  CHECK(cure("unix://run/x") == "write unix: and the path, without //");
  CHECK(cure("unix:/" + std::string(107, 'x')) == "the path of a socket has at most 107 bytes");
  for (const std::string_view text : {"", "x:", "x:80x", "a b:80", "x/y:80", "u@x:80"})
    CHECK_FALSE(parse_peer_address(text));
}

TEST_CASE("addresses to listen at are in digits") {
  CHECK(to_text(*parse_listen_address("127.0.0.1:0")) == "127.0.0.1:0");
  CHECK(to_text(*parse_listen_address("localhost:9100")) == "127.0.0.1:9100");
  CHECK(to_text(*parse_listen_address("[::]:9100")) == "[::]:9100");
  CHECK(to_text(*parse_listen_address("unix:/run/x.sock")) == "unix:/run/x.sock");
  CHECK(parse_listen_address("db.internal:1").reason().cure == "an address of this machine is written in digits");
}

}  // namespace t_config_values
