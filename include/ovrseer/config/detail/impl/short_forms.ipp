// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/short_forms.hpp>.
#pragma once

#include <ovrseer/config/detail/short_forms.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, command_line_draft& into) {
  if (node.is_sequence()) {
    std::vector<std::string> words;
    if (!value_traits<std::vector<std::string>>::read(reader, node, words)) return false;
    if (words.empty() || words.front().empty()) return reader.wrong(node, "a program and its arguments");
    into.command = {words.front(), &node, &node};
    into.args = {std::vector<std::string>(words.begin() + 1, words.end()), &node, &node};
    return true;
  }
  std::string line;
  if (!reader.text(node, line, "a line for the shell, or a list of a program and its arguments")) return false;
  if (line.empty()) return reader.wrong(node, "a line for the shell");
  into.shell = {std::move(line), &node, &node};
  return true;
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const command_line_draft& read) {
  if (static_cast<bool>(read.command) != static_cast<bool>(read.shell)) {
    if (!read.shell || !read.args) return true;
    reader.error(*read.args.key, "\"args\" beside \"shell\"").cure = "put the arguments into the line";
    return false;
  }
  reader
      .error(node, read.command ? "a command with both \"command\" and \"shell\""
                                : "a command with neither \"command\" nor \"shell\"")
      .expected = "one of them";
  return false;
}

OVRSEER_DECL bool asks_one_question(config_reader& reader, const config_node& node, const std::string& what,
                                    std::vector<const config_node*> asked, const char* expected, const char* cure,
                                    const char* lacks) {
  std::erase(asked, nullptr);
  if (asked.size() == 1) return true;
  if (asked.empty()) {
    const text_span first = node.keys.empty() ? node.where : node.keys.front().where;
    reader.out().error(reader.source(), first, what + " without " + lacks).expected = expected;
    return false;
  }
  std::ranges::sort(asked, {}, [](const config_node* key) { return key->where.begin; });
  diagnostic& finding =
      reader.error(*asked[1], what + " with both " + in_quotes(asked[0]->text) + " and " + in_quotes(asked[1]->text));
  finding.expected = expected;
  finding.cure = cure;
  return false;
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const check_draft& read) {
  if (read.notify && !*read.notify) {
    reader.error(*read.notify.node, "\"notify\" is false").cure = "remove it, or write true";
    return false;
  }
  return asks_one_question(
      reader, node, "a ready check",
      {read.log_pattern.key, read.tcp.key, read.http.key, read.exec.key, read.file.key, read.notify.key},
      "one of logPattern, tcp, http, exec, file and notify", "make two ready checks of it: all must pass");
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const health_draft& read) {
  return asks_one_question(reader, node, "a health check", {read.tcp.key, read.http.key, read.exec.key, read.file.key},
                           "one of tcp, http, exec and file", "make two health checks of it: all must pass");
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const reporter_draft& read) {
  return asks_one_question(reader, node, "a reporter",
                           {read.slack.key, read.pagerduty.key, read.sentry.key, read.webhook.key, read.mail.key,
                            read.exec.key, read.datadog.key},
                           "one of slack, pagerduty, sentry, webhook, mail, exec and datadog",
                           "make two reporters of it", "a service");
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const sink_draft& read) {
  return asks_one_question(reader, node, "a sink",
                           {read.json_lines.key, read.elasticsearch.key, read.http.key, read.stream.key},
                           "one of jsonLines, elasticsearch, http and stream", "make two sinks of it", "a target");
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const exporter_draft& read) {
  return asks_one_question(reader, node, "an exporter", {read.statsd.key, read.datadog.key, read.file.key},
                           "one of statsd, datadog and file", "make two exporters of it", "a target");
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const condition_draft& read) {
  return asks_one_question(
      reader, node, "a stop condition",
      {read.log_pattern.key, read.drained.key, read.file_gone.key, read.file.key, read.http.key, read.exec.key},
      "one of logPattern, drained, fileGone, file, http and exec", "make two steps of it, one after the other");
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, stop_draft& into) {
  const bool has_steps = node.find("steps") != nullptr;
  const bool has_signal = node.find("signal") != nullptr;
  const bool has_timeout = node.find("timeout") != nullptr;
  if (has_steps && !has_signal) into.signal = {};
  if (has_steps && !has_timeout) into.timeout = {};
  if (!has_steps && (has_signal || has_timeout)) into.steps = {};
  if (!has_steps || (!has_signal && !has_timeout)) return true;
  const config_node& beside = has_signal ? *into.signal.key : *into.timeout.key;
  reader.error(beside, in_quotes(beside.text) + " beside \"steps\"").cure = "say it in the steps";
  return false;
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const stop_step_draft& read) {
  if ((read.signal.key != nullptr) != (read.command.key != nullptr)) {
    if (read.command.key == nullptr || read.scope.key == nullptr) return true;
    reader.error(*read.scope.key, "\"scope\" beside \"command\"").cure = "remove it: it is of signals";
    return false;
  }
  const bool has_both = read.signal.key != nullptr;
  const text_span first = node.keys.empty() ? node.where : node.keys.front().where;
  reader.out()
      .error(reader.source(), has_both ? read.command.key->where : first,
             has_both ? "a stop step with both \"signal\" and \"command\""
                      : "a stop step with neither \"signal\" nor \"command\"")
      .expected = "one of them";
  return false;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, restart_draft& into) {
  restart_rules::when type{};
  if (!value_traits<restart_rules::when>::read(reader, node, type)) return false;
  into.type = {type, &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, give_up_draft& into) {
  give_up::action action{};
  if (!value_traits<give_up::action>::read(reader, node, action)) return false;
  into.action = {action, &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, reaction_draft& into) {
  reaction_word action{};
  if (!value_traits<reaction_word>::read(reader, node, action)) return false;
  into.action = {action, &node, &node};
  return true;
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node&, const reaction_draft& read) {
  if (!read.action || !read.run) return true;
  reader.error(*read.run.key, "\"run\" beside \"action\"").cure = "remove one of the two";
  return false;
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node&, const flag_draft& read) {
  if (!read.on_target || read.target) return true;
  reader.error(*read.on_target.key, "\"onTarget\" without a target").cure = "add \"target\", or say \"onMatch\"";
  return false;
}

OVRSEER_DECL bool check_section(config_reader& reader, const config_node& node, const flag_source_draft& read) {
  return asks_one_question(reader, node, "a source of flags", {read.url.key, read.file.key}, "one of url and file",
                           "make two sources of it", "a place");
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, stop_draft& into) {
  signal_number signal(0);
  if (!value_traits<signal_number>::read(reader, node, signal)) return false;
  into.signal = {signal, &node, &node};
  into.steps = {};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, watchdog_draft& into) {
  nanoseconds timeout{};
  if (!value_traits<nanoseconds>::read(reader, node, timeout)) return false;
  into.timeout = {timeout, &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, log_file_draft& into) {
  std::filesystem::path path;
  if (!value_traits<std::filesystem::path>::read(reader, node, path)) return false;
  into.path = {std::move(path), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, terminal_draft& into) {
  return value_traits<bool>::read(reader, node, into.is_wanted);
}

OVRSEER_DECL bool check_section(config_reader&, const config_node&, terminal_draft& into) {
  into.is_wanted = true;
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, journal_draft& into) {
  std::filesystem::path path;
  if (!value_traits<std::filesystem::path>::read(reader, node, path)) return false;
  into.path = {std::move(path), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, webhook_draft& into) {
  std::string text;
  if (!reader.text(node, text, "a URL such as https://example.com/hook")) return false;
  into.url = {std::move(text), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, datadog_draft& into) {
  std::string text;
  if (!reader.text(node, text, "an address such as udp://127.0.0.1:8125")) return false;
  into.to = {std::move(text), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, statsd_draft& into) {
  std::string text;
  if (!reader.text(node, text, "an address such as udp://127.0.0.1:8125")) return false;
  into.to = {std::move(text), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, host_draft& into) {
  return value_traits<bool>::read(reader, node, into.is_wanted);
}

OVRSEER_DECL bool check_section(config_reader&, const config_node&, host_draft& into) {
  into.is_wanted = true;
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, outbox_draft& into) {
  std::filesystem::path path;
  if (!value_traits<std::filesystem::path>::read(reader, node, path)) return false;
  into.path = {std::move(path), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, json_lines_draft& into) {
  std::filesystem::path path;
  if (!value_traits<std::filesystem::path>::read(reader, node, path)) return false;
  into.path = {std::move(path), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, http_sink_draft& into) {
  std::string text;
  if (!reader.text(node, text, "a URL such as https://example.com/logs")) return false;
  into.url = {std::move(text), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, http_draft& into) {
  std::string text;
  if (!reader.text(node, text, "a URL such as http://127.0.0.1:8080/health")) return false;
  into.url = {std::move(text), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, file_check_draft& into) {
  std::filesystem::path path;
  if (!value_traits<std::filesystem::path>::read(reader, node, path)) return false;
  into.path = {std::move(path), &node, &node};
  return true;
}

OVRSEER_DECL bool read_short_form(config_reader& reader, const config_node& node, dependency_draft& into) {
  std::string text;
  if (!reader.text(node, text, "the id of a process")) return false;
  into.id = {std::move(text), &node, &node};
  return true;
}

}  // namespace ovrseer::config_detail
