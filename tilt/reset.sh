#!/usr/bin/env bash
# Begins again with an empty database, an empty Redis and the sample catalogue.
set -euo pipefail
cd "$(dirname "$0")/.."

k() { kubectl --namespace shema "$@"; }

k exec postgres-0 -- psql -U postgres -c 'DROP DATABASE IF EXISTS shema WITH (FORCE)'
# shellcheck disable=SC2016 # a variable of the container
k exec redis-0 -- sh -c 'redis-cli -a "$PASSWORD" FLUSHALL' 2>/dev/null
k delete job -l app.kubernetes.io/name=shema-migrate
tilt trigger migrate
k rollout restart deployment -l app.kubernetes.io/part-of=shema
k rollout status deployment -l app.kubernetes.io/part-of=shema --timeout=3m
k delete --all courses,schedules
exec tilt/seed.sh
