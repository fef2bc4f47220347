import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { ItemResult } from '../write/bulk.js';
import type { Context } from '../core/context.js';
import { enumeration } from '../model/enumeration.js';
import type { EntityClass } from '../model/model.js';
import { DomainError, errorTable, messageOf, VersionConflict, type ErrorCode, type Issue } from '../core/errors.js';
import { uncapitalized } from '../core/names.js';

const placeholders: Record<string, string> = { field: 'The field', record: 'The record' };

/** The message of a code as it holds for every case of it. */
const general = (message: string): string =>
  message.replace(/: \{\w+\}$/, '.').replace(/\{(\w+)\}/g, (_, name: string) => placeholders[name] ?? '…');

export const ErrorCodes = enumeration(
  'ErrorCode',
  'What went wrong, stable across versions and languages.',
  Object.fromEntries(Object.entries(errorTable).map(([code, { en }]) => [code, general(en)])) as Record<
    ErrorCode,
    string
  >,
);

@ObjectType('UserError', { description: 'Something the caller can put right.' })
export class UserError {
  @Field(() => ErrorCodes, { description: 'Stable code.' })
  code!: ErrorCode;

  @Field(() => String, {
    description:
      'A sentence in the language of `Accept-Language`, Chinese or English; without it in that of the tenant.',
  })
  message!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      "Path of the field it concerns, from the arguments' root, e.g. `input`, `contacts`, `0`, `email`: in the variables of the mutation it leads to the wrong value.",
  })
  field?: string[] | undefined;
}

/** Makes the payload type of a mutation: its records (nullable, by id) and `userErrors`. */
export function payload(
  name: string,
  records: Record<string, [type: () => unknown, description: string]>,
): new () => object {
  class Payload {}
  for (const [field, [type, description]] of Object.entries(records))
    Field(type as () => typeof UserError, { nullable: true, description })(Payload.prototype, field);
  Field(() => [UserError], { description: 'What kept the change from being made; empty if it was made.' })(
    Payload.prototype,
    'userErrors',
  );
  Object.defineProperty(Payload, 'name', { value: name });
  ObjectType(name, { description: 'What came of the change.' })(Payload);
  return Payload;
}

/** What a payload calls a record of that type. */

/** Makes the payload type of a deletion. */
export const deletePayload = (entity: EntityClass): new () => object =>
  payload(`${entity.name}DeletePayload`, {
    deletedId: [() => ID, 'Id of the deleted record; null if it was not deleted.'],
    [uncapitalized(entity.name)]: [
      () => entity,
      'The record as it is, where it was not deleted because it had been changed meanwhile (VERSION_CONFLICT); else null.',
    ],
  });

/** Makes the payload type of a mutation over many items: what came of each, with its record where there is one left to show. */
export function bulkPayload(name: string, record?: [field: string, type: () => unknown]): new () => object {
  class Result {
    @Field(() => Int, { description: 'Place of the item among those sent, from 0.' })
    index!: number;

    @Field(() => ID, { nullable: true, description: 'Id of the record; null if the item was refused.' })
    id!: string | null;

    @Field(() => [UserError], {
      description: 'What kept the item from being done; empty if it was done.',
    })
    userErrors!: UserError[];
  }
  if (record)
    Field(record[1] as () => typeof UserError, {
      nullable: true,
      description:
        'The record after the change; null if the item was refused, except with VERSION_CONFLICT: then the record as it is.',
    })(Result.prototype, record[0]);
  const type = name.replace(/Payload$/, 'Result');
  Object.defineProperty(Result, 'name', { value: type });
  ObjectType(type, { description: 'What came of one item.' })(Result);
  const Payload = payload(name, {});
  Field(() => [Result], { description: 'What came of each item, in the order sent; empty if none was looked at.' })(
    Payload.prototype,
    'results',
  );
  return Payload;
}

const userErrors = (ctx: Context, issues: readonly Issue[]): UserError[] =>
  issues.map((issue) => ({ code: issue.code, message: messageOf(issue, ctx.locale), field: issue.field }));

/** Runs the work of a mutation over many items. */
export const answerBulk = (ctx: Context, work: () => Promise<ItemResult[]>, record?: string): Promise<object> =>
  answer(ctx, async () => {
    const results = await work();
    await countDuplicates(
      ctx,
      results.flatMap(({ issues }) => issues),
    );
    return {
      results: results.map(({ index, id, issues, current }) => ({
        index,
        id,
        userErrors: userErrors(ctx, issues),
        ...(record && { [record]: id ?? current }),
      })),
    };
  }).then((answered) => ({ results: [], ...answered }));

/** Refusals of what exists already: they reveal records that the caller may not see. */
const ofDuplicates: ReadonlySet<ErrorCode> = new Set(['NAME_TAKEN', 'NUMBER_TAKEN', 'ALREADY_EXISTS']);

async function countDuplicates(ctx: Context, issues: readonly Issue[]): Promise<void> {
  const count = issues.filter(({ code }) => ofDuplicates.has(code)).length;
  if (count > 0) await ctx.duplicates?.found(ctx, count);
}

/**
 * Runs a mutation: errors that the user can correct become `userErrors`, others are thrown. A change with a version
 * conflict is answered with the current record. Refuses RATE_LIMITED a caller who has met too many duplicates.
 */
export async function answer(ctx: Context, work: () => Promise<Record<string, unknown>>): Promise<object> {
  await ctx.duplicates?.check(ctx);
  try {
    return { ...(await work()), userErrors: [] };
  } catch (error) {
    if (!(error instanceof DomainError) || !error.byUser) throw error;
    await countDuplicates(ctx, error.issues);
    return {
      ...(error instanceof VersionConflict && { [uncapitalized(error.record.type)]: error.record.id }),
      userErrors: userErrors(ctx, error.issues),
    };
  }
}
