import { badRequest, refuse, Refused } from '../errors.js';
import type { Data, Needs, Plan } from '../plan/plan.js';
import type { Call, Row, Representation } from '../types.js';
import { batch } from './batch.js';
import { change, writeAt } from './changes.js';
import { checkComparable, versionsAllowed } from './conditions.js';
import { execute, type Runner } from './execute.js';
import { everything, page, single } from './reads.js';
import { variablesOf } from './variables.js';
import { streamRow } from './whole-list.js';

/** The result of a row: HTTP status, the value that the dialect wraps, and the entity tag of the record in it. */
export interface Outcome extends Representation {
  status: number;
}

/** Runs a row for a request. Throws Refused or DomainError if the request is refused. */
export async function run(runner: Runner, plan: Plan, given: Call): Promise<Outcome> {
  const { row } = plan;
  if (row.right && !given.ctx.rights[row.right]) throw refuse('FORBIDDEN');
  checkComparable(plan, given);
  if (row.params.body) checkBody(given);
  const call = named(given, row.synonyms);
  if (plan.needs) await checkNeeds(runner, plan, plan.needs, call);
  const file = row.file?.(call);
  if (file?.whole) return { status: 200, value: await streamRow(runner, plan, call, file.render) };
  if (file) return { status: 200, value: file.render(onePage((await page(runner, plan, call)).items), call) };
  const { value: read, etag, json } = await perform(runner, plan, call);
  const answered = row.answer ? row.answer(read, call) : read;
  const finished = row.finish?.(answered, call);
  const value = finished ? finished.value : answered;
  return { status: finished?.status ?? row.status ?? 200, value, etag, ...(value === read && { json }) };
}

async function perform(runner: Runner, plan: Plan, call: Call): Promise<Representation> {
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
      return change(runner, plan, call, (other, changed) => run(runner, other, changed));
    default:
      return writeAt(runner, plan, call, variablesOf(plan.targets, call), versionsAllowed(call));
  }
}

function checkBody({ request }: Call): void {
  const { body } = request;
  if (body !== undefined && (body === null || typeof body !== 'object' || Array.isArray(body)))
    throw badRequest('OBJECT_BODY');
}

/** The request with the fields of its body under the names that the row knows. */
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

/** Reads everything that the row needs, in one statement. Throws Refused NOT_FOUND for the first that is missing. */
async function checkNeeds(runner: Runner, plan: Plan, needs: Needs, call: Call): Promise<void> {
  const keys = variablesOf(
    plan.targets.filter(({ path }) => needs.types.has(path[0]!)),
    call,
  );
  const data = await execute(runner, needs, plan.targets, keys, call);
  for (const [field, read] of needs.found) if (read(data) === null) throw new Refused([{ code: 'NOT_FOUND', field }]);
}

async function* onePage(items: unknown[]): AsyncGenerator<unknown[]> {
  yield items;
}
