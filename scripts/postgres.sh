#!/bin/sh
# A PostgreSQL server of one's own in a folder, for tests, benchmarks and developers.
#
#   scripts/postgres.sh start DIR         makes the server if it is not there, starts it, prints its URL
#   scripts/postgres.sh stop DIR [MODE]   MODE: fast (by default), or immediate, which is a crash
#   scripts/postgres.sh restart DIR [MODE]
#
# It listens on a Unix socket in DIR and on no port, and trusts everyone who can reach that: DIR is closed to all
# others. A socket's path is at most 107 bytes long, so DIR is short. PostgreSQL does not run as root; started by
# root it runs as the user `postgres`.
set -eu

usage="usage: scripts/postgres.sh start|stop|restart DIR [fast|immediate]"
command=${1:?$usage}
dir=${2:?$usage}
mode=${3:-fast}

# The newest of Debian's own, else whatever the PATH has: programs of that name may be wrappers.
bin=""
for candidate in /usr/lib/postgresql/*/bin; do
  if [ -x "$candidate/initdb" ]; then bin=$candidate; fi
done
if [ -z "$bin" ]; then
  initdb=$(command -v initdb) || { echo "postgres.sh: PostgreSQL is not installed" >&2; exit 69; }
  bin=$(dirname "$(readlink -f "$initdb")")
fi

mkdir -p "$dir" && chmod 700 "$dir"
dir=$(CDPATH='' cd -P -- "$dir" && pwd -P)
data=$dir/data

# Started with the data folder as the current one: the caller's may be closed to that user.
as_owner() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

start() {
  if [ "$(id -u)" -eq 0 ]; then chown postgres "$dir"; fi
  if [ ! -f "$data/PG_VERSION" ]; then
    as_owner "$bin/initdb" --pgdata="$data" --username=plimsoll --auth=trust --encoding=UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1 ||
      { cat "$dir/initdb.log" >&2; exit 1; }
    # Small: it has a machine of tests beside it. Durable, as a desk's server has to be.
    cat >>"$data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 200
shared_buffers = 64MB
max_wal_size = 256MB
CONF
  fi
  # One that is running is started.
  as_owner "$bin/pg_ctl" --pgdata="$data" status >/dev/null 2>&1 ||
    as_owner "$bin/pg_ctl" --pgdata="$data" --log="$dir/server.log" --wait --timeout=60 start >"$dir/pg_ctl.log" 2>&1 ||
    { cat "$dir/pg_ctl.log" >&2; tail -n 20 "$dir/server.log" >&2; exit 1; }
  echo "postgres://plimsoll@localhost/postgres?host=$dir"
}

stop() {
  # One that is not running is stopped.
  as_owner "$bin/pg_ctl" --pgdata="$data" status >/dev/null 2>&1 || return 0
  as_owner "$bin/pg_ctl" --pgdata="$data" --mode="$mode" --wait --timeout=60 stop >"$dir/pg_ctl.log" 2>&1 ||
    { cat "$dir/pg_ctl.log" >&2; exit 1; }
}

case $command in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  *) echo "$usage" >&2; exit 64 ;;
esac
