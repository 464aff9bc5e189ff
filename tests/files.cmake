# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# Written by tools/files.py; do not edit.

set(OVRSEER_UNIT_TESTS
  unit/async_alarm.cpp
  unit/async_broadcast.cpp
  unit/async_clock.cpp
  unit/async_mailbox.cpp
  unit/async_notifier.cpp
  unit/disk_crc32c.cpp
  unit/disk_durable_cursor.cpp
  unit/disk_file_system.cpp
  unit/disk_rotating_file.cpp
  unit/disk_segment_damage.cpp
  unit/disk_segment_faults.cpp
  unit/disk_segment_log.cpp
  unit/disk_segment_reader.cpp
  unit/disk_write_atomic.cpp
  unit/event_journal.cpp
  unit/event_json.cpp
  unit/metric_instruments.cpp
  unit/metric_registry.cpp
  unit/net_http.cpp
  unit/net_http_client.cpp
  unit/net_llhttp_parser.cpp
  unit/net_url.cpp
  unit/pattern.cpp
  unit/pattern_cases.cpp
  unit/pattern_error.cpp
  unit/pattern_oracle.cpp
  unit/report_fan_out.cpp
  unit/report_file_reporter.cpp
  unit/report_folder.cpp
  unit/report_json.cpp
  unit/report_queue.cpp
)

set(OVRSEER_PURE_TESTS
  pure/disk_rotation.cpp
  pure/disk_segment.cpp
  pure/graph.cpp
  pure/log_level.cpp
  pure/log_line_splitter.cpp
  pure/log_ring.cpp
  pure/metric_names.cpp
  pure/metric_text.cpp
  pure/restart_policy.cpp
  pure/unit_machine.cpp
)

set(OVRSEER_CONCEPTS_TESTS
  concepts/log.cpp
  concepts/metric_concepts.cpp
  concepts/net.cpp
  concepts/report_concepts.cpp
)

set(OVRSEER_INTEGRATION_TESTS
  integration/net_curl.cpp
  integration/net_llhttp_server.cpp
)

set(OVRSEER_TEST_PROGRAMS
  support/child.cpp
)

set(OVRSEER_TEST_SUPPORT)

set(OVRSEER_COMPILE_FAIL_TESTS)

set(OVRSEER_TESTS_NEED_curl
  integration/net_curl.cpp
)

set(OVRSEER_TESTS_NEED_llhttp
  integration/net_curl.cpp
  integration/net_llhttp_server.cpp
  unit/net_llhttp_parser.cpp
)
