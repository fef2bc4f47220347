import { buildSchema, isEnumType, type GraphQLSchema } from 'graphql';
import { address } from '../support/http.js';
import type { Actor, Data } from '../support/tenant.js';

/** What can be grouped, by the field that groups it: its list, and how its types begin. */
export const kinds = {
  customerGroups: { list: 'customers', type: 'Customer' },
  opportunityGroups: { list: 'opportunities', type: 'Opportunity' },
  contractGroups: { list: 'contracts', type: 'Contract' },
  paymentGroups: { list: 'payments', type: 'Payment' },
  activityGroups: { list: 'activities', type: 'Activity' },
  caseGroups: { list: 'cases', type: 'Case' },
  leadGroups: { list: 'leads', type: 'Lead' },
} as const;
export type Kind = keyof typeof kinds;

const group =
  'keys { field value label record { __typename id } } count values { key number time filter money { amounts { amount currency } } } others filter';

/** The operation that asks for groups with everything that there is to see of them. */
export const asked = (kind: Kind): string => {
  const { type } = kinds[kind];
  return `query ($filter: ${type}Filter, $by: [${type}GroupBy!]!, $measures: [${type}Measure!]!, $having: [GroupCondition!], $orderBy: [GroupOrder!], $first: Int!, $others: Boolean!, $fiscalYearStart: Int) { ${kind}(filter: $filter, by: $by, measures: $measures, having: $having, orderBy: $orderBy, first: $first, others: $others, fiscalYearStart: $fiscalYearStart) { groups { ${group} } totals { ${group} } groupCount truncated } }`;
};

const chinese = { 'accept-language': 'zh' };

const unset = { by: [], measures: [], first: 100, others: false };

/** The groups, as the graph gives them. */
export const groupsOf = async (by: Actor, kind: Kind, args: object = {}): Promise<Data> =>
  (await by.graph(asked(kind), { ...unset, ...args }))[kind];

/** The errors that refuse such a question, as `CODE path`. */
export async function refusals(by: Actor, kind: Kind, args: object): Promise<string[]> {
  const { body } = await by.graph.raw(asked(kind), { ...unset, ...args });
  return (body.errors ?? []).map(({ extensions: { code, field } }: Data) => [code, field?.join('.')].join(' '));
}

/** Groups from both executors, which must say the same; who ran it first. */
export async function fromBoth(by: Actor, kind: Kind, args: object): Promise<Data> {
  const variables = { ...unset, ...args };
  const compiled = await by.graph.raw(asked(kind), variables, { ...chinese, 'x-crm-executor': 'compiled' });
  const plain = await by.graph.raw(asked(kind), variables, { ...chinese, 'x-crm-executor': 'plain' });
  expect({ variables, ...compiled.body }).toEqual({ variables, ...plain.body });
  if (!compiled.body.errors) expect(compiled.headers.get('x-crm-executor')).toBe('compiled');
  return compiled.body.data?.[kind];
}

/** How many records the list has with the filter of each group: all in one operation. */
export async function behind(by: Actor, kind: Kind, groups: Data[]): Promise<number[]> {
  if (groups.length === 0) return [];
  const { list, type } = kinds[kind];
  const variables = groups.map((_, index) => `$f${index}: ${type}Filter`).join(', ');
  const fields = groups.map((_, index) => `g${index}: ${list}(filter: $f${index}, first: 0) { totalCount }`).join(' ');
  const data = await by.graph(
    `query (${variables}) { ${fields} }`,
    Object.fromEntries(groups.map(({ filter }, index) => [`f${index}`, JSON.parse(filter)])),
  );
  return groups.map((_, index) => data[`g${index}`].totalCount);
}

/** The graph that the server serves. */
export const served = async (): Promise<GraphQLSchema> =>
  buildSchema(await (await fetch(`${address()}/schema.graphql`)).text());

/** The values of an enumeration. */
export function valuesOf(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name);
  return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
}
