import { isNonNullType } from 'graphql';
import { Refused, VersionConflict } from '../errors.js';
import type { Data, Plan, Target } from '../plan/plan.js';
import { sameOnTheWire } from '../shapes.js';
import type { Call, Shown } from '../types.js';
import { shown, versionsAllowed, withVersion } from './conditions.js';
import { ask, existing, type Runner, throwErrors, type UserError } from './execute.js';
import { put, variablesOf } from './variables.js';

/** How often an update begins anew after somebody else's change came in between. */
const attempts = 3;

/** Runs another row in place of this one. */
type RunOther = (plan: Plan, call: Call) => Promise<Shown>;

/** Reads the record as the client sees it, and forwards only what the client wants otherwise. */
export async function change(
  runner: Runner,
  plan: Plan,
  call: Call,
  runOther: RunOther,
  left = attempts,
): Promise<Shown> {
  const before = plan.before!;
  const key = variablesOf(
    plan.targets.filter(({ path }) => before.types.has(path[0]!)),
    call,
  );
  const record = existing(before.record(await ask(runner, before, plan.targets, key, call)));
  const other = insteadOf(plan, record, call);
  if (other) return runOther(other, { ...call, request: { ...call.request, body: differences(plan, record, call) } });
  const same = unchanged(plan, record, call);
  const variables = variablesOf(
    plan.targets.filter((target) => !same.has(target)),
    call,
  );
  for (const { path, wire, type } of same)
    if (isNonNullType(type)) put(variables, path, before.values.get(wire)!(record));
  const allowed = versionsAllowed(call);
  if (allowed) return writeAt(runner, plan, call, variables, allowed);
  if (before.versioned) variables['version'] = record['version'];
  try {
    return await write(runner, plan, call, variables);
  } catch (error) {
    if (!(error instanceof VersionConflict) || left <= 1) throw error;
    call.ctx.loaders.clear();
    return change(runner, plan, call, runOther, left - 1);
  }
}

/** The plan that does the whole of it, where a member asks for a value that the record does not have. */
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

/** The body without the members that say what the record says already. */
function differences({ before }: Plan, record: Data, call: Call): Data {
  const body = (call.request.body ?? {}) as Data;
  return Object.fromEntries(
    Object.entries(body).filter(([wire, value]) => {
      const read = before!.fields.get(wire);
      return !read || !sameOnTheWire(read(record, call), value);
    }),
  );
}

/** Members of the body that say what the record says already. They are left out; where the graph demands one, it keeps the stored value. */
function unchanged(plan: Plan, record: Data, call: Call): Set<Target> {
  const body = (call.request.body ?? {}) as Data;
  const asked = differences(plan, record, call);
  return new Set(
    plan.targets.filter(
      ({ source, wire }) => source === 'body' && Object.hasOwn(body, wire) && !Object.hasOwn(asked, wire),
    ),
  );
}

/** Makes a change, where `If-Match` was sent only of a version that it allows. */
export const writeAt = (
  runner: Runner,
  plan: Plan,
  call: Call,
  variables: Data,
  allowed: number[] | undefined,
): Promise<Shown> =>
  allowed
    ? withVersion(allowed, (version) => write(runner, plan, call, { ...variables, version }))
    : write(runner, plan, call, variables);

async function write(runner: Runner, plan: Plan, call: Call, variables: Data): Promise<Shown> {
  // an empty body is judged by the rules of the record, not as a missing argument
  if (plan.types.has('input')) variables['input'] ??= {};
  const payload = plan.result(await ask(runner, plan, plan.targets, variables, call)) as Data;
  const versionConflict = ((payload['userErrors'] ?? []) as UserError[]).find(
    ({ code }) => code === 'VERSION_CONFLICT',
  );
  if (!versionConflict) throwErrors(payload, plan);
  const after = answered(plan, plan.record(payload), call);
  if (!versionConflict) return after;
  const current = after.etag ? after : undefined;
  throw versionsAllowed(call)
    ? new VersionConflict('PRECONDITION_FAILED', current)
    : new VersionConflict('VERSION_CONFLICT', current, versionConflict.message);
}

/** What a change came to; a removal shows no record, and its answer has no tag. */
function answered(plan: Plan, record: Data | null, call: Call): Shown {
  const value = plan.read(record, call);
  return plan.row.kind === 'remove' || record === null ? { value } : shown(value, plan.version(record));
}
