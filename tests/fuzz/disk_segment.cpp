// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Arbitrary bytes as the segments and the cursor of a log: it opens, reads, appends and reopens all the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include <ovrseer/disk/durable_cursor.hpp>
#include <ovrseer/disk/segment_log.hpp>
#include <ovrseer/disk/segment_reader.hpp>

#include "memory_file_system.hpp"

namespace fuzz_disk_segment {

void must(bool holds) {
  if (!holds) std::abort();
}

// Numbers come in order, none twice, and what is passed over is told.
std::uint64_t read_all(ovrseer::file_system& files, std::uint64_t from) {
  ovrseer::segment_reader reader("log", from, &files);
  std::uint64_t next = from;
  while (const auto entry = reader.next()) {
    if (const auto* record = std::get_if<ovrseer::stored_record>(&*entry)) {
      must(record->sequence == next);
      next = record->sequence + 1;
    } else {
      const auto& gap = std::get<ovrseer::stored_gap>(*entry);
      must(gap.records.first <= gap.records.last);
      if (gap.reason == ovrseer::gap_reason::rewound) {
        must(gap.records.last + 1 == next);
        next = gap.records.first;
      } else {
        must(gap.records.first == next);
        next = gap.records.last + 1;
      }
    }
  }
  return next;
}

void run(std::string_view input) {
  using namespace ovrseer;
  ovrseer_test::memory_file_system files;
  files.make_folder("log", 0755);
  // First byte: how many segments the rest is cut into; second: whether they get a good header, and the cursor's size.
  const std::size_t count = 1 + static_cast<unsigned char>(input[0]) % 3;
  const bool has_headers = (input[1] & 1) != 0;
  const std::size_t cursor = std::min<std::size_t>(static_cast<unsigned char>(input[1]) >> 1U, input.size() - 2);
  files.put("log/c.cursor", std::string(input.substr(2, cursor)));
  input.remove_prefix(2 + cursor);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = i + 1 == count ? input.size() : input.size() / (count - i);
    const disk_detail::segment_id id{1 + 2 * i, static_cast<std::uint32_t>(i % 2 + 1)};
    std::string content = has_headers ? disk_detail::encode_header({id, {}}) : std::string();
    files.put("log/" + disk_detail::segment_name(id), content.append(input.substr(0, size)));
    input.remove_prefix(size);
  }
  segment_log_options options;
  options.files = &files;
  std::uint64_t appended = 0;
  {
    segment_log log("log", options);
    must(read_all(files, log.first_sequence()) <= log.next_sequence());
    durable_cursor reader(log, "c");
    must(reader.position() <= log.next_sequence());
    appended = log.append("appended").sequence;
    std::string last;
    while (const auto entry = reader.next()) {
      const auto* record = std::get_if<stored_record>(&*entry);
      last = record != nullptr ? std::string(record->payload) : std::string();
    }
    must(last == "appended");
    reader.commit();
  }
  segment_log log("log", options);
  must(log.recovered().torn_bytes == 0);
  must(log.next_sequence() == appended + 1);
  durable_cursor reader(log, "c");
  must(reader.origin() == cursor_origin::resumed);
  must(!reader.next());
  must(read_all(files, log.first_sequence()) == log.next_sequence());
}

}  // namespace fuzz_disk_segment

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size >= 2) fuzz_disk_segment::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
