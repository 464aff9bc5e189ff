// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Commands for the child of `support/child.cpp`, and what it says, collected.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/process/process.hpp>

namespace ovrseer::test {

/// The child with its words.
template <class... Words>
command child_command(Words&&... words) {
  return command(OVRSEER_TEST_CHILD, std::forward<Words>(words)...);
}

/// All that a child writes to one stream until it ends or closes it.
inline task<std::string> read_all(process& from, output_stream stream = output_stream::out) {
  std::string all;
  for (;;) {
    const std::string_view bytes = co_await from.read_output(stream);
    if (bytes.empty()) co_return all;
    all += bytes;
  }
}

/// Reads until the child has said `word`; yields what it has said so far.
inline task<std::string> read_until(process& from, std::string word, output_stream stream = output_stream::out) {
  std::string all;
  while (all.find(word) == std::string::npos) {
    const std::string_view bytes = co_await from.read_output(stream);
    if (bytes.empty()) throw std::runtime_error("the child never said \"" + word + "\" but \"" + all + "\"");
    all += bytes;
  }
  co_return all;
}

/// Runs a command to its end; yields its standard output.
inline task<std::string> output_of(command what) {
  process running = co_await spawn(std::move(what));
  const std::string said = co_await read_all(running);
  co_await running.wait();
  co_return said;
}

/// The number after `key` in what a child has said: `number_after("pid 12\n", "pid ")` is 12.
inline int number_after(const std::string& said, const std::string& key) {
  const auto at = said.find(key);
  return at == std::string::npos ? -1 : std::atoi(said.c_str() + at + key.size());
}

}  // namespace ovrseer::test
