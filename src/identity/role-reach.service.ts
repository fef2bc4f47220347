import { command } from '../write/command.js';
import type { Context } from '../core/context.js';
import type { Database } from '../core/database.js';
import { Refreshed } from '../core/refreshed.js';
import { permit } from '../core/needs.js';
import {
  ownedKinds,
  rightUses,
  reachKey,
  reachRoles,
  roleReach,
  type OwnedKind,
  type RightUse,
  type ReachTable,
  type RecordReach,
  type Role,
} from '../core/rights.js';
import { accessChanged, onAccessChange } from '../feed/access-changes.js';
import { afterwards } from '../write/idempotency.js';
import {
  RoleReach,
  type ReachOfRecords,
  type ReachRecord,
  type ReachRole,
  type ReachUse,
} from './role-reach.entity.js';
import './role-reach.events.js';
import './role-reach.policy.js';

/** How far a role reaches among records of a kind, in the graph's words. */
export interface RoleReachEntry {
  role: ReachRole;
  record: ReachRecord;
  use: ReachUse;
  reach: ReachOfRecords;
  default: ReachOfRecords;
}

/** How far each role that a tenant decides on reaches in it. */
export const roleReaches = ({ reachTable }: Context): RoleReachEntry[] =>
  reachRoles.flatMap((role) =>
    ownedKinds.flatMap((kind) =>
      rightUses.map((use) => ({
        role: role.toUpperCase() as ReachRole,
        record: kind.toUpperCase() as ReachRecord,
        use: use.toUpperCase() as ReachUse,
        reach: roleReach(role, kind, use, reachTable),
        default: roleReach(role, kind, use),
      })),
    ),
  );

/** Decides how far a role reaches among records of a kind. Refuses FORBIDDEN to whoever does not administer the tenant. */
export async function change(
  ctx: Context,
  wanted: { role: ReachRole; record: ReachRecord; use: ReachUse; reach: ReachOfRecords },
): Promise<string> {
  permit(ctx.rights, 'roleReachChange');
  const { role, record, use, reach } = wanted;
  const id = await command(ctx, 'roleReach.change', async (change) => {
    // whoever decides on the same reach at the same time waits here
    await change.query('select 1 from tenant where id = $1 for no key update', [ctx.tenant.id]);
    const [known] = await change.query(
      'select id from role_reach where tenant_id = $1 and role = $2 and record = $3 and use = $4',
      [ctx.tenant.id, role, record, use],
    );
    if (!known) return change.insert(RoleReach, wanted as never);
    const before = await change.get(RoleReach, known[0]!);
    change.update(RoleReach, before, { reach });
    return before.id;
  });
  afterwards(ctx, () => accessChanged());
  return id;
}

const kindOf = (record: string): OwnedKind => ownedKinds.find((kind) => kind.toUpperCase() === record)!;
const useOf = (text: string): RightUse => rightUses.find((use) => use.toUpperCase() === text)!;

/** What a tenant has changed of how far roles reach; an earlier answer counts for at most `believed` milliseconds. */
export type ReachTables = (tenantId: string, believed?: number) => Promise<ReachTable>;

/** For how long it is believed how far roles reach, in milliseconds; processes are notified of changes. */
const believedFor = 3_000;
const maxTenants = 10_000;

/** Makes the one function that says how far roles reach in a tenant, by what is remembered of it for a short while. */
export function reachTables(database: Database): ReachTables {
  const tenants = new Refreshed<ReachTable>(maxTenants, believedFor, async (tenantId) => {
    const rows = await database.read(tenantId, {
      name: 'role-reaches',
      text: 'select role, record, use, reach from role_reach where tenant_id = $1',
      values: [tenantId],
    });
    return new Map(
      rows.map(([role, record, use, reach]) => [
        reachKey(role!.toLowerCase() as Role, kindOf(record!), useOf(use!)),
        reach as RecordReach,
      ]),
    );
  });
  onAccessChange(() => tenants.clear());
  return (tenantId, believed) => tenants.get(tenantId, believed);
}
