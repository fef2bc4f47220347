import { randomUUID } from 'node:crypto';
import { address } from '../support/http.js';
import { Fresh, mutations } from '../support/mutations.js';
import type { Actor, Data, TestTenant } from '../support/tenant.js';

/** Names are unique in a tenant, whoever makes the records. */
export class Maker extends Fresh {
  constructor(
    private readonly prefix: string,
    of: TestTenant,
    by?: Actor,
  ) {
    super(of, by);
  }

  override name(): string {
    return `${this.prefix} ${super.name()}`;
  }
}

/** One change: a mutation, and its arguments. */
export interface Call {
  mutation: string;
  args: Record<string, unknown>;
}

const uuid = /[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g;

/** The same with ids that name nothing, in the place of those of the records that are to be changed. */
export const withoutRecords = (args: Record<string, unknown>): Record<string, unknown> => {
  // of an act on several records its `ids`: whom or which pool they are given to is there
  const { ids, ...rest } = args;
  return ids ? { ...rest, ids: withoutIds(ids) } : withoutIds(args);
};

/** The same changes, of records that there are not. */
export const ofNothing = (calls: readonly Call[]): Call[] =>
  calls.map(({ mutation, args }) => ({ mutation, args: withoutRecords(args) }));

const withoutIds = <T>(args: T): T =>
  JSON.parse(JSON.stringify(args).replace(uuid, () => randomUUID().replace(/^(.{14})./, '$17'))) as T;

const together = 8;

/** The refusals of each change, in their order; none of those that were done. Several are sent in one request, and done one after the other. */
export async function refusalsOf(by: Actor, calls: readonly Call[], server = address()): Promise<string[][]> {
  const all: string[][] = [];
  for (let from = 0; from < calls.length; from += together)
    all.push(...(await ask(by, calls.slice(from, from + together), server)));
  return all;
}

async function ask(by: Actor, calls: readonly Call[], server: string): Promise<string[][]> {
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  const parts = calls.map(({ mutation, args }, index) => {
    const { args: known, type } = mutations[mutation]!;
    const given = known.filter(({ name }) => name in args);
    for (const { name, type: of } of given) {
      declared.push(`$c${index}_${name}: ${String(of)}`);
      variables[`c${index}_${name}`] = args[name];
    }
    const isBulk = 'results' in (type as unknown as { getFields(): object }).getFields();
    const list = given.map(({ name }) => `${name}: $c${index}_${name}`).join(', ');
    return `c${index}: ${mutation}${list && `(${list})`} { userErrors { code field } ${isBulk ? 'results { userErrors { code field } }' : ''} }`;
  });
  const response = await fetch(`${server}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation ${declared.length > 0 ? `(${declared.join(', ')})` : ''} { ${parts.join(' ')} }`,
      variables,
    }),
  });
  const { data, errors = [] } = (await response.json()) as Data;
  if (!data && errors.some(({ path }: Data) => !path)) throw new Error(JSON.stringify([calls, errors]));
  return calls.map((_, index) => {
    const payload = data?.[`c${index}`];
    const items = (payload?.results ?? []) as Data[];
    return [
      ...errors
        .filter(({ path }: Data) => path[0] === `c${index}`)
        .map(({ extensions }: Data) => extensions.code as string),
      ...[payload, ...items].flatMap((one) =>
        (one?.userErrors ?? []).map(({ code, field }: Data) => [code, ...(field ?? [])].join(' ')),
      ),
    ] as string[];
  });
}
