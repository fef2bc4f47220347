import { followedTenants } from '../../feed/bus.js';
import type { Context, TenantInfo } from '../../core/context.js';
import type { Database } from '../../core/database.js';
import * as campaigns from '../../campaigns/campaign.service.js';
import * as contracts from '../../contracts/contract.service.js';
import { overdueConditions, publishOverdue } from '../../contracts/overdue.service.js';
import { systemIn } from '../../identity/system.service.js';
import { dueConditions, publishWhatIsDue } from '../../success/due.service.js';
import { findTenant } from '../../tenants/tenant.service.js';
import { anyDue, type DueCondition } from '../../write/due.js';
import { datedCondition, maxDated } from '../../write/dated.js';
import { astrayConditions, setAstray } from '../../write/units.js';
import { rounds } from './rounds.js';

/** How many seconds nobody has changed a record whose state follows: whoever puts one thing of it right may be about to do so with another. */
const untouchedFor = 10;

/** Something that the hour brings about: how it is known that there is some in a tenant, and what does it. */
interface Duty {
  conditions: () => DueCondition[];
  perform: (ctx: Context) => Promise<unknown>;
}

async function untilNone(step: () => Promise<number>): Promise<void> {
  while ((await step()) === maxDated);
}

const duties: readonly Duty[] = [
  { conditions: dueConditions, perform: publishWhatIsDue },
  {
    conditions: () => [datedCondition(contracts.ended, untouchedFor)],
    perform: (ctx) => untilNone(() => contracts.expire(ctx, untouchedFor)),
  },
  { conditions: overdueConditions, perform: publishOverdue },
  {
    conditions: () => [datedCondition(campaigns.begun, untouchedFor)],
    perform: (ctx) => untilNone(() => campaigns.start(ctx, untouchedFor)),
  },
  {
    conditions: () => [datedCondition(campaigns.ended, untouchedFor)],
    perform: (ctx) => untilNone(() => campaigns.complete(ctx, untouchedFor)),
  },
  { conditions: astrayConditions, perform: setAstray },
];

/** The duties for which there is something to do in a tenant; one statement. */
export async function dutiesIn(database: Database, tenant: TenantInfo): Promise<Duty[]> {
  const conditions = duties.map((duty) => duty.conditions());
  const found = await anyDue(database, tenant, 'clock', conditions.flat());
  return duties.filter((_, index) => {
    const before = conditions.slice(0, index).flat().length;
    return found.slice(before, before + conditions[index]!.length).includes(true);
  });
}

/**
 * Does what the clock brings about: tasks that fall due and terms that become overdue are published, campaigns start, and
 * contracts and campaigns whose last day is over are marked so. What a server of the last release has written
 * gets its place in lists. What came while no server ran is made up for; of several processes one does it. What fails is left alone for
 * longer and longer, and logged each time. `everywhere` says how often it is looked in every tenant, in milliseconds.
 * Returns a function that stops it.
 */
export const watchClock = (database: Database, everywhere: number): (() => Promise<void>) =>
  rounds(database, {
    job: 'clock',
    failure: { event: 'job.clockFailed', message: 'what the clock brings could not be done; retrying' },
    everywhere,
    near: () => Promise.all(followedTenants().map((id) => findTenant(database, id, false))),
    work: async (tenant, isStopped) => {
      const waiting = await dutiesIn(database, tenant);
      if (waiting.length === 0) return;
      const ctx = await systemIn(database, tenant);
      for (const duty of waiting) if (!isStopped()) await duty.perform(ctx);
    },
  });
