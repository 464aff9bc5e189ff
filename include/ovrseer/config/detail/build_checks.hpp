// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From the drafts of ready checks to one check that holds when all of them do.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/check/combine.hpp>
#include <ovrseer/check/exec.hpp>
#include <ovrseer/check/file.hpp>
#include <ovrseer/check/heartbeat.hpp>
#include <ovrseer/check/http.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/notify.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/check/stop_condition.hpp>
#include <ovrseer/check/tcp.hpp>
#include <ovrseer/config/detail/drafts.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/options.hpp>

namespace ovrseer::config_detail {

/// The URL that was written; nothing where it is none, which was reported.
OVRSEER_DECL std::optional<url> url_of(config_reader& reader, const given<std::string>& written, const char* example);
/// A URL as it was written; nothing, with an error at its place, where it is none or has another scheme than http and https.
/// `who` cannot use another: "a check".
OVRSEER_DECL std::optional<url> http_url_of(config_reader& reader, const given<std::string>& written, const char* who);

/// Adds the headers that were written to what is sent; false where one may not be, which was reported.
template <class Service>
bool add_headers(config_reader& reader, const given<env_draft>& written, Service& to) {
  if (!written) return true;
  for (const auto& [name, value] : written->values) {
    try {
      to.header(name, value.value_or(""));
    } catch (const error& refusal) {
      reader.error(*written.node, refusal.context());
      return false;
    }
  }
  return true;
}

class check_builder {
 public:
  /// Makes the command of an `exec` check, with what the process itself runs in.
  using command_maker = std::function<command(const command_line_draft&)>;
  /// Whether anything that the process writes can be read.
  enum class log : std::uint8_t { none, piped };

  check_builder(config_reader& reader, const read_options& options, log output, command_maker make_command)
      : reader_(reader), options_(options), make_command_(std::move(make_command)), output_(output) {}

  any_check all(const std::vector<check_draft>& drafts);

  std::optional<health_watch> watch(const health_draft& draft);

  /// What a step of a stop waits for.
  std::optional<stop_condition> condition(const condition_draft& draft);

  /// Nothing where no silence is too long.
  std::optional<health_watch> watch(const watchdog_draft& draft);

 private:
  template <class Draft>
  static std::chrono::nanoseconds attempt_limit(const Draft& draft) {
    return draft.attempt_timeout.value_or(draft.exec ? std::chrono::seconds(10) : std::chrono::seconds(1));
  }

  /// One attempt at what is asked.
  template <class Draft>
  std::optional<any_check> question(const Draft& draft) {
    if constexpr (requires { draft.tcp; }) {
      if (draft.tcp) return tcp_of(*draft.tcp, *draft.tcp.node);
    }
    if (draft.http) return http_of(*draft.http);
    if (draft.exec) return any_check(exec(make_command_(*draft.exec)).limit(attempt_limit(draft)));
    if (draft.file) return file_of(*draft.file);
    return std::nullopt;
  }

  std::optional<any_check> one(const check_draft& draft);

  /// Says so where questions would follow each other too soon.
  void expect_pause(const given<std::chrono::nanoseconds>& interval);

  void refuse(const config_node* key, std::string_view why) {
    if (key != nullptr) reader_.error(*key, in_quotes(key->text) + " " + std::string(why)).cure = "remove it";
  }

  /// What is of checks that ask again and again, beside one that waits.
  void refuse_timing(const check_draft& draft, std::string_view why);

  /// Says so where no line can ever match.
  bool sees_lines(const config_node& key);

  std::optional<any_check> log_check(const check_draft& draft);

  any_check notify_check(const check_draft& draft);

  std::optional<any_check> tcp_of(const peer_address& peer, const config_node& node);

  std::optional<any_check> http_of(const http_draft& draft);

  void headers(http_check& check, const http_draft& draft);

  static std::optional<any_check> file_of(const file_check_draft& draft);

  config_reader& reader_;
  const read_options& options_;
  command_maker make_command_;
  log output_;
};

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/build_checks.ipp>
#endif
