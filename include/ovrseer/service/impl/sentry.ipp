// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/service/sentry.hpp>.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/service/digest.hpp>
#include <ovrseer/service/sentry.hpp>
#include <ovrseer/service/text.hpp>
#include <ovrseer/utf8.hpp>
#include <ovrseer/version.hpp>

namespace ovrseer {

namespace service_detail {

/// What a key of a tag may be made of; with anything else Sentry drops the tag.
inline std::string sentry_key(std::string_view name) {
  std::string made(name.substr(0, 32));
  for (char& c : made) {
    const bool is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_alphanumeric && c != '_' && c != '.' && c != ':' && c != '-') c = '_';
  }
  return made;
}

/// The value of a tag: one line of at most 200 characters.
inline std::string sentry_value(std::string_view text) {
  std::string made(first_characters(valid_utf8(text), 200));
  std::replace(made.begin(), made.end(), '\n', ' ');
  return made;
}

}  // namespace service_detail

OVRSEER_DECL result<sentry_dsn, error> sentry_dsn::parse(std::string_view text) {
  const auto refuse = [](const char* why) {
    return failure(error(std::make_error_code(std::errc::invalid_argument), "Sentry DSN", why));
  };
  const result<url, url_error> read = url::parse(text);
  if (!read) return refuse("it is no URL such as https://KEY@HOST/PROJECT");
  if (read->scheme() != "http" && read->scheme() != "https") return refuse("its scheme is neither http nor https");
  if (read->user().empty()) return refuse("the public key before the @ is missing");
  const std::size_t slash = read->path().rfind('/');
  const std::string project = read->path().substr(slash + 1);
  if (project.empty()) return refuse("the project at its end is missing");
  const url host(read->scheme() + "://" + read->authority());
  return sentry_dsn(host.under(read->path().substr(0, slash) + "/api/" + project + "/envelope/"), read->user());
}

OVRSEER_DECL std::string sentry::event_id(const crash_report& report) { return hex_digest(report.id); }

OVRSEER_DECL nlohmann::ordered_json sentry::event(const crash_report& report) const {
  const severity level = severity_of(report.kind);
  nlohmann::ordered_json tags{{"unit", service_detail::sentry_value(to_text(report.unit))},
                              {"role", to_text(report.role)},
                              {"kind", to_text(report.kind)}};
  for (const auto& [name, value] : report.fields) {
    if (!name.empty()) tags[service_detail::sentry_key(name)] = service_detail::sentry_value(value);
  }
  nlohmann::ordered_json process;
  for (const auto& [name, value] : facts_of(report)) process[name] = valid_utf8(value);
  process["type"] = "process";  // also where a field has that name
  if (report.pid) process["pid"] = *report.pid;
  nlohmann::ordered_json crumbs = nlohmann::ordered_json::array();
  for (const restart_record& earlier : report.history) {
    crumbs.push_back({{"timestamp", to_iso8601(earlier.time)},
                      {"category", "restart"},
                      {"level", "warning"},
                      {"message", earlier.status ? to_text(*earlier.status) : std::string("ended")}});
  }
  const nlohmann::ordered_json thrown{
      {"type", report.status ? to_text(*report.status) : std::string(to_text(report.kind))},
      {"value", valid_utf8(headline_of(report))},
      {"mechanism", {{"type", "ovrseer"}, {"handled", false}}}};
  nlohmann::ordered_json made{{"event_id", event_id(report)},
                              {"timestamp", to_iso8601(report.time)},
                              {"platform", "native"},
                              {"level", level == severity::critical ? "fatal"
                                        : level == severity::error  ? "error"
                                                                    : "warning"},
                              {"logger", "ovrseer"},
                              {"environment", environment_}};
  if (!release_.empty()) made["release"] = release_;
  if (!server_name_.empty()) made["server_name"] = server_name_;
  made["tags"] = std::move(tags);
  made["fingerprint"] = nlohmann::ordered_json::array({item_facts<crash_report>::fingerprint(report)});
  made["contexts"] = {{"process", std::move(process)}};
  made["breadcrumbs"] = {{"values", std::move(crumbs)}};
  made["exception"] = {{"values", nlohmann::ordered_json::array({thrown})}};
  made["sdk"] = {{"name", "ovrseer"}, {"version", version}};
  return made;
}

OVRSEER_DECL std::string sentry::envelope(const crash_report& report, wall_time now) const {
  using handler = nlohmann::ordered_json::error_handler_t;
  const auto line = [](const nlohmann::ordered_json& of) { return of.dump(-1, ' ', false, handler::replace) + "\n"; };
  std::string made = line({{"event_id", event_id(report)},
                           {"sent_at", to_iso8601(now)},
                           {"sdk", {{"name", "ovrseer"}, {"version", version}}}});
  const std::string body = event(report).dump(-1, ' ', false, handler::replace);
  made += line({{"type", "event"}, {"content_type", "application/json"}, {"length", body.size()}});
  made += body + "\n";
  std::string log;
  for (const std::string& each : report.last_lines) log += valid_utf8(each) + "\n";
  const std::string_view end = last_bytes(log, log_bytes_.count());
  if (!end.empty()) {
    made += line({{"type", "attachment"},
                  {"length", end.size()},
                  {"filename", "last-lines.log"},
                  {"content_type", "text/plain"},
                  {"attachment_type", "event.attachment"}});
    made.append(end).append("\n");
  }
  return made;
}

OVRSEER_DECL http_request sentry::request(const crash_report& report, wall_time now) const {
  http_request made = http_request::post(where_.envelopes(), envelope(report, now), "application/x-sentry-envelope");
  made.header("X-Sentry-Auth", "Sentry sentry_version=7, sentry_key=" + where_.public_key() +
                                   ", sentry_client=ovrseer/" + std::string(version));
  return made;
}

OVRSEER_DECL void sentry::accept(const http_response& answer, wall_time now) const {
  http_response shown = answer;
  hide_credentials(shown, {where_.public_key()});  // which is in no header of its own
  expect_success(shown, "Sentry", now);
}

OVRSEER_DECL void sentry_limits::note(const http_response& answer, wall_time now) {
  const std::optional<std::string_view> header = answer.headers().get("X-Sentry-Rate-Limits");
  if (!header) {
    if (answer.status() != 429) return;
    limit("", now + std::chrono::duration_cast<wall_time::duration>(
                        retry_after(answer.headers(), now).value_or(std::chrono::seconds(60))));
    return;
  }
  for (std::string_view rest = *header; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view one = net_detail::trimmed(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::size_t colon = std::min(one.find(':'), one.size());
    // Whole seconds or with a fraction.
    double seconds = 0;
    const auto read = std::from_chars(one.data(), one.data() + colon, seconds);
    if (read.ec != std::errc{} || read.ptr != one.data() + colon || !(seconds >= 0)) continue;
    const auto until = now + std::chrono::seconds(static_cast<std::int64_t>(std::ceil(std::min(seconds, 86'400.0))));
    std::string_view categories = one.substr(std::min(colon + 1, one.size()));
    categories = categories.substr(0, categories.find(':'));
    if (categories.empty()) limit("", until);
    while (!categories.empty()) {
      const std::size_t end = std::min(categories.find(';'), categories.size());
      limit(categories.substr(0, end), until);
      categories.remove_prefix(std::min(end + 1, categories.size()));
    }
  }
}

OVRSEER_DECL bool sentry_limits::is_limited(std::string_view category, wall_time now) const {
  for (const std::string_view each : {category, std::string_view()}) {
    const auto found = until_.find(each);
    if (found != until_.end() && now < found->second) return true;
  }
  return false;
}

OVRSEER_DECL void sentry_limits::limit(std::string_view category, wall_time until) {
  wall_time& known = until_.emplace(category, until).first->second;
  known = std::max(known, until);
}

}  // namespace ovrseer
