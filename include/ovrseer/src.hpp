// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// All bodies, for the one source file of a program that compiles them apart: see <ovrseer/build.hpp>.
// Written by tools/files.py; do not edit.
#pragma once

// GCC takes the frame of a coroutine for one that others see when it does not stand in the main file.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsubobject-linkage"
#endif

#include <ovrseer/async/impl/clock.ipp>
#include <ovrseer/async/impl/nursery.ipp>
#include <ovrseer/check/impl/combine.ipp>
#include <ovrseer/check/impl/exec.ipp>
#include <ovrseer/check/impl/file.ipp>
#include <ovrseer/check/impl/health.ipp>
#include <ovrseer/check/impl/heartbeat.ipp>
#include <ovrseer/check/impl/http.ipp>
#include <ovrseer/check/impl/log_line.ipp>
#include <ovrseer/check/impl/notify.ipp>
#include <ovrseer/check/impl/notify_message.ipp>
#include <ovrseer/check/impl/probe.ipp>
#include <ovrseer/check/impl/ready.ipp>
#include <ovrseer/check/impl/stop_condition.ipp>
#include <ovrseer/config/detail/impl/build.ipp>
#include <ovrseer/config/detail/impl/build_checks.ipp>
#include <ovrseer/config/detail/impl/cross_checks.ipp>
#include <ovrseer/config/detail/impl/extension.ipp>
#include <ovrseer/config/detail/impl/masking.ipp>
#include <ovrseer/config/detail/impl/merge.ipp>
#include <ovrseer/config/detail/impl/reader.ipp>
#include <ovrseer/config/detail/impl/short_forms.ipp>
#include <ovrseer/config/detail/impl/simulation.ipp>
#include <ovrseer/config/detail/impl/spelling.ipp>
#include <ovrseer/config/detail/impl/tree.ipp>
#include <ovrseer/config/impl/address.ipp>
#include <ovrseer/config/impl/diagnostic.ipp>
#include <ovrseer/config/impl/difference.ipp>
#include <ovrseer/config/impl/env_file.ipp>
#include <ovrseer/config/impl/interpolate.ipp>
#include <ovrseer/config/impl/json.ipp>
#include <ovrseer/config/impl/json_schema.ipp>
#include <ovrseer/config/impl/read.ipp>
#include <ovrseer/config/impl/source.ipp>
#include <ovrseer/config/impl/suggestion.ipp>
#include <ovrseer/config/impl/values.ipp>
#include <ovrseer/deliver/impl/crash_facts.ipp>
#include <ovrseer/deliver/impl/fan_out.ipp>
#include <ovrseer/deliver/impl/http_answer.ipp>
#include <ovrseer/deliver/impl/outbox.ipp>
#include <ovrseer/disk/detail/impl/segment.ipp>
#include <ovrseer/disk/detail/impl/segment_folder.ipp>
#include <ovrseer/disk/detail/impl/segment_scanner.ipp>
#include <ovrseer/disk/impl/durable_cursor.ipp>
#include <ovrseer/disk/impl/file_system.ipp>
#include <ovrseer/disk/impl/real_file_system.ipp>
#include <ovrseer/disk/impl/rotating_file.ipp>
#include <ovrseer/disk/impl/segment_log.ipp>
#include <ovrseer/disk/impl/segment_reader.ipp>
#include <ovrseer/disk/impl/write_atomic.ipp>
#include <ovrseer/event/impl/crash_report_json.ipp>
#include <ovrseer/event/impl/journal.ipp>
#include <ovrseer/event/impl/journal_file.ipp>
#include <ovrseer/event/impl/journal_writer.ipp>
#include <ovrseer/event/impl/json.ipp>
#include <ovrseer/event/impl/read_journal.ipp>
#include <ovrseer/event/impl/replay.ipp>
#include <ovrseer/event/impl/replay_difference.ipp>
#include <ovrseer/event/impl/replay_json.ipp>
#include <ovrseer/export/impl/endpoint.ipp>
#include <ovrseer/export/impl/periodic_export.ipp>
#include <ovrseer/export/impl/supervisor_metrics.ipp>
#include <ovrseer/export/impl/unit_metrics.ipp>
#include <ovrseer/log/impl/encode.ipp>
#include <ovrseer/log/impl/flags.ipp>
#include <ovrseer/log/impl/infer_level.ipp>
#include <ovrseer/log/impl/json.ipp>
#include <ovrseer/log/impl/json_line.ipp>
#include <ovrseer/log/impl/line_feed.ipp>
#include <ovrseer/log/impl/line_splitter.ipp>
#include <ovrseer/log/impl/line_stream.ipp>
#include <ovrseer/log/impl/log_file.ipp>
#include <ovrseer/log/impl/pump.ipp>
#include <ovrseer/log/impl/query.ipp>
#include <ovrseer/log/impl/ring.ipp>
#include <ovrseer/metric/impl/registry.ipp>
#include <ovrseer/metric/impl/text.ipp>
#include <ovrseer/net/detail/impl/http_head.ipp>
#include <ovrseer/net/detail/impl/listener.ipp>
#include <ovrseer/net/impl/http.ipp>
#include <ovrseer/net/impl/http_client.ipp>
#include <ovrseer/net/impl/http_date.ipp>
#include <ovrseer/net/impl/server.ipp>
#include <ovrseer/net/impl/url.ipp>
#include <ovrseer/pattern/detail/impl/automaton.ipp>
#include <ovrseer/pattern/detail/impl/engine.ipp>
#include <ovrseer/pattern/detail/impl/factor.ipp>
#include <ovrseer/pattern/detail/impl/pair_table.ipp>
#include <ovrseer/pattern/detail/impl/prefilter.ipp>
#include <ovrseer/pattern/detail/impl/rarity.ipp>
#include <ovrseer/pattern/impl/explain.ipp>
#include <ovrseer/pattern/impl/pattern_set.ipp>
#include <ovrseer/pattern/impl/replace.ipp>
#include <ovrseer/process/detail/impl/launch.ipp>
#include <ovrseer/process/detail/impl/launch_plan.ipp>
#include <ovrseer/process/detail/impl/memory_kills.ipp>
#include <ovrseer/process/detail/impl/proc_table.ipp>
#include <ovrseer/process/detail/impl/real_notify_socket.ipp>
#include <ovrseer/process/impl/command.ipp>
#include <ovrseer/process/impl/guard.ipp>
#include <ovrseer/process/impl/process.ipp>
#include <ovrseer/process/impl/real_os.ipp>
#include <ovrseer/process/impl/stop.ipp>
#include <ovrseer/rehearse/detail/impl/company.ipp>
#include <ovrseer/rehearse/detail/impl/life.ipp>
#include <ovrseer/rehearse/detail/impl/witness.ipp>
#include <ovrseer/rehearse/impl/fault.ipp>
#include <ovrseer/rehearse/impl/rehearse.ipp>
#include <ovrseer/rehearse/impl/result.ipp>
#include <ovrseer/rehearse/impl/timeline.ipp>
#include <ovrseer/report/impl/report_folder.ipp>
#include <ovrseer/service/impl/pagerduty.ipp>
#include <ovrseer/service/impl/sentry.ipp>
#include <ovrseer/service/impl/slack.ipp>
#include <ovrseer/service/impl/text.ipp>
#include <ovrseer/service/impl/webhook.ipp>
#include <ovrseer/sim/detail/impl/script_player.ipp>
#include <ovrseer/sim/impl/scripted_os.ipp>
#include <ovrseer/supervise/detail/impl/outlook.ipp>
#include <ovrseer/supervise/detail/impl/report_builder.ipp>
#include <ovrseer/supervise/impl/graph.ipp>
#include <ovrseer/supervise/impl/graph_text.ipp>
#include <ovrseer/supervise/impl/group.ipp>
#include <ovrseer/supervise/impl/group_tree.ipp>
#include <ovrseer/supervise/impl/json.ipp>
#include <ovrseer/supervise/impl/plan.ipp>
#include <ovrseer/supervise/impl/restart_policy.ipp>
#include <ovrseer/supervise/impl/selection.ipp>
#include <ovrseer/supervise/impl/supervisor.ipp>
#include <ovrseer/supervise/impl/unit.ipp>
#include <ovrseer/supervise/impl/unit_machine.ipp>
#include <ovrseer/supervise/impl/unit_spec.ipp>
#include <ovrseer/supervise/impl/why.ipp>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
