#!/bin/sh
# Run once by the entrypoint of the official postgres image, after initdb. Reads lines
# `role=password` from ROLE_PASSWORDS_FILE; passwords reach psql through its standard input, so
# they never stand on a command line. The SQL beside it is what the embedded start runs too.
set -eu

passwords="${ROLE_PASSWORDS_FILE:-/run/secrets/role_passwords}"
sql="${ROLES_SQL_DIR:-/docker-entrypoint-initdb.d/sql}"
user="${POSTGRES_USER:-postgres}"

fail() {
  echo "10-roles.sh: $1" >&2
  exit 1
}

run_sql() {
  psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "$user" --dbname "$1"
}

# Passwords are hexadecimal or base64url, as the secrets script writes them: nothing to quote.
print_settings() {
  while IFS='=' read -r role password || [ -n "$role" ]; do
    case "$role" in
      '' | \#*) continue ;;
      *[!a-z_]*) fail "bad role name in $passwords" ;;
    esac
    case "$password" in '' | *[!A-Za-z0-9_-]*) fail "bad password of $role" ;; esac
    printf "set clearinghouse.password_%s = '%s';\n" "$role" "$password"
  done <"$passwords"
}

# Not in a pipe: there a refusal would go unnoticed.
settings=$(print_settings)
{
  printf '%s\n' "$settings"
  cat "$sql/roles.sql"
} | run_sql postgres

for database in clearinghouse clearinghouse_queue; do
  {
    printf "select 'create database %s' where not exists\n" "$database"
    printf "(select from pg_database where datname = '%s') \\\\gexec\n" "$database"
  } | run_sql postgres
  run_sql "$database" <"$sql/$database.sql"
done
