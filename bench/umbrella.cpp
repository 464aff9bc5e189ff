// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the umbrella costs a translation unit, with the bodies and without, against Asio, fmt and nlohmann_json alone,
// which it needs anyway.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include "measure.hpp"

namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const char* includes) { std::ofstream(file) << includes << "int main() {}\n"; }

// Not through a cache of compilations: that would be measured then.
void compile(const fs::path& file, const char* flags) {
  const std::string command =
      fmt::format("{} {} -c '{}' -o '{}.o'", OVRSEER_COMPILER, flags, file.string(), file.string());
  if (std::system(command.c_str()) != 0) std::exit(1);
}

}  // namespace

int main() {
  const fs::path folder = fs::temp_directory_path() / ("ovrseer-bench-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  write(folder / "ours.cpp", "#include <ovrseer/ovrseer.hpp>\n");
  write(folder / "theirs.cpp", "#include <asio.hpp>\n#include <fmt/format.h>\n#include <nlohmann/json.hpp>\n");
  bench::heading("a translation unit with the umbrella, against one with Asio, fmt and nlohmann_json alone");
  for (const char* const flags : {"-O0", "-O2", "-O0 -DOVRSEER_SEPARATE_COMPILATION"}) {
    const auto pair = bench::in_turn(
        bench::rounds(5), [&] { compile(folder / "ours.cpp", flags); }, [&] { compile(folder / "theirs.cpp", flags); });
    bench::row(fmt::format("compiled with {}", flags), bench::millis(pair.ours), bench::millis(pair.theirs),
               pair.ratio(), 1.4);
  }
  fs::remove_all(folder);
}
