// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/deliver/deployment_fields.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iterator>

#include <ovrseer/deliver/deployment_fields.hpp>
#include <ovrseer/process/host_name.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer::deliver_detail {

OVRSEER_DECL std::string field_value(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  text = text.substr(0, text.find_first_of("\r\n"));
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return valid_utf8(first_characters(text, 200));
}

OVRSEER_DECL std::string first_set(const variable_lookup& variable, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    std::string value = field_value(variable(name).value_or(std::string()));
    if (!value.empty()) return value;
  }
  return {};
}

/// The last id of 64 hexadecimal digits in the text that is no part of a longer word; a nested container is the innermost.
OVRSEER_DECL std::string_view last_container_id(std::string_view text) {
  constexpr std::size_t digits = 64;
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  for (std::size_t end = text.size(); end >= digits;) {
    std::size_t begin = end;
    while (begin > 0 && is_hex(text[begin - 1])) --begin;
    const bool is_word = begin == 0 || std::string_view("/-:").find(text[begin - 1]) != std::string_view::npos;
    if (end - begin == digits && is_word) return text.substr(begin, digits);
    end = begin == 0 ? 0 : begin - 1;
  }
  return {};
}

OVRSEER_DECL std::string container_of(const deployment_texts& texts) {
  const auto each_line = [](std::string_view text, auto look) {
    std::string_view found;
    while (!text.empty() && found.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      found = look(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
  };
  // Podman's monitor of a container has a group of its own, beside the container's.
  std::string_view id = each_line(texts.cgroup, [](std::string_view line) {
    return line.find("conmon") == std::string_view::npos ? last_container_id(line) : std::string_view();
  });
  // The files that a runtime mounts into a container stand in the container's folder. Layers of images have ids too.
  if (id.empty()) {
    id = each_line(texts.mountinfo, [](std::string_view line) {
      const bool is_own = line.find(" /etc/hostname ") != std::string_view::npos ||
                          line.find(" /etc/resolv.conf ") != std::string_view::npos;
      return is_own ? last_container_id(line) : std::string_view();
    });
  }
  return std::string(id.substr(0, 12));
}

OVRSEER_DECL std::string text_of_file(const char* path) {
  constexpr std::size_t most = std::size_t{256} << 10U;
  std::ifstream file(path, std::ios::binary);
  std::string text(most, '\0');
  file.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

}  // namespace ovrseer::deliver_detail

namespace ovrseer {

OVRSEER_DECL std::vector<std::pair<std::string, std::string>> deployment_fields(const variable_lookup& variable,
                                                                                const deployment_texts& texts) {
  using deliver_detail::field_value;
  using deliver_detail::first_set;
  std::vector<std::pair<std::string, std::string>> made;
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) made.emplace_back(name, std::move(value));
  };
  const auto either = [](std::string first, std::string_view second) {
    return first.empty() ? field_value(second) : std::move(first);
  };
  const bool in_kubernetes = !first_set(variable, {"KUBERNETES_SERVICE_HOST"}).empty();
  add("environment", first_set(variable, {"DEPLOYMENT_ENVIRONMENT", "ENVIRONMENT", "APP_ENV", "SENTRY_ENVIRONMENT",
                                          "DD_ENV", "ASPNETCORE_ENVIRONMENT", "RAILS_ENV", "NODE_ENV"}));
  add("version", first_set(variable, {"APP_VERSION", "SERVICE_VERSION", "DD_VERSION", "SENTRY_RELEASE",
                                      "HEROKU_RELEASE_VERSION", "K_REVISION"}));
  add("commit",
      first_set(variable, {"GIT_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA", "SOURCE_COMMIT", "HEROKU_SLUG_COMMIT"}));
  add("region", first_set(variable, {"AWS_REGION", "AWS_DEFAULT_REGION", "FLY_REGION", "GOOGLE_CLOUD_REGION"}));
  add("host", either(first_set(variable, {"NODE_NAME"}), texts.hostname));
  add("container", deliver_detail::container_of(texts));
  add("kubernetes_namespace", either(first_set(variable, {"POD_NAMESPACE", "KUBERNETES_NAMESPACE", "K8S_NAMESPACE"}),
                                     texts.kubernetes_namespace));
  add("pod", either(first_set(variable, {"POD_NAME", "KUBERNETES_POD_NAME", "K8S_POD_NAME"}),
                    in_kubernetes ? std::string_view(texts.hostname) : std::string_view()));
  return made;
}

OVRSEER_DECL std::vector<std::pair<std::string, std::string>> read_deployment_fields() {
  deployment_texts texts;
  texts.hostname = host_name();
  texts.cgroup = deliver_detail::text_of_file("/proc/self/cgroup");
  texts.mountinfo = deliver_detail::text_of_file("/proc/self/mountinfo");
  texts.kubernetes_namespace = deliver_detail::text_of_file("/var/run/secrets/kubernetes.io/serviceaccount/namespace");
  const auto variable = [](std::string_view name) -> std::optional<std::string> {
    const char* const value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  return deployment_fields(variable, texts);
}

}  // namespace ovrseer
