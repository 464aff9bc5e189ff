#!/bin/sh
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# Lays out the private folders of the four servers. Run once, before them.
set -eu
folder=$1
user=$(id -un)
rm -rf "$folder"
mkdir -p "$folder/postgres" "$folder/redis" "$folder/nginx" "$folder/nats"

# PostgreSQL refuses to run as root; then it gets its folder and its own user.
as_postgres=
if [ "$user" = root ]; then
  chown postgres "$folder/postgres"
  chmod 711 "$folder"
  as_postgres='setpriv --reuid=postgres --regid=postgres --init-groups'
fi
initdb=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
initdb=${initdb:-initdb}
$as_postgres "$initdb" --pgdata="$folder/postgres/data" --auth=trust --no-sync --encoding=UTF8 --locale=C >"$folder/initdb.log"

cat >"$folder/nginx/nginx.conf" <<CONF
user $user;
worker_processes 1;
pid $folder/nginx/nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path $folder/nginx/body;
  proxy_temp_path $folder/nginx/proxy;
  fastcgi_temp_path $folder/nginx/fastcgi;
  uwsgi_temp_path $folder/nginx/uwsgi;
  scgi_temp_path $folder/nginx/scgi;
  server {
    listen 127.0.0.1:$NGINX_PORT;
    location / { return 200 "served\n"; }
  }
}
CONF
echo "laid out in $folder"
