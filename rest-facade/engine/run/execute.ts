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
  /** any thrown value as a refusal; unexpected ones are logged */
  asRefusal: (error: unknown, requestId: string) => DomainError;
}

/** Throws Refused for the errors of a payload. */
export function throwErrors(payload: Data, { targets }: Plan): void {
  const errors = (payload['userErrors'] ?? []) as UserError[];
  if (errors.length > 0)
    throw new Refused(errors.map((error) => problemOf(error, (field) => wireName(targets, field))));
}

/** An error that the graph reports as data, because the caller can correct it. */
export interface UserError {
  code: ErrorCode;
  message: string;
  field: string[] | null;
}

/** The graph's message, with the field named as the client knows it. NOT_FOUND is about the record, not about a field. */
export function problemOf(
  { code, message, field }: UserError,
  nameOf: (field: string[]) => string | undefined,
): { code: ErrorCode; message: string; field?: string | undefined } {
  const wire = field === null || code === 'NOT_FOUND' ? undefined : nameOf(field);
  return {
    code,
    message: field && wire !== undefined ? withFieldName(message, field, wire) : message,
    field: wire,
  };
}

/** Runs a stored operation and returns its data. Throws Refused with the fields named as the client knows them. */
export async function execute(
  { client, asRefusal }: Runner,
  { stored, types }: Operation,
  targets: readonly Target[],
  variables: Data,
  call: Call,
): Promise<Data> {
  checkVariables(client, variables, types, targets, call);
  const { data, errors } = await client.run(stored, taken(variables, types), call.ctx);
  if (errors?.[0]) throw refusedBy(errors[0], asRefusal, targets, call.request.requestId);
  return data as Data;
}

/** Those of the request's variables that the operation declares. */
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

/** The value, or a refusal NOT_FOUND where there is none. */
export function existing<T>(value: T): NonNullable<T> {
  if (value === null || value === undefined) throw refuse('NOT_FOUND');
  return value;
}
