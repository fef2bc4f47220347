import { countOf, repeatable, seed } from '../support/generated.js';
import { Random } from '../support/operations.js';
import { customer, opportunity } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import { behind, fromBoth } from './asking.js';

// Groups of opportunities, asked in whatever way, are what comes of the list that the caller sees, grouped by hand.

let t: TestTenant;
let callers: Actor[];
const random = new Random(seed);

const stages = [
  'PROSPECTING',
  'QUALIFICATION',
  'NEEDS_ANALYSIS',
  'PROPOSAL',
  'NEGOTIATION',
  'CLOSED_WON',
  'CLOSED_LOST',
];
const day = (): string => new Date(Date.UTC(2025, 10, 20) + random.below(80) * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  t = await tenant();
  callers = [
    t.admin,
    t.manager,
    t.sales,
    t.sales2,
    t.viewer,
    await actor('both', t.code, ['sales', 'viewer']),
    await actor('reader', t.code, ['service'], { scope: 'crm:read' }),
    await actor('nobody', t.code, []),
  ];
  const owners = [await t.sales.id(), await t.sales2.id(), null];
  const customers = [];
  for (let index = 0; index < 8; index += 1)
    customers.push(await customer(t.admin, { name: `客户${index}`, owner: random.of(owners) }));
  for (let index = countOf({ few: 40, all: 150 }); index > 0; index -= 1) {
    const { id } = await opportunity(random.of([t.admin, t.manager]), {
      name: `商机${index}`,
      customer: random.of(customers).id,
      owner: random.of(owners),
      stage: random.of(stages),
      expectedCloseOn: random.once(4) ? null : day(),
      ...(!random.once(4) && {
        amount: { amount: (random.below(100_000) / 100).toFixed(2), currency: random.of(['CNY', 'USD', 'JPY']) },
      }),
    });
    await t.sql('update opportunity set probability = $1 where id = $2', [random.of([0, 10, 33, 80, 100]), id]);
    const hours = 1 + random.below(24 * 70);
    await t.sql('update opportunity set created_at = $1 where id = $2', [
      new Date(Date.UTC(2025, 10, 20) + hours * 3_600_000 - 1).toISOString(),
      id,
    ]);
  }
}, 120_000);

interface Key {
  field: string;
  bucket?: string;
}
interface Measure {
  key: string;
  of?: string;
  as: string;
  where?: { stage: string[] };
}

/** The first day of the stretch of the calendar that a day lies in; years begin in that month. */
function bucketOf(text: string, bucket: string, month: number): string {
  const at = new Date(`${text}T00:00:00Z`);
  const first = (year: number, ofYear: number): string =>
    new Date(Date.UTC(year, ofYear, 1)).toISOString().slice(0, 10);
  const [year, since] = [at.getUTCFullYear(), (at.getUTCMonth() - (month - 1) + 12) % 12];
  switch (bucket) {
    case 'WEEK':
      return new Date(at.getTime() - ((at.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
    case 'MONTH':
      return first(year, at.getUTCMonth());
    case 'QUARTER':
      return first(year, at.getUTCMonth() - (since % 3));
    case 'YEAR':
      return first(year, at.getUTCMonth() - since);
    default:
      return text;
  }
}

/** The day on the clocks of Shanghai, where there is no summer time. */
const dayOf = (instant: string): string => new Date(Date.parse(instant) + 8 * 3_600_000).toISOString().slice(0, 10);

const columns: Record<string, (row: Data) => string | number | null> = {
  STAGE: (row) => row.stage,
  OWNER: (row) => row.owner?.id ?? null,
  CUSTOMER: (row) => row.customer?.id ?? null,
  CREATED_BY: (row) => row.createdBy?.id ?? null,
  PROBABILITY: (row) => row.probability,
  EXPECTED_CLOSE_ON: (row) => row.expectedCloseOn,
  CREATED_AT: (row) => row.createdAt,
};

function valueOf(row: Data, { field, bucket }: Key, month: number): string | null {
  const found = columns[field]!(row);
  if (found === null || bucket === undefined) return found === null ? null : String(found);
  return bucketOf(field === 'CREATED_AT' ? dayOf(String(found)) : String(found), bucket, month);
}

const cents = (amount: string): number => Math.round(Number(amount) * 100);

/** What a measure gives for rows, as `GroupValue` has it. */
function measured(rows: Data[], { key, of, as, where }: Measure): Data {
  const meant = where ? rows.filter(({ stage }) => where.stage.includes(stage)) : rows;
  const given = { key, number: null, money: null, time: null };
  if (of === 'AMOUNT') {
    if (meant.length > 0 && meant.every(({ hiddenFields }) => hiddenFields.includes('amount'))) return given;
    const found = meant.flatMap(({ amount }) => amount ?? []);
    const amounts = ['CNY', 'JPY', 'USD'].flatMap((currency) => {
      const own = found.filter((one) => one.currency === currency).map(({ amount }) => cents(amount));
      if (own.length === 0) return [];
      const sum = own.reduce((a, b) => a + b, 0);
      const result = {
        SUM: sum,
        AVERAGE: Math.floor(sum / own.length),
        MINIMUM: Math.min(...own),
        MAXIMUM: Math.max(...own),
      };
      return [{ amount: (result[as as 'SUM'] / 100).toFixed(2), currency }];
    });
    return { ...given, money: { amounts } };
  }
  if (of === undefined) return { ...given, number: String(meant.length) };
  const values = meant.map(columns[of]!).filter((value) => value !== null);
  if (as === 'COUNT') return { ...given, number: String(values.length) };
  if (as === 'COUNT_DISTINCT') return { ...given, number: String(new Set(values).size) };
  if (of === 'PROBABILITY') {
    const numbers = values as number[];
    const sum = numbers.reduce((a, b) => a + b, 0);
    if (as === 'SUM') return { ...given, number: String(sum) };
    if (numbers.length === 0) return given;
    const mean = Math.floor((sum * 10_000) / numbers.length) / 10_000;
    const result = { AVERAGE: mean, MINIMUM: Math.min(...numbers), MAXIMUM: Math.max(...numbers) };
    return { ...given, number: String(result[as as 'AVERAGE']) };
  }
  const sorted = values.map(String).toSorted();
  return { ...given, time: (as === 'MINIMUM' ? sorted[0] : sorted.at(-1)) ?? null };
}

const valuesIn = ({ keys }: Data): string => JSON.stringify(keys.map(({ value }: Data) => value));

/** What a measure is ordered by and bounded by; of amounts, those in the currency of the tenant. */
function numberOf({ count, values }: Data, measure: string | undefined): number | null {
  if (measure === undefined) return count;
  const { number, money } = values.find(({ key }: Data) => key === measure);
  const amount = money ? money.amounts.find(({ currency }: Data) => currency === 'CNY')?.amount : number;
  return amount === null || amount === undefined ? null : Number(amount);
}

/** A question, made at random. */
function question(): Data {
  const bucket = (): string => random.of(['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR']);
  const by = random
    .some(Object.keys(columns), 3)
    .map((field): Key => ({ field, ...(/_(ON|AT)$/.test(field) && { bucket: bucket() }) }));
  const kinds: Array<[string | undefined, string[]]> = [
    [undefined, ['COUNT']],
    ['AMOUNT', ['SUM', 'AVERAGE', 'MINIMUM', 'MAXIMUM']],
    ['PROBABILITY', ['SUM', 'AVERAGE', 'MINIMUM', 'MAXIMUM', 'COUNT', 'COUNT_DISTINCT']],
    ['OWNER', ['COUNT', 'COUNT_DISTINCT']],
    ['CUSTOMER', ['COUNT', 'COUNT_DISTINCT']],
    ['EXPECTED_CLOSE_ON', ['COUNT', 'COUNT_DISTINCT', 'MINIMUM', 'MAXIMUM']],
    ['CREATED_AT', ['MINIMUM', 'MAXIMUM']],
  ];
  const measures = Array.from({ length: random.below(5) }, (_, index): Measure => {
    const [of, ways] = random.of(kinds);
    return {
      key: `m${index}`,
      as: random.of(ways),
      ...(of && { of }),
      ...(random.once(3) && { where: { stage: random.some(stages, 4) } }),
    };
  });
  const numbers = measures.filter(({ of, as }) => as.startsWith('COUNT') || of === 'AMOUNT' || of === 'PROBABILITY');
  const one = (): { measure?: string } =>
    numbers.length > 0 && random.once(2) ? { measure: random.of(numbers).key } : {};
  const step = one();
  return {
    filter: random.once(3) ? { stage: random.some(stages, 5) } : null,
    by,
    measures,
    having: random.once(3) ? [{ ...one(), [random.of(['min', 'max'])]: String(random.below(6)) }] : [],
    orderBy: random.once(2)
      ? [{ by: step.measure ? 'MEASURE' : 'COUNT', ...step, direction: random.of(['ASC', 'DESC']) }]
      : [],
    first: random.of([1, 3, 7, 500]),
    others: random.once(2),
    fiscalYearStart: random.once(3) ? 1 + random.below(12) : null,
  };
}

/** All opportunities that the caller sees. */
const seenBy = async (by: Actor, filter: Data): Promise<Data[]> =>
  (
    await by.graph(
      'query ($filter: OpportunityFilter) { opportunities(filter: $filter, first: 500) { nodes { stage owner { id } customer { id } createdBy { id } probability expectedCloseOn createdAt amount { amount currency } hiddenFields } } }',
      { filter },
    )
  ).opportunities.nodes;

/** A group by hand. */
const groupOf = (rows: Data[], measures: Measure[]): Data => ({
  count: rows.length,
  values: measures.map((measure) => measured(rows, measure)),
});

const isWithin = (group: Data, having: Data[]): boolean =>
  having.every(({ measure, min, max }) => {
    const number = numberOf(group, measure);
    return (
      number !== null && !(min !== undefined && number < Number(min)) && !(max !== undefined && number > Number(max))
    );
  });

test(
  'whatever is asked, by whomever, by both executors',
  () =>
    repeatable(async () => {
      for (let count = countOf({ few: 20, all: 400 }); count > 0; count -= 1) {
        const asked = question();
        const by = random.of(callers);
        const rows = await seenBy(by, asked.filter);
        const answer = await fromBoth(by, 'opportunityGroups', asked);
        const keysOf = (row: Data): string =>
          JSON.stringify(asked.by.map((key: Key) => valueOf(row, key, asked.fiscalYearStart ?? 1)));
        const grouped = new Map<string, Data[]>();
        for (const row of rows) grouped.set(keysOf(row), [...(grouped.get(keysOf(row)) ?? []), row]);
        const expected = new Map(
          [...grouped]
            .map(([keys, own]) => [keys, groupOf(own, asked.measures)] as const)
            .filter(([, group]) => isWithin(group, asked.having)),
        );
        const shown = answer.groups.filter(({ others }: Data) => !others);
        const context = { asked, caller: by.subject };
        const seen = ({ count: n, values }: Data): Data => ({
          count: n,
          values: values.map(({ filter: _, ...value }: Data) => value),
        });
        expect({ ...context, groups: shown.map((group: Data) => [valuesIn(group), seen(group)]) }).toEqual({
          ...context,
          groups: shown.map((group: Data) => [valuesIn(group), expected.get(valuesIn(group))]),
        });
        expect({ ...context, shown: new Set(shown.map(valuesIn)).size, all: answer.groupCount }).toEqual({
          ...context,
          shown: Math.min(asked.first, expected.size),
          all: expected.size,
        });
        expect(answer.truncated).toBe(expected.size > asked.first);
        expect({ ...context, ...seen(answer.totals) }).toEqual({ ...context, ...groupOf(rows, asked.measures) });
        // the others are whoever is in no group that is shown
        const left = rows.filter((row) => !shown.some((group: Data) => valuesIn(group) === keysOf(row)));
        const others = answer.groups.find((group: Data) => group.others);
        expect({ ...context, others: others && seen(others) }).toEqual({
          ...context,
          others: asked.others && left.length > 0 ? groupOf(left, asked.measures) : undefined,
        });
        // none that is not shown comes before one that is
        const [step] =
          asked.orderBy.length > 0 || asked.by.some(({ bucket }: Key) => bucket)
            ? asked.orderBy
            : [{ by: 'COUNT', direction: 'DESC' }];
        if (step) {
          const place = (group: Data): number => {
            const number = numberOf(group, step.measure);
            return number === null ? Infinity : step.direction === 'DESC' ? -number : number;
          };
          const places = shown.map(place);
          expect({ ...context, places }).toEqual({
            ...context,
            places: places.toSorted((a: number, b: number) => a - b || 0),
          });
          const unshown = [...expected].filter(([keys]) => !shown.some((group: Data) => valuesIn(group) === keys));
          if (places.length > 0) expect(unshown.filter(([, group]) => place(group) < places.at(-1)!)).toEqual([]);
        }
        // the filter of a group opens its records, and that of a measure those of them that it is of
        const rowsOf = (group: Data): Data[] =>
          group === answer.totals ? rows : group.others ? left : (grouped.get(valuesIn(group)) ?? []);
        const opened = [answer.totals, ...answer.groups].slice(0, 12).flatMap((group: Data) => [
          group,
          ...group.values.flatMap(({ filter }: Data, place: number) => {
            const { where } = asked.measures[place] as Measure;
            expect([context, filter !== null]).toEqual([context, where !== undefined]);
            return where
              ? [{ filter, count: rowsOf(group).filter(({ stage }) => where.stage.includes(stage)).length }]
              : [];
          }),
        ]);
        expect({ ...context, counts: await behind(by, 'opportunityGroups', opened.slice(0, 18)) }).toEqual({
          ...context,
          counts: opened.slice(0, 18).map((group: Data) => group.count),
        });
      }
    }),
  600_000,
);
