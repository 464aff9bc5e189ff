// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/build_checks.hpp>.
#pragma once

#include <ovrseer/config/detail/build_checks.hpp>
#include <ovrseer/config/detail/tree.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL any_check check_builder::all(const std::vector<check_draft>& drafts) {
  std::vector<any_check> checks;
  for (const check_draft& draft : drafts) {
    if (std::optional<any_check> check = one(draft)) checks.push_back(*std::move(check));
  }
  if (checks.empty()) return {};
  return checks.size() == 1 ? std::move(checks.front()) : any_check(all_of(std::move(checks)));
}

OVRSEER_DECL std::optional<health_watch> check_builder::watch(const health_draft& draft) {
  std::optional<any_check> check = question(draft);
  if (!check) return std::nullopt;
  health_watch made(*std::move(check));
  made.attempt_limit(attempt_limit(draft));
  if (draft.interval) made.interval(*draft.interval);
  expect_pause(draft.interval);
  if (draft.relax_to) made.relax_to(*draft.relax_to);
  if (draft.initial_delay) made.initial_delay(*draft.initial_delay);
  if (draft.success_threshold) made.successes(static_cast<std::uint32_t>(draft.success_threshold->value));
  if (draft.failure_threshold) made.failures(static_cast<std::uint32_t>(draft.failure_threshold->value));
  if (draft.otherwise) made.otherwise(*draft.otherwise);
  return made;
}

OVRSEER_DECL void check_builder::expect_pause(const given<std::chrono::nanoseconds>& interval) {
  if (!interval || *interval >= std::chrono::milliseconds(10)) return;
  reader_.error(*interval.node, "\"interval\" is " + to_text(*interval)).expected = "at least 10ms";
}

OVRSEER_DECL std::optional<stop_condition> check_builder::condition(const condition_draft& draft) {
  if (draft.log_pattern) {
    refuse(draft.interval.key, "has no meaning beside logPattern, which sees every line");
    refuse(draft.attempt_timeout.key, "has no meaning beside logPattern, which sees every line");
    if (!sees_lines(*draft.log_pattern.key)) return std::nullopt;
    return holding(log_line(*draft.log_pattern->value));
  }
  std::optional<any_check> check = question(draft);
  if (draft.drained) check = drained(static_cast<std::uint16_t>(draft.drained->value));
  if (draft.file_gone) check = gone(file(*draft.file_gone));
  if (!check) return std::nullopt;
  expect_pause(draft.interval);
  probe_timing timing;
  timing.deadline({}).attempt_limit(attempt_limit(draft));  // the step has its grace
  if (draft.interval) timing.interval(*draft.interval);
  return holding(probing(*std::move(check), timing));
}

OVRSEER_DECL std::optional<health_watch> check_builder::watch(const watchdog_draft& draft) {
  constexpr std::chrono::nanoseconds least = std::chrono::milliseconds(100);
  constexpr std::chrono::nanoseconds longest = std::chrono::seconds(10);
  if (!draft.timeout || *draft.timeout == std::chrono::nanoseconds::zero()) return std::nullopt;
  const std::chrono::nanoseconds timeout = *draft.timeout;
  if (timeout < least) {
    diagnostic& finding = reader_.error(*draft.timeout.node, "the silence of a watchdog is " + to_text(timeout));
    finding.expected = "at least " + to_text(least) + ", or 0 for none";
  }
  if (draft.log_pattern && !sees_lines(*draft.log_pattern.key)) return std::nullopt;
  // Asked from the beginning, since the silence counts from the first question.
  health_watch made(draft.log_pattern ? heartbeat(*draft.log_pattern->value, timeout) : heartbeat(timeout));
  made.initial_delay({}).failures(1).interval(std::clamp(timeout / 4, least / 10, longest));
  return made.otherwise(draft.otherwise.value_or(health_watch::action::restart));
}

OVRSEER_DECL std::optional<any_check> check_builder::one(const check_draft& draft) {
  if (draft.log_pattern) return log_check(draft);
  if (draft.notify) return notify_check(draft);
  std::optional<any_check> check = question(draft);
  if (!check) return std::nullopt;
  refuse(draft.pass_if_not_found.key, "is of logPattern alone");
  probe_timing timing;
  timing.attempt_limit(attempt_limit(draft));
  if (draft.initial_delay) timing.initial_delay(*draft.initial_delay);
  if (draft.interval) timing.interval(*draft.interval);
  if (draft.success_threshold) timing.successes(static_cast<std::uint32_t>(draft.success_threshold->value));
  if (draft.failure_threshold) timing.failures(static_cast<std::uint32_t>(draft.failure_threshold->value));
  if (draft.timeout) timing.deadline(*draft.timeout);
  const bool is_late =
      timing.deadline() != std::chrono::nanoseconds::zero() && timing.initial_delay() >= timing.deadline();
  if (is_late) {
    reader_
        .error(*draft.initial_delay.node,
               "\"initialDelay\" is not shorter than the timeout, " + to_text(timing.deadline()))
        .cure = "lower it, or raise \"timeout\"";
  }
  return any_check(probing(*std::move(check), timing));
}

OVRSEER_DECL void check_builder::refuse_timing(const check_draft& draft, std::string_view why) {
  for (const config_node* key : {draft.attempt_timeout.key, draft.interval.key, draft.initial_delay.key,
                                 draft.success_threshold.key, draft.failure_threshold.key}) {
    refuse(key, why);
  }
}

OVRSEER_DECL bool check_builder::sees_lines(const config_node& key) {
  if (output_ != log::none) return true;
  diagnostic& finding = reader_.error(key, "\"logPattern\" can never match, since neither stream is piped");
  finding.cure = "set \"stdout\" or \"stderr\" to pipe";
  return false;
}

OVRSEER_DECL any_check check_builder::notify_check(const check_draft& draft) {
  refuse_timing(draft, "has no meaning beside notify, which waits for what the process says");
  refuse(draft.pass_if_not_found.key, "is of logPattern alone");
  return notified().limit(draft.timeout.value_or(probe_timing().deadline()));
}

OVRSEER_DECL std::optional<any_check> check_builder::log_check(const check_draft& draft) {
  refuse_timing(draft, "has no meaning beside logPattern, which sees every line");
  if (!sees_lines(*draft.log_pattern.key)) return std::nullopt;
  log_line_check check(*draft.log_pattern->value);
  const std::chrono::nanoseconds limit = draft.timeout.value_or(probe_timing().deadline());
  if (!draft.pass_if_not_found.value_or(false)) return any_check(check.limit(limit));
  if (limit == std::chrono::nanoseconds::zero()) {
    reader_.error(*draft.pass_if_not_found.key, "\"passIfNotFound\" without a timeout that could end").cure =
        "set \"timeout\" to more than 0";
  }
  return any_check(check.pass_if_not_found(limit));
}

OVRSEER_DECL std::optional<any_check> check_builder::tcp_of(const peer_address& peer, const config_node& node) {
  if (!peer.is_local()) return any_check(tcp(peer.host, peer.port));
  diagnostic& finding = reader_.error(node, "\"tcp\" is the path of a local socket");
  finding.expected = "an address such as 127.0.0.1:8080";
  finding.cure = "write " + reader_.written("file", peer.socket_path) + " to wait for the socket";
  return std::nullopt;
}

OVRSEER_DECL std::optional<url> url_of(config_reader& reader, const given<std::string>& written, const char* example) {
  result<url, url_error> where = url::parse(*written);
  if (where) return *std::move(where);
  const url_error& why = where.reason();
  const text_span place = span_within(reader.source(), *written.node, why.offset, why.offset < written->size() ? 1 : 0);
  diagnostic& finding = reader.out().error(reader.source(), place, "this is not a URL: " + why.reason);
  finding.expected = "a URL such as " + std::string(example);
  return std::nullopt;
}

OVRSEER_DECL std::optional<url> http_url_of(config_reader& reader, const given<std::string>& written, const char* who) {
  std::optional<url> where = url_of(reader, written, "http://127.0.0.1:8080/health");
  if (!where || where->scheme() == "http" || where->scheme() == "https") return where;
  reader.error(*written.node, std::string(who) + " cannot ask by " + where->scheme()).expected = "http or https";
  return std::nullopt;
}

OVRSEER_DECL std::optional<any_check> check_builder::http_of(const http_draft& draft) {
  if (!draft.url) return std::nullopt;
  const config_node& node = *draft.url.node;
  std::optional<url> where = http_url_of(reader_, draft.url, "a check");
  if (!where) return std::nullopt;
  if (!options_.http()) {
    diagnostic& finding = reader_.error(node, "there is no HTTP client to ask with");
    finding.cure = "use tcp or exec; a program gives a client with read_options::http";
    return std::nullopt;
  }
  http_check check(*options_.http(), *std::move(where));
  if (draft.status) check.expect_status(draft.status->first, draft.status->last);
  if (draft.body) check.expect_body(*draft.body->value);
  if (draft.headers) headers(check, draft);
  return any_check(std::move(check));
}

OVRSEER_DECL void check_builder::headers(http_check& check, const http_draft& draft) {
  for (const auto& [name, value] : draft.headers->values) {
    try {
      check.header(name, value.value_or(""));
    } catch (const std::exception&) {
      diagnostic& finding =
          reader_.error(*draft.headers.node, in_quotes(name) + " is not a header, or has a value that none may have");
      finding.expected = "a name of letters, digits and -, and a value on one line";
    }
  }
}

OVRSEER_DECL std::optional<any_check> check_builder::file_of(const file_check_draft& draft) {
  if (!draft.path) return std::nullopt;
  file_check check(*draft.path);
  if (draft.non_empty.value_or(false)) check.non_empty();
  if (draft.newer_than_start.value_or(false)) check.newer_than_start();
  if (draft.content) check.expect_content(*draft.content->value);
  return any_check(std::move(check));
}

}  // namespace ovrseer::config_detail
