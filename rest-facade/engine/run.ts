import { isNonNullType } from 'graphql';
import { ask, throwErrors, type Runner, type UserError } from './ask.js';
import { batch } from './batch.js';
import type { Data, Needs, Plan } from './compile.js';
import type { Call, Page, Paging } from './dialect.js';
import { checkComparable, shown, versionsAllowed, withVersion, type Shown } from './conditions.js';
import { badRequest, VersionConflict, Refused, refuse } from './errors.js';
import type { Row } from './rows.js';
import { streamed } from './stream.js';
import { sameOnTheWire } from './shapes.js';
import { put, variablesOf, type Target } from './targets.js';

/** What a row came to: HTTP status, the value that the dialect wraps, and the tag of the record that it shows. */
export interface Outcome extends Shown {
  status: number;
}

/** Most rows that the graph gives at once. */
const portion = 500;
/** How often an update begins anew after somebody else's change came in between. */
const attempts = 3;

/** Runs a row for a request. Throws Refused or DomainError for everything that keeps it from being done. */
export async function run(runner: Runner, plan: Plan, given: Call): Promise<Outcome> {
  const { row } = plan;
  if (row.right && !given.ctx.rights[row.right]) throw refuse('FORBIDDEN');
  checkComparable(plan, given);
  if (row.params.body) checkBody(plan, given);
  const call = named(given, row.synonyms);
  if (plan.needs) await checkNeeds(runner, plan, plan.needs, call);
  const file = row.file?.(call);
  if (file?.whole) return { status: 200, value: await streamed(runner, plan, call, file.render) };
  if (file) return { status: 200, value: file.render(onePage((await page(runner, plan, call)).items), call) };
  const { value: read, etag, json } = await perform(runner, plan, call);
  const answered = row.answer ? row.answer(read, call) : read;
  const finished = row.finish?.(answered, call);
  const value = finished ? finished.value : answered;
  return { status: finished?.status ?? row.status ?? 200, value, etag, ...(value === read && { json }) };
}

async function perform(runner: Runner, plan: Plan, call: Call): Promise<Shown> {
  switch (plan.row.kind) {
    case 'list':
      return { value: plan.dialect.page(await page(runner, plan, call), call) };
    case 'all':
      return { value: await everything(runner, plan, call) };
    case 'one':
      return single(runner, plan, call);
    case 'batch':
      return { value: await batch(runner, plan, call) };
    case 'update':
      return change(runner, plan, call, attempts);
    default:
      return writeAt(runner, plan, call, variablesOf(plan.targets, call), versionsAllowed(call));
  }
}

function checkBody({ dialect }: Plan, { request }: Call): void {
  const { body } = request;
  if (body !== undefined && (body === null || typeof body !== 'object' || Array.isArray(body)))
    throw badRequest('object', dialect.locale);
}

/** The request with members of its body under the names that the row knows. */
function named(call: Call, synonyms: Row['synonyms']): Call {
  const body = call.request.body as Data | undefined;
  if (!synonyms || !body) return call;
  const others = Object.entries(synonyms).filter(
    ([other, name]) => Object.hasOwn(body, other) && !Object.hasOwn(body, name),
  );
  return {
    ...call,
    request: {
      ...call.request,
      body: { ...body, ...Object.fromEntries(others.map(([other, name]) => [name, body[other]])) },
    },
  };
}

/** Looks for everything that the row needs, in one statement. Throws Refused NOT_FOUND for the first that is missing. */
async function checkNeeds(runner: Runner, plan: Plan, needs: Needs, call: Call): Promise<void> {
  const keys = variablesOf(
    plan.targets.filter(({ path }) => needs.types.has(path[0]!)),
    call,
  );
  const data = await ask(runner, needs, plan.targets, keys, call);
  for (const [field, read] of needs.found) if (read(data) === null) throw new Refused([{ code: 'NOT_FOUND', field }]);
}

async function page(runner: Runner, plan: Plan, call: Call): Promise<Page> {
  const paging = { ...plan.dialect.paging, ...plan.row.paging };
  const number = pageNumber(paging, call);
  const size = pageSize(paging, call);
  const variables = variablesOf(plan.targets, call);
  const { items, total } = await rows(runner, plan, call, variables, (number - 1) * size, size, paging.page);
  return { items, total, page: number, size };
}

async function* onePage(items: unknown[]): AsyncGenerator<unknown[]> {
  yield items;
}

async function everything(runner: Runner, plan: Plan, call: Call): Promise<unknown> {
  const variables = variablesOf(plan.targets, call);
  const { items } = await rows(runner, plan, call, variables, 0, Infinity, '');
  return items;
}

/** Rows from an offset on, as many as asked for, in portions that the graph gives. */
async function rows(
  runner: Runner,
  plan: Plan,
  call: Call,
  variables: Data,
  offset: number,
  size: number,
  pageName: string,
): Promise<{ items: unknown[]; total: number }> {
  if (offset + Math.min(size, portion) > 0x7fffffff) throw new Refused([{ code: 'INVALID', field: pageName }]);
  const items: unknown[] = [];
  for (;;) {
    const first = Math.min(size - items.length, portion);
    const data = await ask(runner, plan, plan.targets, { ...variables, first, offset: offset + items.length }, call);
    const result = existing(plan.result(data));
    const nodes = (plan.isConnection ? (result as Data)['nodes'] : result) as Data[];
    items.push(...nodes.map((node) => plan.read(node, call)));
    const total = plan.isConnection ? Number((result as Data)['totalCount']) : items.length;
    if (!plan.isConnection || nodes.length < first || items.length >= size) return { items, total };
  }
}

const pageNumber = (paging: Paging, call: Call): number => bounded(call, paging.page, 1, 1, 0x7fffffff, paging.outside);

function pageSize(paging: Paging, call: Call): number {
  const name = paging.size.find((one) => call.request.query[one] !== undefined) ?? paging.size[0]!;
  return bounded(call, name, paging.defaultSize, 1, paging.maxSize, paging.outside);
}

/** A whole number among the query parameters, within bounds: refused or brought inside, as the dialect does. */
function bounded(
  { request }: Call,
  name: string,
  defaultSize: number,
  least: number,
  max: number,
  outside: Paging['outside'],
): number {
  const text = request.query[name]?.at(-1)?.trim();
  if (!text) return defaultSize;
  if (!/^[+-]?\d+$/.test(text)) throw new Refused([{ code: 'INVALID', field: name }]);
  const number = Number(text);
  if (outside === 'refuse' && (number < least || number > max))
    throw new Refused([{ code: 'OUT_OF_RANGE', field: name, params: { min: least, max } }]);
  return Math.min(Math.max(number, least), max);
}

async function single(runner: Runner, plan: Plan, call: Call): Promise<Shown> {
  const data = await ask(runner, plan, plan.targets, variablesOf(plan.targets, call), call);
  const record = existing(plan.result(data)) as Data;
  return shown(plan.read(record, call), plan.version(record));
}

function existing<T>(value: T): NonNullable<T> {
  if (value === null || value === undefined) throw refuse('NOT_FOUND');
  return value;
}

/** Reads the record as the client sees it, and forwards only what the client wants otherwise. */
async function change(runner: Runner, plan: Plan, call: Call, left: number): Promise<Shown> {
  const before = plan.before!;
  const key = variablesOf(
    plan.targets.filter(({ path }) => before.types.has(path[0]!)),
    call,
  );
  const record = existing(before.record(await ask(runner, before, plan.targets, key, call)));
  const other = insteadOf(plan, record, call);
  if (other)
    return run(runner, other, { ...call, request: { ...call.request, body: differences(plan, record, call) } });
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
    return change(runner, plan, call, left - 1);
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
const writeAt = (
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
