// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Counting the connections of a port in the kernel's tables.
#include <string>

#include <catch.hpp>

#include <ovrseer/process/detail/proc_table.hpp>

namespace t_process_tcp_table {

using ovrseer::process_detail::connections_in;

const std::string head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

/// One line of /proc/net/tcp.
std::string row(const std::string& local, const std::string& remote, const std::string& state) {
  return "   0: " + local + " " + remote + " " + state +
         " 00000000:00000000 00:00000000 00000000     0        0 47 1\n";
}

TEST_CASE("established connections at the local port count and so do those whose other side has closed") {
  const std::string table = head + row("0100007F:1F90", "00000000:0000", "0A") +  // the listener
                            row("0100007F:1F90", "0100007F:D431", "01") + row("0100007F:1F90", "0100007F:D432", "08") +
                            row("0100007F:1F90", "0100007F:D433", "06");
  CHECK(connections_in(table, 8080) == 2);
}

TEST_CASE("connections to the same port elsewhere are not ours") {
  CHECK(connections_in(head + row("0100007F:D431", "0100007F:1F90", "01"), 8080) == 0);
  CHECK(connections_in(head + row("0100007F:1F91", "0100007F:D431", "01"), 8080) == 0);
}

TEST_CASE("addresses of version 6 are read as well") {
  const std::string local = "00000000000000000000000001000000:1F90";
  CHECK(connections_in(head + row(local, local, "01"), 8080) == 1);
}

TEST_CASE("what is no table holds no connections") {
  CHECK(connections_in("", 8080) == 0);
  CHECK(connections_in("\n\n", 8080) == 0);
  CHECK(connections_in(head, 8080) == 0);
  CHECK(connections_in("0: :1F90zz x 01\n0: : x 01\n0: :1FFFF90 x 01\n0: :1F90 x", 8080) == 0);
  CHECK(connections_in("0: :1F90 x 01", 8080) == 1);  // without a line end
}

}  // namespace t_process_tcp_table
