import { isNonNullType } from 'graphql';
import { VersionConflict, Refused } from '../errors.js';
import type { Before, Data, Plan, Target } from '../plan/plan.js';
import { sameOnTheWire } from '../shapes.js';
import type { Call, Representation } from '../types.js';
import { checkMayExist, representationOf, versionsAllowed, withVersion } from './conditions.js';
import { execute, existing, type Runner, throwErrors, type UserError } from './execute.js';
import { put, variablesOf } from './variables.js';

/** How often an update is tried with the version that was read, while other changes of the record are committed in between. */
const attempts = 20;

/** Runs another row in place of this one. */
type RunOther = (plan: Plan, call: Call) => Promise<Representation>;

/**
 * Reads the record as the client sees it, and writes only the fields that the client sent with another value. Without
 * `If-Match` the last change wins: where another one is committed in between, the record is read again, so that what is
 * compared is never older than what is changed; a record that changes all the time is changed as it was last read.
 */
export async function change(
  runner: Runner,
  plan: Plan,
  call: Call,
  runOther: RunOther,
  left = attempts,
): Promise<Representation> {
  const before = plan.before!;
  const key = variablesOf(
    plan.targets.filter(({ path }) => before.types.has(path[0]!)),
    call,
  );
  const record = existing(before.record(await execute(runner, before, plan.targets, key, call)));
  checkMayExist(plan, call);
  const other = insteadOf(plan, record, call);
  if (other) return runOther(other, { ...call, request: { ...call.request, body: differences(plan, record, call) } });
  const same = unchanged(plan, record, call);
  const variables = variablesOf(
    plan.targets.filter((target) => !same.has(target) && isMeant(target, before, record, call)),
    call,
  );
  for (const { path, wire, type, partOf } of same)
    if (isNonNullType(type) && !partOf) put(variables, path, before.values.get(wire)!(record));
  completeParts(plan, record, variables);
  const allowed = versionsAllowed(call);
  if (allowed) return writeAt(runner, plan, call, variables, allowed);
  if (before.versioned) variables['version'] = record['version'];
  try {
    return await write(runner, plan, call, variables);
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
    call.ctx.loaders.clear();
    if (left > 1) return change(runner, plan, call, runOther, left - 1);
    delete variables['version'];
    return write(runner, plan, call, variables);
  }
}

/** The row that does all of the update, if a field of the body asks for a value that the record does not have. */
function insteadOf(plan: Plan, record: Data, call: Call): Plan | undefined {
  const { instead = [] } = plan;
  const asked = differences(plan, record, call);
  for (const field of new Set(instead.map((one) => one.field))) {
    if (!Object.hasOwn(asked, field)) continue;
    const found = instead.find((one) => one.field === field && sameOnTheWire(one.value, asked[field]));
    if (!found) throw new Refused([{ code: 'INVALID', field }]);
    return found.plan;
  }
  return undefined;
}

/** The body without the fields whose value the record has already. */
function differences({ before }: Plan, record: Data, call: Call): Data {
  const body = (call.request.body ?? {}) as Data;
  return Object.fromEntries(
    Object.entries(body).filter(([wire, value]) => {
      const read = before!.fields.get(wire);
      return !read || !sameOnTheWire(read(record, call), value);
    }),
  );
}

/** Fields of the body whose value the record has already. They are left out; a required one is sent with its stored value. */
function unchanged(plan: Plan, record: Data, call: Call): Set<Target> {
  const body = (call.request.body ?? {}) as Data;
  const asked = differences(plan, record, call);
  return new Set(
    plan.targets.filter(
      ({ source, wire }) => source === 'body' && Object.hasOwn(body, wire) && !Object.hasOwn(asked, wire),
    ),
  );
}

/** Gives an object that is written the part without which there is none, as it is stored: the amount beside a currency. */
function completeParts({ targets, before }: Plan, record: Data, variables: Data): void {
  const at = (path: readonly string[]): unknown =>
    path.reduce<unknown>((value, name) => (value as Data | null | undefined)?.[name], variables);
  for (const { path, wire, partOf } of targets) {
    if (!partOf || typeof (at(partOf) ?? undefined) !== 'object' || at(path) !== undefined) continue;
    const stored = before!.values.get(wire)?.(record) ?? null;
    if (stored !== null) put(variables, path, stored);
  }
}

/** Whether a place is filled: where it depends on fields of the record, these will have the values for it. */
const isMeant = ({ where = {} }: Target, { fields }: Before, record: Data, call: Call): boolean =>
  Object.entries(where).every(([wire, value]) =>
    sameOnTheWire((call.request.body as Data)[wire] ?? fields.get(wire)!(record, call), value),
  );

/** Makes a change; with `If-Match`, only of a version that it allows. */
export const writeAt = (
  runner: Runner,
  plan: Plan,
  call: Call,
  variables: Data,
  allowed: number[] | undefined,
): Promise<Representation> =>
  allowed
    ? withVersion(allowed, (version) => write(runner, plan, call, { ...variables, version }))
    : write(runner, plan, call, variables);

async function write(runner: Runner, plan: Plan, call: Call, variables: Data): Promise<Representation> {
  // an empty body is checked by the rules of the record, not reported as a missing argument
  if (plan.types.has('input')) variables['input'] ??= {};
  const payload = plan.result(await execute(runner, plan, plan.targets, variables, call)) as Data;
  const conflict = ((payload['userErrors'] ?? []) as UserError[]).find(({ code }) => code === 'VERSION_CONFLICT');
  if (!conflict) throwErrors(payload, plan);
  const after = answered(plan, plan.record(payload), call);
  if (!conflict) return after;
  const current = after.etag ? after : undefined;
  throw versionsAllowed(call)
    ? new VersionConflict('PRECONDITION_FAILED', current)
    : new VersionConflict('VERSION_CONFLICT', current, conflict.message);
}

/** The changed record; a deletion shows no record, and its answer has no entity tag. */
function answered(plan: Plan, record: Data | null, call: Call): Representation {
  const value = plan.read(record, call);
  return plan.row.kind === 'remove' || record === null ? { value } : representationOf(value, plan.version(record));
}
