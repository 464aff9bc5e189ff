// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What patterns cost the compiler: a translation unit that uses 8 of them, and one that uses 32, over one with the bare
// include; with each compiler that is here.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "measure.hpp"

namespace {

namespace fs = std::filesystem;

// Each pattern is searched, so that nothing of it is left to the imagination.
void write(const fs::path& file, const nlohmann::json& patterns) {
  std::ofstream out(file);
  out << "#include <ovrseer/pattern/pattern.hpp>\n";
  std::size_t number = 0;
  for (const auto& one : patterns) {
    out << "bool matches_" << number++ << "(std::string_view text) {\n  return ovrseer::pattern<R\"~("
        << one.at("pattern").get<std::string>() << ")~\"" << (one.at("icase").get<bool>() ? ", ovrseer::icase" : "")
        << ">().matches(text);\n}\n";
  }
}

// Not through a cache of compilations: that would be measured then.
void compile(const std::string& compiler, const fs::path& file) {
  const std::string command = fmt::format("{} -std=c++20 -O2 -I{}/include -c '{}' -o '{}.o'", compiler,
                                          OVRSEER_SOURCE_DIR, file.string(), file.string());
  if (std::system(command.c_str()) != 0) std::exit(1);
}

}  // namespace

int main() {
  const char* const given = std::getenv("OVRSEER_BENCH_DATA");
  const fs::path data =
      given != nullptr ? fs::path(given) : fs::path(OVRSEER_SOURCE_DIR) / ".." / "shared" / "data" / "bench";
  std::ifstream sets_file(data / "sets.json");
  if (!sets_file) {
    fmt::print("skipped: there is no {} (OVRSEER_BENCH_DATA says where else)\n", (data / "sets.json").string());
    return 0;
  }
  const auto sets = nlohmann::json::parse(sets_file);
  const fs::path folder = fs::temp_directory_path() / ("ovrseer-bench-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  write(folder / "bare.cpp", nlohmann::json::array());
  struct row {
    const char* set;
    double goal;
  };
  constexpr std::array<row, 2> rows{{{"b", 0.3}, {"c", 1.0}}};
  for (const row& one : rows) write(folder / (one.set + std::string(".cpp")), sets.at(one.set));
  bench::heading("patterns read by the compiler, over the bare include (second figure)");
  for (const std::string compiler : {"g++", "clang++-19"}) {
    if (std::system(fmt::format("command -v {} >/dev/null", compiler).c_str()) != 0) {
      fmt::print("  {} is not here\n", compiler);
      continue;
    }
    for (const row& one : rows) {
      const auto pair = bench::in_turn(
          bench::rounds(5), [&] { compile(compiler, folder / (one.set + std::string(".cpp"))); },
          [&] { compile(compiler, folder / "bare.cpp"); });
      const bench::seconds net = pair.ours - pair.theirs;
      bench::row(fmt::format("{}: {} patterns; goal {:.1f} s", compiler, sets.at(one.set).size(), one.goal),
                 bench::millis(net), bench::millis(pair.theirs), net.count() / one.goal, 1.0);
    }
  }
  fs::remove_all(folder);
}
