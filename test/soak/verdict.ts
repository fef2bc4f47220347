import type { World } from './world.js';

/** What must be zero. */
export interface Verdict {
  /** acknowledged and not there, or passed over in a feed */
  lost: number;
  /** there more than once */
  repeated: number;
  /** there without its audit entry, its event, its history, or the other way round */
  half: number;
}

export const clean = (): Verdict => ({ lost: 0, repeated: 0, half: 0 });

export function add(to: Verdict, { lost, repeated, half }: Verdict): void {
  to.lost += lost;
  to.repeated += repeated;
  to.half += half;
}

/** What a reader has seen of a feed: places that must rise, none left out. */
export class Sequence {
  last = 0;
  taken = 0;
  repeated = 0;

  take(place: number): void {
    if (place <= this.last) {
      this.repeated += 1;
      return;
    }
    this.taken += 1;
    this.last = place;
  }

  /** The verdict once nothing more comes; `all` is how many there were to see. */
  verdict(all: number): Verdict {
    return { lost: Math.max(0, all - this.taken), repeated: this.repeated + Math.max(0, this.taken - all), half: 0 };
  }
}

const count = (rows: Array<Record<string, string>>): number => Number(rows[0]!['n']);

/** Holds what a tenant has stored against the opportunities (by name) whose creation was acknowledged. */
export async function examine(
  world: World,
  tenant: string,
  acknowledged: readonly string[],
): Promise<Verdict & { found: number }> {
  const ask = (text: string, values?: unknown[]): Promise<number> => world.sql(tenant, text, values).then(count);
  const notOnce = (select: string): Promise<number> =>
    ask(
      `select count(*) n from opportunity o left join (select opportunity, count(*) n from (${select}) told(opportunity) group by opportunity) t on t.opportunity = o.id::text where t.n is distinct from 1`,
    );
  const lost = await ask(
    'select count(*) n from unnest($1::text[]) said(name) where not exists (select 1 from opportunity o where o.name = said.name)',
    [acknowledged],
  );
  const repeated = await ask(
    'select coalesce(sum(n - 1), 0) n from (select count(*) n from opportunity group by name having count(*) > 1) twice',
  );
  const half = await Promise.all([
    // each opportunity has one audit entry and one event of its creation, and the first row of its history
    notOnce("select record::text from audit_entry where act = 'opportunity.create' and record_type = 'Opportunity'"),
    notOnce("select subject from outbox where type = 'crm.opportunity.created'"),
    notOnce('select opportunity_id::text from stage_change where from_stage is null'),
    // and none of these is there without an opportunity
    ask(
      "select count(*) n from audit_entry a where a.act = 'opportunity.create' and a.record_type = 'Opportunity' and not exists (select 1 from opportunity o where o.id = a.record)",
    ),
    ask(
      "select count(*) n from outbox e where e.type = 'crm.opportunity.created' and not exists (select 1 from opportunity o where o.id::text = e.subject)",
    ),
    // a key without its answer
    ask('select count(*) n from idempotency_key where status = 0'),
  ]);
  // the feed counts by ones up to its head
  const gaps = await ask('select coalesce((select seq from feed_head), 0) - count(*) n from outbox');
  return {
    lost: lost + Math.abs(gaps),
    repeated,
    half: half.reduce((sum, one) => sum + one, 0),
    found: await ask('select count(*) n from opportunity'),
  };
}
