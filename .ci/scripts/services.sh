#!/usr/bin/env bash
# Installs on a Debian machine what the tests need and it lacks, and starts what does not run: Redis on 6379,
# PostgreSQL on 5432, MariaDB on 3306, all of 127.0.0.1. What is there already is left as it is.
set -euo pipefail

has() { command -v "$1" >/dev/null; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

wait_for() { # wait_for NAME COMMAND...: until it succeeds, 30 s at most
  local name=$1 tries=60
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
      echo "$name does not answer: $*" >&2
      exit 1
    fi
    sleep 0.5
  done
}

missing=()
has redis-server || missing+=(redis-server)
has chromium || missing+=(chromium)
[ -x /usr/sbin/mariadbd ] || missing+=(mariadb-server)
[ -x /usr/sbin/pgbouncer ] || has pgbouncer || missing+=(pgbouncer)
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
# better-sqlite3 is compiled where it has no finished binary.
if ! has make || ! has g++ || ! has python3; then missing+=(build-essential python3); fi
if [ ${#missing[@]} -gt 0 ]; then
  if ! has apt-get; then
    echo "missing: ${missing[*]}; install them and run again" >&2
    exit 1
  fi
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! answers 6379; then
  echo 'starting Redis'
  redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save '' --appendonly no >/dev/null
  wait_for Redis answers 6379
fi

if ! answers 5432; then
  echo 'starting PostgreSQL'
  pg_ctlcluster --skip-systemctl-redirect "$(ls /etc/postgresql | sort -n | tail -n 1)" main start
  wait_for PostgreSQL answers 5432
fi
# The tests create and drop databases of their own, as postgres without a password from this machine.
as_postgres() { psql -h 127.0.0.1 -U postgres -w -qAtc 'select 1'; }
if ! as_postgres >/dev/null 2>&1; then
  echo 'letting postgres in from this machine'
  version=$(ls /etc/postgresql | sort -n | tail -n 1)
  sed -Ei 's/^(host\s+all\s+all\s+127\.0\.0\.1\/32\s+).*/\1trust/' "/etc/postgresql/$version/main/pg_hba.conf"
  pg_ctlcluster --skip-systemctl-redirect "$version" main reload
  wait_for 'PostgreSQL as postgres' as_postgres
fi

if ! answers 3306; then
  echo 'starting MariaDB'
  install -d -o mysql -g mysql /run/mysqld
  start-stop-daemon --start --oknodo --background --exec /usr/sbin/mariadbd -- --user=mysql
  wait_for MariaDB answers 3306
fi
# The same for MariaDB's root.
as_root() { mariadb -h 127.0.0.1 -u root -e 'select 1'; }
if ! as_root >/dev/null 2>&1; then
  echo 'letting MariaDB root in from this machine'
  mariadb -u root -e "alter user root@localhost identified via mysql_native_password using password('')"
  wait_for 'MariaDB as root' as_root
fi
echo 'Redis, PostgreSQL and MariaDB answer'
