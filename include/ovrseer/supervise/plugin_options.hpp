// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a plugin is called, and what became of what it was to be told.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <ovrseer/log/line_feed.hpp>

namespace ovrseer {

/// What became of all that a plugin was to be told.
struct plugin_counts {
  std::uint64_t called = 0;         ///< hooks that came to their end
  std::uint64_t failed = 0;         ///< hooks that threw, or whose task was too slow
  std::uint64_t missed_events = 0;  ///< the plugin came too late for them; so for the next two
  std::uint64_t missed_reports = 0;
  std::uint64_t missed_lines = 0;
};

/// How a plugin is called. All setters return the options, so that they chain.
class plugin_options {
 public:
  /// Stands in messages of failures. Default "plugin".
  plugin_options& name(std::string words) {
    name_ = std::move(words);
    return *this;
  }
  /// Where it begins: with what is kept of the past, or with what comes. Default `read_from::oldest`.
  plugin_options& from(read_from where) {
    from_ = where;
    return *this;
  }
  /// For one task of a hook, which is cancelled then and counts as failed. Zero means no limit. Default 30 s.
  plugin_options& limit(std::chrono::nanoseconds duration) {
    limit_ = duration;
    return *this;
  }
  /// How long a task past its limit may take to end before it is cut off. Default 1 s.
  plugin_options& patience(std::chrono::nanoseconds duration) {
    patience_ = duration;
    return *this;
  }
  /// Where to count, while it runs. Default nowhere.
  plugin_options& count_in(std::shared_ptr<plugin_counts> counts) {
    counts_ = std::move(counts);
    return *this;
  }

  const std::string& name() const noexcept { return name_; }
  read_from from() const noexcept { return from_; }
  std::chrono::nanoseconds limit() const noexcept { return limit_; }
  std::chrono::nanoseconds patience() const noexcept { return patience_; }
  const std::shared_ptr<plugin_counts>& count_in() const noexcept { return counts_; }

 private:
  std::string name_ = "plugin";
  read_from from_ = read_from::oldest;
  std::chrono::nanoseconds limit_ = std::chrono::seconds(30);
  std::chrono::nanoseconds patience_ = std::chrono::seconds(1);
  std::shared_ptr<plugin_counts> counts_;
};

}  // namespace ovrseer
