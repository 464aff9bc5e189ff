// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where a supervisor runs, from what platforms set and the kernel tells.
#include <catch.hpp>
#include <ovrseer/deliver/deployment_fields.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace t_deliver_deployment_fields {

using namespace ovrseer;

using fields = std::vector<std::pair<std::string, std::string>>;
using variables = std::map<std::string, std::string, std::less<>>;

fields fields_of(const variables& set, const deployment_texts& texts = {}) {
  const auto look = [&](std::string_view name) -> std::optional<std::string> {
    const auto at = set.find(name);
    return at == set.end() ? std::nullopt : std::optional(at->second);
  };
  return deployment_fields(look, texts);
}

std::string container_in(std::string cgroup, std::string mountinfo = {}) {
  deployment_texts texts;
  texts.cgroup = std::move(cgroup);
  texts.mountinfo = std::move(mountinfo);
  const fields made = fields_of({}, texts);
  return made.empty() ? std::string() : made.front().second;
}

const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string other(64, 'e');

TEST_CASE("nothing is known of a deployment that says nothing") {
  CHECK(fields_of({}).empty());
  CHECK(fields_of({{"GIT_COMMIT", ""}, {"APP_ENV", " \n"}}).empty());
}

TEST_CASE("fields come in one order and the first variable that is set wins") {
  deployment_texts texts;
  texts.hostname = "db-1\n";
  texts.cgroup = "0::/docker/" + id + "\n";
  const fields made = fields_of({{"GITHUB_SHA", "cafe"},
                                 {"CI_COMMIT_SHA", "beef"},
                                 {"GIT_COMMIT", ""},
                                 {"AWS_DEFAULT_REGION", "eu-west-1"},
                                 {"FLY_REGION", "ams"},
                                 {"NODE_ENV", "production"},
                                 {"APP_VERSION", " 1.2.3 \nsecond line"}},
                                texts);
  CHECK(made == fields{{"environment", "production"},
                       {"version", "1.2.3"},
                       {"commit", "cafe"},
                       {"region", "eu-west-1"},
                       {"host", "db-1"},
                       {"container", "0123456789ab"}});
}

TEST_CASE("every documented variable of a commit and a region is known") {
  for (const char* name : {"GIT_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA", "SOURCE_COMMIT", "HEROKU_SLUG_COMMIT"}) {
    INFO(name);
    CHECK(fields_of({{name, "cafe"}}) == fields{{"commit", "cafe"}});
  }
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION", "FLY_REGION", "GOOGLE_CLOUD_REGION"}) {
    INFO(name);
    CHECK(fields_of({{name, "x"}}) == fields{{"region", "x"}});
  }
}

TEST_CASE("a container is known by its control group in every runtime's manner") {
  const std::string expected = id.substr(0, 12);
  for (const std::string& path :
       {"12:memory:/docker/" + id + "\n0::/\n", "0::/system.slice/docker-" + id + ".scope\n",
        "11:cpu:/docker/" + other + "/docker/" + id + "\n",
        "0::/user.slice/user-1000.slice/libpod-" + id + ".scope/container\n",
        "1:name=systemd:/machine.slice/libpod-" + id + ".scope\n",
        "9:pids:/kubepods/burstable/pod2c48913c-b29f-11e7-9350-020968147796/" + id + "\n",
        "0::/kubepods.slice/kubepods-besteffort.slice/"
        "kubepods-besteffort-pod2c48913c_b29f_11e7_9350_020968147796.slice/cri-containerd-" +
            id + ".scope\n",
        "0::/kubepods.slice/kubepods-pod1.slice/crio-" + id + ".scope", "0::/../cri-containerd:" + id + "\n",
        "4:blkio:/ecs/task/" + id + "\n", "0::/libpod-conmon-" + other + ".scope\n1:cpu:/libpod-" + id + ".scope\n"}) {
    INFO(path);
    CHECK(container_in(path) == expected);
  }
}

TEST_CASE("what is no container has no id") {
  for (const std::string& path :
       {std::string("0::/\n"), std::string("0::/user.slice/user-0.slice/session-1.scope\n"), "0::/" + id + "0\n",
        "0::/x" + id + "\n", "0::/" + id.substr(1) + "\n", std::string(70, '\n'), std::string(200, 'a')}) {
    INFO(path);
    CHECK(container_in(path).empty());
  }
}

TEST_CASE("a container that sees no path of its group is known by its mounts") {
  const std::string mounts = "600 599 0:52 / / rw - overlay overlay rw,upperdir=/var/lib/docker/overlay2/" + other +
                             "/diff\n" + "610 600 8:1 /var/lib/docker/containers/" + id +
                             "/resolv.conf /etc/resolv.conf rw - ext4 /dev/sda1 rw\n";
  CHECK(container_in("0::/\n", mounts) == id.substr(0, 12));
  CHECK(container_in("0::/docker/" + other + "\n", mounts) == other.substr(0, 12));
  CHECK(container_in("0::/\n", mounts.substr(0, mounts.find('\n'))).empty());
}

TEST_CASE("in Kubernetes the host name is the pod unless more is said") {
  deployment_texts texts;
  texts.hostname = "api-7d9f";
  texts.kubernetes_namespace = "shop\n";
  CHECK(fields_of({{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}}, texts) ==
        fields{{"host", "api-7d9f"}, {"kubernetes_namespace", "shop"}, {"pod", "api-7d9f"}});
  CHECK(fields_of({{"POD_NAME", "api-0"}, {"POD_NAMESPACE", "live"}, {"NODE_NAME", "node-3"}}, texts) ==
        fields{{"host", "node-3"}, {"kubernetes_namespace", "live"}, {"pod", "api-0"}});
}

TEST_CASE("a value is one line of valid text and not long") {
  CHECK(fields_of({{"APP_ENV", "a\xFF"}}) == fields{{"environment", "a\xEF\xBF\xBD"}});
  CHECK(fields_of({{"APP_ENV", std::string(5000, 'x')}}).front().second.size() == 200);
}

TEST_CASE("this process has a host at least") {
  const fields made = read_deployment_fields();
  CHECK(std::ranges::any_of(made, [](const auto& each) { return each.first == "host" && !each.second.empty(); }));
}

}  // namespace t_deliver_deployment_fields
