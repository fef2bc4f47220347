import { refuse } from '../core/errors.js';
import { HoldingLimit } from './holding-limit.entity.js';
import { held, limitedEntities, limitOf } from './holding.sql.js';
import type { PoolKind } from '../pools/pool.entity.js';
import type { Change } from '../write/command.js';
import { consequence } from '../write/consequences.js';

/** What somebody may still come to look after, as records are given to them one after the other. */
export class Room {
  private readonly taken = new Map<string, Set<string>>();

  constructor(
    /** by user: how many at once, how many they have, and which records of those in question count */
    private readonly limits: ReadonlyMap<string, { max: number; held: number; counting: ReadonlySet<string> }>,
  ) {}

  /** Whether the user may look after the record as well. */
  has(user: string, record: string): boolean {
    const limit = this.limits.get(user);
    if (!limit?.counting.has(record)) return true;
    const taken = this.taken.get(user);
    return limit.held + (taken?.size ?? 0) - (taken?.has(record) ? 1 : 0) < limit.max;
  }

  /** The record is theirs from now on. Taken twice, it counts once: what was refused afterwards is tried again. */
  take(user: string, record: string): void {
    if (!this.limits.get(user)?.counting.has(record)) return;
    this.taken.set(user, (this.taken.get(user) ?? new Set()).add(record));
  }
}

/** Locks users until the commit, so that two do not count at the same time what somebody has. */
export async function lockHolders(change: Change, users: readonly string[]): Promise<void> {
  await change.query(
    'select id from user_account where tenant_id = $1 and id = any($2::uuid[]) order by id for no key update',
    [change.ctx.tenant.id, users],
  );
}

/** What users, who are locked, may still come to look after of these records. */
export async function roomOf(
  change: Change,
  kind: PoolKind,
  users: readonly string[],
  records: readonly string[],
): Promise<Room> {
  const rows = await change.query(
    `select g.id, l.max, (${held(kind, 'count(*)', 'r.owner_id = g.id')}), array_to_json(array(${held(kind, 'r.id', 'r.id = any($3::uuid[])')}))::text
      from unnest($2::uuid[]) g(id) cross join lateral (${limitOf(kind, 'g.id')}) l`,
    [change.ctx.tenant.id, users, records],
  );
  return new Room(
    new Map(
      rows.map(([user, max, count, counting]) => [
        user!,
        { max: Number(max), held: Number(count), counting: new Set(JSON.parse(counting!) as string[]) },
      ]),
    ),
  );
}

consequence({ of: [HoldingLimit], follows: () => true, establishes: 'HOLDING_LIMITS', statements: () => [] });

/** However somebody comes to look after a record: they look after no more than they may. Users are locked only where there are limits. */
for (const kind of ['CUSTOMER', 'LEAD'] as const)
  consequence({
    of: [limitedEntities[kind]],
    follows: ({ changes }) => typeof changes['owner']?.[1] === 'string',
    refuses: true,
    premise: 'HOLDING_LIMITS',
    statements: (tenantId, records) => {
      const owners = [...new Set(records.map(({ changes }) => String(changes['owner']![1])))];
      const isGiven = 'r.id = any($3::uuid[]) and r.owner_id = g.id';
      const isTooMuch = `exists (select 1 from unnest($2::uuid[]) g(id) cross join lateral (${limitOf(kind, 'g.id')}) l
        where exists (${held(kind, '1', isGiven)}) and (${held(kind, 'count(*)', 'r.owner_id = g.id')}) > l.max)`;
      return [
        {
          text: `select u.id from user_account u where u.tenant_id = $1 and u.id = any($2::uuid[]) and exists (select 1 from holding_limit h where h.tenant_id = $1 and h.kind = '${kind}' and h.deleted_at is null) order by u.id for no key update of u`,
          values: [tenantId, owners],
        },
        {
          text: `select 1 / (not ${isTooMuch})::int`,
          values: [tenantId, owners, records.map(({ id }) => id)],
          missing: () => refuse('HOLDING_LIMIT', ['owner']),
        },
      ];
    },
  });
