#!/bin/sh
# Run once by the entrypoint of the official postgres image, after initdb. Reads lines
# `role=password` from ROLE_PASSWORDS_FILE; passwords reach psql through its standard input, so
# they never stand on a command line. The SQL beside it is what the embedded start runs too.
set -eu

passwords="${ROLE_PASSWORDS_FILE:-/run/secrets/role_passwords}"
sql="${ROLES_SQL_DIR:-/docker-entrypoint-initdb.d/sql}"
user="${POSTGRES_USER:-postgres}"

run_sql() {
  psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "$user" --dbname "$1"
}

{
  while IFS='=' read -r role password || [ -n "$role" ]; do
    case "$role" in '' | \#*) continue ;; *[!a-z_]*) echo "bad role name in $passwords" >&2; exit 1 ;; esac
    # Hexadecimal or base64url, as the secrets script writes them: nothing that needs a quote.
    case "$password" in '' | *[!A-Za-z0-9_-]*) echo "bad password of $role" >&2; exit 1 ;; esac
    printf "set clearinghouse.password_%s = '%s';\n" "$role" "$password"
  done <"$passwords"
  cat "$sql/roles.sql"
} | run_sql postgres

for database in clearinghouse clearinghouse_queue; do
  {
    printf "select 'create database %s' where not exists\n" "$database"
    printf "(select from pg_database where datname = '%s') \\\\gexec\n" "$database"
  } | run_sql postgres
  run_sql "$database" <"$sql/$database.sql"
done
