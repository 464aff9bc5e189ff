// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Finding the kernel's count of kills for want of memory, and who may claim one.
#include <ovrseer/process/detail/memory_kills.hpp>

#include <map>
#include <optional>
#include <string>

#include <catch.hpp>

namespace t_process_memory_kills {

using namespace ovrseer::process_detail;

const std::string version_2_mounts =
    "22 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
    "35 22 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec shared:9 - cgroup2 cgroup2 "
    "rw,nsdelegate,memory_recursiveprot\n";
const std::string hybrid_mounts =
    "36 22 0:31 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw,nsdelegate\n"
    "40 22 0:35 / /sys/fs/cgroup/cpu,cpuacct rw shared:14 - cgroup cgroup rw,cpu,cpuacct\n"
    "41 22 0:36 / /sys/fs/cgroup/memory rw shared:15 - cgroup cgroup rw,memory\n";

TEST_CASE("the counter of version 2 is memory.events of the cgroup") {
  CHECK(memory_counter_path("0::/user.slice/app.scope\n", version_2_mounts) ==
        "/sys/fs/cgroup/user.slice/app.scope/memory.events");
  CHECK(memory_counter_path("0::/\n", version_2_mounts) == "/sys/fs/cgroup/memory.events");
}

TEST_CASE("the counter of version 1 is memory.oom_control and version 1 goes first where it has memory") {
  const std::string both = "11:cpu,cpuacct:/a\n5:memory:/b/c\n1:name=systemd:/d\n0::/e\n";
  CHECK(memory_counter_path(both, hybrid_mounts) == "/sys/fs/cgroup/memory/b/c/memory.oom_control");
  CHECK(memory_counter_path("3:cpu,cpuacct:/a\n0::/e\n", hybrid_mounts) == "/sys/fs/cgroup/unified/e/memory.events");
  CHECK(memory_counter_path("5:hugetlb,memory:/b\n", hybrid_mounts) == "/sys/fs/cgroup/memory/b/memory.oom_control");
}

TEST_CASE("a mount that shows a part of the tree is where that part is") {
  const std::string part = "50 49 0:30 /docker/abc /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n";
  CHECK(memory_counter_path("0::/docker/abc\n", part) == "/sys/fs/cgroup/memory.events");
  CHECK(memory_counter_path("0::/docker/abc/inner\n", part) == "/sys/fs/cgroup/inner/memory.events");
  CHECK(memory_counter_path("0::/docker/abcdef\n", part) == "/sys/fs/cgroup/docker/abcdef/memory.events");
  CHECK(memory_counter_path("0::/\n", part) == "/sys/fs/cgroup/memory.events");
}

TEST_CASE("without a cgroup or its mount there is no counter") {
  CHECK(memory_counter_path("", version_2_mounts).empty());
  CHECK(memory_counter_path("0::/a\n", "").empty());
  CHECK(memory_counter_path("5:memory:/a\n", version_2_mounts).empty());
  CHECK(memory_counter_path("no colon\n7:one\n", version_2_mounts).empty());
  CHECK(memory_counter_path("0::/a\n", "35 22 - cgroup2\nnonsense - x\n35 22 0:30 / /mnt rw - cgroup2\n").empty());
}

TEST_CASE("the count is the number of oom_kill and of no other key") {
  CHECK(memory_kills_in("low 0\nhigh 3\nmax 9\noom 4\noom_kill 2\noom_group_kill 1\n") == 2);
  CHECK(memory_kills_in("oom_kill_disable 0\nunder_oom 0\noom_kill 17\n") == 17);
  CHECK(memory_kills_in("oom_kill_disable 0\nunder_oom 0\n") == std::nullopt);
  CHECK(memory_kills_in("oom_kill \noom_kill x\noom_kill 1x\noom_kill -1\n") == std::nullopt);
  CHECK(memory_kills_in("oom_kill 18446744073709551615") == 18446744073709551615U);
  CHECK(memory_kills_in("oom_kill 18446744073709551616") == std::nullopt);
  CHECK(memory_kills_in("") == std::nullopt);
}

struct fake_files {
  std::map<std::string, std::string> content{{"/proc/self/cgroup", "0::/a\n"},
                                             {"/proc/self/mountinfo", version_2_mounts}};
  memory_kills kills{[this](const std::string& path) { return content[path]; }};
  void count(int number) { content["/sys/fs/cgroup/a/memory.events"] = "oom_kill " + std::to_string(number) + "\n"; }
};

TEST_CASE("a kill is claimed by one child that was there when it happened") {
  fake_files files;
  files.count(5);
  const auto early = files.kills.count();
  CHECK(early == 5);
  CHECK(!files.kills.claim(early));
  files.count(6);
  const auto late = files.kills.count();
  CHECK(!files.kills.claim(late));
  CHECK(files.kills.claim(early));
  CHECK(!files.kills.claim(early));
  files.count(8);
  CHECK(files.kills.claim(late));
  CHECK(files.kills.claim(early));
  CHECK(!files.kills.claim(late));
}

TEST_CASE("where nothing is counted nothing is claimed") {
  fake_files none;
  CHECK(none.kills.count() == std::nullopt);
  CHECK(!none.kills.claim(std::nullopt));
  none.count(3);
  CHECK(!none.kills.claim(std::nullopt));
  CHECK(none.kills.claim(2));
  none.content["/sys/fs/cgroup/a/memory.events"].clear();
  CHECK(!none.kills.claim(2));
}

}  // namespace t_process_memory_kills
