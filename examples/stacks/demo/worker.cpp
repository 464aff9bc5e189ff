// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The demo's troubled unit: takes jobs from the store and now and then meets one that it does not survive.
#include <cstdio>
#include <random>

#include <poll.h>

#include "loopback.hpp"

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  demo::leave_on_sigterm();
  const std::uint16_t store = demo::port_from("STORE_PORT");
  std::minstd_rand random(std::random_device{}());
  std::printf("INFO worker ready\n");
  for (;;) {
    ::poll(nullptr, 0, 400);
    const long job = demo::count(store, "jobs");
    if (job < 0) {
      std::printf("WARN the store is away, trying again\n");
    } else if (random() % 40 == 0) {
      std::fprintf(stderr, "ERROR job %ld: checksum mismatch in block 7\nFATAL cannot go on\n", job);
      return 3;
    } else {
      std::printf("INFO job %ld done, query took %ldms\n", job, static_cast<long>(random() % 90));
    }
  }
}
