#!/usr/bin/env bash
# Run once by the PostgreSQL image, on an empty volume: the database, the role that owns it and the role that serves from it.
# The passwords stay in the environment; \getenv hands them to psql without showing them in a command line.
set -euo pipefail

: "${CRM_OWNER_PASSWORD:?}" "${CRM_SERVER_PASSWORD:?}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner_password CRM_OWNER_PASSWORD
\getenv server_password CRM_SERVER_PASSWORD
CREATE ROLE crm_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE crm_server LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'server_password';
CREATE DATABASE crm OWNER crm_owner;
REVOKE ALL ON DATABASE crm FROM PUBLIC;
GRANT CONNECT ON DATABASE crm TO crm_server;
SQL

# For a replica (docker/replica.sh): a role that may copy and follow the database and nothing else, and a slot that keeps what it needs.
if [ -n "${CRM_REPLICATION_PASSWORD:-}" ]; then
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv replication_password CRM_REPLICATION_PASSWORD
CREATE ROLE crm_replication LOGIN REPLICATION PASSWORD :'replication_password';
SELECT FROM pg_create_physical_replication_slot('crm_replica');
ALTER SYSTEM SET max_slot_wal_keep_size = '4GB';
SQL
  echo 'host replication crm_replication all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
