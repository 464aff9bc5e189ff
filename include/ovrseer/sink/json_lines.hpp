// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events as lines of JSON, into a file or to whoever takes text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/disk/rotating_file.hpp>
#include <ovrseer/event/record_json.hpp>

namespace ovrseer {

/// Takes text: one or more whole lines, each with its line end.
template <class W>
concept line_writer = deliverer<W, std::string>;

/// Appends text to a rotating file, without the disk ever holding up the supervisor: a thread writes, which the first text
/// starts. Move-only.
class rotating_writer {
 public:
  /// The file is opened with the first text; its folder must exist.
  explicit rotating_writer(std::string path, rotating_file_options options = {})
      : path_(std::move(path)), options_(std::move(options)) {}

  /// Appends the text; the kernel has it when this completes, or the file keeps it in memory, where the disk does not take
  /// it now, and writes it later.
  ///
  /// Errors: the errno at step "open" where the file cannot be opened, for each text anew; `errc::limit_reached` where the
  /// disk takes nothing and too much waits for it already: this text is then not written.
  /// Cancellation: every type abandons the call; the thread still writes the text.
  task<void> deliver(const std::string& lines) {
    if (!worker_) worker_ = std::make_unique<on_worker<file>>(path_, options_);
    auto write = [copy = lines](file& to) { to.write(copy); };
    return worker_->run(std::move(write));
  }

  /// What was written, and what could not be.
  /// Errors: as `deliver`. Cancellation: every type abandons the call.
  task<rotating_file_stats> stats() {
    if (!worker_) worker_ = std::make_unique<on_worker<file>>(path_, options_);
    auto look = [](file& of) { return of.stats(); };
    return worker_->run(std::move(look));
  }

 private:
  // The thread's side.
  class file {
   public:
    file(std::string path, rotating_file_options options) : path_(std::move(path)), options_(std::move(options)) {}
    void write(const std::string& lines) {
      rotating_file& to = opened();
      const std::uint64_t dropped = to.stats().dropped_bytes;
      (void)to.append(lines);  // what the disk does not take is kept, and counted beyond its bound
      (void)to.flush();
      if (to.stats().dropped_bytes != dropped) {
        throw error(errc::limit_reached, "append", path_ + ": " + to.stats().last_failure.message());
      }
    }
    rotating_file_stats stats() { return opened().stats(); }

   private:
    rotating_file& opened() {
      if (!file_) file_ = std::make_unique<rotating_file>(path_, options_);
      return *file_;
    }
    std::string path_;
    rotating_file_options options_;
    std::unique_ptr<rotating_file> file_;
  };

  std::string path_;
  rotating_file_options options_;
  std::unique_ptr<on_worker<file>> worker_;
};

/// Writes lines and events as JSON, one object a line; `append_json` has the format. It takes one item, or a batch at once:
///
///     batched<json_lines<>, log_record> sink(json_lines(rotating_writer("all.jsonl")));
template <line_writer Writer = rotating_writer>
class json_lines {
 public:
  explicit json_lines(Writer writer) : writer_(std::move(writer)) {}

  /// Errors and cancellation: those of the writer.
  template <class T>
    requires requires(std::string& out, const T& item) { append_json(out, item, '\n'); }
  task<void> deliver(const T& item) {
    std::string text;
    append_json(text, item, '\n');
    text.push_back('\n');
    co_await writer_.deliver(text);
  }
  /// The items become one text, which the writer takes wholly or not at all.
  template <class T>
    requires requires(std::string& out, const T& item) { append_json(out, item, '\n'); }
  task<void> deliver(const std::vector<T>& batch) {
    std::string text;
    for (const T& each : batch) {
      append_json(text, each, '\n');
      text.push_back('\n');
    }
    if (!text.empty()) co_await writer_.deliver(text);
  }

  std::optional<steady_time> due() const { return due_of(writer_); }
  task<void> flush(steady_time until) { return flush_of(writer_, until); }

  Writer& writer() noexcept { return writer_; }

 private:
  Writer writer_;
};

}  // namespace ovrseer
