// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where a supervisor runs and what of: the fields that a crash report is read by later, from what a platform sets.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>

namespace ovrseer {

/// The texts that tell of a deployment; each may be empty. Files are given as they are.
struct deployment_texts {
  deployment_texts() = default;

  std::string hostname;
  std::string cgroup;                ///< /proc/self/cgroup
  std::string mountinfo;             ///< /proc/self/mountinfo; where a container sees no path of its cgroup
  std::string kubernetes_namespace;  ///< /var/run/secrets/kubernetes.io/serviceaccount/namespace
};

/// A variable of the environment, or nothing.
using variable_lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// What is known of the deployment, by name and in this order; what is not known is left out. Of several variables the
/// first that is set and not empty wins:
///
/// | field | from |
/// |---|---|
/// | environment | DEPLOYMENT_ENVIRONMENT, ENVIRONMENT, APP_ENV, SENTRY_ENVIRONMENT, DD_ENV, ASPNETCORE_ENVIRONMENT, RAILS_ENV, NODE_ENV |
/// | version | APP_VERSION, SERVICE_VERSION, DD_VERSION, SENTRY_RELEASE, HEROKU_RELEASE_VERSION, K_REVISION |
/// | commit | GIT_COMMIT, GITHUB_SHA, CI_COMMIT_SHA, SOURCE_COMMIT, HEROKU_SLUG_COMMIT |
/// | region | AWS_REGION, AWS_DEFAULT_REGION, FLY_REGION, GOOGLE_CLOUD_REGION |
/// | host | NODE_NAME (Kubernetes, where it is set so), else `hostname` |
/// | container | `cgroup`, else `mountinfo`: the id of 64 digits that Docker, Podman, containerd and CRI-O give; its first 12 |
/// | kubernetes_namespace | POD_NAMESPACE, KUBERNETES_NAMESPACE, K8S_NAMESPACE, else the text |
/// | pod | POD_NAME, KUBERNETES_POD_NAME, K8S_POD_NAME, else `hostname` where KUBERNETES_SERVICE_HOST is set |
///
/// A value is its first line without blanks around it, at most 200 characters of valid UTF-8. Values are not redacted.
OVRSEER_DECL std::vector<std::pair<std::string, std::string>> deployment_fields(const variable_lookup& variable,
                                                                                const deployment_texts& texts);

/// The same of this process: reads its environment, its hostname and the three files, once and at once. Call it at the start,
/// as other threads must not change the environment meanwhile. A file that cannot be read counts as empty.
OVRSEER_DECL std::vector<std::pair<std::string, std::string>> read_deployment_fields();

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/deliver/impl/deployment_fields.ipp>
#endif
