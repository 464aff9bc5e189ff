// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Real log lines through the redaction, against copying them: what hiding secrets costs every line that leaves.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include <ovrseer/redact/chunk_redactor.hpp>
#include <ovrseer/redact/redactor.hpp>

#include "measure.hpp"

namespace {

namespace fs = std::filesystem;

std::string real_lines() {
  const char* const data = std::getenv("OVRSEER_TEST_DATA");
  const fs::path folder = fs::path(data == nullptr ? OVRSEER_SOURCE_DIR "/../shared/data" : data) / "logs";
  std::string all;
  if (!fs::is_directory(folder)) return all;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".log") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  return all;
}

/// Lines that have a secret each.
std::string secret_lines() {
  std::string all;
  for (int i = 0; i < 20'000; ++i) {
    all +=
        fmt::format("2024-03-07 12:00:{:02} INFO user=bob password=hunter{} opened postgres://bob:x{}@db:5432/shop\n",
                    i % 60, i, i);
  }
  return all;
}

template <class Use>
void each_line(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    use(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void compare(std::string_view what, const std::string& text, double goal) {
  const auto rate = [&](bench::seconds time) {
    return fmt::format("{:.0f} MB/s", static_cast<double>(text.size()) / time.count() / 1e6);
  };
  const ovrseer::redactor rules;
  std::string out;
  const auto copy = [&] {
    out.clear();
    each_line(text, [&](std::string_view line) { out.append(line).push_back('\n'); });
  };
  const auto redact = [&] {
    out.clear();
    each_line(text, [&](std::string_view line) {
      rules.append(out, line);
      out.push_back('\n');
    });
  };
  const auto chunks = [&] {
    out.clear();
    ovrseer::chunk_redactor stream;
    for (std::size_t at = 0; at < text.size(); at += 64 * 1024) {
      stream.append(out, std::string_view(text).substr(at, 64 * 1024));
    }
    stream.finish(out);
  };
  const auto by_line = bench::in_turn(bench::rounds(9), redact, copy);
  bench::row(fmt::format("{}, line by line", what), rate(by_line.ours), rate(by_line.theirs), by_line.ratio(), goal);
  const auto by_chunk = bench::in_turn(bench::rounds(9), chunks, copy);
  bench::row(fmt::format("{}, in chunks of 64 KiB", what), rate(by_chunk.ours), rate(by_chunk.theirs), by_chunk.ratio(),
             goal);
}

}  // namespace

int main() {
  bench::heading("lines redacted, against lines copied");
  const std::string real = real_lines();
  if (real.empty()) {
    fmt::print("  real lines: skipped, none there; set OVRSEER_TEST_DATA\n");
  } else {
    compare("real lines", real, 30.0);
  }
  compare("a secret or two in each line", secret_lines(), 60.0);
  return 0;
}
