import { Refused } from '../errors.js';
import type { Data, Plan } from '../plan/plan.js';
import type { Call, Page, Paging, Representation } from '../types.js';
import { representationOf } from './conditions.js';
import { execute, existing, type Runner } from './execute.js';
import { variablesOf } from './variables.js';

/** The graph's largest page. */
const portionSize = 500;

export async function page(runner: Runner, plan: Plan, call: Call): Promise<Page> {
  const paging = { ...plan.dialect.paging, ...plan.row.paging };
  const number = pageNumber(paging, call);
  const size = pageSize(paging, call);
  const variables = variablesOf(plan.targets, call);
  const { items, total } = await rows(runner, plan, call, variables, (number - 1) * size, size, paging.page);
  return { items, total, page: number, size };
}

export async function everything(runner: Runner, plan: Plan, call: Call): Promise<unknown> {
  const variables = variablesOf(plan.targets, call);
  const { items } = await rows(runner, plan, call, variables, 0, Infinity, '');
  return items;
}

/** Rows from an offset on, up to `size` of them, read in pages of the graph. */
async function rows(
  runner: Runner,
  plan: Plan,
  call: Call,
  variables: Data,
  offset: number,
  size: number,
  pageName: string,
): Promise<{ items: unknown[]; total: number }> {
  if (offset + Math.min(size, portionSize) > 0x7fffffff) throw new Refused([{ code: 'INVALID', field: pageName }]);
  const items: unknown[] = [];
  for (;;) {
    const first = Math.min(size - items.length, portionSize);
    const data = await execute(
      runner,
      plan,
      plan.targets,
      { ...variables, first, offset: offset + items.length },
      call,
    );
    const result = existing(plan.result(data));
    const nodes = (plan.isConnection ? (result as Data)[plan.rows] : result) as Data[];
    items.push(...nodes.map((node) => plan.read(node, call)));
    const total = plan.isConnection ? Number((result as Data)['totalCount']) : items.length;
    if (!plan.isConnection || nodes.length < first || items.length >= size) return { items, total };
  }
}

const pageNumber = (paging: Paging, call: Call): number => bounded(call, paging.page, 1, 1, 0x7fffffff, paging.outside);

function pageSize(paging: Paging, call: Call): number {
  const name = paging.size.find((one) => call.request.query[one]?.length) ?? paging.size[0]!;
  return bounded(call, name, paging.defaultSize, 1, paging.maxSize, paging.outside);
}

/** A whole number among the query parameters; outside of its bounds it is refused or clamped, as the dialect does. */
function bounded(
  { request }: Call,
  name: string,
  unset: number,
  min: number,
  max: number,
  outside: Paging['outside'],
): number {
  const text = request.query[name]?.at(-1)?.trim();
  if (!text) return unset;
  if (!/^[+-]?\d+$/.test(text)) throw new Refused([{ code: 'INVALID', field: name }]);
  const number = Number(text);
  if (outside === 'refuse' && (number < min || number > max))
    throw new Refused([{ code: 'OUT_OF_RANGE', field: name, params: { min, max } }]);
  return Math.min(Math.max(number, min), max);
}

export async function single(runner: Runner, plan: Plan, call: Call): Promise<Representation> {
  const data = await execute(runner, plan, plan.targets, variablesOf(plan.targets, call), call);
  const record = existing(plan.result(data)) as Data;
  return representationOf(plan.read(record, call), plan.version(record));
}
