// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A journal file on a supervisor: all of its life in the file, and a disk that fails in its error handler.
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/sink/attach.hpp>

#include "disk_folder.hpp"
#include "journal_samples.hpp"
#include "run.hpp"

namespace t_sink_attach {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using namespace std::chrono_literals;

struct place {
  place() : stack(context.get_executor(), supervisor_options().boot_id("life")) {
    stack.on_error([this](const failure_notice& notice) { notices.push_back(notice); });
    unit_spec lost("lost", command("/no/such/program"));
    lost.restart(restart_rules(restart_rules::when::never));
    stack.add(lost);
  }
  void run_with(journal_file& file) {
    started<void> writing(context, attach(stack, file));
    started<int> running(context, stack.run());
    run_dry(context);
    CHECK(running.get() == 3);
    writing.get();
  }
  asio::io_context context;
  supervisor stack;
  std::vector<failure_notice> notices;
  disk_folder folder;
};

TEST_CASE("an attached journal file has the whole life of its supervisor") {
  place p;
  journal_file file{journal_file_options(p.folder / "journal")};
  p.run_with(file);
  CHECK(p.notices.empty());
  const journal_content found = read_all(real_files(), p.folder / "journal");
  CHECK(found.losses.empty());
  REQUIRE(found.found.lives.size() == 1);
  CHECK(found.found.lives[0].boot_id == "life");
  CHECK(found.found.lives[0].has_ended);
  CHECK(found.events.size() == p.stack.events().end_seq() - 1);
  CHECK(replay_of(found).find("lost")->state == unit_state::failed);
}

TEST_CASE("a journal that cannot be written is told to the error handler and ends no supervisor") {
  place p;
  REQUIRE(open_file(real_files(), p.folder / "file", open_mode::create));
  journal_file_options options(p.folder / "file/journal");
  options.retry_delay = 1ms;
  options.close_patience = 20ms;
  journal_file file(options);
  p.run_with(file);
  REQUIRE(p.notices.size() == 2);
  for (const failure_notice& notice : p.notices) CHECK(notice.operation == "journal");
  CHECK_THAT(p.notices[0].message, catchx::ContainsSubstring("make folder"));
  CHECK_THAT(p.notices[1].message, catchx::EndsWith("events are not on the disk"));
}

TEST_CASE("a journal that another one writes is told in words") {
  place p;
  journal_file_options options(p.folder / "journal");
  options.retry_delay = 1ms;
  options.close_patience = 5ms;
  journal_writer first(options);
  CHECK_FALSE(first.sync().code);
  journal_file file(options);
  p.run_with(file);
  REQUIRE_FALSE(p.notices.empty());
  CHECK(p.notices[0].message == "another process writes to this journal: " + (p.folder / "journal"));
}

}  // namespace t_sink_attach
