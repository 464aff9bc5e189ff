# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# Written by tools/files.py; do not edit.

set(OVRSEER_EXAMPLES
  01_custom_supervisor.cpp
  02_simulated_world.cpp
  03_rehearsal.cpp
  04_restart_policy.cpp
  05_strategy.cpp
  06_plugin.cpp
  07_patterns.cpp
  10_slack.cpp
  11_sentry.cpp
  12_datadog.cpp
  13_elasticsearch.cpp
  14_pagerduty.cpp
  15_prometheus.cpp
  16_json_lines.cpp
  17_several_reporters.cpp
  18_batching.cpp
  19_enrichment.cpp
  20_redaction.cpp
  21_flag_alert.cpp
  22_health.cpp
  23_circuit_breaker.cpp
  24_remote_flags.cpp
)

set(OVRSEER_EXAMPLES_OVRSEER
  ovrseer/change.cpp
  ovrseer/choose.cpp
  ovrseer/dead.cpp
  ovrseer/grep.cpp
  ovrseer/journal.cpp
  ovrseer/list.cpp
  ovrseer/load.cpp
  ovrseer/main.cpp
  ovrseer/plan.cpp
  ovrseer/schema.cpp
  ovrseer/send_test.cpp
  ovrseer/simulate.cpp
  ovrseer/up.cpp
)

set(OVRSEER_EXAMPLES_STACKS_DEMO
  stacks/demo/api.cpp
  stacks/demo/store.cpp
  stacks/demo/worker.cpp
)

set(OVRSEER_EXAMPLES_NEED_curl
  10_slack.cpp
  11_sentry.cpp
  13_elasticsearch.cpp
  14_pagerduty.cpp
  17_several_reporters.cpp
  18_batching.cpp
  19_enrichment.cpp
  20_redaction.cpp
  21_flag_alert.cpp
  23_circuit_breaker.cpp
  24_remote_flags.cpp
  ovrseer/dead.cpp
  ovrseer/load.cpp
  ovrseer/send_test.cpp
  ovrseer/up.cpp
)

set(OVRSEER_EXAMPLES_NEED_llhttp
  15_prometheus.cpp
  22_health.cpp
  ovrseer/up.cpp
)

set(OVRSEER_EXAMPLES_NEED_yaml
  ovrseer/load.cpp
  ovrseer/up.cpp
)

set(OVRSEER_EXAMPLES_NEED_zlib
  ovrseer/grep.cpp
  ovrseer/load.cpp
)
