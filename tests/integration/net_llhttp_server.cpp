// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The server on real sockets: what it answers, what it refuses, when it closes, and what it leaves behind.
#include <ovrseer/net/llhttp.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <ovrseer/async/first_of.hpp>

#include "catch.hpp"
#include "http_raw.hpp"
#include "http_run.hpp"
#include "http_serving.hpp"

namespace t_net_llhttp_server {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using codes = std::vector<int>;

task<http_response> say(std::string text) {
  http_response response;
  response.body(std::move(text), "text/plain");
  co_return response;
}
task<http_response> echo(http_request request) {
  http_response response;
  response.body(request.method() + " " + request.target().target() + " " + request.body(), "text/plain");
  co_return response;
}

std::string get(const std::string& path, const std::string& more = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n";
}
const std::string get_and_close = get("/", "Connection: close\r\n");

std::size_t length_of_body(const std::string& response) { return response.size() - response.find("\r\n\r\n") - 4; }

/// Serves on a local socket while `body(server)` runs, then stops; asserts that no descriptor is left.
template <class Body>
void with_server(http_handler handler, server_limits limits, Body body) {
  const std::size_t before = open_descriptors();
  {
    const socket_folder folder;
    asio::io_context context;
    serving server(context.get_executor(), server_endpoint::local(folder.file()), std::move(handler), limits);
    auto scenario = [&]() -> task<void> {
      co_await body(server);
      co_await server.stop(cancellation_type::terminal);
    };
    run_task(context, scenario());
    CHECK(server.open_connections() == 0);
    CHECK(::access(folder.file().c_str(), F_OK) != 0);
  }
  CHECK(open_descriptors() == before);
}

/// The same in virtual time: it runs to the end of `body` however long the limits are.
template <class Body>
void with_server_in_virtual_time(http_handler handler, server_limits limits, Body body) {
  const socket_folder folder;
  asio::io_context context;
  virtual_clock clock(context);
  bool is_done = false;
  std::exception_ptr failure;
  serving server(context.get_executor(), server_endpoint::local(folder.file()), std::move(handler), limits);
  auto scenario = [&]() -> task<void> {
    co_await body(server);
    co_await server.stop(cancellation_type::terminal);
  };
  asio::co_spawn(context, scenario(), [&](const std::exception_ptr& thrown) {
    failure = thrown;
    is_done = true;
  });
  clock.run();
  if (failure) std::rethrow_exception(failure);
  CHECK(is_done);
}

TEST_CASE("a request is answered over TCP") {
  asio::io_context context;
  serving server(context.get_executor(), server_endpoint::loopback(), echo);
  REQUIRE(server.endpoint().port() != 0);
  const std::string answer = run_task(context, talk(server.endpoint(), get_and_close));
  CHECK_THAT(answer, catchx::StartsWith("HTTP/1.1 200 OK\r\n"));
  CHECK_THAT(answer, catchx::ContainsSubstring("Content-Length: 6\r\n"));
  CHECK_THAT(answer, catchx::ContainsSubstring("Content-Type: text/plain\r\n"));
  CHECK_THAT(answer, catchx::ContainsSubstring("Connection: close\r\n"));
  CHECK_THAT(answer, catchx::ContainsSubstring("\r\nDate: "));
  CHECK_THAT(answer, catchx::EndsWith("\r\n\r\nGET / "));
  run_task(context, server.stop());
}

TEST_CASE("a request is answered over IPv6") {
  asio::io_context context;
  std::unique_ptr<serving> server;
  try {
    server = std::make_unique<serving>(context.get_executor(), server_endpoint::tcp("::1", 0), echo);
  } catch (const error& failure) {
    SKIP("no IPv6 here: " << failure.what());
  }
  CHECK(statuses(run_task(context, talk(server->endpoint(), get_and_close))) == codes{200});
  CHECK_THAT(to_text(server->endpoint()), catchx::StartsWith("[::1]:"));
  run_task(context, server->stop());
}

TEST_CASE("the handler learns who asks through a local socket") {
  http_peer peer;
  const http_handler handler = [&](http_request request) {
    peer = request.peer();
    return say("ok");
  };
  with_server(handler, {}, [&](serving& server) -> task<void> {
    const std::string answer = co_await talk(server.endpoint(), get_and_close);
    CHECK(statuses(answer) == codes{200});
  });
  CHECK(peer.address == "local");
  CHECK(peer.user == ::getuid());
  CHECK(peer.process == ::getpid());
}

TEST_CASE("a connection serves many requests and pipelined ones in order") {
  with_server(echo, {}, [](serving& server) -> task<void> {
    const std::string post = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz";
    const std::string answer =
        co_await talk(server.endpoint(), get("/a") + post + get("/c", "Connection: close\r\n") + get("/d"));
    CHECK(statuses(answer) == codes{200, 200, 200});
    CHECK(answer.find("GET /a ") < answer.find("POST /b xyz"));
    CHECK(answer.find("POST /b xyz") < answer.find("GET /c "));
    CHECK_THAT(answer, !catchx::ContainsSubstring("/d"));
    CHECK(server.statistics().requests == 3);
    CHECK(server.statistics().connections == 1);
  });
}

TEST_CASE("HEAD has the headers of GET and no body") {
  with_server([](http_request) { return say("12345"); }, {},
              [](serving& server) -> task<void> {
                const std::string answer =
                    co_await talk(server.endpoint(), "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
                CHECK_THAT(answer, catchx::ContainsSubstring("Content-Length: 5\r\n"));
                CHECK(length_of_body(answer) == 0);
              });
}

TEST_CASE("a status without body has none and no length") {
  const http_handler handler = [](http_request) -> task<http_response> {
    http_response response(204);
    response.body("never sent").header("Content-Length", "3").header("Transfer-Encoding", "chunked");
    co_return response;
  };
  with_server(handler, {}, [](serving& server) -> task<void> {
    const std::string answer = co_await talk(server.endpoint(), get_and_close);
    CHECK_THAT(answer, !catchx::ContainsSubstring("Content-Length"));
    CHECK_THAT(answer, !catchx::ContainsSubstring("Transfer-Encoding"));
    CHECK(length_of_body(answer) == 0);
  });
}

TEST_CASE("a client of HTTP/1.0 is answered and left") {
  with_server(echo, {}, [](serving& server) -> task<void> {
    const std::string answer = co_await talk(server.endpoint(), "GET /old HTTP/1.0\r\n\r\n");
    CHECK(statuses(answer) == codes{200});
    CHECK_THAT(answer, catchx::EndsWith("GET /old "));
  });
}

TEST_CASE("a client that waits for a word gets it and then sends its body") {
  with_server(echo, {}, [](serving& server) -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    raw_client client(ex);
    co_await client.connect(server.endpoint());
    co_await client.send(
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    const std::string word = co_await client.read_until("\r\n\r\n");
    CHECK(word == "HTTP/1.1 100 Continue\r\n\r\n");
    co_await client.send("body");
    const std::string answer = co_await client.read_all();
    CHECK_THAT(answer, catchx::EndsWith("POST / body"));
  });
}

TEST_CASE("a refusal says why and closes the connection") {
  struct row {
    std::string bytes;
    int status;
    std::string text;
  };
  const std::vector<row> rows{
      {"GET / HTTP/1.1\r\n\r\n", 400, "no Host"},
      {get("/", "X:\rTransfer-Encoding: chunked\r\n"), 400, "carriage return"},
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400, "not a token"},
      {"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405, "Allow: GET, HEAD, POST, PUT, PATCH, DELETE\r\n"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n", 413, "too large"},
      {get("/" + std::string(9000, 'a')), 414, "too long"},
      {get("/", "X: " + std::string(70000, 'a') + "\r\n"), 431, "too large"},
      {"BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501, "unknown method"},
      {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505, "HTTP/1.1"},
  };
  with_server(echo, {}, [&](serving& server) -> task<void> {
    for (const row& row : rows) {
      const std::string answer = co_await talk(server.endpoint(), row.bytes + get("/smuggled"));
      CAPTURE(row.bytes.substr(0, 60), answer);
      CHECK(statuses(answer) == codes{row.status});
      CHECK_THAT(answer, catchx::ContainsSubstring(row.text));
      CHECK_THAT(answer, catchx::ContainsSubstring("Connection: close\r\n"));
    }
    CHECK(server.statistics().refused == rows.size());
    CHECK(server.statistics().requests == 0);
  });
}

TEST_CASE("a client that goes on sending still reads the refusal") {
  asio::io_context context;
  serving server(context.get_executor(), server_endpoint::loopback(), echo);
  auto scenario = [&]() -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    raw_client client(ex);
    co_await client.connect(server.endpoint());
    co_await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n" + std::string(100000, 'x'));
    const std::string answer = co_await client.read_all();
    CHECK(statuses(answer) == codes{413});
    CHECK_FALSE(client.was_reset());
    client.close();
    co_await server.stop();
  };
  run_task(context, scenario());
}

TEST_CASE("a handler that fails becomes a 500 and is heard of") {
  const http_handler handler = [](http_request request) -> task<http_response> {
    if (request.target().path() == "/throw") throw std::runtime_error("no such table");
    if (request.target().path() == "/status") return []() -> task<http_response> { co_return http_response(99); }();
    return []() -> task<http_response> {
      throw error(errc::closed, "read", "x");
      co_return http_response();
    }();
  };
  with_server(handler, {}, [](serving& server) -> task<void> {
    const std::string answer =
        co_await talk(server.endpoint(), get("/throw") + get("/status") + get("/", "Connection: close\r\n"));
    CHECK(statuses(answer) == codes{500, 500, 500});
    CHECK_THAT(answer, !catchx::ContainsSubstring("table"));
    REQUIRE(server.errors().size() == 3);
    CHECK(server.errors()[0] == "handler: no such table");
    CHECK_THAT(server.errors()[1], catchx::ContainsSubstring("status 99"));
    CHECK_THAT(server.errors()[2], catchx::ContainsSubstring("read: x"));
    CHECK(server.statistics().failed == 3);
  });
}

TEST_CASE("a request that comes too slowly is refused with 408") {
  with_server_in_virtual_time(echo, {}, [](serving& server) -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    raw_client client(ex);
    co_await client.connect(server.endpoint());
    co_await client.send("GET / HTTP/1.1\r\n");
    const steady_time began = co_await now();
    // One byte a second keeps it no longer alive.
    for (int second = 1; second < 9; ++second) {
      co_await sleep_for(1s);
      co_await client.send("X");
    }
    const std::string answer = co_await client.read_until("\r\n\r\n");
    const steady_time ended = co_await now();
    CHECK(statuses(answer) == codes{408});
    CHECK(ended - began == 10s);
  });
}

TEST_CASE("an idle connection is closed without a word") {
  with_server_in_virtual_time(echo, {}, [](serving& server) -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    raw_client fresh(ex);
    co_await fresh.connect(server.endpoint());
    raw_client used(ex);
    co_await used.connect(server.endpoint());
    co_await used.send(get("/"));
    const std::string first = co_await used.read_until("GET / ");
    CHECK(statuses(first) == codes{200});
    const steady_time began = co_await now();
    const std::string nothing = co_await fresh.read_all();
    const std::string no_more = co_await used.read_all();
    const steady_time ended = co_await now();
    CHECK(nothing.empty());
    CHECK(no_more.empty());
    CHECK(ended - began == 30s);
    CHECK(server.statistics().refused == 0);
  });
}

TEST_CASE("a handler that takes too long becomes a 503") {
  const http_handler slow = [](http_request) -> task<http_response> {
    co_await sleep_for(1h);
    co_return http_response();
  };
  with_server_in_virtual_time(slow, {}, [](serving& server) -> task<void> {
    const steady_time began = co_await now();
    const std::string answer = co_await talk(server.endpoint(), get_and_close);
    const steady_time ended = co_await now();
    CHECK(statuses(answer) == codes{503});
    CHECK(ended - began < 32s);
    CHECK(server.errors().size() == 1);
  });
}

TEST_CASE("a client that does not read is left after the limit") {
  const http_handler large = [](http_request) { return say(std::string(std::size_t{8} << 20U, 'x')); };
  with_server_in_virtual_time(large, {}, [](serving& server) -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    raw_client client(ex);
    co_await client.connect(server.endpoint());
    co_await client.send(get("/"));
    co_await sleep_for(11s);
    CHECK(server.open_connections() == 0);
    client.close();
  });
}

TEST_CASE("a large response arrives whole") {
  const std::size_t size = std::size_t{8} << 20U;
  with_server([=](http_request) { return say(std::string(size, 'x')); }, {},
              [=](serving& server) -> task<void> {
                const std::string answer = co_await talk(server.endpoint(), get_and_close);
                CHECK(length_of_body(answer) == size);
              });
}

TEST_CASE("one connection too many is answered with 503") {
  server_limits limits;
  limits.connections = 2;
  with_server(echo, limits, [](serving& server) -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    raw_client first(ex);
    raw_client second(ex);
    co_await first.connect(server.endpoint());
    co_await second.connect(server.endpoint());
    const std::string refused = co_await talk(server.endpoint(), get("/"));
    CHECK(statuses(refused) == codes{503});
    CHECK_THAT(refused, catchx::ContainsSubstring("Retry-After: 1\r\n"));
    CHECK(server.statistics().busy == 1);
    co_await first.send(get_and_close);
    const std::string served = co_await first.read_all();
    CHECK(statuses(served) == codes{200});
    first.close();
    while (server.open_connections() > 1) co_await asio::post(ex, use_task);
    const std::string again = co_await talk(server.endpoint(), get_and_close);
    CHECK(statuses(again) == codes{200});
    second.close();
  });
}

TEST_CASE("a connection ends after so many requests") {
  server_limits limits;
  limits.requests_per_connection = 2;
  with_server(echo, limits, [](serving& server) -> task<void> {
    const std::string answer = co_await talk(server.endpoint(), get("/1") + get("/2") + get("/3"));
    CHECK(statuses(answer) == codes{200, 200});
  });
}

TEST_CASE("a client that leaves in the middle does no harm") {
  with_server(echo, {}, [](serving& server) -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    for (const std::string part :
         {"", "GET", "GET / HTTP/1.1\r\nHost: h\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab"}) {
      raw_client client(ex);
      co_await client.connect(server.endpoint());
      co_await client.send(part);
      client.close();
    }
    const std::string answer = co_await talk(server.endpoint(), get_and_close);
    CHECK(statuses(answer) == codes{200});
    while (server.open_connections() != 0) co_await asio::post(ex, use_task);
    CHECK(server.errors().empty());
    CHECK(server.statistics().refused == 3);
  });
}

TEST_CASE("asked to end the server finishes the request that is being answered") {
  const socket_folder folder;
  asio::io_context context;
  notifier gate(context.get_executor());
  bool is_open = false;
  const http_handler handler = [&](http_request) -> task<http_response> {
    while (!is_open) co_await gate.wait();
    co_return http_response(200);
  };
  serving server(context.get_executor(), server_endpoint::local(folder.file()), handler);
  auto scenario = [&]() -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    raw_client idle(ex);
    co_await idle.connect(server.endpoint());
    raw_client busy(ex);
    co_await busy.connect(server.endpoint());
    co_await busy.send(get("/"));
    while (server.statistics().requests == 0) co_await asio::post(ex, use_task);
    server.cancel(cancellation_type::total);
    const std::string nothing = co_await idle.read_all();
    CHECK(nothing.empty());
    CHECK_FALSE(server.has_ended());
    CHECK(::access(folder.file().c_str(), F_OK) != 0);
    is_open = true;
    gate.notify_all();
    const std::string answer = co_await busy.read_all();
    CHECK(statuses(answer) == codes{200});
    CHECK_THAT(answer, catchx::ContainsSubstring("Connection: close\r\n"));
    busy.close();
    co_await server.wait_ended();
  };
  run_task(context, scenario());
  CHECK_THROWS_AS(std::rethrow_exception(server.failure()), std::system_error);
  CHECK(server.errors().empty());
}

task<http_response> answer_never(http_request) {
  co_await sleep_for(1h);
  co_return http_response(200);
}
/// Comes back when the request is being answered.
task<void> ask_in_vain(raw_client& client, serving& server) {
  const executor ex = co_await asio::this_coro::executor;
  co_await client.connect(server.endpoint());
  co_await client.send(get("/"));
  while (server.statistics().requests == 0) co_await asio::post(ex, use_task);
}

TEST_CASE("a server that was asked to end can still be cut off") {
  const socket_folder folder;
  asio::io_context context;
  serving server(context.get_executor(), server_endpoint::local(folder.file()), answer_never);
  auto scenario = [&]() -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    raw_client client(ex);
    co_await ask_in_vain(client, server);
    server.cancel(cancellation_type::total);
    for (int turn = 0; turn < 100; ++turn) co_await asio::post(ex, use_task);
    CHECK_FALSE(server.has_ended());
    co_await server.stop(cancellation_type::terminal);
    const std::string nothing = co_await client.read_all();
    CHECK(nothing.empty());
  };
  run_task(context, scenario());
  CHECK(server.open_connections() == 0);
}

TEST_CASE("cut off the server abandons the request that is being answered") {
  for (const cancellation_type type : {cancellation_type::partial, cancellation_type::terminal}) {
    const socket_folder folder;
    asio::io_context context;
    serving server(context.get_executor(), server_endpoint::local(folder.file()), answer_never);
    auto scenario = [&]() -> task<void> {
      const executor ex = co_await asio::this_coro::executor;
      raw_client client(ex);
      co_await ask_in_vain(client, server);
      co_await server.stop(type);
      const std::string nothing = co_await client.read_all();
      CHECK(nothing.empty());
    };
    run_task(context, scenario());
    CHECK(server.open_connections() == 0);
  }
}

TEST_CASE("a local socket is for its owner alone unless asked otherwise") {
  const socket_folder folder;
  asio::io_context context;
  const auto mode_of = [&] {
    struct stat found{};
    REQUIRE(::lstat(folder.file().c_str(), &found) == 0);
    return found.st_mode & 0777U;
  };
  const mode_t before = ::umask(0);
  {
    const llhttp_server server(context.get_executor(), server_endpoint::local(folder.file()));
    CHECK(mode_of() == 0600);
  }
  ::umask(0077);
  {
    const llhttp_server server(context.get_executor(), server_endpoint::local(folder.file(), 0660));
    CHECK(mode_of() == 0660);
  }
  ::umask(before);
  CHECK(::access(folder.file().c_str(), F_OK) != 0);
}

TEST_CASE("a socket that nobody listens on is replaced and another is not") {
  const socket_folder folder;
  asio::io_context context;
  const server_endpoint where = server_endpoint::local(folder.file());
  {
    const int abandoned = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    folder.file().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(abandoned, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::close(abandoned);
  }
  const llhttp_server first(context.get_executor(), where);
  CHECK_THROWS_WITH(llhttp_server(context.get_executor(), where), catchx::StartsWith("bind: unix:" + folder.file()));
  // What replaced our file is not ours to remove.
  REQUIRE(::rename(folder.file().c_str(), (folder.file() + "2").c_str()) == 0);
  { const llhttp_server second(context.get_executor(), where); }
  REQUIRE(::rename((folder.file() + "2").c_str(), folder.file().c_str()) == 0);
  CHECK(::access(folder.file().c_str(), F_OK) == 0);
}

TEST_CASE("what cannot be listened on says the step") {
  asio::io_context context;
  const executor ex = context.get_executor();
  CHECK_THROWS_WITH(llhttp_server(ex, server_endpoint::tcp("localhost", 1)), catchx::StartsWith("address: "));
  CHECK_THROWS_WITH(llhttp_server(ex, server_endpoint::tcp("203.0.113.1", 1)),
                    catchx::StartsWith("bind: 203.0.113.1:1: "));
  CHECK_THROWS_WITH(llhttp_server(ex, server_endpoint::local("/nowhere/x.sock")), catchx::StartsWith("bind: "));
  CHECK_THROWS_WITH(llhttp_server(ex, server_endpoint::local("/tmp/" + std::string(200, 'x'))),
                    catchx::StartsWith("bind: "));
  const llhttp_server taken(ex, server_endpoint::loopback());
  CHECK_THROWS_WITH(llhttp_server(ex, taken.endpoint()), catchx::EndsWith("Address already in use"));
}

TEST_CASE("no socket of the server is inherited by a child") {
  asio::io_context context;
  const http_handler handler = [](http_request) -> task<http_response> {
    for (int fd = 3; fd < 1000; ++fd) {
      const int flags = ::fcntl(fd, F_GETFD);
      struct stat what{};
      const bool is_socket = flags >= 0 && ::fstat(fd, &what) == 0 && S_ISSOCK(what.st_mode);
      int is_listening = 0;
      socklen_t size = sizeof is_listening;
      sockaddr_storage peer{};
      socklen_t peer_size = sizeof peer;
      if (!is_socket || ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) != 0) continue;
      // The client of this test is the one socket that may lack the flag.
      const bool is_client =
          ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0 && peer_size > sizeof(sa_family_t);
      if (is_listening != 0 || !is_client) CHECK((flags & FD_CLOEXEC) != 0);
    }
    co_return http_response();
  };
  const socket_folder folder;
  serving server(context.get_executor(), server_endpoint::local(folder.file()), handler);
  CHECK(statuses(run_task(context, talk(server.endpoint(), get_and_close))) == codes{200});
  run_task(context, server.stop());
}

TEST_CASE("a shortage of descriptors is reported and waited out") {
  const socket_folder folder;
  asio::io_context context;
  serving server(context.get_executor(), server_endpoint::local(folder.file()), echo);
  auto scenario = [&]() -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    raw_client client(ex);
    co_await client.connect(server.endpoint());
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(client.native_handle()) + 1;
    ::setrlimit(RLIMIT_NOFILE, &tight);
    while (server.errors().empty()) co_await asio::post(ex, use_task);
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK_THAT(server.errors().front(), catchx::StartsWith("accept: accept: unix:"));
    co_await client.send(get_and_close);
    const std::string answer = co_await client.read_all();
    CHECK(statuses(answer) == codes{200});
    client.close();
    co_await server.stop();
  };
  run_task(context, scenario());
}

/// Two requests on one connection, the second with a body, the handler asleep for a moment each time.
task<void> converse(server_endpoint where) {
  const executor ex = co_await asio::this_coro::executor;
  raw_client client(ex);
  co_await client.connect(std::move(where));
  co_await client.send(get("/1"));
  const std::string first = co_await client.read_until("GET /1 ");
  co_await client.send("POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
  co_await client.send("abc");
  const std::string second = co_await client.read_until("POST /2 abc");
}

TEST_CASE("cancelled after any number of steps the server leaves nothing behind") {
  const std::size_t before = open_descriptors();
  const http_handler handler = [](http_request request) -> task<http_response> {
    co_await sleep_for(1ms);
    co_return co_await echo(std::move(request));
  };
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    bool was_complete = false;
    for (int steps = 1; !was_complete; ++steps) {  // the first starts the server, which hears nothing before
      CAPTURE(steps, static_cast<int>(type));
      const socket_folder folder;
      asio::io_context context;
      virtual_clock clock(context);
      serving server(context.get_executor(), server_endpoint::local(folder.file()), handler);
      bool is_client_done = false;
      asio::co_spawn(context, converse(server.endpoint()), [&](const std::exception_ptr&) { is_client_done = true; });
      // `poll_one` alone does not move the time; let it jump when nothing is ready.
      for (int done = 0; done < steps && !is_client_done; ++done) {
        context.restart();
        if (context.poll_one() == 0) clock.run_for(1ms);
      }
      was_complete = is_client_done;
      server.cancel(type);
      clock.run();
      REQUIRE(server.has_ended());
      REQUIRE(is_client_done);
      REQUIRE(server.open_connections() == 0);
      REQUIRE(steps < 2000);
    }
  }
  CHECK(open_descriptors() == before);
}

}  // namespace t_net_llhttp_server
