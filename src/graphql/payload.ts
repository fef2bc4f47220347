import { Field, ObjectType } from 'type-graphql';
import type { Context } from '../core/context.js';
import { enumeration } from '../core/enumeration.js';
import { DomainError, errorTable, messageOf, type ErrorCode } from '../core/errors.js';

const placeholders: Record<string, string> = { field: 'The member', record: 'The record' };

/** The message of a code as it holds for every case of it. */
const general = (message: string): string => message.replace(/: \{\w+\}$/, '.').replace(/\{(\w+)\}/g, (_, name: string) => placeholders[name] ?? '…');

export const ErrorCodes = enumeration(
  'ErrorCode',
  'What went wrong, stable across versions and languages.',
  Object.fromEntries(Object.entries(errorTable).map(([code, { en }]) => [code, general(en)])) as Record<ErrorCode, string>,
);

@ObjectType('UserError', { description: 'Something the caller can put right.' })
export class UserError {
  @Field(() => ErrorCodes, { description: 'Stable code.' })
  code!: ErrorCode;

  @Field(() => String, { description: 'A sentence in the language of `Accept-Language`: Chinese or English.' })
  message!: string;

  @Field(() => [String], { nullable: true, description: 'Path of the member it concerns, from the arguments\' root.' })
  field?: string[] | undefined;
}

/** Makes the payload type of a mutation: its records (nullable, by id) and `userErrors`. */
export function payload(name: string, records: Record<string, [type: () => unknown, description: string]>): new () => object {
  class Payload {}
  for (const [member, [type, description]] of Object.entries(records)) Field(type as () => typeof UserError, { nullable: true, description })(Payload.prototype, member);
  Field(() => [UserError], { description: 'What kept the change from being made; empty if it was made.' })(Payload.prototype, 'userErrors');
  Object.defineProperty(Payload, 'name', { value: name });
  ObjectType(name, { description: 'What came of the change.' })(Payload);
  return Payload;
}

/** Runs a mutation's work: what the user can put right becomes `userErrors`, the rest stays an error. */
export async function answer(ctx: Context, work: () => Promise<Record<string, unknown>>): Promise<object> {
  try {
    return { ...(await work()), userErrors: [] };
  } catch (error) {
    if (!(error instanceof DomainError) || !error.byUser) throw error;
    return { userErrors: error.issues.map((issue) => ({ code: issue.code, message: messageOf(issue, ctx.locale), field: issue.field })) };
  }
}
