import { getNullableType, isListType } from 'graphql';
import { type Problem, refusalOf, Refused } from '../errors.js';
import type { Data, Plan, ReadFirst, Target } from '../plan/plan.js';
import { sameOnTheWire } from '../shapes.js';
import type { Call, ItemOutcome } from '../types.js';
import { execute, problemOf, type Runner, throwErrors, type UserError } from './execute.js';
import { itemWireName } from './field-names.js';
import { itemsSent, itemValue, variablesOf } from './variables.js';

/** How many records are read at once. */
const portionSize = 500;

/** The graph's result for one item. */
interface Result {
  index: number;
  userErrors: UserError[];
}

/** Makes the row's change for every valid item, in one operation, and reports the outcome of each. */
export async function batch(runner: Runner, plan: Plan, call: Call): Promise<ItemOutcome[]> {
  const list = listOf(plan);
  const variables = variablesOf(
    plan.targets.filter((target) => target !== list),
    call,
  );
  const items = itemsSent(list, call);
  const known = plan.reads && (await recordsOf(runner, plan, plan.reads, items, call));
  const read = items.map((item) => parsed(runner, list, known ? changesOf(item, plan, known, call) : item, call));
  const places = [...read.keys()].filter((index) => 'value' in read[index]!);
  const done = await send(
    runner,
    plan,
    call,
    { ...variables, [list.path[0]!]: places.map((index) => (read[index] as { value: unknown }).value) },
    places.length,
  );
  const resultOf = new Map(places.map((place, index) => [place, done[index]!]));
  return items.map((item, index) => {
    const one = read[index]!;
    if ('problems' in one) return { index, item, record: null, issues: issuesOf(one.problems, plan) };
    const result = resultOf.get(index)!;
    const problems = result.userErrors.map((error) =>
      problemOf({ ...error, field: inItem(error.field) }, (field) => itemWireName(list, field)),
    );
    const record = problems.length > 0 ? null : plan.record(result as unknown as Data);
    return { index, item, record: record && plan.read(record, call), issues: issuesOf(problems, plan) };
  });
}

/** The records that the items name, by id and by number. */
async function recordsOf(
  runner: Runner,
  plan: Plan,
  reads: ReadFirst,
  items: readonly unknown[],
  call: Call,
): Promise<Map<string, Data>> {
  const keys = items.map((item) => keyOf(item, plan)).filter((key) => key !== undefined);
  const found = new Map<string, Data>();
  for (let from = 0; from < keys.length; from += portionSize) {
    const records = reads.records(
      await execute(runner, reads, plan.targets, { ids: keys.slice(from, from + portionSize) }, call),
    );
    for (const record of records) found.set(String(record['id']), record).set(String(record['number']), record);
  }
  return found;
}

/** The key by which an item names its record, if it has a valid one. */
function keyOf(item: unknown, { row }: Plan): string | undefined {
  const key = (item as Data | null)?.[row.reads!.key];
  return typeof key === 'string' || Number.isSafeInteger(key) ? String(key) : undefined;
}

/** The item without the fields whose value its record has already. */
function changesOf(item: unknown, plan: Plan, known: ReadonlyMap<string, Data>, call: Call): unknown {
  const record = known.get(keyOf(item, plan) ?? '');
  if (!record) return item;
  return Object.fromEntries(
    Object.entries(item as Data).filter(([name, value]) => {
      const read = name === plan.row.reads!.key ? undefined : plan.reads!.fields.get(name);
      return !read || !sameOnTheWire(read(record, call), value);
    }),
  );
}

/** A path from the item on, as the client names fields; null for the item itself. */
const inItem = (field: string[] | null): string[] | null => (field && field.length > 2 ? field.slice(2) : null);

/** Where the items go: the field of the body that the graph takes a list of. */
const listOf = ({ targets }: Plan): Target =>
  targets.find(({ source, type }) => source === 'body' && isListType(getNullableType(type)))!;

async function send(runner: Runner, plan: Plan, call: Call, variables: Data, count: number): Promise<Result[]> {
  if (count === 0) return [];
  const payload = plan.result(await execute(runner, plan, plan.targets, variables, call)) as Data;
  throwErrors(payload, plan);
  return payload['results'] as Result[];
}

function parsed(
  { client }: Runner,
  list: Target,
  item: unknown,
  call: Call,
): { value: unknown } | { problems: Problem[] } {
  try {
    return { value: itemValue(client, list, item, call) };
  } catch (error) {
    if (error instanceof Refused) return { problems: error.problems };
    throw error;
  }
}

const issuesOf = (problems: Problem[], { dialect, row }: Plan): ItemOutcome['issues'] =>
  problems.length > 0 ? refusalOf(new Refused(problems), dialect, row).issues : [];
