// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Faults as people write them: every form, and every mistake with its column and its cure.
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>

#include <catch.hpp>

#include <ovrseer/rehearse/fault.hpp>

namespace t_rehearse_fault {

using namespace ovrseer;
using namespace std::chrono_literals;
using kind = rehearsal_fault::kind;
using rhythm = rehearsal_fault::rhythm;

rehearsal_fault fault(kind what, std::string_view text) {
  auto made = parse_fault(what, text);
  if (!made) FAIL(to_text(made.reason(), text));
  return *made;
}
std::string mistake(kind what, std::string_view text) {
  const auto made = parse_fault(what, text);
  return made ? "none" : to_text(made.reason(), text);
}

TEST_CASE("a fault has a unit and a time and perhaps a count") {
  const rehearsal_fault one = fault(kind::crash, "db@5m");
  CHECK(one.what == kind::crash);
  CHECK(one.unit == unit_id("db"));
  CHECK(one.when == rhythm::at_time);
  CHECK(one.time == 5min);
  CHECK(one.times == 1);
  CHECK(one.how == exit_status::exited(1));
  CHECK(fault(kind::crash, " db@5m  x3 ").times == 3);
  CHECK(fault(kind::crash, "db @ 1h30m x2").time == 90min);
  CHECK(fault(kind::crash, "shop/db.1@0s").unit == unit_id("shop", "db.1"));
}

TEST_CASE("a crash says how it ends and may come at random") {
  CHECK(fault(kind::crash, "db@5m code=3").how == exit_status::exited(3));
  CHECK(fault(kind::crash, "db@5m signal=SEGV x2").how == exit_status::signaled(signal_number(SIGSEGV)));
  const rehearsal_fault random = fault(kind::crash, "worker~1h signal=9");
  CHECK(random.when == rhythm::random);
  CHECK(random.time == 1h);
  CHECK(random.how == exit_status::signaled(signal_number(SIGKILL)));
  CHECK(fault(kind::hang, "api~2d").time == 48h);
  CHECK(fault(kind::hang, "api@10m").what == kind::hang);
}

TEST_CASE("a start that fails needs no time") {
  CHECK(fault(kind::fail_start, "db").times == 1);
  CHECK(fault(kind::fail_start, "db x2").times == 2);
  CHECK(fault(kind::fail_start, "db x2").time == 0s);
  CHECK(fault(kind::fail_start, "db@5m x2").time == 5min);
}

TEST_CASE("a fault in words can be read again") {
  for (const char* text : {"db@5m", "db@5m x3", "worker~1h", "db@5m code=3", "shop/db@5m signal=SIGSEGV"}) {
    CHECK(to_text(fault(kind::crash, text)) == "crash " + std::string(text));
  }
  CHECK(to_text(fault(kind::fail_start, "db x2")) == "fail-start db x2");
  CHECK(to_text(fault(kind::hang, "db@1s")) == "hang db@1s");
}

TEST_CASE("every mistake has a column and a cure") {
  CHECK(mistake(kind::crash, "db@5x x3") ==
        "column 5: expected a duration such as 500ms, 5s or 1h30m\n"
        "  db@5x x3\n"
        "      ^\n"
        "  help: the units are ns, us, ms, s, m, h and d");
  CHECK(mistake(kind::crash, "db") ==
        "column 3: expected @ and a time, or ~ and a mean time\n"
        "  db\n"
        "    ^\n"
        "  help: write db@5m for a crash after five minutes, or db~1h for one an hour");
  CHECK_THAT(mistake(kind::crash, ""), catchx::StartsWith("column 1: expected the name of a process"));
  CHECK_THAT(mistake(kind::crash, "@5m"), catchx::StartsWith("column 1: expected the name of a process"));
  CHECK_THAT(mistake(kind::crash, "d!b@5m"), catchx::StartsWith("column 1: expected the name of a process"));
  CHECK_THAT(mistake(kind::crash, "db@"), catchx::StartsWith("column 4: expected a duration"));
  CHECK_THAT(mistake(kind::crash, "db~0s"), catchx::StartsWith("column 4: expected a mean time of more than 0"));
  CHECK_THAT(mistake(kind::crash, "db@5m x"), catchx::StartsWith("column 8: expected how often"));
  CHECK_THAT(mistake(kind::crash, "db@5m x0"), catchx::ContainsSubstring("help: write x3 for three times in a row"));
  CHECK_THAT(mistake(kind::crash, "db@5m 3"), catchx::StartsWith("column 7: expected x and a count, code= or signal="));
  CHECK_THAT(mistake(kind::crash, "db@5m code=256"), catchx::StartsWith("column 12: expected an exit code"));
  CHECK_THAT(mistake(kind::crash, "db@5m signal=NONE"), catchx::StartsWith("column 14: expected a signal"));
  CHECK_THAT(mistake(kind::crash, "db~1h x3"), catchx::ContainsSubstring("has no count: remove x3"));
  CHECK_THAT(mistake(kind::hang, "db@5m code=3"), catchx::StartsWith("column 7: expected x and a count"));
  CHECK_THAT(mistake(kind::fail_start, "db~1h"), catchx::StartsWith("column 3: expected @ and a time, or nothing"));
}

}  // namespace t_rehearse_fault
