# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# Written by tools/files.py; do not edit.

set(OVRSEER_BENCH
  compile.cpp
  delivery.cpp
  elasticsearch.cpp
  log_path.cpp
  metrics.cpp
  pattern.cpp
  redact.cpp
  spawn.cpp
  stack.cpp
  umbrella.cpp
)

set(OVRSEER_BENCH_NEED_curl
  elasticsearch.cpp
)
