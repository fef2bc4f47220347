import { Activity } from '../activities/activity.entity.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Case } from '../cases/case.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { Department } from '../departments/department.entity.js';
import { User } from '../identity/user.entity.js';
import { Lead } from '../leads/lead.entity.js';
import type { Arguments, Listed, Scope } from '../model/fields.js';
import { modelOf, type EntityClass } from '../model/model.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { SuccessTask } from '../success/success-task.entity.js';
import { SavedView } from '../views/saved-view.entity.js';

/** What somebody looks after: records that refer to them, in which states. */
export interface LookedAfter {
  entity: EntityClass;
  property: string;
  /** states in which there is nothing left to look after: of the column, those values */
  over?: [property: string, values: readonly string[]];
}

/** Everything that somebody can look after, by its kind. */
export const lookedAfter = {
  CUSTOMER: { entity: Customer, property: 'owner' },
  LEAD: { entity: Lead, property: 'owner', over: ['status', ['CONVERTED']] },
  OPPORTUNITY: { entity: Opportunity, property: 'owner', over: ['stage', ['CLOSED_WON', 'CLOSED_LOST']] },
  ACTIVITY: { entity: Activity, property: 'staff', over: ['status', ['COMPLETED', 'CANCELLED']] },
  SUCCESS_TASK: { entity: SuccessTask, property: 'assignee', over: ['status', ['DONE', 'CANCELLED']] },
  CASE: { entity: Case, property: 'assignee', over: ['status', ['CLOSED']] },
  CAMPAIGN: { entity: Campaign, property: 'owner', over: ['status', ['COMPLETED', 'CANCELLED']] },
  SAVED_VIEW: { entity: SavedView, property: 'owner', over: ['sharing', ['PRIVATE']] },
  DEPARTMENT: { entity: Department, property: 'leader' },
  REPORT: { entity: User, property: 'manager' },
} as const satisfies Record<string, LookedAfter>;

export type HandOverKind = keyof typeof lookedAfter;
export const handOverKinds = Object.keys(lookedAfter) as HandOverKind[];

/** SQL condition on a record of that kind, by the name of its row: there is something left to look after. */
export function isLeft(kind: HandOverKind, row: string): string {
  const { entity, over }: LookedAfter = lookedAfter[kind];
  if (!over) return 'true';
  const [property, values] = over;
  const { column } = modelOf(entity).fields.get(property)!;
  return `${row}."${column}" not in (${values.map((value) => `'${value}'`).join(', ')})`;
}

/** How much of each kind a user looks after; nothing for callers who do not administer the tenant. */
export function handOverCounts(user: Scope, args: Arguments): Listed {
  const isAsked = (kind: HandOverKind): boolean =>
    args('kinds').is((kinds) => !Array.isArray(kinds) || kinds.includes(kind));
  const parts = handOverKinds.filter(isAsked).map((kind, place) => {
    const { entity, property } = lookedAfter[kind];
    const { from, where, row } = user.unscoped(entity);
    return `select ${place} as place, '${kind}' as kind, (select count(*)::int from ${from} where ${where} and ${row.col(property)} = ${user.col('id')} and ${isLeft(kind, row.alias)}) as count`;
  });
  const seen = user.rights.administer ? 'true' : 'false';
  return {
    select: `select kind, count from (${parts.length > 0 ? parts.join(' union all ') : "select 0 as place, '' as kind, 0 as count where false"}) c where ${seen} order by place`,
  };
}
