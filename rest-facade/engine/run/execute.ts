import type { GraphQLError } from 'graphql';
import type { DomainError, ErrorCode } from '../../../src/core/errors.js';
import { withFieldName } from '../../../src/core/labels.js';
import type { InProcessClient } from '../../../src/schema/in-process-client.js';
import { problemsOf, refuse, Refused } from '../errors.js';
import type { Data, Operation, Plan, Target } from '../plan/plan.js';
import type { Call } from '../types.js';
import { wireName } from './field-names.js';
import { checkVariables } from './variables.js';

/** What running a row needs from the server. */
export interface Runner {
  client: InProcessClient;
  /** any thrown thing as a refusal; what nobody expected goes into the log */
  asRefusal: (error: unknown, requestId: string) => DomainError;
}

/** Throws Refused for the errors of a payload. */
export function throwErrors(payload: Data, { targets }: Plan): void {
  const errors = (payload['userErrors'] ?? []) as UserError[];
  if (errors.length > 0)
    throw new Refused(errors.map((error) => problemOf(error, (field) => wireName(targets, field))));
}

/** What the graph says the caller can put right. */
export interface UserError {
  code: ErrorCode;
  message: string;
  field: string[] | null;
}

/** The graph's sentence, with the member named as the client knows it. What was not found is the record, not a member. */
export function problemOf(
  { code, message, field }: UserError,
  nameOf: (field: string[]) => string | undefined,
): { code: ErrorCode; message: string; field?: string | undefined } {
  const wireField = field === null || code === 'NOT_FOUND' ? undefined : nameOf(field);
  return {
    code,
    message: field && wireField !== undefined ? withFieldName(message, field, wireField) : message,
    field: wireField,
  };
}

/** Runs a stored operation and gives its data. Throws Refused with the members named as the client knows them. */
export async function ask(
  { client, asRefusal }: Runner,
  { stored, types }: Operation,
  targets: readonly Target[],
  variables: Data,
  call: Call,
): Promise<Data> {
  checkVariables(variables, types, targets);
  const { data, errors } = await client.run(stored, taken(variables, types), call.ctx);
  if (errors?.[0]) throw refusedBy(errors[0], asRefusal, targets, call.request.requestId);
  return data as Data;
}

/** What the operation declares, of all that the request fills. */
function taken(variables: Data, types: Operation['types']): Data {
  const declared: Data = {};
  for (const name of types.keys()) if (Object.hasOwn(variables, name)) declared[name] = variables[name];
  return declared;
}

function refusedBy(
  error: GraphQLError,
  asRefusal: Runner['asRefusal'],
  targets: readonly Target[],
  requestId: string,
): Refused {
  const refusal = asRefusal(error.originalError ?? error, requestId);
  return new Refused(problemsOf(refusal, (field) => wireName(targets, field)));
}

export function existing<T>(value: T): NonNullable<T> {
  if (value === null || value === undefined) throw refuse('NOT_FOUND');
  return value;
}
