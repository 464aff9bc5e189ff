// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Streams: where they go, and receivers that are absent, close, come back, talk, or do not read.
#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <catch.hpp>
#include <disk_folder.hpp>
#include <leaks.hpp>
#include <ovrseer/net/stream.hpp>
#include <run.hpp>

namespace t_net_stream {

using namespace ovrseer;
using asio::ip::tcp;

static_assert(stream_sender<null_stream_sender>);
static_assert(!stream_sender<std::string>);

std::string read(std::string_view text) {
  const auto made = stream_address::parse(text);
  return made ? to_text(*made) : made.reason().what();
}

// A receiver on a port of the loopback. The kernel accepts by itself, so that nothing of it need run.
class receiver {
 public:
  explicit receiver(asio::io_context& context, std::uint16_t port = 0)
      : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), port)) {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  stream_address address() const { return stream_address::tcp("127.0.0.1", port()); }
  tcp::socket accept() { return acceptor_.accept(); }
  bool has_more() {
    acceptor_.non_blocking(true);
    std::error_code none;
    tcp::socket next = acceptor_.accept(none);
    return !none;
  }

 private:
  tcp::acceptor acceptor_;
};

std::string take(tcp::socket& from, std::size_t size) {
  std::string text(size, '\0');
  asio::read(from, asio::buffer(text));
  return text;
}
// All until the end of the connection.
std::string take_all(tcp::socket& from) {
  std::string text;
  std::array<char, 65536> part;
  std::error_code end;
  while (!end) text.append(part.data(), from.read_some(asio::buffer(part), end));
  return text;
}

std::optional<error> failure_of(asio::io_context& context, stream_socket& socket, std::string_view bytes) {
  try {
    test::run(context, socket.send(bytes));
  } catch (const error& failure) {
    return failure;
  }
  return std::nullopt;
}

const std::string& much() {
  static const std::string bytes(std::size_t{64} << 20U, 'm');  // more than two buffers take
  return bytes;
}

TEST_CASE("an address of a stream is read as it is written") {
  for (const char* text : {"tcp://127.0.0.1:5170", "tcp://[::1]:5170", "tcp://logs.example.org:1", "tcp://h:65535",
                           "unix:///run/vector.socket", "unix://@abstract"}) {
    CHECK(read(text) == text);
  }
  CHECK(*stream_address::parse("tcp://[::1]:5170") == stream_address::tcp("::1", 5170));
  CHECK(*stream_address::parse("unix:///a") == stream_address::local("/a"));
}

TEST_CASE("what is no address of a stream is refused with the reason") {
  CHECK_THAT(read("tcp://host"), catchx::ContainsSubstring("the port is missing"));
  CHECK_THAT(read("tcp://:5170"), catchx::ContainsSubstring("the host is missing"));
  CHECK_THAT(read("tcp://host:0"), catchx::ContainsSubstring("not a port"));
  CHECK_THAT(read("tcp://a/b:1"), catchx::ContainsSubstring("not a host"));
  CHECK_THAT(read("udp://host:1"), catchx::ContainsSubstring("must begin with tcp:// or unix://"));
  CHECK_THAT(read("unix://"), catchx::ContainsSubstring("the path is empty"));
  CHECK(stream_address::parse("unix:///" + std::string(107, 'x')).reason().code() == std::errc::filename_too_long);
}

TEST_CASE("a recording sender of streams shares what it keeps and may refuse") {
  asio::io_context context;
  recording_stream_sender sender;
  recording_stream_sender copy = sender;
  test::run(context, copy.send("a"));
  sender.refuse(errno_code(ECONNRESET));
  CHECK_THROWS_AS(test::run(context, copy.send("b")), error);
  CHECK(sender.sent() == std::vector<std::string>{"a"});
}

TEST_CASE("sends go over one connection that copies share") {
  const test::no_leaks nothing_left;
  asio::io_context context;
  receiver to(context);
  stream_socket socket(to.address());
  stream_socket copy = socket;
  test::run(context, socket.send("one\n"));
  test::run(context, copy.send("two\n"));
  test::run(context, socket.send(""));
  tcp::socket peer = to.accept();
  CHECK(take(peer, 8) == "one\ntwo\n");
  CHECK_FALSE(to.has_more());
}

TEST_CASE("what was sent arrives also where the socket goes at once") {
  asio::io_context context;
  receiver to(context);
  std::optional<stream_socket> socket(to.address());
  test::run(context, socket->send("one\n"));
  tcp::socket peer = to.accept();
  asio::write(peer, asio::buffer("nobody reads this"));
  socket.reset();
  CHECK(take_all(peer) == "one\n");
}

TEST_CASE("the stream socket is closed on exec") {
  asio::io_context context;
  receiver to(context);
  const std::vector<std::string> before = test::open_descriptions();
  stream_socket socket(to.address());
  test::run(context, socket.send("x"));
  std::size_t added = 0;
  for (const std::string& each : test::open_descriptions()) {
    if (std::find(before.begin(), before.end(), each) != before.end()) continue;
    ++added;
    CHECK((::fcntl(std::stoi(each), F_GETFD) & FD_CLOEXEC) != 0);
  }
  CHECK(added == 1);
}

TEST_CASE("a connection that the peer has ended is not written to") {
  asio::io_context context;
  receiver to(context);
  stream_socket socket(to.address());
  test::run(context, socket.send("one\n"));
  {
    tcp::socket peer = to.accept();
    CHECK(take(peer, 4) == "one\n");
    asio::write(peer, asio::buffer("bye"));  // the end lies behind what it says
  }
  test::run(context, socket.send("two\n"));
  tcp::socket peer = to.accept();
  CHECK(take(peer, 4) == "two\n");
}

TEST_CASE("a connection that the peer has reset is not written to") {
  asio::io_context context;
  receiver to(context);
  stream_socket socket(to.address());
  test::run(context, socket.send("one\n"));
  { tcp::socket unread = to.accept(); }  // with bytes unread the end is a reset
  test::run(context, socket.send("two\n"));
  tcp::socket peer = to.accept();
  CHECK(take(peer, 4) == "two\n");
}

TEST_CASE("a peer that talks without end neither ends nor holds up a connection") {
  asio::io_context context;
  receiver to(context);
  stream_socket socket(to.address());
  test::run(context, socket.send("a"));
  tcp::socket peer = to.accept();
  peer.non_blocking(true);
  const std::string talk(std::size_t{1} << 20U, 't');
  std::error_code full;
  while (!full) peer.write_some(asio::buffer(talk), full);
  test::run(context, socket.send("b"));
  peer.non_blocking(false);
  CHECK(take(peer, 2) == "ab");
  CHECK_FALSE(to.has_more());
}

TEST_CASE("a receiver that refuses is told with its address and found when it comes") {
  const test::no_leaks nothing_left;
  asio::io_context context;
  std::optional<receiver> to(std::in_place, context);
  const stream_address address = to->address();
  to.reset();
  stream_socket socket(address);
  const std::optional<error> failure = failure_of(context, socket, "lost");
  REQUIRE(failure);
  CHECK(failure->code() == std::errc::connection_refused);
  CHECK(failure->code() == condition::retryable);
  CHECK(failure->step() == "connect");
  CHECK(failure->context() == to_text(address));
  to.emplace(context, address.port());
  test::run(context, socket.send("heard\n"));
  tcp::socket peer = to->accept();
  CHECK(take(peer, 6) == "heard\n");
}

TEST_CASE("a receiver on a unix path may come late and be restarted without loss") {
  const test::no_leaks nothing_left;
  const ovrseer_test::disk_folder folder;
  const std::string path = folder / "lines.socket";
  asio::io_context context;
  stream_socket socket(stream_address::local(path));
  const std::optional<error> failure = failure_of(context, socket, "too early");
  REQUIRE(failure);
  CHECK(failure->code() == std::errc::connection_refused);
  CHECK(failure->code() == condition::retryable);
  CHECK_THAT(failure->what(), catchx::ContainsSubstring(path + ": No such file or directory"));
  for (const std::string text : {"one", "two"}) {
    asio::local::stream_protocol::acceptor to(context, asio::local::stream_protocol::endpoint(path));
    test::run(context, socket.send(text));
    asio::local::stream_protocol::socket peer = to.accept();
    std::string heard(3, '\0');
    asio::read(peer, asio::buffer(heard));
    CHECK(heard == text);
    ::unlink(path.c_str());
  }
}

TEST_CASE("an abstract name is a receiver too and its full queue may pass") {
  asio::io_context context;
  const std::string name = "ovrseer-stream-" + std::to_string(::getpid());
  asio::local::stream_protocol::acceptor to(context);
  to.open();
  to.bind(asio::local::stream_protocol::endpoint(std::string(1, '\0') + name));
  to.listen(0);
  std::vector<stream_socket> sockets;
  std::optional<error> full;
  for (int i = 0; i != 10 && !full; ++i) {
    sockets.emplace_back(stream_address::local("@" + name));
    full = failure_of(context, sockets.back(), "x");
  }
  REQUIRE(full);
  CHECK(sockets.size() > 1);
  CHECK(full->code() == condition::retryable);
}

TEST_CASE("a path that is no socket of ours is told as it is") {
  asio::io_context context;
  stream_socket socket(stream_address::local("/proc/version/x"));
  const std::optional<error> failure = failure_of(context, socket, "x");
  REQUIRE(failure);
  CHECK(failure->code() == std::errc::not_a_directory);
  CHECK_FALSE(failure->code() == condition::retryable);
}

TEST_CASE("the name of a host is looked up and its addresses are tried in turn") {
  const test::no_leaks nothing_left;
  asio::io_context context;
  receiver to(context);
  stream_socket socket(stream_address::tcp("localhost", to.port()));
  test::run(context, socket.send("x"));
  tcp::socket peer = to.accept();
  CHECK(take(peer, 1) == "x");
}

TEST_CASE("a name that nobody knows may be known later") {
  asio::io_context context;
  stream_socket socket(stream_address::tcp("no..host", 5170));
  const std::optional<error> failure = failure_of(context, socket, "x");
  REQUIRE(failure);
  CHECK(failure->code() == std::errc::host_unreachable);
  CHECK(failure->code() == condition::retryable);
  CHECK(failure->step() == "resolve");
  CHECK_THAT(failure->what(), catchx::ContainsSubstring("tcp://no..host:5170: "));
}

TEST_CASE("a look-up may be abandoned and the socket may go meanwhile") {
  asio::io_context context;
  std::optional<stream_socket> socket(stream_address::tcp("localhost", 5170));
  test::started<void> under_way(context, socket->send("x"));
  socket.reset();
  context.poll_one();
  under_way.cancel(cancellation_type::total);
  test::run_dry(context);
  CHECK(under_way.was_aborted());
}

TEST_CASE("a receiver that reads slowly gets all") {
  asio::io_context context;
  receiver to(context);
  stream_socket socket(to.address());
  const std::string bytes = much() + "\n";
  test::started<void> under_way(context, socket.send(bytes));
  tcp::socket peer(context);
  for (int i = 0; i != 3; ++i) test::settle(context);
  CHECK_FALSE(under_way.is_done());
  peer = to.accept();
  std::size_t taken = 0;
  std::vector<char> part(1U << 20U);
  while (taken != bytes.size()) {
    taken += peer.read_some(asio::buffer(part));
    test::settle(context);
  }
  test::run_dry(context);
  CHECK_NOTHROW(under_way.get());
}

TEST_CASE("a peer that leaves during a send fails it and the next begins a new connection") {
  asio::io_context context;
  receiver to(context);
  stream_socket socket(to.address());
  test::started<void> under_way(context, socket.send(much()));
  test::settle(context);
  { tcp::socket peer = to.accept(); }
  test::run_dry(context);
  REQUIRE(under_way.has_failed());
  try {
    under_way.get();
  } catch (const error& failure) {
    CHECK(failure.code() == condition::retryable);
    CHECK(failure.step() == "send");
    CHECK(failure.context() == to_text(to.address()));
  }
  test::run(context, socket.send("again\n"));
  tcp::socket peer = to.accept();
  CHECK(take(peer, 6) == "again\n");
}

TEST_CASE("every cancellation of a send that blocks ends its connection") {
  for (const cancellation_type type :
       {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    asio::io_context context;
    receiver to(context);
    stream_socket socket(to.address());
    test::started<void> under_way(context, socket.send(much()));
    test::settle(context);
    tcp::socket cut = to.accept();
    under_way.cancel(type);
    test::run_dry(context);
    CHECK(under_way.was_aborted());
    test::run(context, socket.send("again\n"));
    const std::string begun = take_all(cut);
    CHECK(begun.size() < much().size());
    CHECK(begun == much().substr(0, begun.size()));
    tcp::socket peer = to.accept();
    CHECK(take(peer, 6) == "again\n");
  }
}

TEST_CASE("every cancellation abandons a connection that is being made") {
  for (const cancellation_type type :
       {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    const test::no_leaks nothing_left;
    asio::io_context context;
    tcp::acceptor to(context);
    to.open(tcp::v4());
    to.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    to.listen(0);
    const stream_address address = stream_address::tcp("127.0.0.1", to.local_endpoint().port());
    // The queue of the listener fills; then nobody answers.
    std::vector<stream_socket> sockets;
    std::vector<std::unique_ptr<test::started<void>>> sends;
    do {
      sockets.emplace_back(address);
      sends.push_back(std::make_unique<test::started<void>>(context, sockets.back().send("x")));
      test::settle(context);
      REQUIRE(sends.size() < 10);
    } while (sends.back()->is_done());
    sends.back()->cancel(type);
    test::run_dry(context);
    CHECK(sends.back()->was_aborted());
  }
}

TEST_CASE("several sends go one after the other and one that waits may be abandoned") {
  asio::io_context context;
  receiver to(context);
  stream_socket socket(to.address());
  const std::string first = much() + "\n";
  test::started<void> one(context, socket.send(first));
  test::started<void> two(context, socket.send("two\n"));
  test::started<void> three(context, socket.send("three\n"));
  test::settle(context);
  two.cancel(cancellation_type::terminal);
  test::settle(context);
  CHECK(two.was_aborted());
  CHECK_FALSE(one.is_done());
  tcp::socket peer = to.accept();
  std::string heard;
  std::vector<char> part(1U << 20U);
  while (heard.size() != first.size() + 6) {
    heard.append(part.data(), peer.read_some(asio::buffer(part)));
    test::settle(context);
  }
  CHECK(one.is_done());
  CHECK(three.is_done());
  CHECK(heard == first + "three\n");
}

TEST_CASE("a send under way may go with its context") {
  const test::no_leaks nothing_left;
  stream_socket socket(stream_address::tcp("127.0.0.1", 1));
  {
    asio::io_context context;
    receiver to(context);
    socket = stream_socket(to.address());
    test::started<void> under_way(context, socket.send(much()));
    test::started<void> waiting(context, socket.send("two\n"));
    test::settle(context);
    socket = stream_socket(stream_address::tcp("127.0.0.1", 1));
  }
}

}  // namespace t_net_stream
