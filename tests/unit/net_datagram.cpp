// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Datagrams: where they go, what becomes of them, and receivers that are absent, full or restarted.
#include <algorithm>
#include <cerrno>

#include <fcntl.h>

#include <catch.hpp>
#include <datagram_receiver.hpp>
#include <disk_folder.hpp>
#include <leaks.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/net/datagram.hpp>
#include <run.hpp>

namespace t_net_datagram {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::datagram_receiver;

static_assert(datagram_sender<null_datagram_sender>);
static_assert(datagram_sender<recording_datagram_sender>);
static_assert(!datagram_sender<std::string>);

std::string read(std::string_view text) {
  const auto made = datagram_address::parse(text);
  return made ? to_text(*made) : made.reason().what();
}

TEST_CASE("an address of datagrams is read as it is written") {
  for (const char* text : {"udp://127.0.0.1:8125", "udp://[::1]:8125", "udp://statsd.example.org:1", "udp://h:65535",
                           "unix:///var/run/datadog/dsd.socket", "unix://@abstract"}) {
    CHECK(read(text) == text);
  }
  CHECK(*datagram_address::parse("udp://[::1]:8125") == datagram_address::udp("::1", 8125));
  CHECK(*datagram_address::parse("unix:///a") == datagram_address::local("/a"));
}

TEST_CASE("what is no address of datagrams is refused with the reason") {
  CHECK_THAT(read("udp://host"), catchx::ContainsSubstring("the port is missing"));
  CHECK_THAT(read("udp://:8125"), catchx::ContainsSubstring("the host is missing"));
  CHECK_THAT(read("udp://host:0"), catchx::ContainsSubstring("not a port"));
  CHECK_THAT(read("udp://host:65536"), catchx::ContainsSubstring("not a port"));
  CHECK_THAT(read("udp://host:81x"), catchx::ContainsSubstring("not a port"));
  CHECK_THAT(read("udp://host:"), catchx::ContainsSubstring("not a port"));
  CHECK_THAT(read("udp://a b:1"), catchx::ContainsSubstring("not a host"));
  CHECK_THAT(read("tcp://host:1"), catchx::ContainsSubstring("must begin with udp://"));
  CHECK_THAT(read(""), catchx::ContainsSubstring("must begin with udp://"));
  CHECK_THAT(read("unix://"), catchx::ContainsSubstring("the path is empty"));
  CHECK(datagram_address::parse("unix:///" + std::string(107, 'x')).reason().code() == std::errc::filename_too_long);
}

TEST_CASE("every answer of the kernel is counted under one kind") {
  datagram_counts counts;
  for (const int code : {0, EAGAIN, ENOBUFS, ENOMEM, ECONNREFUSED, ENOENT, ENOTCONN, EHOSTUNREACH, EMSGSIZE, EACCES}) {
    counts.add(code == 0 ? std::error_code() : errno_code(code));
  }
  counts.add(asio::error::host_not_found);
  counts.add(asio::error::service_not_found);
  CHECK(counts == datagram_counts{1, 1, 2, 4, 1, 2, 1});
  CHECK(counts.lost() == 11);
}

TEST_CASE("a recording sender shares what it keeps and may refuse") {
  recording_datagram_sender sender;
  recording_datagram_sender copy = sender;
  CHECK_FALSE(copy.send("a"));
  sender.refuse(errno_code(EAGAIN));
  CHECK(copy.send("b") == std::errc::resource_unavailable_try_again);
  CHECK(sender.datagrams() == std::vector<std::string>{"a"});
}

TEST_CASE("UDP datagrams arrive as they are and copies share the socket") {
  const test::no_leaks nothing_left;
  asio::io_context context;
  datagram_receiver receiver = datagram_receiver::udp();
  datagram_socket socket(context.get_executor(), datagram_address::udp("127.0.0.1", receiver.port()));
  datagram_socket copy = socket;
  CHECK_FALSE(socket.send("one\ntwo"));
  CHECK_FALSE(copy.send(std::string("\0\xFF", 2)));
  CHECK_FALSE(copy.send(""));
  CHECK(receiver.take() == "one\ntwo");
  CHECK(receiver.take() == std::string("\0\xFF", 2));
  CHECK(receiver.take() == "");
  CHECK(socket.counts().sent == 3);
  CHECK(socket.counts().lost() == 0);
}

TEST_CASE("a datagram that is too large for UDP is counted and harms none after it") {
  asio::io_context context;
  datagram_receiver receiver = datagram_receiver::udp();
  datagram_socket socket(context.get_executor(), datagram_address::udp("127.0.0.1", receiver.port()));
  CHECK(socket.send(std::string(70'000, 'x')) == std::errc::message_size);
  CHECK(socket.counts().too_large == 1);
  CHECK_FALSE(socket.send("x"));
  CHECK(receiver.take() == "x");
}

TEST_CASE("that nobody listens on UDP is heard and a receiver that comes is found") {
  asio::io_context context;
  std::uint16_t port = 0;
  {
    datagram_receiver receiver = datagram_receiver::udp();
    port = receiver.port();
  }
  datagram_socket socket(context.get_executor(), datagram_address::udp("127.0.0.1", port));
  CHECK_FALSE(socket.send("lost"));
  CHECK(socket.send("refused") == std::errc::connection_refused);
  CHECK(socket.counts() == datagram_counts{1, 0, 0, 1});
  datagram_receiver receiver = datagram_receiver::udp(port);
  CHECK_FALSE(socket.send("heard"));
  CHECK(receiver.take() == "heard");
}

TEST_CASE("the socket is closed on exec") {
  asio::io_context context;
  datagram_receiver receiver = datagram_receiver::udp();
  const std::vector<std::string> before = test::open_descriptions();
  datagram_socket socket(context.get_executor(), datagram_address::udp("127.0.0.1", receiver.port()));
  socket.send("x");
  std::size_t added = 0;
  for (const std::string& each : test::open_descriptions()) {
    if (std::find(before.begin(), before.end(), each) != before.end()) continue;
    ++added;
    CHECK((::fcntl(std::stoi(each), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((::fcntl(std::stoi(each), F_GETFL) & O_NONBLOCK) != 0);
  }
  CHECK(added == 1);
}

TEST_CASE("a receiver on a unix path may come late and be restarted") {
  const test::no_leaks nothing_left;
  const ovrseer_test::disk_folder folder;
  const std::string path = folder / "dsd.socket";
  asio::io_context context;
  datagram_socket socket(context.get_executor(), datagram_address::local(path));
  CHECK(socket.send("too early") == std::errc::no_such_file_or_directory);
  {
    datagram_receiver receiver = datagram_receiver::local(path);
    CHECK_FALSE(socket.send("one"));
    CHECK(receiver.take() == "one");
  }
  CHECK(socket.send("between") == std::errc::connection_refused);
  datagram_receiver receiver = datagram_receiver::local(path);
  CHECK_FALSE(socket.send("two"));
  CHECK(receiver.take() == "two");
  CHECK(socket.counts() == datagram_counts{2, 0, 0, 2});
}

TEST_CASE("a unix receiver that does not read is full and nobody waits for it") {
  const std::string name = "@ovrseer-datagram-" + std::to_string(::getpid());
  datagram_receiver receiver = datagram_receiver::local(name);
  asio::io_context context;
  datagram_socket socket(context.get_executor(), datagram_address::local(name));
  std::error_code answer;
  for (int i = 0; i != 100'000 && !answer; ++i) answer = socket.send("x");
  CHECK(answer == std::errc::resource_unavailable_try_again);
  CHECK(socket.counts().full == 1);
  REQUIRE(receiver.take());
  CHECK_FALSE(socket.send("y"));
}

TEST_CASE("the name of a host is looked up aside and datagrams before the answer are refused") {
  const test::no_leaks nothing_left;
  asio::io_context context;
  datagram_receiver receiver = datagram_receiver::udp();
  datagram_socket socket(context.get_executor(), datagram_address::udp("localhost", receiver.port()));
  CHECK(socket.send("too early") == asio::error::host_not_found_try_again);
  CHECK(socket.counts().unresolved == 1);
  test::run_dry(context);
  // The name may stand for ::1 first, where nobody listens: then it is 127.0.0.1's turn.
  const bool arrived = test::eventually([&] {
    socket.send("x");
    return receiver.take() == "x";
  });
  CHECK(arrived);
}

TEST_CASE("a name that nobody knows is asked for again only after a while") {
  asio::io_context context;
  virtual_clock time(context);
  datagram_socket socket(context.get_executor(), datagram_address::udp("no..host", 8125));
  test::run_dry(context);
  const std::error_code known = socket.send("x");
  CHECK(known);
  CHECK(context.poll() == 0);
  time.run_for(31s);
  CHECK(socket.send("x") == known);
  test::run_dry(context);
  CHECK(socket.counts().sent == 0);
  CHECK(socket.counts().unresolved == 2);
}

TEST_CASE("a socket may go while its look-up is under way") {
  asio::io_context context;
  { datagram_socket socket(context.get_executor(), datagram_address::udp("localhost", 8125)); }
  test::run_dry(context);
}

}  // namespace t_net_datagram
