// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a configuration says, in the types of the library: everything that a program needs to run the stack.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/flag_document_rules.hpp>
#include <ovrseer/config/http_source.hpp>
#include <ovrseer/disk/rotating_file.hpp>
#include <ovrseer/event/journal_file_options.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/metric/registry.hpp>
#include <ovrseer/net/credentials.hpp>
#include <ovrseer/net/datagram.hpp>
#include <ovrseer/net/mail_server.hpp>
#include <ovrseer/net/server.hpp>
#include <ovrseer/net/stream.hpp>
#include <ovrseer/process/command.hpp>
#include <ovrseer/report/report_folder.hpp>
#include <ovrseer/service/elasticsearch.hpp>
#include <ovrseer/service/http_batch.hpp>
#include <ovrseer/service/mail_report.hpp>
#include <ovrseer/service/pagerduty.hpp>
#include <ovrseer/service/sentry.hpp>
#include <ovrseer/service/slack.hpp>
#include <ovrseer/service/statsd.hpp>
#include <ovrseer/service/webhook.hpp>
#include <ovrseer/sim/process_behavior.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

/// Which end decides the exit code of the whole.
struct exit_code_rule {
  enum class kind : std::uint8_t {
    first_failed,  ///< of the first main that failed; 0 where all completed
    last_failed,   ///< of the last main that failed
    zero,          ///< 0 whatever the mains did, unless the start failed or the end was forced
    of_unit,       ///< of one main, by name
  };
  kind what = kind::first_failed;
  unit_id unit;
};

/// A StatsD server, or Datadog's Agent, and what it is told of everything.
struct statsd_target {
  datagram_address to = datagram_address::udp("127.0.0.1", 8125);
  statsd service;
};

/// Where reports wait until they are delivered.
struct outbox_settings {
  std::filesystem::path folder;
  byte_size bytes{std::uint64_t{64} << 20U};
};

/// How a receiver over HTTP or mail is reached; what is empty is as the client has it.
struct connection_settings {
  std::filesystem::path ca_file;      ///< certificates to trust instead of the system's
  std::filesystem::path certificate;  ///< ours, for receivers that ask for one
  std::filesystem::path key;          ///< the key of it
  std::string proxy;
};

/// What crash reports tell besides the crash.
struct report_fields_settings {
  enum class deployment : std::uint8_t { left_out, named };

  std::vector<std::pair<std::string, std::string>> own;  ///< win over those of the deployment
  deployment of_deployment = deployment::named;          ///< as `read_deployment_fields` finds it
};

/// Who is told of crashes, and how often. `configured_reporter` tells them.
struct reporter_settings {
  struct mail {
    mail_server server;
    mail_report report;
  };
  using datadog = statsd_target;
  using any_service = std::variant<slack, pagerduty, sentry, webhook, mail, command, datadog>;
  reporter_settings(std::string id, any_service to) : name(std::move(id)), service(std::move(to)) {}

  std::string name;
  any_service service;
  std::chrono::nanoseconds repeat_after = std::chrono::minutes(10);  ///< zero: nothing is only counted
  std::uint32_t per_minute = 6;                                      ///< of one process; zero: no limit
  /// Of services that keep incidents: how long a process must be well before its incident is over.
  std::chrono::nanoseconds settled_after = std::chrono::seconds(30);
  connection_settings connection;
  std::optional<outbox_settings> keep;  ///< nothing: reports wait in memory
};

/// Where lines of processes and events of the supervisor go. `sinks_of` makes the policies.
struct sink_settings {
  enum class content : std::uint8_t { lines, events, both };
  struct json_file {
    std::filesystem::path path;
    rotating_file_options options;
  };
  using any_target = std::variant<json_file, elasticsearch, http_batch, stream_address>;
  sink_settings(std::string id, any_target to) : name(std::move(id)), target(std::move(to)) {}

  std::string name;
  any_target target;
  content what = content::both;
  connection_settings connection;
};

/// Where more flags are defined, which may change at any time. `remote_flags` follows it.
struct flag_source_settings {
  std::variant<std::filesystem::path, http_document> from;
  std::chrono::nanoseconds interval = std::chrono::minutes(1);
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);  ///< of one answer
  connection_settings connection;
  flag_document_rules::reactions reactions = flag_document_rules::reactions::report_alone;
};

/// What is measured of the machine itself. `host_metrics` does it.
struct host_settings {
  std::vector<std::string> mount_points{"/"};
  std::chrono::nanoseconds interval = std::chrono::seconds(15);
};

/// What metrics the supervisor has, and where they are asked for.
struct metric_settings {
  std::optional<server_endpoint> listen;                         ///< `/metrics`, `/health` and `/ready`
  std::optional<http_credentials> credentials;                   ///< that `/metrics` asks for
  std::optional<host_settings> host = host_settings();           ///< nothing: of the machine nothing is measured
  std::chrono::nanoseconds idle_for{};                           ///< counters that rest so long go; zero: none do
  std::size_t max_series = registry::default_series_per_family;  ///< of one family
};

/// Who is sent the supervisor's metrics, and how often. `exporter_of` makes the policy.
struct exporter_settings {
  using any_target = std::variant<std::filesystem::path, statsd_target>;  ///< a file for Prometheus, or a server
  exporter_settings(std::string id, any_target to) : name(std::move(id)), target(std::move(to)) {}

  std::string name;
  any_target target;
  std::chrono::nanoseconds interval = std::chrono::seconds(10);  ///< StatsD servers and Datadog's Agent sum up as often
};

/// How the supervisor itself is to be run; what is unset is the library's default.
struct supervision_settings {
  enum class guard : std::uint8_t { off, on };

  guard orphan_guard = guard::on;  ///< a small process that ends the children when the supervisor is killed
  std::optional<std::size_t> max_units;
  std::optional<std::size_t> journal_events;
  std::optional<std::size_t> report_lines;      ///< the last lines of the log in a crash report
  std::chrono::nanoseconds shutdown_timeout{};  ///< a stop that takes longer is forced; zero: no limit
};

/// What the file says, key by key in one spelling with the defaults filled in: for comparisons alone. Environments are
/// left out, since the units have them as they came to be.
struct written_settings {
  std::map<std::string, std::string> stack;  ///< "metrics"; "groups.web" for one group
  std::map<unit_id, std::map<std::string, std::string>> units;
};

/// A configuration, read and checked. All paths are absolute where the file's own path was.
struct stack_configuration {
  std::string name;  ///< by default that of the folder
  std::string description;
  std::filesystem::path directory;              ///< of the file: what relative paths in it started from
  std::vector<group_spec> groups;               ///< each behind the one that it is in
  std::vector<unit_spec> units;                 ///< in the order of the file, without the disabled ones
  std::map<unit_id, std::string> descriptions;  ///< of the units that have one
  std::vector<unit_id> disabled;
  std::map<unit_id, process_behavior> simulated;  ///< of the units that say how they behave in a rehearsal
  std::optional<report_folder_options> reports = report_folder_options();  ///< nothing: no crash reports
  report_fields_settings report_fields;
  std::vector<reporter_settings> reporters;  ///< who else is told of crashes
  std::vector<sink_settings> sinks;
  std::vector<flag_source_settings> flag_sources;  ///< later ones win over earlier ones
  std::optional<journal_file_options> journal;     ///< nothing: events are kept in memory alone
  metric_settings metrics;
  std::vector<exporter_settings> exporters;
  exit_code_rule exit_code;
  supervision_settings supervision;
  written_settings written;
  diagnostics warnings;  ///< what is allowed and probably not meant
};

}  // namespace ovrseer
