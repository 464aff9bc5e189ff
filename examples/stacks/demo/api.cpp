// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The demo's main unit: HTTP on a port; every request is counted in the store.
#include <cstdio>
#include <string>

#include "loopback.hpp"

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  demo::leave_on_sigterm();
  const std::uint16_t store = demo::port_from("STORE_PORT");
  const std::uint16_t port = demo::port_from("API_PORT");
  const int listener = demo::listen_on(port);
  if (listener < 0) {
    std::fprintf(stderr, "{\"level\":\"fatal\",\"message\":\"cannot listen on 127.0.0.1:%u\"}\n", unsigned{port});
    return 1;
  }
  std::printf("{\"level\":\"info\",\"message\":\"listening on http://127.0.0.1:%u\"}\n", unsigned{port});
  for (;;) {
    const int client = ::accept(listener, nullptr, nullptr);
    if (client < 0) continue;
    const std::string request = demo::read_until(client, "\r\n\r\n");
    const bool is_health = request.starts_with("GET /health ");
    const long visits = is_health ? 0 : demo::count(store, "visits");
    const std::string body = visits < 0 ? "the store is away\n" : is_health ? "ok\n" : std::to_string(visits) + "\n";
    const std::string status = visits < 0 ? "503 Service Unavailable" : "200 OK";
    demo::send_all(client, "HTTP/1.1 " + status + "\r\nContent-Type: text/plain\r\nContent-Length: " +
                               std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
    ::close(client);
    if (!is_health) {
      std::printf("{\"level\":\"%s\",\"message\":\"GET / %s\",\"visits\":%ld}\n", visits < 0 ? "error" : "info",
                  status.c_str(), visits);
    }
  }
}
