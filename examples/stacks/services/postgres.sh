#!/bin/sh
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# PostgreSQL in the foreground, as its own user when we are root, wherever the distribution keeps it.
set -eu
postgres=$(ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -n 1)
if [ "$(id -un)" = root ]; then
  exec setpriv --reuid=postgres --regid=postgres --init-groups "${postgres:-postgres}" "$@"
fi
exec "${postgres:-postgres}" "$@"
