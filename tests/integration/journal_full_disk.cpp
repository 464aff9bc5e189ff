// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The journal of a running supervisor on a real disk that becomes full and has room again: nobody waits for it, and
// every event is in the file or noted as missing. And one that is killed in the middle of its work.
#include <catch.hpp>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <ovrseer/event/journal_file.hpp>

#include "disk_folder.hpp"
#include "journal_samples.hpp"
#include "supervised.hpp"

namespace t_journal_full_disk {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using namespace std::chrono_literals;
using notice_kind = journal_file_notice::kind;

/// A file system of 256 KiB in memory, seen by this process alone.
class small_disk {
 public:
  small_disk() {
    const bool is_apart =
        ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    if (!is_apart) {
      why_not_ = std::string("no mount namespace: ") + std::strerror(errno);
    } else if (::mount("none", folder_.path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=256k,mode=0700") != 0) {
      why_not_ = std::string("no mount: ") + std::strerror(errno);
    } else {
      is_mounted_ = true;
    }
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }

  const std::string& why_not() const { return why_not_; }
  std::string operator/(const std::string& name) const { return folder_ / name; }

  /// Takes all room that is left.
  void fill() const {
    std::ofstream file(folder_ / "ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) continue;
  }
  void clear() const { std::filesystem::remove(folder_ / "ballast"); }

 private:
  disk_folder folder_;
  std::string why_not_;
  bool is_mounted_ = false;
};

TEST_CASE("a disk that becomes full holds up no restart and every event is there or noted") {
  const small_disk disk;
  if (!disk.why_not().empty()) SKIP(disk.why_not());
  supervised s(supervisor_options().journal_capacity(64));
  s.add(service("api"));
  journal_file_options options(disk / "journal");
  options.sync = journal_sync::every_event();
  options.segment_size = byte_size(8U << 10U);
  options.max_size = byte_size(0);
  options.retry_delay = 5ms;
  options.longest_retry_delay = 20ms;
  journal_file file(options);
  std::vector<journal_file_notice> notices;
  file.on_notice([&](const journal_file_notice& notice) { notices.push_back(notice); });
  const auto restart_until = [&](auto holds) -> task<void> {
    for (int i = 0; i < 2'000; ++i) {
      if (holds()) break;
      co_await s.it.restart("api");
    }
    CHECK(holds());
  };
  nursery beside(s.context.get_executor());
  beside.start(file.follow(s.it.events()));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    disk.fill();
    const auto has_failed = [&] { return !notices.empty(); };
    co_await restart_until(has_failed);
    CHECK(notices.front().what == notice_kind::failing);
    CHECK(notices.front().code == std::errc::no_space_on_device);
    // Far beyond what the journal keeps in memory.
    const std::uint64_t far = s.it.events().end_seq() + 300;
    const auto is_far = [&] { return s.it.events().end_seq() > far; };
    co_await restart_until(is_far);
    CHECK(notices.size() == 1);
    disk.clear();
    const auto works = [&] { return notices.size() == 2 && file.counts().last_seq + 20 > s.it.events().end_seq(); };
    co_await restart_until(works);
    CHECK(notices.back().what == notice_kind::working);
    CHECK(notices.back().lost >= 200);
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  run_dry(s.context);
  CHECK(beside.running() == 0);
  const std::uint64_t all = s.it.events().end_seq() - 1;
  const journal_content found = read_all(real_files(), disk / "journal");
  CHECK(found.events.size() + found.found.missing == all);
  CHECK(file.counts().written == found.events.size());
  CHECK(file.counts().dropped == found.found.missing);
  CHECK(found.events.back().entry.type == event_type::supervisor_stopped);
  CHECK(found.events.back().entry.seq == all);
  REQUIRE(found.found.lives.size() == 1);
  CHECK(found.found.lives[0].has_ended);
  for (const journal_loss& loss : found.losses) CHECK(loss.why == journal_loss::kind::dropped);
  CHECK(replay_of(found).find("api")->state == unit_state::stopped);
}

/// Writes events until it is killed; each that is durable is told by a byte.
[[noreturn]] void write_until_killed(const std::string& folder, const std::vector<event>& all, int tell) {
  journal_file_options options(folder);
  options.sync = journal_sync::every_event();
  options.segment_size = byte_size(4096);
  journal_writer writer(options);
  for (const event& each : all) {
    if (writer.write("life", 1, std::span(&each, 1)).code) ::_exit(1);
    if (::write(tell, "x", 1) != 1) ::_exit(2);
  }
  ::_exit(0);
}

TEST_CASE("a writer that is killed loses no event that it has told of") {
  const std::vector<event> all = story(20'000);
  for (int run = 0; run < 10; ++run) {
    const no_leaks nothing_left;
    const disk_folder folder;
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t writer = ::fork();
    if (writer == 0) write_until_killed(folder / "journal", all, ends[1]);
    ::close(ends[1]);
    const std::size_t wanted = 20 + static_cast<std::size_t>(run) * 13;
    std::vector<char> told(1024);
    std::size_t count = 0;
    while (count < wanted) {
      const ssize_t n = ::read(ends[0], told.data(), told.size());
      REQUIRE(n > 0);
      count += static_cast<std::size_t>(n);
    }
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    for (ssize_t n = 1; n > 0; count += n > 0 ? static_cast<std::size_t>(n) : 0) {
      n = ::read(ends[0], told.data(), told.size());
    }
    ::close(ends[0]);
    const journal_content found = read_all(real_files(), folder / "journal");
    CHECK(found.events.size() >= count);
    CHECK(found.events.size() <= count + 1);
    CHECK(found.found.missing == 0);
    CHECK(falsehood(found, all) == "");
    // And the next life goes on behind it.
    journal_writer next{journal_file_options(folder / "journal")};
    CHECK_FALSE(next.write("next", 1, std::span(all).first(5)).code);
    CHECK(read_all(real_files(), folder / "journal").found.lives.size() == 2);
  }
}

}  // namespace t_journal_full_disk
