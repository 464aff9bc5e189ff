// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A journal followed to disk: all of it at the end, nothing twice, and a disk that fails, hangs or comes back.
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/event/journal_file.hpp>
#include <ovrseer/event/read_journal.hpp>

#include "disk_folder.hpp"
#include "disk_log.hpp"
#include "journal_samples.hpp"
#include "memory_file_system.hpp"
#include "run.hpp"

namespace t_event_journal_file {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using namespace std::chrono_literals;
using kind = journal_file_notice::kind;

/// Files in memory for two threads, with writes and syncs that fail or hang as a test says.
class shared_files final : public file_system {
  template <class Call>
  auto guarded(Call call) {
    const std::lock_guard lock(mutex_);
    return call();
  }

 public:
  void fail_writes(int why) {
    set([&] { write_failure_ = why; });
  }
  void fail_syncs(int why) {
    set([&] { sync_failure_ = why; });
  }
  void hang() {
    set([&] { hangs_ = true; });
  }
  void go_on() {
    set([&] { hangs_ = false; });
    changed_.notify_all();
  }
  int syncs() {
    const std::lock_guard lock(mutex_);
    return syncs_;
  }
  journal_content content() {
    const std::lock_guard lock(mutex_);
    return read_all(below_);
  }

  io_result<int> open(const std::string& path, open_mode mode, unsigned permissions) override {
    return guarded([&] { return below_.open(path, mode, permissions); });
  }
  void close(int file) noexcept override {
    guarded([&] { return below_.close(file), 0; });
  }
  io_result<std::size_t> read_at(int file, std::span<char> into, std::uint64_t offset) override {
    return guarded([&] { return below_.read_at(file, into, offset); });
  }
  io_result<std::size_t> write(int file, std::string_view bytes) override {
    return guarded([&] { return below_.write(file, bytes); });
  }
  io_result<std::size_t> write_at(int file, std::string_view bytes, std::uint64_t offset) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !hangs_; });
    if (write_failure_ != 0) return failure(errno_code(write_failure_));
    return below_.write_at(file, bytes, offset);
  }
  std::error_code truncate(int file, std::uint64_t size) override {
    return guarded([&] { return below_.truncate(file, size); });
  }
  std::error_code sync(int file) override {
    return guarded([&] { return below_.sync(file); });
  }
  std::error_code sync_data(int file) override {
    const std::lock_guard lock(mutex_);
    ++syncs_;
    return sync_failure_ != 0 ? errno_code(sync_failure_) : below_.sync_data(file);
  }
  std::error_code lock(int file) override {
    return guarded([&] { return below_.lock(file); });
  }
  io_result<file_status> status(int file) override {
    return guarded([&] { return below_.status(file); });
  }
  io_result<file_status> status(const std::string& path) override {
    return guarded([&] { return below_.status(path); });
  }
  std::error_code rename(const std::string& from, const std::string& to) override {
    return guarded([&] { return below_.rename(from, to); });
  }
  std::error_code unlink(const std::string& path) override {
    return guarded([&] { return below_.unlink(path); });
  }
  std::error_code make_folder(const std::string& path, unsigned permissions) override {
    return guarded([&] { return below_.make_folder(path, permissions); });
  }
  io_result<std::vector<std::string>> list(const std::string& folder) override {
    return guarded([&] { return below_.list(folder); });
  }

 private:
  template <class Change>
  void set(Change change) {
    const std::lock_guard lock(mutex_);
    change();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  memory_file_system below_;
  int write_failure_ = 0;
  int sync_failure_ = 0;
  int syncs_ = 0;
  bool hangs_ = false;
};

/// Kept to the end: the thread of a writer that has gone closes its files in its own time.
shared_files* new_files() {
  static std::vector<std::unique_ptr<shared_files>> all;
  return all.emplace_back(std::make_unique<shared_files>()).get();
}

struct place {
  explicit place(std::size_t capacity = 1'000) : events(context.get_executor(), capacity, "life") {}

  journal_file_options options() {
    journal_file_options made("journal");
    made.files = files;
    made.retry_delay = 1ms;
    made.longest_retry_delay = 5ms;
    made.close_patience = 50ms;
    return made;
  }
  void hear(journal_file& file) {
    file.on_notice([this](const journal_file_notice& notice) { notices.push_back(notice); });
  }
  std::vector<kind> heard() const {
    std::vector<kind> kinds;
    for (const journal_file_notice& each : notices) kinds.push_back(each.what);
    return kinds;
  }
  void add(int count = 1) {
    for (int i = 0; i < count; ++i) events.append("api", 1, event_type::flag_matched, severity::info);
  }
  /// Runs until that holds.
  template <class Predicate>
  void until(Predicate holds) {
    context.restart();
    const auto limit = std::chrono::steady_clock::now() + hang_limit;
    while (!holds()) {
      REQUIRE(std::chrono::steady_clock::now() < limit);
      context.run_one_for(10ms);
      context.restart();
    }
  }

  shared_files* files = new_files();
  asio::io_context context;
  journal events;
  std::vector<journal_file_notice> notices;
};

TEST_CASE("all that a journal holds when it closes is on the disk when following ends") {
  for (const journal_sync how :
       {journal_sync::every_event(), journal_sync::within(20ms), journal_sync::left_to_system()}) {
    place p;
    journal_file_options options = p.options();
    options.sync = how;
    journal_file file(options);
    p.hear(file);
    started<void> following(p.context, file.follow(p.events));
    for (int i = 0; i < 20; ++i) {
      p.add(7);
      settle(p.context);
    }
    p.add(500);
    p.events.close();
    run_dry(p.context);
    following.get();
    CHECK(p.files->content().numbers() == numbers(1, 640));
    CHECK(file.counts().written == 640);
    CHECK(file.counts().unsynced == 0);
    CHECK(file.counts().last_seq == 640);
    CHECK(p.files->syncs() >= 1);
    CHECK(p.notices.empty());
  }
}

TEST_CASE("an event reaches the disk in its time though none follows") {
  place p;
  journal_file_options options = p.options();
  options.sync = journal_sync::within(5ms);
  journal_file file(options);
  started<void> following(p.context, file.follow(p.events));
  p.add(3);
  p.until([&] { return file.counts().written == 3 && file.counts().unsynced == 0; });
  CHECK(p.files->syncs() == 1);
  p.add(2);
  p.until([&] { return file.counts().written == 5 && file.counts().unsynced == 0; });
  CHECK(p.files->syncs() == 2);
  following.cancel(cancellation_type::terminal);
  run_dry(p.context);
  CHECK(following.was_aborted());
}

TEST_CASE("an fsync that is left to the system comes at the end alone") {
  place p;
  journal_file_options options = p.options();
  options.sync = journal_sync::left_to_system();
  journal_file file(options);
  started<void> following(p.context, file.follow(p.events));
  p.add(3);
  p.until([&] { return file.counts().written == 3; });
  CHECK(p.files->syncs() == 0);
  p.events.close();
  run_dry(p.context);
  CHECK(p.files->syncs() == 1);
}

TEST_CASE("following begins where it is told and goes on where it was cancelled") {
  place p;
  p.add(10);
  journal_file file(p.options());
  {
    started<void> following(p.context, file.follow(p.events, 4));
    p.until([&] { return file.counts().last_seq == 10; });
    following.cancel(cancellation_type::total);
    run_dry(p.context);
    CHECK(following.was_aborted());
  }
  p.add(5);
  p.events.close();
  run(p.context, file.follow(p.events, 1));
  CHECK(p.files->content().numbers() == numbers(4, 15));
}

TEST_CASE("lives of several journals follow each other by one file object") {
  shared_files* const files = new_files();
  journal_file_options options("journal");
  options.files = files;
  journal_file file(options);
  asio::io_context context;
  for (const char* const life : {"one", "two"}) {
    journal events(context.get_executor(), 100, life);
    for (int i = 0; i < 5; ++i) events.append("api", 1, event_type::flag_matched, severity::info);
    events.close();
    run(context, file.follow(events));
  }
  const journal_content found = files->content();
  REQUIRE(found.found.lives.size() == 2);
  CHECK(found.losses.empty());
  CHECK(found.events.size() == 10);
}

TEST_CASE("a disk that fails is told once and again when it works") {
  place p(20);
  journal_file file(p.options());
  p.hear(file);
  started<void> following(p.context, file.follow(p.events));
  p.add(5);
  p.until([&] { return file.counts().written == 5; });
  p.files->fail_writes(ENOSPC);
  p.add(3);
  p.until([&] { return file.counts().failed_writes >= 5; });
  CHECK(p.heard() == std::vector<kind>{kind::failing});
  CHECK(p.notices[0].code == std::errc::no_space_on_device);
  CHECK(file.is_failing());
  p.files->fail_writes(EIO);
  p.until([&] { return p.notices.size() == 2; });
  CHECK(p.notices[1].code == std::errc::io_error);
  p.add(100);  // the journal keeps 20 of them
  p.files->fail_writes(0);
  p.until([&] { return p.notices.size() == 3; });
  CHECK(p.notices[2].what == kind::working);
  CHECK(p.notices[2].lost == 80);
  CHECK_FALSE(file.is_failing());
  p.events.close();
  run_dry(p.context);
  following.get();
  const journal_content found = p.files->content();
  CHECK(found.told() == std::vector<std::string>{"dropped 9+80"});
  CHECK(found.events.size() == 28);
  CHECK(file.counts().dropped == 80);
  CHECK(p.notices.size() == 3);
}

TEST_CASE("an fsync that fails is told and noted though no event follows") {
  place p;
  journal_file_options options = p.options();
  options.sync = journal_sync::within(1ms);
  journal_file file(options);
  p.hear(file);
  started<void> following(p.context, file.follow(p.events));
  p.files->fail_syncs(EIO);
  p.add(4);
  p.until([&] { return !p.notices.empty(); });
  CHECK(p.notices[0].what == kind::failing);
  CHECK(file.counts().doubtful == 4);
  p.files->fail_syncs(0);
  p.events.close();
  run_dry(p.context);
  following.get();
  const journal_content found = p.files->content();
  CHECK(found.numbers() == numbers(1, 4));
  CHECK(found.told() == std::vector<std::string>{"doubtful 1+4"});
  CHECK(found.found.missing == 0);
}

TEST_CASE("a disk that fails to the end is given up in time and told with what is lost") {
  place p;
  p.files->fail_writes(EIO);
  journal_file file(p.options());
  p.hear(file);
  p.add(12);
  p.events.close();
  run(p.context, file.follow(p.events));
  REQUIRE(p.heard() == std::vector<kind>{kind::failing, kind::given_up});
  CHECK(p.notices[1].lost == 12);
  CHECK(p.notices[1].code == std::errc::io_error);
}

TEST_CASE("a disk that does not answer holds up nobody and is let go at the end") {
  place p;
  journal_file_options options = p.options();
  options.slow_after = 20ms;
  journal_file file(options);
  p.hear(file);
  started<void> following(p.context, file.follow(p.events));
  p.files->hang();
  p.add(5);
  p.until([&] { return !p.notices.empty(); });
  CHECK(p.notices[0].what == kind::failing);
  CHECK(p.notices[0].code == errc::timed_out);
  SECTION("it answers after all") {
    p.files->go_on();
    p.until([&] { return p.notices.size() == 2; });
    CHECK(p.notices[1].what == kind::working);
    CHECK(p.notices[1].lost == 0);
    p.events.close();
    run_dry(p.context);
    following.get();
    CHECK(p.files->content().numbers() == numbers(1, 5));
  }
  SECTION("it never does") {
    p.events.close();
    p.until([&] { return following.is_done(); });
    following.get();
    CHECK(p.heard() == std::vector<kind>{kind::failing, kind::given_up});
    CHECK(p.notices[1].lost == 5);
    p.files->go_on();
    p.until([&] { return p.files->content().events.size() == 5; });
  }
}

TEST_CASE("what the files hold from before is told when they are opened") {
  disk_folder folder;
  asio::io_context context;
  journal_file_options options(folder / "journal");
  const auto live = [&](const char* life) {
    journal events(context.get_executor(), 100, life);
    for (int i = 0; i < 5; ++i) events.append("api", 1, event_type::flag_matched, severity::info);
    events.close();
    journal_file file(options);
    std::vector<std::string> said;
    file.on_notice([&](const journal_file_notice& notice) { said.push_back(notice.message); });
    run(context, file.follow(events));
    return said;
  };
  CHECK(live("one").empty());
  // The lock of the thread that ends by itself may outlive it a little: an open file of our own waits for it.
  const std::string segment = folder / "journal/00000000000000000001.0000000001.seg";
  const auto opened = open_file(real_files(), segment, open_mode::append);
  REQUIRE(opened);
  CHECK_FALSE(write_all(real_files(), opened->get(), "torn").code);
  const std::vector<std::string> said = live("two");
  bool is_told = false;
  for (const std::string& each : said) {
    is_told = is_told || each == "4 bytes of an unfinished write were cut off: " + segment + " at offset " +
                                     std::to_string(std::filesystem::file_size(segment));
  }
  CHECK(is_told);
  const journal_content found = read_all(real_files(), folder / "journal");
  CHECK(found.events.size() == 10);
  CHECK(found.losses.empty());
}

}  // namespace t_event_journal_file
