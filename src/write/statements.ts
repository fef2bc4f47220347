import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../core/context.js';
import type { PlainForm, Statement } from '../core/database.js';
import type { DomainEvent } from '../feed/bus.js';
import type { EntityModel, FieldModel } from '../model/model.js';
import { inUnits } from '../model/comparable.js';
import { inPieces } from '../core/pieces.js';
import { prepared } from '../core/prepared.js';
import { renewedNgrams, updateWithNgrams } from '../model/ngram-index.js';
import { reasonIn } from './validation.js';
import { changedAt, plainVersions, withVersions } from './versions.js';
import { BelievedTooLittle, type Premise } from './premises.js';
import { rowsOfStatement } from './insert.js';
import { textOf, type CombinableInsert, type InsertTemplate } from './combined-insert.js';

/** The fields of a change, each: `[before, after]`. */
export type Changes = Record<string, [unknown, unknown]>;

/** A business operation, e.g. `case.reopen`, with the reason for which it is done, as far as the caller says one. */
export type Operation = string | { operation: string; reason: string | null | undefined };

/** The same as audit entries hold it. */
export interface AuditedOperation {
  operation: string;
  reason: string | null;
}

/** An operation as audit entries hold it. Refuses TOO_LONG, naming `reason`. */
export const audited = (what: Operation): AuditedOperation =>
  typeof what === 'string' ? { operation: what, reason: null } : { ...what, reason: reasonIn(what.reason) };

/** An audit entry before it is written. */
export interface AuditRow extends AuditedOperation {
  id: string;
  recordType: string;
  record: string;
  changes: Changes;
}

/** An event before it is written to the outbox. */
export type EventDraft = Pick<DomainEvent, 'id' | 'type' | 'subject' | 'data'>;

/** What an update sets so that a column has a value, and what is compared of it. */
export const settings = ({ column, units }: FieldModel, value: string): string[] => [
  `"${column}" = ${value}`,
  ...(units ? [`"${units.column}" = ${inUnits(value, units.scale)}`] : []),
];

/** Changes fields of a record. No comparison of versions is needed: `find` has locked the row. */
export function updateStatement(model: EntityModel, ctx: Context, id: string, changes: Changes): Statement {
  const values: unknown[] = [ctx.tenant.id, id];
  const sets: string[] = [];
  for (const [property, [, after]] of Object.entries(changes)) {
    const field = model.fields.get(property)!;
    values.push(after);
    sets.push(...settings(field, `$${values.length}::${field.sqlType}`));
  }
  if (model.versioned) {
    values.push(ctx.user.id);
    sets.push('version = version + 1', changedAt(model, ''), `updated_by_id = $${values.length}::uuid`);
  }
  const update = `update "${model.table}" set ${sets.join(', ')} where tenant_id = $1 and id = $2`;
  const updatesNgrams = model.searched.some(({ property }) => property in changes);
  const where = 't.id = $2';
  if (!updatesNgrams && !model.kept) return { text: update, values };
  return {
    text: withVersions(model, where, updatesNgrams ? updateWithNgrams(model, update) : update),
    values,
    plain: () =>
      inOrder([
        ...plainVersions(model, where, values),
        { text: update, values },
        ...(updatesNgrams ? renewedNgrams(model, ctx.tenant.id, id) : []),
      ]),
  };
}

/** Plain statements, one after the other. */
export const inOrder = (statements: readonly Statement[]): PlainForm => ({
  before: [],
  rest: () => ({ statements: statements.map(prepared) }),
});

const auditForm: InsertTemplate = {
  key: 'audit',
  touches: ['audit_entry'],
  parts: [],
  rest: `insert into audit_entry (tenant_id, id, actor, actor_login, face, request_id, act, reason, record_type, record, changes)
      select $1::uuid, (e->>'id')::uuid, $2::uuid, $3::text, $4::text, $5::text, e->>'operation', e->>'reason', e->>'recordType', (e->>'record')::uuid, e->'changes' from jsonb_array_elements($6::jsonb) e returning id`,
};
const auditText = textOf(auditForm);

/** Writes audit entries. */
export const auditStatement = (ctx: Context, rows: AuditRow[]): CombinableInsert => ({
  text: auditText,
  form: auditForm,
  values: [ctx.tenant.id, ctx.user.id, ctx.user.login, ctx.channel, ctx.requestId, JSON.stringify(rows)],
  plain: () => ({
    before: [],
    rest: () => ({
      statements: insertRows(
        'audit_entry (tenant_id, actor, actor_login, face, request_id, id, act, reason, record_type, record, changes)',
        [ctx.tenant.id, ctx.user.id, ctx.user.login, ctx.channel, ctx.requestId],
        rows.map((row) => [row.id, row.operation, row.reason, row.recordType, row.record, JSON.stringify(row.changes)]),
      ),
    }),
  }),
});

/** Statements that add rows, which begin with the same values; `end` follows the rows. */
export const insertRows = (into: string, same: readonly unknown[], rows: readonly unknown[][], end = ''): Statement[] =>
  inPieces(rows, rowsOfStatement).map((piece) => {
    const values = [...same];
    const lists = piece.map((row) => [
      ...same.map((_, at) => `$${at + 1}`),
      ...row.map((one) => `$${values.push(one)}`),
    ]);
    return prepared({
      text: `insert into ${into} values ${lists.map((list) => `(${list.join(', ')})`).join(', ')}${end}`,
      values,
    });
  });

/**
 * Writes events to the outbox, numbered by the feed's counter, which is raised in the same statement. Whoever holds the
 * counter commits before everybody else in the tenant: so it is here that the premises which the transaction went by
 * (`believed`) are compared with those that the tenant has, and that new ones (`established`) are noted.
 */
export function outboxStatement(
  ctx: Context,
  events: EventDraft[],
  believed: Iterable<Premise>,
  established: readonly Premise[],
): Statement {
  return {
    name: 'outbox',
    text: `with head as (
        insert into feed_head (tenant_id, seq, premises) values ($1, $2::int, $6::text[])
        on conflict (tenant_id) do update set seq = feed_head.seq + $2::int,
          premises = case when excluded.premises <@ feed_head.premises then feed_head.premises else feed_head.premises || excluded.premises end
        returning seq, premises
      )
      insert into outbox (tenant_id, seq, id, type, subject, trace_id, data)
      select $1::uuid, head.seq - $2::int + n, (e->>'id')::uuid, e->>'type', e->>'subject', $3::text, e->'data' from head, jsonb_array_elements($4::jsonb) with ordinality as events (e, n)
      where 1 / (head.premises <@ $5::text[])::int = 1
      returning seq, (select array_to_json(premises) from head)`,
    values: [
      ctx.tenant.id,
      events.length,
      ctx.requestId,
      JSON.stringify(events),
      [...new Set([...believed, ...established])],
      established,
    ],
    missing: () => new BelievedTooLittle(ctx.tenant.id),
    plain: () => ({
      before: [
        {
          name: 'feed-head',
          text: `insert into feed_head (tenant_id, seq, premises) values ($1, $2::int, $3::text[])
            on conflict (tenant_id) do update set seq = feed_head.seq + excluded.seq,
              premises = case when excluded.premises <@ feed_head.premises then feed_head.premises else feed_head.premises || excluded.premises end
            returning seq, premises`,
          values: [ctx.tenant.id, events.length, established],
        },
      ],
      inPlace: true,
      rest: ([head]) => {
        const [seq, has] = head![0]!;
        const found = listFrom(has!, String);
        const expected = new Set<string>([...believed, ...established]);
        if (!found.every((one) => expected.has(one))) throw new BelievedTooLittle(ctx.tenant.id);
        const first = Number(seq) - events.length + 1;
        return {
          statements: insertRows(
            'outbox (tenant_id, trace_id, seq, id, type, subject, data)',
            [ctx.tenant.id, ctx.requestId],
            events.map(({ id, type, subject, data }, place) => [
              first + place,
              id,
              type,
              subject,
              JSON.stringify(data),
            ]),
          ),
          rows: [[seq!, JSON.stringify(found)]],
        };
      },
    }),
  };
}

/** A column's value in its program form. */
export function fromText(text: string | null, field: FieldModel): unknown {
  if (text === null) return null;
  if (field.sqlType === 'int') return Number(text);
  if (field.sqlType === 'boolean') return text === 't';
  if (field.sqlType.endsWith('[]')) return listFrom<unknown>(text, field.sqlType === 'int[]' ? Number : String);
  return text;
}

/** A list in PostgreSQL's text form, without nulls in it. */
const listFrom = <T>(text: string, read: (one: string) => T): T[] =>
  [...text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)].map(([, quoted, plain]) =>
    read(quoted === undefined ? plain! : quoted.replace(/\\(.)/gs, '$1')),
  );

/** Whether two values of a field are stored as the same one. */
export function same(before: unknown, after: unknown, field: FieldModel): boolean {
  if (before === after || (before ?? null) === (after ?? null)) return true;
  if (before === null || after === null || before === undefined) return false;
  if (Array.isArray(before)) return isDeepStrictEqual(before, after);
  return field.sqlType.startsWith('numeric') && Number(before) === Number(after);
}

/** The references of a row, by field: after its deletion they decide who could see it. */
export const referencesOf = (model: EntityModel, row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    [...model.fields.values()]
      .filter(({ property, refersTo }) => refersTo && property !== 'tenant' && row[property])
      .map(({ property }) => [property, row[property]]),
  );
