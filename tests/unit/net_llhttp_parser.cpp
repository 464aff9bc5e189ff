// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Bytes to requests: what is read, what is refused, and that no split of the bytes changes either.
#include <ovrseer/net/llhttp.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

namespace t_net_llhttp_parser {

using namespace ovrseer;
using namespace std::string_literals;

/// What came of some bytes: each request as a line, or the refusal that ended it.
struct reading {
  std::vector<std::string> requests;
  int refusal = 0;
  std::string reason;
  bool is_waiting = false;
  friend bool operator==(const reading&, const reading&) = default;
};

reading read(std::string_view bytes, std::size_t step, const server_limits& limits) {
  reading made;
  llhttp_request_parser parser(limits);
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::size_t taken = parser.feed(rest.substr(0, step));
    rest.remove_prefix(taken);
    if (parser.refusal()) {
      made.refusal = parser.refusal()->status;
      made.reason = parser.refusal()->reason;
      return made;
    }
    if (!parser.is_done()) continue;
    const bool goes_on = parser.keeps_alive();
    const http_request request = parser.take();
    made.requests.push_back(request.method() + " " + request.target().wire_text() + " " + request.body() +
                            (goes_on ? "" : " close"));
    parser.restart();
  }
  made.is_waiting = parser.is_started();
  return made;
}

/// Reads whole, byte by byte and in odd steps; all must agree.
reading read(std::string_view bytes, const server_limits& limits = {}) {
  const reading whole = read(bytes, bytes.size(), limits);
  for (const std::size_t step : {1U, 2U, 3U, 7U}) {
    CAPTURE(step);
    CHECK(read(bytes, step, limits) == whole);
  }
  return whole;
}

const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";

TEST_CASE("a request is read with its target and its body") {
  const reading plain = read("GET /a?b=c HTTP/1.1\r\nHost: Example:8080\r\n\r\n");
  CHECK(plain.requests == std::vector<std::string>{"GET http://example:8080/a?b=c "});
  const reading sized = read("POST /x HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello");
  CHECK(sized.requests == std::vector<std::string>{"POST http://h/x hello"});
  const reading chunked = read(
      "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n");
  CHECK(chunked.requests == std::vector<std::string>{"POST http://h/x hello world"});
  const reading absolute = read("GET http://other/x HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(absolute.requests == std::vector<std::string>{"GET http://other/x "});
  const reading binary = read("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n\0\r\n\x01"s);
  CHECK(binary.requests.size() == 1);
}

TEST_CASE("pipelined requests come one after another") {
  const reading three =
      read(get + "\r\n" + "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab" + get + "\r\n");
  CHECK(three.requests == std::vector<std::string>{"GET http://h/ ", "POST http://h/2 ab", "GET http://h/ "});
  CHECK_FALSE(three.is_waiting);
}

TEST_CASE("the version and the Connection header decide whether the connection goes on") {
  CHECK(read("GET / HTTP/1.0\r\n\r\n").requests == std::vector<std::string>{"GET http://localhost/  close"});
  CHECK(read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").requests.front() == "GET http://localhost/ ");
  CHECK(read(get + "Connection: close\r\n\r\n").requests.front() == "GET http://h/  close");
  CHECK(read(get + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + get + "\r\n").requests.size() == 2);
}

TEST_CASE("one empty line before a request is forgiven") {
  CHECK(read("\r\n" + get + "\r\n").requests.size() == 1);
  CHECK(read("\r\n\r\n" + get + "\r\n").refusal == 400);
}

TEST_CASE("an unfinished request waits") {
  CHECK(read(get).is_waiting);
  CHECK(read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell").is_waiting);
  CHECK(read("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n").is_waiting);
  CHECK_FALSE(read("").is_waiting);
}

TEST_CASE("what two parsers could read in two ways is refused") {
  struct row {
    std::string name;
    std::string bytes;
    int status;
  };
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const std::vector<row> rows{
      {"length and coding", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, 400},
      {"coding and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + smuggled, 400},
      {"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + smuggled, 400},
      {"two equal lengths", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
      {"a list of lengths", post + "Content-Length: 5, 5\r\n\r\nhello", 400},
      {"a signed length", post + "Content-Length: +5\r\n\r\nhello", 400},
      {"a negative length", post + "Content-Length: -5\r\n\r\nhello", 400},
      {"a hexadecimal length", post + "Content-Length: 0x5\r\n\r\nhello", 400},
      {"an empty length", post + "Content-Length: \r\n\r\nhello", 400},
      {"a length with a blank", post + "Content-Length: 5 0\r\n\r\nhello", 400},
      {"a length that wraps", post + "Content-Length: 18446744073709551621\r\n\r\nhello", 413},
      {"two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked not last", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501},
      {"gzip before chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"a disguised coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"a quoted coding", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501},
      {"a coding with a vertical tab", post + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", 400},
      {"an empty coding", post + "Transfer-Encoding:\r\n\r\n0\r\n\r\n", 501},
      {"a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a blank before the colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
      {"a blank before the colon of Host", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"a folded header", get + "X: a\r\n b\r\n\r\n", 400},
      {"a folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},
      {"a first header that begins with a blank", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"a name with a control byte", get + "X\x01Y: a\r\n\r\n", 400},
      {"a name with a byte beyond ASCII", get + "X\xc3\xa9: a\r\n\r\n", 400},
      {"an empty name", get + ": a\r\n\r\n", 400},
      {"a header without a colon", get + "X\r\n\r\n", 400},
      {"a bare carriage return in a value", get + "X:\rTransfer-Encoding: chunked\r\n\r\n", 400},
      {"a bare carriage return before the end", get + "X: a\r\r\n\r\n", 400},
      {"bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"a bare line feed in the headers", get + "X: a\nY: b\r\n\r\n", 400},
      {"a bare line feed at the end", get + "\n", 400},
      {"a zero byte in a value", get + "X: a\0b\r\n\r\n"s, 400},
      {"a zero byte in the target", "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"s, 400},
      {"a delete byte in a value", get + "X: \x7f\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", get + "Host: h\r\n\r\n", 400},
      {"an empty Host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", 400},
      {"a Host with credentials", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a Host that is two", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"two blanks in the request line", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a tab in the request line", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a target beyond ASCII", "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a relative target", "GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a target of another scheme", "GET ftp://h/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a target that is a local socket", "GET unix:/etc:/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an escape without digits", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"http in small letters", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"a TLS handshake", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", 0},
      {"a method in small letters", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"an invented method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"a method that is not allowed", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405},
      {"CONNECT", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 405},
      {"an unknown expectation", post + "Content-Length: 1\r\nExpect: 200-ok\r\n\r\n", 417},
      {"a chunk of bad size", chunked + "g\r\n\r\n", 400},
      {"a chunk without size", chunked + "\r\n\r\n", 400},
      {"a chunk of negative size", chunked + "-1\r\n\r\n", 400},
      {"a chunk of 0x size", chunked + "0x5\r\nhello\r\n0\r\n\r\n", 400},
      {"a chunk size that wraps", chunked + "fffffffffffffffff\r\n", 400},
      {"a chunk that is too large", chunked + "ffffffffffffffff\r\n", 413},
      {"a chunk longer than its size", chunked + "5\r\nhelloo\r\n0\r\n\r\n", 400},
      {"a chunk size with a blank", chunked + "5 \r\nhello\r\n0\r\n\r\n", 400},
      {"a chunk that ends with a bare line feed", chunked + "5\r\nhello\n0\r\n\r\n", 400},
      {"a chunk size that ends with a bare line feed", chunked + "5\nhello\r\n0\r\n\r\n", 400},
      {"a trailer", chunked + "0\r\nX: a\r\n\r\n", 400},
      {"a trailer that frames", chunked + "0\r\nContent-Length: 5\r\n\r\nhello", 400},
  };
  for (const row& row : rows) {
    CAPTURE(row.name);
    const reading came = read(row.bytes);
    CHECK(came.refusal == row.status);
    CHECK(came.requests.empty());
    CHECK(came.is_waiting == (row.status == 0));
  }
}

TEST_CASE("what is larger than the limits is refused before it is kept") {
  server_limits limits;
  limits.request.head = 128_B;
  limits.request.body = 16_B;
  limits.target_length = 20;
  limits.header_count = 3;
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  CHECK(read("GET /" + std::string(19, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", limits).refusal == 0);
  CHECK(read("GET /" + std::string(20, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", limits).refusal == 414);
  CHECK(read("GET /" + std::string(500, 'a'), limits).refusal == 414);
  CHECK(read(get + "X: " + std::string(500, 'a'), limits).refusal == 431);
  CHECK(read(get + "A: 1\r\nB: 2\r\n\r\n", limits).refusal == 0);
  CHECK(read(get + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits).refusal == 431);
  CHECK(read(post + "Content-Length: 16\r\n\r\n" + std::string(16, 'x'), limits).requests.size() == 1);
  CHECK(read(post + "Content-Length: 17\r\n\r\n", limits).refusal == 413);
  CHECK(read(chunked + "10\r\n" + std::string(16, 'x') + "\r\n0\r\n\r\n", limits).requests.size() == 1);
  CHECK(read(chunked + "11\r\n", limits).refusal == 413);
  CHECK(read(chunked + "8\r\n12345678\r\n9\r\n", limits).refusal == 413);
  CHECK(read(chunked + "1;" + std::string(500, 'x'), limits).refusal == 413);
}

TEST_CASE("a client that waits for a word before the body is told once") {
  const server_limits limits;
  llhttp_request_parser parser(limits);
  parser.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(parser.take_expectation());
  CHECK_FALSE(parser.take_expectation());
  parser.feed("ab");
  REQUIRE(parser.is_done());
  CHECK(parser.take().body() == "ab");
  parser.restart();
  parser.feed("GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n");
  REQUIRE(parser.is_done());
  CHECK_FALSE(parser.take_expectation());
}

}  // namespace t_net_llhttp_parser
