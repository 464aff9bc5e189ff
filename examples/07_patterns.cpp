// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The folder pattern/ by itself, without the rest of the library: lines of text in, what matters in them out.
#include <cstdio>
#include <string>
#include <string_view>

#include <ovrseer/pattern/explain.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_set.hpp>
#include <ovrseer/pattern/replace.hpp>

using namespace ovrseer;

// Read by the compiler: a mistake in it stops the build, with a caret under the place.
constexpr pattern<"took (?<ms>\\d+)ms"> slow;

int main(int argc, char** argv) {
  constexpr std::string_view text =
      "api: query took 12ms\n"
      "api: ERROR: connection refused by db-1\n"
      "worker: token=s3cret accepted\n"
      "api: query took 4711ms\n";

  // Many patterns, of both kinds, in one pass over the bytes as they come.
  pattern_set flags;
  const auto errors = flags.add(pattern<"error|fatal", icase>());
  const auto queries = flags.add(slow);
  const auto given = argc > 1 ? pattern<>::compile(argv[1]) : pattern<>::compile("(?:token|password)=\\S+");
  if (!given) return std::fprintf(stderr, "%s\n", given.reason().message().c_str()), 1;
  const auto secrets = flags.add(*given);

  flags.scan(text, [&](std::string_view line, const pattern_hits& hits) {
    if (hits.contains(errors)) std::printf("an error:  %.*s\n", static_cast<int>(line.size()), line.data());
    if (hits.contains(queries)) {
      // A group that does not exist would not compile.
      if (const auto ms = slow.find(line)->get<"ms", int>(); ms > 1000) std::printf("slow:      %d ms\n", *ms);
    }
    if (hits.contains(secrets)) std::printf("masked:    %s\n", replace_all(*given, line, "<hidden>").c_str());
  });
  std::printf("\n%s", to_text(pattern<"\\w+@\\w+">().explain()).c_str());
}
