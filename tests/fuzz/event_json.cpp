// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Fuzzer (libFuzzer): whatever text is taken for an event comes back the same from its JSON, and a replay of it, of
// any number and any data, stays in order.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <ovrseer/event/json.hpp>
#include <ovrseer/event/replay.hpp>
#include <ovrseer/event/replay_difference.hpp>
#include <ovrseer/event/replay_json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ovrseer;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  journal_replay past;
  replayed_stack before;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    try {
      const stored_event read = event_from_text(line);
      const ordered_json json = to_json(read.entry, read.boot_id);
      const stored_event again = event_from_text(to_json_text(json));
      if (to_json(again.entry, again.boot_id) != json) std::abort();
      const std::uint64_t last = past.state().last_seq;
      past.apply(read.entry);
      if (past.state().last_seq < last) std::abort();
    } catch (const error& failure) {
      if (failure.code() != errc::corrupt) std::abort();
    }
    const replay_difference what = difference(before, past.state());
    (void)to_json_text(to_json(what));
    (void)to_text(what);
    before = past.state();
  }
  return 0;
}
