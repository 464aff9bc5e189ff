// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The line splitter: whatever the chunks, the same lines.
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <catch.hpp>

#include <ovrseer/log/line_splitter.hpp>

namespace t_log_line_splitter {

using namespace ovrseer;
using namespace std::string_literals;

struct piece {
  std::string text;
  line_part part = line_part::whole;
  friend bool operator==(const piece&, const piece&) = default;
};

void take(line_splitter& splitter, std::string_view bytes, std::vector<piece>& into) {
  while (splitter.next(bytes)) into.push_back({std::string(splitter.text()), splitter.part()});
  REQUIRE(bytes.empty());
}
void take_end(line_splitter& splitter, std::vector<piece>& into) {
  while (splitter.finish()) into.push_back({std::string(splitter.text()), splitter.part()});
}

std::vector<piece> split(const std::vector<std::string_view>& chunks, std::size_t cap = 65'536) {
  line_splitter splitter(cap);
  std::vector<piece> lines;
  for (const std::string_view chunk : chunks) take(splitter, chunk, lines);
  take_end(splitter, lines);
  REQUIRE(splitter.is_idle());
  return lines;
}

std::vector<std::string> texts(const std::vector<piece>& pieces) {
  std::vector<std::string> all;
  for (const piece& p : pieces) all.push_back(p.text);
  return all;
}

// What the documentation says, said again without any thought of chunks or speed.
std::vector<piece> reference(std::string_view bytes, std::size_t cap) {
  std::vector<piece> lines;
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    std::string_view body = bytes.substr(0, newline);
    bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
    if (newline != std::string_view::npos && body.ends_with('\r')) body.remove_suffix(1);
    bool is_first = true;
    while (body.size() > cap) {
      std::size_t size = cap;
      while (size > cap - 3 && (static_cast<unsigned char>(body[size]) & 0xC0U) == 0x80U) --size;
      if ((static_cast<unsigned char>(body[size]) & 0xC0U) == 0x80U) size = cap;
      lines.push_back({std::string(body.substr(0, size)), is_first ? line_part::first : line_part::middle});
      body.remove_prefix(size);
      is_first = false;
    }
    lines.push_back({std::string(body), is_first ? line_part::whole : line_part::last});
  }
  return lines;
}

TEST_CASE("lines end at newlines and the last one needs none") {
  CHECK(texts(split({"a\nbc\n\nd"})) == std::vector<std::string>{"a", "bc", "", "d"});
  CHECK(texts(split({"a\n"})) == std::vector<std::string>{"a"});
  CHECK(split({}).empty());
  CHECK(split({""}).empty());
}

TEST_CASE("the carriage return of CRLF is no text and every other one is") {
  CHECK(texts(split({"a\r\nb\r\r\n\r\nc\rd\n\r"})) == std::vector<std::string>{"a", "b\r", "", "c\rd", "\r"});
  CHECK(texts(split({"a\r", "\nb"})) == std::vector<std::string>{"a", "b"});
  CHECK(texts(split({"a\r", "b\n"})) == std::vector<std::string>{"a\rb"});
  CHECK(texts(split({"\r", "\n"})) == std::vector<std::string>{""});
}

TEST_CASE("NUL and invalid UTF-8 stay as they are") {
  const std::string bytes = "a\0b\n\xff\xfe\x80\n\xc3\n"s;
  CHECK(texts(split({bytes})) == std::vector<std::string>{"a\0b"s, "\xff\xfe\x80", "\xc3"});
}

TEST_CASE("a whole line in a chunk is not copied") {
  const std::string chunk = "first\nsecond\npart";
  line_splitter splitter;
  std::string_view rest = chunk;
  REQUIRE(splitter.next(rest));
  CHECK(splitter.text().data() == chunk.data());
  REQUIRE(splitter.next(rest));
  CHECK(splitter.text().data() == chunk.data() + 6);
  CHECK_FALSE(splitter.next(rest));
  CHECK(splitter.held() == 4);
}

TEST_CASE("lines come out alike with the border of two chunks at every position") {
  const std::string bytes = "one\r\n\r\ntwo\n\n" + std::string(16, 'x') + "\r\n" + std::string(17, 'y') + "\r\n" +
                            std::string(40, 'z') + "\nlast\r";
  const auto expected = reference(bytes, 16);
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); ++second) {
      const std::string_view all = bytes;
      const auto lines = split({all.substr(0, first), all.substr(first, second - first), all.substr(second)}, 16);
      REQUIRE(lines == expected);
    }
  }
}

TEST_CASE("a line beyond the cap comes in marked pieces that add up to it") {
  const std::string bytes = std::string(16, 'a') + std::string(16, 'b') + "c\nnext\n";
  const std::vector<piece> expected{{std::string(16, 'a'), line_part::first},
                                    {std::string(16, 'b'), line_part::middle},
                                    {"c", line_part::last},
                                    {"next", line_part::whole}};
  CHECK(split({bytes}, 16) == expected);
}

TEST_CASE("a line of exactly the cap is whole whatever its ending") {
  const std::string text(16, 'a');
  for (const char* ending : {"", "\n", "\r\n"}) {
    const std::string bytes = text + ending;
    CHECK(split({bytes}, 16) == std::vector<piece>{{text, line_part::whole}});
  }
}

TEST_CASE("a piece never ends inside a UTF-8 sequence") {
  std::string bytes(15, 'a');
  for (int i = 0; i < 20; ++i) bytes += "\xE2\x82\xAC";  // the sign of the euro, three bytes
  const auto pieces = split({bytes}, 16);
  std::string whole;
  for (const piece& p : pieces) {
    CHECK(p.text.size() <= 16);
    CHECK((static_cast<unsigned char>(p.text[0]) & 0xC0U) != 0x80U);
    whole += p.text;
  }
  CHECK(whole == bytes);
}

TEST_CASE("a mebibyte without a newline is split and held only in part") {
  const std::string line(std::size_t{1} << 20U, 'x');
  line_splitter splitter;
  std::vector<piece> pieces;
  for (std::size_t at = 0; at < line.size(); at += 1000) {
    take(splitter, std::string_view(line).substr(at, 1000), pieces);
    REQUIRE(splitter.held() <= splitter.cap() + 2);
  }
  take(splitter, "\nafter\n", pieces);
  REQUIRE(pieces.size() == 17);
  CHECK(pieces.front().part == line_part::first);
  CHECK(pieces[15].part == line_part::last);
  CHECK(pieces[16] == piece{"after", line_part::whole});
}

TEST_CASE("after the end a splitter begins anew") {
  line_splitter splitter(16);
  std::vector<piece> lines;
  take(splitter, std::string(20, 'x'), lines);
  take_end(splitter, lines);
  take(splitter, "new\n", lines);
  CHECK(lines.back() == piece{"new", line_part::whole});
}

TEST_CASE("any chunks of any bytes give the lines of the reference") {
  std::mt19937 random(7);  // NOLINT: the same bytes in every run
  constexpr std::string_view alphabet = "ab\r\n\n\xE2\x82\xAC\x80z\0";
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 120, ' ');
    for (char& c : bytes) c = alphabet[random() % alphabet.size()];
    const std::size_t cap = 16 + random() % 8;
    std::vector<std::string_view> chunks;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = 1 + random() % 30;
      chunks.push_back(std::string_view(bytes).substr(at, size));
      at += size;
    }
    REQUIRE(split(chunks, cap) == reference(bytes, cap));
  }
}

}  // namespace t_log_line_splitter
