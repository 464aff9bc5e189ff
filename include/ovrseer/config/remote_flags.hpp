// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Flags of a supervisor that runs, from documents that somebody else keeps: asked for again and again, read, checked, and
// swapped at once or not at all.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/async/notifier.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/config/document_source.hpp>
#include <ovrseer/config/flag_document.hpp>
#include <ovrseer/config/flag_overlay.hpp>
#include <ovrseer/config/json.hpp>
#include <ovrseer/config/polled_document.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// How a source of flags is followed.
struct remote_flag_options {
  remote_flag_options() = default;

  poll_schedule when;
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);  ///< of one answer
  flag_document_rules rules;
  document_reader reader = read_json;
};

/// What has become of the flags of one source.
struct remote_flag_news {
  std::string source;
  poll_news what = poll_news::none;
  flag_difference flags;  ///< of what was swapped
  std::string why;        ///< of what was refused or could not be had: for people, may have several lines
};
/// "flags from https://a.example/flags: 1 added (oom), 2 changed (errors, slow)".
OVRSEER_DECL std::string to_text(const remote_flag_news& news);

/// How a source stands.
struct remote_flag_status {
  std::string source;
  std::size_t flags = 0;  ///< that hold
  poll_counts counts;
  std::string last_failure;  ///< empty where all is well
};

/// Lays the flags of documents over those of the units of a supervisor, which go on meanwhile: a line is looked at by the
/// flags before a swap or by those after it, and flags that stay the same go on counting.
///
/// A document of which anything is wrong changes nothing, as does one that cannot be had: the last good one goes on. Who
/// adds or describes units meanwhile does so through `change` here. One strand: that of the supervisor, which outlives
/// this.
class remote_flags {
 public:
  explicit remote_flags(supervisor& target) : target_(target), turn_(target.get_executor()) {}
  remote_flags(const remote_flags&) = delete;
  remote_flags& operator=(const remote_flags&) = delete;

  /// Follows a source, whose flags win over those of the sources before it. Before `run`.
  void add(any_document_source from, remote_flag_options how = {});

  /// Called with all that is worth telling. Default: what is wrong goes to the supervisor's error handler.
  void on_news(std::function<void(const remote_flag_news&)> tell) { tell_ = std::move(tell); }

  /// Waits for the supervisor to run, and follows the sources until it stops.
  ///
  /// Cancellation: every type abandons what is under way; the flags stay as they are.
  task<void> run();

  /// `supervisor::change`, with the flags laid over whoever is put or described. Swaps wait meanwhile.
  ///
  /// Errors and cancellation: as there.
  task<void> change(unit_changes what);

  /// Asks all sources now, and reads what they have also where it is what they had.
  void ask_again();

  std::vector<remote_flag_status> status() const;

 private:
  struct followed {
    followed(any_document_source source, remote_flag_options options, const executor& ex)
        : from(std::move(source)), how(std::move(options)), versions(how.when), wake(ex) {}

    any_document_source from;
    remote_flag_options how;
    polled_document<std::vector<shared_flag>> versions;
    notifier wake;
    std::uint64_t asked = 0;  // how often somebody wanted an answer at once
  };

  task<void> wait_for_begin();
  task<void> follow(std::size_t number);
  task<void> swap(std::size_t number, remote_flag_news& news);
  result<std::vector<shared_flag>, std::string> read(const followed& source, const std::string& text) const;
  static task<void> rest(followed& source, std::uint64_t asked, std::chrono::nanoseconds delay);
  task<void> take_turn();
  void tell(const remote_flag_news& news);

  supervisor& target_;
  std::deque<followed> sources_;
  flag_overlay overlay_{0};
  notifier turn_;
  bool is_taken_ = false;  // somebody changes units
  std::function<void(const remote_flag_news&)> tell_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/remote_flags.ipp>
#endif
