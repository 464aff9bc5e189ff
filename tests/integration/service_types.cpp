// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What we send to services against the types that their vendors publish for TypeScript: its compiler takes every payload,
// and refuses each that is wrong somewhere.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <catch.hpp>
#include <counterparty.hpp>
#include <disk_folder.hpp>
#include <leaks.hpp>
#include <node_packages.hpp>
#include <report_samples.hpp>
#include <run_child.hpp>

#include <ovrseer/service/pagerduty.hpp>
#include <ovrseer/service/sentry.hpp>
#include <ovrseer/service/slack.hpp>

namespace t_service_types {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using nlohmann::ordered_json;
using json_pointer = ordered_json::json_pointer;

const std::vector<std::string> packages_of_vendors{"typescript@7.0.2",     "@sentry/core@11.12.0",
                                                   "@slack/web-api@8.2.0", "@slack/types@3.2.0",
                                                   "@slack/webhook@8.0.2", "@pagerduty/pdjs@2.2.4"};

// Where the vendor's type is narrower than what his service documents, it says what we send instead, and why.
constexpr std::string_view declarations = R"(
import type { AttachmentItem, Breadcrumb, Event, EventEnvelope, EventItem } from '@sentry/core';
import type { KnownBlock } from '@slack/types';
import type { ChatPostMessageArguments } from '@slack/web-api';
import type { IncomingWebhookSendArguments } from '@slack/webhook';
import type { EventPayloadV2 } from '@pagerduty/pdjs/build/src/events';

// Sentry takes moments as text of RFC 3339 too, and crumbs within an object; its SDK for JavaScript makes neither.
// https://develop.sentry.dev/sdk/data-model/event-payloads
type Moment = `${number}-${number}-${number}T${number}:${number}:${number}Z`;
interface SentryCrumb extends Omit<Breadcrumb, 'timestamp'> { timestamp: Moment }
interface SentryEvent extends Omit<Event, 'timestamp' | 'breadcrumbs'> {
  timestamp: Moment;
  breadcrumbs: { values: SentryCrumb[] };
}

// The headers of an envelope allow any further property: without that, only what they name.
type Named<T> = { [Key in keyof T as string extends Key ? never : Key]: T[Key] };
type SentryHeader = Named<EventEnvelope[0]>;
interface SentryEventHeader extends Named<EventItem[0]> { content_type: 'application/json' }
type SentryAttachmentHeader = Named<AttachmentItem[0]>;

// The blocks are a constant of their own: as a member of a message any block would do that has a type.
type SlackMessage = ChatPostMessageArguments;
type SlackHook = IncomingWebhookSendArguments;
type SlackBlocks = KnownBlock[];

// PagerDuty documents a client, and needs no payload to resolve; its package does not know of either.
// https://developer.pagerduty.com/docs/events-api-v2-overview
interface PagerDutyTrigger extends EventPayloadV2 { client: string }
type PagerDutyResolve = Omit<EventPayloadV2, 'payload'>;
)";

/// A value as a literal of TypeScript: assigned at once, so that the compiler also refuses what the type does not name.
struct payload {
  std::string type;
  ordered_json value;
};

/// What the compiler says against each, by the index; under `no_payload` what it says of all else.
constexpr std::size_t no_payload = static_cast<std::size_t>(-1);
std::map<std::size_t, std::string> refused(const std::string& packages, const std::vector<payload>& all) {
  const disk_folder folder;
  std::filesystem::create_directory_symlink(packages + "/node_modules", folder / "node_modules");
  std::ofstream(folder / "tsconfig.json") << R"({"files": ["payloads.ts"], "compilerOptions": {"strict": true,
    "noEmit": true, "skipLibCheck": true, "types": [], "target": "es2022", "module": "nodenext"}})";
  std::string text;
  for (std::size_t i = 0; i != all.size(); ++i) {
    text += "export const payload" + std::to_string(i) + ": " + all[i].type + " = " +
            all[i].value.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + ";\n";
  }
  std::ofstream(folder / "payloads.ts") << text << declarations;

  asio::io_context context;
  command compiler("node", packages + "/node_modules/typescript/bin/tsc", "-p", folder.path(), "--pretty", "false");
  compiler.working_directory(folder.path());
  process running = run_task(context, spawn(std::move(compiler)));
  const std::string said = run_task(context, read_all(running));
  const exit_status status = run_task(context, running.wait());
  std::map<std::size_t, std::string> made;
  for (std::size_t at = 0; at < said.size();) {
    const std::size_t end = std::min(said.find('\n', at), said.size());
    const std::string line = said.substr(at, end - at);
    at = end + 1;
    if (line.starts_with(' ')) continue;  // goes on about the one before
    constexpr std::string_view where = "payloads.ts(";
    const std::size_t number = line.starts_with(where) ? std::stoul(line.substr(where.size())) : 0;
    made[number != 0 && number <= all.size() ? number - 1 : no_payload] += line.substr(0, 400) + "\n";
  }
  if (made.empty() != status.is_success()) made[no_payload] += to_text(status) + said;
  return made;
}

/// An envelope, taken apart by the lengths that it says.
void add_envelope(std::vector<payload>& to, std::string_view bytes) {
  const auto line = [&] {
    const std::size_t end = bytes.find('\n');
    ordered_json read = ordered_json::parse(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    return read;
  };
  to.push_back({"SentryHeader", line()});
  while (!bytes.empty()) {
    const ordered_json header = line();
    const auto size = header.at("length").get<std::size_t>();
    const bool is_event = header.at("type") == "event";
    to.push_back({is_event ? "SentryEventHeader" : "SentryAttachmentHeader", header});
    if (is_event) to.push_back({"SentryEvent", ordered_json::parse(bytes.substr(0, size))});
    bytes.remove_prefix(size + 1);
  }
}

std::vector<payload> payloads_of(const crash_report& report) {
  constexpr wall_time now = wall_time(std::chrono::seconds(1'700'000'000));
  std::vector<payload> made;
  sentry to_sentry(*sentry_dsn::parse("https://abc@host/42"));
  add_envelope(made, to_sentry.envelope(report, now));
  to_sentry.environment("test").release("1.2.3").server_name("db-1");
  add_envelope(made, to_sentry.envelope(report, now));

  const auto body = [&](const slack& service) { return ordered_json::parse(service.request(report, now).body()); };
  made.push_back({"SlackMessage", body(slack::with_token("xoxb-1", "#ops"))});
  made.push_back({"SlackHook", body(slack::with_webhook(url("http://host/services/T/B/X")))});
  made.push_back({"SlackBlocks", made.back().value.at("blocks")});

  const pagerduty to_pagerduty(std::string(32, 'a'), "host-1");
  made.push_back({"PagerDutyTrigger", ordered_json::parse(to_pagerduty.request(report, now).body())});
  const recovery over(report.unit, now);
  made.push_back({"PagerDutyResolve", ordered_json::parse(to_pagerduty.request(over, now).body())});
  return made;
}

TEST_CASE("what we send is of the types that Sentry and Slack and PagerDuty publish") {
  const node_folder& packages = node_packages(packages_of_vendors);
  if (!packages) SKIP(packages.reason());
  const no_leaks nothing_left;
  std::vector<crash_report> reports{full_report(), nasty_report(), huge_report(), crash_report()};
  for (int kind = 0; kind <= static_cast<int>(crash_kind::flag_matched); ++kind) {
    crash_report each = full_report();
    each.kind = static_cast<crash_kind>(kind);
    if (kind % 2 == 0) each.status.reset();
    reports.push_back(std::move(each));
  }
  std::vector<payload> all;
  for (const crash_report& report : reports) {
    for (payload& each : payloads_of(report)) all.push_back(std::move(each));
  }
  REQUIRE(all.size() >= 10 * reports.size());
  CHECK(refused(*packages, all) == std::map<std::size_t, std::string>());
}

TEST_CASE("a payload with a wrong value or an unknown property or without a needed one is refused") {
  const node_folder& packages = node_packages(packages_of_vendors);
  if (!packages) SKIP(packages.reason());
  struct change {
    std::string type;
    std::string where;
    ordered_json value;  // null: the property is left out
  };
  const std::vector<change> changes{
      {"SentryHeader", "/event_id", nullptr},
      {"SentryHeader", "/sent_at", 1700000000},
      {"SentryHeader", "/sdk/nam", "ovrseer"},
      {"SentryEventHeader", "/type", "evnt"},
      {"SentryEventHeader", "/size", 3},
      {"SentryAttachmentHeader", "/filename", nullptr},
      {"SentryAttachmentHeader", "/attachment_type", "event.attachments"},
      {"SentryEvent", "/level", "critical"},
      {"SentryEvent", "/timestamp", "2023-11-14 22:13:20"},
      {"SentryEvent", "/tags/unit", {"api"}},
      {"SentryEvent", "/fingerprint", "api"},
      {"SentryEvent", "/exception/values/0/mechanism/handled", "no"},
      {"SentryEvent", "/exception/values/0/message", "api gave up"},
      {"SentryEvent", "/breadcrumbs/values/0/level", "warn"},
      {"SentryEvent", "/hostname", "db-1"},
      {"SlackMessage", "/channel", nullptr},
      {"SlackMessage", "/unfurl_links", "no"},
      {"SlackMessage", "/message", "api gave up"},
      {"SlackHook", "/text", {"api gave up"}},
      {"SlackHook", "/color", "red"},
      {"SlackBlocks", "/0/type", "headline"},
      {"SlackBlocks", "/0/text/type", "mrkdwn"},
      {"SlackBlocks", "/0/text/bold", true},
      {"SlackBlocks", "/1/fields/0/type", "markdown"},
      {"SlackBlocks", "/1/fields/0/text", nullptr},
      {"SlackBlocks", "/1/field", "x"},
      {"PagerDutyTrigger", "/payload/severity", "fatal"},
      {"PagerDutyTrigger", "/payload/source", nullptr},
      {"PagerDutyTrigger", "/payload/host", "db-1"},
      {"PagerDutyResolve", "/event_action", "close"},
      {"PagerDutyResolve", "/routing_key", nullptr},
  };
  const std::vector<payload> good = payloads_of(full_report());
  std::vector<payload> all;
  for (const change& each : changes) {
    const auto of_type = [&](const payload& one) { return one.type == each.type; };
    payload changed = *std::find_if(good.begin(), good.end(), of_type);
    const json_pointer where(each.where);
    if (each.value.is_null()) {
      changed.value.at(where.parent_pointer()).erase(where.back());
    } else {
      changed.value[where] = each.value;
    }
    all.push_back(std::move(changed));
  }
  all.push_back({"NoSuchType", good.front().value});
  const auto why = refused(*packages, all);
  for (std::size_t i = 0; i != changes.size(); ++i) {
    INFO(all[i].type << changes[i].where);
    CHECK(why.contains(i));
  }
  CHECK(why.contains(changes.size()));
  CHECK_FALSE(why.contains(no_payload));
}

}  // namespace t_service_types
