import { ID, InputType } from 'type-graphql';
import { atLeast, atMost, fromDay, isTrue, untilDay, Where } from '../read/filter.js';
import { filterFrom } from '../read/column-filter.js';
import { refersTo } from '../read/references.js';
import type { EntityClass } from '../model/model.js';
import { Day } from '../model/scalars.js';
import { User } from '../identity/user.entity.js';
import { Pool } from './pool.entity.js';
import { liesInPool } from './pool.sql.js';

/** Conditions on columns of records that lie in pools, and on their pool; extend the class that it makes. */
export function heldFilter(name: string, entity: EntityClass): new () => object {
  @InputType(name, { description: `Conditions on columns of ${entity.name} and on its pool.` })
  class Filter extends filterFrom(`${name}Columns`, entity) {
    @Where(refersTo('pool', Pool), () => [ID], 'Lies in one of these pools.')
    pool?: string[];

    @Where(isTrue(liesInPool), () => Boolean, 'Whether it lies in a pool, whichever it is.')
    pooled?: boolean;

    @Where(atLeast('recycleOn', 'date'), () => Day, 'A pool rule takes it on this day or later.')
    recycleFrom?: string;

    @Where(atMost('recycleOn', 'date'), () => Day, 'A pool rule takes it on this day or earlier.')
    recycleUntil?: string;
  }
  return Filter;
}

/** Conditions on changes of owner; extend the class that it makes by one on the record. */
export function ownerHistoryFilter(name: string, entity: EntityClass): new () => object {
  @InputType(name, { description: `Conditions on columns of ${entity.name}.` })
  class Filter extends filterFrom(`${name}Columns`, entity) {
    @Where(
      refersTo('fromOwner', User),
      () => [ID],
      'Away from one of these users, by id, number or login; `ME` is the caller.',
    )
    fromOwner?: string[];

    @Where(refersTo('toOwner', User), () => [ID], 'To one of these users, by id, number or login; `ME` is the caller.')
    toOwner?: string[];

    @Where(fromDay('createdAt'), () => Day, 'On this day or later, in the time zone of the tenant.')
    createdFrom?: string;

    @Where(untilDay('createdAt'), () => Day, 'On this day or earlier, in the time zone of the tenant.')
    createdUntil?: string;
  }
  return Filter;
}
