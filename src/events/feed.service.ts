import { eventsAfter, type DomainEvent } from '../feed/bus.js';
import { shownData, type JsonSchema } from '../feed/event-types.js';
import { withoutReplicas, type Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { hiddenEvents } from '../model/derived.js';
import { entityNamed, modelOf, type EntityClass } from '../model/model.js';
import { ask } from '../read/declared.js';
import { isPersonal, mayKnowOf } from '../read/access.js';
import { disclosedAmong, visibleAmong } from '../read/visible.js';
import { capitalized } from '../core/names.js';

/** Maximum and default number of events per page of the feed. */
export const maxEvents = 500;
export const defaultEvents = 100;
/** Maximum number of batches of invisible events that are skipped before a page ends short. */
const maxPortions = 10;

/** A page of a tenant's feed: the events that the caller may see, in the order of the commits. */
export interface FeedPage {
  events: DomainEvent[];
  /** where the next page begins; the same as was given if nothing happened since */
  cursor: string;
  /** true if there is more to read at once */
  hasMore: boolean;
}

/**
 * The events after a cursor, or from the oldest one that is kept. Continuing with each page's cursor returns every
 * event once. Refuses CURSOR_INVALID, CURSOR_EXPIRED where events after the cursor are no longer kept, OUT_OF_RANGE.
 */
export async function changesAfter(
  ctx: Context,
  after: string | null | undefined,
  first: number | null | undefined = defaultEvents,
): Promise<FeedPage> {
  const size = first ?? defaultEvents;
  if (!Number.isInteger(size) || size < 1 || size > maxEvents)
    throw refuse('OUT_OF_RANGE', ['first'], { min: 1, max: maxEvents });
  // the records of events are looked at where the events are
  withoutReplicas(ctx);
  let place = placeOf(after);
  // looked up first: later commits have a higher number
  const end = place === null ? await feedEnd(ctx) : '';
  const events: DomainEvent[] = [];
  for (let batch = 0; batch < maxPortions; batch += 1) {
    const wanted = size - events.length;
    ctx.stats.statements += 1;
    const found = await eventsAfter(ctx.database, ctx.tenant.id, place ?? 0, wanted);
    if (place !== null) await checkGapless(ctx, place, found[0]?.seq);
    events.push(...(await visibleOf(ctx, found)));
    place = found.at(-1)?.seq ?? place;
    if (found.length < wanted) return { events, cursor: String(place ?? end), hasMore: false };
    if (events.length === size) break;
  }
  return { events, cursor: String(place), hasMore: true };
}

/** Where the feed ends at this moment, as a cursor. */
export const feedEnd = async (ctx: Context): Promise<string> => {
  const [head] = await ask(ctx, {
    name: 'feed-end',
    text: 'select seq from feed_head where tenant_id = $1',
    values: [ctx.tenant.id],
  });
  return head?.[0] ?? '0';
};

/** How many numbers a feed leaves out after its database was restored: more than were given between the backup and the loss. */
const leftOut = 1_000_000;

/**
 * To be called once after a database was restored, before anything is written: the feed goes on behind numbers that
 * nobody has seen, so that cursors from the time that was lost expire instead of passing over new events that have their
 * numbers. Webhooks and the broker, as far as they had everything, go on there as well. Returns where the feed goes on.
 */
export function goOnAfterRestore(ctx: Context): Promise<string> {
  return ctx.database.transaction(ctx.tenant.id, async (tx) => {
    const values = [ctx.tenant.id, leftOut];
    const [, rows] = await tx.run([
      {
        text: 'update feed_reader set seq = seq + $2::bigint where tenant_id = $1 and seq = (select seq from feed_head where tenant_id = $1)',
        values,
      },
      { text: 'update feed_head set seq = seq + $2::bigint where tenant_id = $1 returning seq', values },
    ]);
    return { result: rows![0]?.[0] ?? '0', last: [], final: [], committed: () => {} };
  });
}

/** The place that a cursor names, behind which all events are still kept; without one the place before the oldest event. Refuses CURSOR_INVALID, CURSOR_EXPIRED. */
export async function checkPlace(ctx: Context, cursor: string | null | undefined): Promise<number> {
  const place = placeOf(cursor);
  const end = await feedEnd(ctx);
  const [next] = await eventsAfter(ctx.database, ctx.tenant.id, place ?? 0, 1);
  if (place === null) return next ? next.seq - 1 : Number(end);
  await checkGapless(ctx, place, next?.seq);
  return place;
}

function placeOf(cursor: string | null | undefined): number | null {
  if (cursor === undefined || cursor === null || cursor === '') return null;
  if (!/^\d{1,15}$/.test(cursor)) throw refuse('CURSOR_INVALID', ['after']);
  return Number(cursor);
}

/** The next event must be the one behind the cursor; where there is none, the cursor must be the feed's end. */
async function checkGapless(ctx: Context, place: number, next: number | undefined): Promise<void> {
  if (next === place + 1) return;
  if (next !== undefined) throw refuse('CURSOR_EXPIRED');
  const end = Number(await feedEnd(ctx));
  if (place > end) throw refuse('CURSOR_INVALID', ['after']);
  // what was committed since the look into the feed is no gap: it is still there
  if (place < end && (await eventsAfter(ctx.database, ctx.tenant.id, place, 1))[0]?.seq !== place + 1)
    throw refuse('CURSOR_EXPIRED');
}

async function visibleOf(ctx: Context, all: readonly DomainEvent[]): Promise<DomainEvent[]> {
  const disclosed = await disclosedOf(ctx, all);
  const events = disclosed.filter((event) => mayKnowOf(ctx.rights, entityNamed(recordTypeOf(event))));
  if (ctx.rights.see === 'all' && !events.some((event) => isPersonal(entityNamed(recordTypeOf(event))))) return events;
  const witnesses = events.map(visibilityReferences);
  const seen = new Map<EntityClass | undefined, ReadonlySet<string>>();
  for (const entity of new Set(witnesses.flat().map((witness) => witness.entity)))
    seen.set(
      entity,
      await visibleAmong(
        ctx,
        entity,
        witnesses
          .flat()
          .filter((witness) => witness.entity === entity)
          .map(({ id }) => id),
      ),
    );
  return events.filter((_, index) => witnesses[index]!.every(({ entity, id }) => seen.get(entity)!.has(id)));
}

/** The events without those that reveal something that is hidden from the caller. */
async function disclosedOf(ctx: Context, events: readonly DomainEvent[]): Promise<DomainEvent[]> {
  const kept = new Set(events);
  for (const fact of hiddenEvents) {
    const revealing = events.filter(({ type }) => type === fact);
    if (revealing.length === 0) continue;
    const entity = entityNamed(recordTypeOf(revealing[0]!))!;
    const disclosed = await disclosedAmong(
      ctx,
      fact,
      entity,
      revealing.map(({ subject }) => subject),
    );
    for (const event of revealing) if (!disclosed.has(event.subject)) kept.delete(event);
  }
  return [...kept];
}

/**
 * The records that a caller must see to receive an event: its own record, or, if that is deleted for good, those that
 * it referred to.
 */
function visibilityReferences(event: DomainEvent): Array<{ entity: EntityClass | undefined; id: string }> {
  const entity = entityNamed(recordTypeOf(event));
  if (!event.type.endsWith('.deleted') || !entity || modelOf(entity).soft) return [{ entity, id: event.subject }];
  const left = [...modelOf(entity).fields.values()].flatMap(({ property, refersTo }) =>
    refersTo && modelOf(refersTo).owned && typeof event.data[property] === 'string'
      ? [{ entity: refersTo, id: event.data[property] }]
      : [],
  );
  return left.length > 0 ? left : [{ entity, id: event.subject }];
}

/** Graph type of the record that an event is about: `crm.customer.created` is about a `Customer`. */
export function recordTypeOf({ type }: DomainEvent): string {
  const name = type.split('.')[1] ?? '';
  return capitalized(name);
}

/** JSON Schema of the fields of an event in the form of CloudEvents 1.0, but for `type` and `data`. */
export const cloudEventFields = {
  specversion: { type: 'string', const: '1.0' },
  id: { type: 'string', format: 'uuid', description: 'Id of the event; the same however often it is delivered.' },
  source: { type: 'string', format: 'uri-reference', description: 'The tenant: `/tenants/` and its code.' },
  time: { type: 'string', format: 'date-time', description: 'When it happened, in UTC.' },
  subject: { type: 'string', format: 'uuid', description: 'Id of the record.' },
  tenantid: { type: 'string', description: 'Code of the tenant.' },
  traceid: { type: 'string', description: 'Id of the request that did it.' },
  sequence: {
    type: 'string',
    pattern: '^[0-9]+$',
    description: 'Place in the feed of the tenant: without gaps, in the order of the commits.',
  },
  datacontenttype: { type: 'string', const: 'application/json' },
} as const satisfies Record<string, JsonSchema>;

/** The event in the form of CloudEvents 1.0, with the extensions `tenantid`, `traceid` and `sequence` (its place in the feed). */
export function cloudEvent({ tenant }: Pick<Context, 'tenant'>, event: DomainEvent): Record<string, unknown> {
  const { id, type, at, subject, traceId, seq, data } = event;
  return {
    specversion: '1.0',
    id,
    source: `/tenants/${tenant.code}`,
    type,
    time: at,
    subject,
    tenantid: tenant.code,
    traceid: traceId,
    sequence: String(seq),
    datacontenttype: 'application/json',
    data: shownData(entityNamed(recordTypeOf(event)), data),
  };
}
