#!/usr/bin/env bash
# Run by the replica's container: copies the database once, then follows it. The replication slot keeps what it has not seen yet.
set -euo pipefail

: "${PGDATA:?}" "${PGPASSWORD:?}"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  install --directory --mode=700 "$PGDATA"
  pg_basebackup --host=postgres --username=crm_replication --no-password --pgdata="$PGDATA" --write-recovery-conf \
    --slot=crm_replica --checkpoint=fast
fi
# what long reads here still see is not cleaned up there
exec postgres -c hot_standby_feedback=on
