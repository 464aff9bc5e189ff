// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Any text as a selection: what is read reads the same when it is written again, and means the same units.
#include <ovrseer/supervise/selection.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ovrseer;
  const auto require = [](bool holds) {
    if (!holds) std::abort();
  };
  static const std::vector<group_spec> groups{group_spec("web"), group_spec("edge").within("web")};
  static const std::vector<unit_spec> units{unit_spec("api", command("x")).within("edge").tag("a b"),
                                            unit_spec({"shop", "db"}, command("x")).as(role::dependency).tag("c")};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = selection::parse(text);
  if (!read) {
    require(read.reason().offset <= size && !read.reason().expected.empty());
    return 0;
  }
  const std::string written = to_text(*read);
  const auto again = selection::parse(written);
  require(again.has_value() && to_text(*again) == written);
  require(select(*again, units, groups) == select(*read, units, groups));
  require(select(!*read, units, groups).size() + select(*read, units, groups).size() == units.size());
  return 0;
}
