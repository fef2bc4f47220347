import { aDay, instant, startOf } from './calendar.js';
import type { Generator } from './generator.js';
import { demoId } from './ids.js';

/** How many users there are beside the salespeople: administrator, manager, viewer. */
export const others = 3;
const [manager, firstLeader] = [1, others];

const names = ['销售中心', '华东销售部', '华南销售部'];

/** The department of a user by their place: the manager leads all who sell, who work in two departments in turn. */
export function departmentOf(code: string, user: number): string | null {
  if (user === manager) return demoId(code, 'department', 0);
  return user < others ? null : demoId(code, 'department', 1 + ((user - others) % 2));
}

/** To whom a user reports: to the first one who sells in their department, and these to the manager. */
export function managerOf(code: string, user: number): string | null {
  if (user < others) return null;
  return demoId(code, 'user', user < others + 2 ? manager : firstLeader + ((user - others) % 2));
}

/** What of a customer or lead follows from who looks after it; some that nobody does lie in a pool. */
export function heldBy(
  code: string,
  user: number | null,
  { since, until, isPooled, kind }: { since: number; until: number; isPooled: boolean; kind: 'CUSTOMER' | 'LEAD' },
): Record<string, string | null> {
  const pooled = user === null && isPooled;
  return {
    owner_id: user === null ? null : demoId(code, 'user', user),
    owner_department_id: user === null ? null : departmentOf(code, user),
    held_since: user === null ? null : instant(since),
    pool_id: pooled ? demoId(code, 'pool', kind === 'CUSTOMER' ? 0 : 1) : null,
    pooled_at: pooled ? instant((since + until) / 2) : null,
  };
}

/** Departments with leaders, a pool of customers and one of leads with their members, and for each a rule that takes nothing before it is enabled. */
export function generateOrganisation({ code, today, write }: Generator): void {
  const at = instant(startOf(today) - 940 * aDay);
  const tenant_id = demoId(code, 'tenant', 0);
  const department = (index: number): string => demoId(code, 'department', index);
  for (const [index, name] of names.entries()) {
    write('department', {
      tenant_id,
      id: department(index),
      created_at: at,
      updated_at: at,
      name,
      code: `D0${index + 1}`,
      parent_id: index === 0 ? null : department(0),
      leader_id: demoId(code, 'user', index === 0 ? manager : firstLeader + index - 1),
      position: index,
    });
    const above = index === 0 ? [0] : [index, 0];
    for (const [depth, ancestor] of above.entries())
      write('department_path', {
        tenant_id,
        ancestor_id: department(ancestor),
        descendant_id: department(index),
        depth,
      });
  }
  for (const [index, kind] of (['CUSTOMER', 'LEAD'] as const).entries()) {
    const pool_id = demoId(code, 'pool', index);
    write('pool', {
      tenant_id,
      id: pool_id,
      created_at: at,
      updated_at: at,
      kind,
      name: kind === 'CUSTOMER' ? '客户公海' : '线索公海',
      position: index,
      daily_pick_limit: 20,
      former_owner_days: 7,
      hides_until_picked: '{PHONE,EMAIL}',
    });
    const members = [
      { user_id: demoId(code, 'user', manager), department_id: null, role: 'ADMIN' },
      { user_id: null, department_id: department(0), role: 'MEMBER' },
    ];
    for (const [n, member] of members.entries())
      write('pool_member', {
        tenant_id,
        id: demoId(code, 'poolMember', index * members.length + n),
        created_at: at,
        pool_id,
        ...member,
      });
    write('pool_rule', {
      tenant_id,
      id: demoId(code, 'poolRule', index),
      created_at: at,
      updated_at: at,
      pool_id,
      name: kind === 'CUSTOMER' ? '九十天未跟进' : '六十天未转化',
      enabled: false,
      trigger: kind === 'CUSTOMER' ? 'NO_FOLLOW_UP' : 'HELD',
      days: kind === 'CUSTOMER' ? 90 : 60,
      exemptions: kind === 'CUSTOMER' ? '{OPEN_OPPORTUNITY,CONTRACT_IN_FORCE}' : '{}',
      ...Object.fromEntries(conditions.map((column) => [column, '{}'])),
      reminder_days: '{7,1}',
    });
  }
}

const conditions = [
  'tiers',
  'customer_statuses',
  'customer_kinds',
  'sizes',
  'sources',
  'regions',
  'industries',
  'lead_statuses',
  'lead_sources',
];
