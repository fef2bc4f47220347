import { readCsv } from '../support/csv.js';
import { contact, customer } from '../support/records.js';
import type { Actor, Data } from '../support/tenant.js';
import { tenantIn } from '../support/time.js';
import { sheetsOf } from '../support/workbook.js';

const download = (by: Actor, path: string): Promise<Response> =>
  fetch(`${process.env['CRM_TEST_ADDRESS']}${path}`, {
    headers: { authorization: `Bearer ${by.token}`, 'accept-language': 'zh', 'x-api-dialect': 'cell' },
  });

async function csv(by: Actor, path: string): Promise<Record<string, string>[]> {
  const [headings, ...rows] = readCsv((await (await download(by, path)).text()).replace(/^\uFEFF/, ''));
  return rows.map((row) => Object.fromEntries(row.map((value, index) => [headings![index]!, value])));
}

/** The headings of a workbook's only sheet, and the cells below the one that begins so. */
async function column(by: Actor, path: string, called: string): Promise<{ heading: string; values: unknown[] }> {
  const [sheet] = await sheetsOf(await download(by, path));
  const [headings, ...rows] = sheet!.rows;
  const number = headings!.findIndex((heading) => String(heading).startsWith(called));
  return { heading: String(headings![number]), values: rows.map((row) => row[number]) };
}

/** Instants, and what the clocks of the time zone show then: as text, and as a date of a sheet, which knows no zones. */
const shown: Record<string, Array<[instant: string, text: string, date: string]>> = {
  'Asia/Shanghai': [
    ['2026-03-01T15:59:59.123Z', '2026-03-01T23:59:59.123+08:00', '2026-03-01T23:59:59.123Z'],
    ['2026-03-01T16:00:00.000Z', '2026-03-02T00:00:00.000+08:00', '2026-03-02T00:00:00.000Z'],
  ],
  'America/New_York': [
    ['2027-01-01T04:30:00.000Z', '2026-12-31T23:30:00.000-05:00', '2026-12-31T23:30:00.000Z'],
    ['2027-07-01T03:30:00.000Z', '2027-06-30T23:30:00.000-04:00', '2027-06-30T23:30:00.000Z'],
    ['2027-03-14T06:59:59.000Z', '2027-03-14T01:59:59.000-05:00', '2027-03-14T01:59:59.000Z'],
    ['2027-03-14T07:00:00.000Z', '2027-03-14T03:00:00.000-04:00', '2027-03-14T03:00:00.000Z'],
    ['2027-11-07T05:30:00.000Z', '2027-11-07T01:30:00.000-04:00', '2027-11-07T01:30:00.000Z'],
    ['2027-11-07T06:30:00.000Z', '2027-11-07T01:30:00.000-05:00', '2027-11-07T01:30:00.000Z'],
  ],
  'Asia/Kathmandu': [['2026-03-01T00:00:00.000Z', '2026-03-01T05:45:00.000+05:45', '2026-03-01T05:45:00.000Z']],
};

/** Excel keeps instants as fractions of days. */
const milliseconds = (dates: readonly unknown[]): number[] =>
  dates.map((date) => Math.round((date as Date).getTime() / 10) * 10);

describe.each(Object.keys(shown))('files of a tenant in %s show what its clocks show', (zone) => {
  let admin: Actor;
  const cases = shown[zone]!;
  beforeAll(async () => {
    ({ admin } = await tenantIn(zone));
    for (const [index, [lastContactAt]] of cases.entries())
      await customer(admin, { name: `客户${index}`, lastContactAt });
  });

  test('as JSON, with how far they are ahead of UTC', async () => {
    const rows = (await (
      await download(admin, '/export/customers.json?orderBy=[{"field":"NUMBER"}]')
    ).json()) as Data[];
    expect(rows.map(({ lastContactAt }) => lastContactAt)).toEqual(cases.map(([, expected]) => expected));
    const { customers } = await admin.graph('{ customers(orderBy: [{ field: NUMBER }]) { nodes { createdAt } } }');
    expect(rows.map(({ createdAt }) => new Date(createdAt).toISOString())).toEqual(
      customers.nodes.map(({ createdAt }: Data) => createdAt),
    );
    expect(rows[0].createdAt).toMatch(/[+-]\d\d:\d\d$/);
  });

  test('as CSV, with how far they are ahead of UTC', async () => {
    const rows = await csv(admin, '/export/customers.csv?orderBy=[{"field":"NUMBER"}]');
    expect(rows.map((row) => row['最近联系时间'])).toEqual(cases.map(([, expected]) => expected));
    const ofLifecycle = await csv(admin, '/api/v1/customers/export?format=csv');
    expect(ofLifecycle.map((row) => row['最近联系时间']).toReversed()).toEqual(cases.map(([, expected]) => expected));
    const [ofCell] = await csv(admin, '/api/v1/crm/customers/export?format=csv');
    expect(ofCell!['创建时间']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000[+-]\d\d:\d\d$/);
  });

  test('as dates of a workbook', async () => {
    for (const [path, heading, turned] of [
      ['/export/customers.xlsx?orderBy=[{"field":"NUMBER"}]', `最近联系时间 (${zone})`, false],
      ['/api/v1/customers/export', `最近联系时间 (${zone})`, true],
    ] as const) {
      const found = await column(admin, path, '最近联系时间');
      const expected = cases.map(([, , date]) => new Date(date));
      expect(milliseconds(found.values)).toEqual(milliseconds(turned ? expected.toReversed() : expected));
      expect(found.heading).toBe(heading);
    }
  });
});

test('days are the same days in every time zone, and what Excel has no date for is a text', async () => {
  const { admin } = await tenantIn('America/New_York');
  const { id } = await customer(admin, { name: 'A', lastContactAt: '1900-02-01T00:00:00Z' });
  for (const [name, birthday] of [
    ['A', '1980-02-29'],
    ['B', '1899-12-31'],
    ['C', '0001-01-01'],
    ['D', '9999-12-31'],
  ] as const)
    await contact(admin, { name, customer: id, birthday });
  const { values } = await column(admin, '/export/contacts.xlsx?orderBy=[{"field":"NUMBER"}]', '生日');
  expect(values).toEqual([new Date('1980-02-29'), '1899-12-31', '0001-01-01', new Date('9999-12-31')]);
  expect((await column(admin, '/export/customers.xlsx', '最近联系时间')).values).toEqual([
    '1900-01-31T19:00:00.000-05:00',
  ]);
});
