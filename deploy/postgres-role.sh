#!/bin/sh
# Run once by the image of PostgreSQL, as the superuser, when its volume is new: the role and the database of the API. The
# role owns its database, so that `yhteen migrate` can change the tables, and may do nothing else on the server.
set -eu
psql --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres --set ON_ERROR_STOP=1 \
    --set password="$(cat "${DATABASE_PASSWORD_FILE:-/run/secrets/database_password}")" <<'SQL'
CREATE ROLE yhteen LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE yhteen OWNER yhteen;
REVOKE ALL ON DATABASE yhteen FROM PUBLIC;
SQL
