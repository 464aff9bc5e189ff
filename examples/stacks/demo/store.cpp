// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The demo's dependency: counters behind a TCP port, kept in a file so that a restart loses nothing.
#include <cstdio>
#include <fstream>
#include <map>
#include <string>

#include "loopback.hpp"

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  demo::leave_on_sigterm();
  const char* const folder = std::getenv("DEMO_FOLDER");
  const std::string path = std::string(folder == nullptr ? "." : folder) + "/store.txt";
  std::map<std::string, long> counters;
  std::ifstream saved(path);
  for (std::string name; saved >> name;) saved >> counters[name];
  std::printf("INFO loaded %zu counters from %s\n", counters.size(), path.c_str());

  const std::uint16_t port = demo::port_from("STORE_PORT");
  const int listener = demo::listen_on(port);
  if (listener < 0) {
    std::fprintf(stderr, "FATAL cannot listen on 127.0.0.1:%u\n", unsigned{port});
    return 1;
  }
  std::printf("INFO store accepts connections on 127.0.0.1:%u\n", unsigned{port});
  for (;;) {
    const int client = ::accept(listener, nullptr, nullptr);
    if (client < 0) continue;
    const std::string request = demo::read_until(client, "\n");
    if (request.starts_with("INCR ")) {
      const std::string name = request.substr(5, request.find('\n') - 5);
      demo::send_all(client, std::to_string(++counters[name]) + "\n");
      std::ofstream file(path, std::ios::trunc);
      for (const auto& [key, value] : counters) file << key << ' ' << value << '\n';
    }
    ::close(client);
  }
}
