import { type ErrorCode, errorTable } from '../../../src/core/errors.js';
import { VersionConflict, refusalOf, Refused, Repeated } from '../errors.js';
import type { JsonSchema } from '../json-schema.js';
import type { Plan } from '../plan/plan.js';
import type { Dialect, Row } from '../types.js';
import { sampleCall } from './wire.js';

export function refusal(
  dialect: Dialect,
  row: Row | undefined,
  code: ErrorCode,
  ...fields: Array<string | undefined>
): ReturnType<Dialect['error']> {
  return dialect.error(
    refusalOf(new Refused(fields.map((field) => ({ code, ...(field !== undefined && { field }) }))), dialect, row),
    sampleCall.request,
  );
}

/** A repetition may carry the first answer, whose body may be anything; a change that was versionConflict the record, in the form of its path. */
const firstBody = {};

const presentRecord = {};

export const knownInErrors = new Map<unknown, JsonSchema>([
  [firstBody, { description: 'The body of the first answer.' }],
  [presentRecord, { description: 'The record as it is, where somebody else has changed it meanwhile.' }],
]);

/** A dialect's answers to every error. */
export function errorsOf(dialect: Dialect): unknown[] {
  const codes = Object.keys(errorTable) as ErrorCode[];
  const versionConflict = dialect.error(
    refusalOf(new VersionConflict('PRECONDITION_FAILED', { value: presentRecord }), dialect, undefined),
    sampleCall.request,
  );
  const repeated = dialect.error(
    refusalOf(new Repeated({ status: 201, body: firstBody }), dialect, undefined),
    sampleCall.request,
  );
  return [
    ...codes.flatMap((code) => [
      refusal(dialect, undefined, code, undefined),
      refusal(dialect, undefined, code, 'name'),
      refusal(dialect, undefined, code, 'email'),
    ]),
    versionConflict,
    repeated,
  ].map(({ body }) => body);
}

/** Errors that a request of a row can be refused with. */
export function codesOf(plan: Plan): ErrorCode[] {
  const { row, targets } = plan;
  const isWrite = row.method !== 'GET';
  return [
    'INTERNAL',
    ...(comparesVersions(plan) ? (['PRECONDITION_FAILED'] as const) : []),
    ...(isWrite ? (['NAME_TAKEN'] as const) : []),
    ...(targets.some(({ source }) => source === 'path') ? (['NOT_FOUND'] as const) : []),
    'FORBIDDEN',
    'UNAUTHENTICATED',
    'INVALID',
  ];
}

/** Whether an operation compares the version of the record with the one that it was made from. */
export const comparesVersions = ({ row, types }: Plan): boolean => row.method !== 'GET' && types.has('version');
