import { Field, InputType, ObjectType } from 'type-graphql';
import { beginningOf, dayIn, now } from '../core/clock.js';
import { refuse } from '../core/errors.js';
import type { Arguments, ArgumentValue, Embedded, Scope } from '../model/fields.js';
import type { Mask } from '../model/columns.js';
import { inUnits } from '../model/comparable.js';
import { OneOf } from '../model/inputs.js';
import { workedOutOf } from '../model/kept.js';
import { modelOf, wireForm, type EntityClass, type EntityModel } from '../model/model.js';
import { DateTime, Day } from '../model/scalars.js';
import { restricts } from './access.js';
import { belongingBy } from './parents.js';
import type { Env } from './env.js';
import { RowScope, type Query } from './query.js';
import { isBlank, type Value } from './value.js';

@InputType({
  description: 'A moment in the past: exactly one of its fields is given, and neither lies in the future.',
})
@OneOf()
export class AsOf {
  @Field(() => DateTime, { nullable: true, description: 'An instant, not after the present one.' })
  at?: string;

  @Field(() => Day, {
    nullable: true,
    description: 'The end of that day in the time zone of the tenant; of today, the present moment.',
  })
  day?: string;
}

/** What an argument `asOf` means. */
export const asOfArgument = (what: string): string =>
  `${what} as they were at a moment in the past, as far as the caller sees those records today. Other records, what follows from them (such as what is paid of a contract) and conditions on them are as they are today; of customers \`lastContactAt\`, \`recycleOn\` and \`recycleRule\` are not known of the past, and null. \`asOfMoment\` says how well the moment is known. INVALID for a moment that has not come. If left out, as they are now.`;

@ObjectType({ description: 'The moment in the past that an answer is about, and how well it is known.' })
export class AsOfMoment {
  @Field(() => DateTime, { description: 'The moment.' })
  at!: string;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'From this instant on, each change of a customer, an opportunity or a contract has kept what was before it; null where none has yet.',
  })
  since?: string | null;

  @Field(() => Boolean, {
    description:
      'True for a moment before `since`: what was then is worked out from the audit log and the history of stages, and may lack what nobody had written down.',
  })
  reconstructed!: boolean;
}

/** The instant that is meant. Refuses INVALID for one that has not come. */
function instantOf({ at, day }: AsOf, { ctx }: Env, path: readonly string[]): string {
  const present = now();
  if (at) {
    if (Date.parse(at) > present.getTime()) throw refuse('INVALID', [...path, 'at']);
    return at;
  }
  const zone = ctx.tenant.timeZone;
  const today = dayIn(zone, present);
  if (day! > today) throw refuse('INVALID', [...path, 'day']);
  if (day === today) return present.toISOString();
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return new Date(beginningOf(next, zone).getTime() - 1).toISOString();
}

/** The instant that an argument asks for, as SQL; undefined where it asks for none. */
export function asOfIn(given: ArgumentValue): string | undefined {
  const value = given as Value;
  if (value.is(isBlank)) return undefined;
  return value.bind('timestamptz', (one, env) => instantOf(one as AsOf, env, value.path));
}

/** The end of a range of which both ends are such arguments: now, where it asks for none. Refuses INVALID for one before the beginning. */
export function asOfUntil(from: ArgumentValue, until: ArgumentValue): string {
  const [first, last] = [from as Value, until as Value];
  return last.bind('timestamptz', (one, env) => {
    const end = isBlank(one) ? now().toISOString() : instantOf(one as AsOf, env, last.path);
    if (end < instantOf(first.in(env) as AsOf, env, first.path)) throw refuse('INVALID', [...last.path]);
    return end;
  });
}

/** What an answer says of the moment that it is about. */
export const momentOf = (tenant: Scope, instant: string | undefined): Embedded => {
  const since = tenant.col('versionsSince');
  return {
    present: () => String(instant !== undefined),
    fields: () => ({
      at: wireForm(instant ?? 'now()', 'timestamptz(3)'),
      since: wireForm(since, 'timestamptz(3)'),
      reconstructed: `coalesce(${instant ?? 'now()'} < ${since}, true)`,
    }),
  };
};

/** The rows of a report, as they were at the moment that its argument names, if it does. */
export function rowsIn(
  tenant: Scope,
  entity: EntityClass,
  args: Arguments,
): ReturnType<Scope['rows']> & { instant: string | undefined } {
  const instant = asOfIn(args('asOf'));
  const found = instant === undefined ? tenant.rows(entity) : rowsAsOf((tenant as RowScope).query, entity, instant);
  return { ...found, instant };
}

/** The instant that a report is asked as of (SQL), for the lists in it. */
export const asOfReport = (_key: string, args: Arguments): string | undefined => asOfIn(args('asOf'));

/** The argument of a report of records that are kept. */
export const asOfOf = (records: string): [type: () => unknown, description: string, need: 'optional'] => [
  () => AsOf,
  asOfArgument(records),
  'optional',
];

/** A record as it was. What the caller may see of it is what they may see of the record as it is. */
class PastRow extends RowScope {
  constructor(
    query: Query,
    model: EntityModel,
    alias: string,
    override readonly asOf: string,
  ) {
    super(query, model, alias);
  }

  /** A condition on the record as it is, on this row. */
  present(rule: (row: RowScope) => string): string {
    const { from, where, row } = this.query.unscoped(this.model.type, true);
    const condition = rule(row);
    if (condition === 'true' || condition === 'false' || condition === '') return condition;
    return `exists (select 1 from ${from} where ${where} and ${row.alias}.id = ${this.alias}.id and (${condition}))`;
  }

  override today(): string {
    return `(${this.asOf} at time zone ${this.zone()})::date`;
  }

  override unmasked(mask: Mask): string {
    return this.present((row) => row.unmasked(mask));
  }

  override hidden(property: string): string {
    return this.present((row) => row.hidden(property));
  }
}

/**
 * The records of an entity as they were at an instant (SQL), those that were not deleted then and that the caller sees
 * today: table with a new alias, conditions, and the row. See docs/decisions/038-as-of.md.
 */
export function rowsAsOf(
  query: Query,
  entity: EntityClass,
  instant: string,
): { from: string; where: string; row: RowScope } {
  const model = modelOf(entity);
  const row = new PastRow(query, model, query.alias(), instant);
  const from = query.derived(row.alias, (columns) => rowsThen(model, query.tenant(), instant, columns));
  const where = [parentsThen(row), row.present((present) => query.visible(present))].filter(restricts);
  return { from, where: where.join(' and ') || 'true', row };
}

/** The records that the row belonged to were not deleted then either. */
const parentsThen = (row: PastRow): string =>
  row.model.parents
    .map((reference) => {
      const id = row.col(reference.property);
      const { from, where, row: parent } = row.query.unscoped(reference.refersTo!, true);
      const [now, then] = [row.query.alias(), row.asOf];
      const only = belongingBy(row, reference)
        .map((condition) => ` and ${condition}`)
        .join('');
      return `not exists (select 1 from ${from} where ${where} and ${parent.alias}.id = ${id}${only} and ${parent.alias}.deleted_at is not null and ${parent.alias}.updated_at <= ${then})
        and not exists (select 1 from record_version ${now} where ${now}.tenant_id = ${row.tenant()} and ${now}.record = ${id}${only} and ${now}.data is null and ${now}.valid_from <= ${then} and ${now}.valid_until > ${then})`;
    })
    .join(' and ');

/** A select of columns of the present rows that were the same then, and of the versions of the others. */
function rowsThen(model: EntityModel, tenant: string, then: string, columns: ReadonlySet<string>): string {
  const chosen = [...new Set(['id', ...columns])].filter((column) => column !== 'tenant_id');
  const parts = chosen.map((column) => pastColumn(model, column, tenant, then));
  const stored = [...new Map(parts.flatMap(({ source }) => (source ? [source] : [])))];
  const list = (of: 'present' | 'past'): string =>
    parts.map((part, index) => `${part[of]} as "${chosen[index]}"`).join(', ');
  const record =
    stored.length > 0
      ? ` cross join lateral jsonb_to_record(v.data) x(${stored.map(([name, type]) => `"${name}" ${type}`).join(', ')})`
      : '';
  return `select c.tenant_id, ${list('present')} from "${model.table}" c where c.tenant_id = ${tenant} and c.deleted_at is null and c.updated_at <= ${then}
    union all select v.tenant_id, ${list('past')} from record_version v${record} where v.tenant_id = ${tenant} and v.record_type = '${model.name}' and v.valid_until > ${then} and v.valid_from <= ${then} and v.data is not null`;
}

interface PastColumn {
  present: string;
  past: string;
  /** what is read of a version */
  source?: readonly [name: string, type: string];
}

function pastColumn(model: EntityModel, column: string, tenant: string, then: string): PastColumn {
  if (column === 'id') return { present: 'c.id', past: 'v.record' };
  for (const { property, column: own, sqlType, units, collation } of model.fields.values()) {
    const type = `${sqlType}${collation ? ` collate "${collation}"` : ''}`;
    const workedOut = workedOutOf(model.type, property);
    if (units?.column === column && workedOut) {
      const inUnitsOf = (id: string): string => inUnits(workedOut(id, then, tenant), units.scale);
      return { present: inUnitsOf('c.id'), past: inUnitsOf('v.record') };
    }
    if (units?.column === column)
      return { present: `c."${column}"`, past: inUnits(`x."${own}"`, units.scale), source: [own, type] };
    if (own !== column) continue;
    if (workedOut) return { present: workedOut('c.id', then, tenant), past: workedOut('v.record', then, tenant) };
    return { present: `c."${column}"`, past: `x."${column}"`, source: [column, type] };
  }
  // kept beside a text by PostgreSQL
  return { present: `c."${column}"`, past: `x."${column}"`, source: [column, 'text'] };
}
