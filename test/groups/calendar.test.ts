import { customer, opportunity } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { department, user } from '../departments/support.js';
import { behind, fromBoth } from './asking.js';

/** Customers that were created at these instants, in a tenant of that time zone. */
async function createdAt(zone: string, instants: readonly string[]): Promise<TestTenant> {
  const t = await tenant();
  await t.admin.graph('mutation ($input: TenantInput!) { tenantUpdate(input: $input) { userErrors { code } } }', {
    input: { timeZone: zone },
  });
  for (const [index, instant] of instants.entries()) {
    const { id } = await customer(t.admin, { name: `客户${index}` });
    await t.sql('update customer set created_at = $1 where id = $2', [instant, id]);
  }
  return t;
}

const byValue = ({ groups }: Data): Data[] => groups.map(({ keys, count }: Data) => [keys[0].value, count]);

test.each<[string, string[], string, Array<[string, number]>]>([
  [
    'Asia/Shanghai',
    ['2026-02-28T15:59:59.999Z', '2026-02-28T16:00:00.000Z', '2026-03-31T15:59:59.999Z'],
    'MONTH',
    [
      ['2026-02-01', 1],
      ['2026-03-01', 2],
    ],
  ],
  [
    // the clocks go forward on March 8, which has 23 hours
    'America/New_York',
    ['2026-03-08T04:59:59.999Z', '2026-03-08T05:00:00.000Z', '2026-03-09T03:59:59.999Z', '2026-03-09T04:00:00.000Z'],
    'DAY',
    [
      ['2026-03-07', 1],
      ['2026-03-08', 2],
      ['2026-03-09', 1],
    ],
  ],
  [
    // and back on November 1, whose hour from 1 to 2 comes twice
    'America/New_York',
    ['2026-11-01T03:59:59.999Z', '2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z', '2026-11-02T05:00:00.000Z'],
    'DAY',
    [
      ['2026-10-31', 1],
      ['2026-11-01', 2],
      ['2026-11-02', 1],
    ],
  ],
  [
    // the day begins at one o'clock where the clocks go forward at midnight
    'Asia/Beirut',
    ['2026-03-28T21:59:59.999Z', '2026-03-28T22:00:00.000Z'],
    'WEEK',
    [['2026-03-23', 2]],
  ],
  [
    'Pacific/Kiritimati',
    ['2025-12-31T09:59:59.999Z', '2025-12-31T10:00:00.000Z'],
    'YEAR',
    [
      ['2025-01-01', 1],
      ['2026-01-01', 1],
    ],
  ],
])(
  'in %s records are in the stretch of the calendar that their clocks showed',
  async (zone, instants, bucket, expected) => {
    const t = await createdAt(zone, instants);
    const answer = await fromBoth(t.admin, 'customerGroups', { by: [{ field: 'CREATED_AT', bucket }] });
    expect(byValue(answer)).toEqual(expected);
    expect(await behind(t.admin, 'customerGroups', answer.groups)).toEqual(expected.map(([, count]) => count));
    // the first day of a stretch and the filters of the list by days mean the same
    const [[first]] = expected as [[string, number]];
    const { customers } = await t.admin.graph(`{ customers(filter: { createdFrom: "${first}" }) { totalCount } }`);
    expect(customers.totalCount).toBe(instants.length);
  },
);

test('gaps are filled for every combination of the other keys, in whatever order, and never without records', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '甲' });
  for (const [stage, expectedCloseOn] of [
    ['PROPOSAL', '2026-01-15'],
    ['NEGOTIATION', '2026-03-15'],
    ['PROPOSAL', null],
  ])
    await opportunity(t.admin, { name: `${stage}`, customer: id, stage, expectedCloseOn });
  const ask = (more: object): Promise<Data> =>
    fromBoth(t.admin, 'opportunityGroups', {
      by: [{ field: 'EXPECTED_CLOSE_ON', bucket: 'MONTH', fill: true }, { field: 'STAGE' }],
      measures: [
        { key: 'n', as: 'COUNT' },
        { key: 'likely', of: 'PROBABILITY', as: 'AVERAGE' },
      ],
      ...more,
    });
  const inShort = ({ groups }: Data): string[] =>
    groups.map(({ keys, count, values }: Data) =>
      [...keys.map(({ value }: Data) => value), count, ...values.map(({ number }: Data) => number)].join(' '),
    );
  const all = await ask({});
  expect(inShort(all)).toEqual([
    '2026-01-01 PROPOSAL 1 1 40',
    '2026-01-01 NEGOTIATION 0 0 ',
    '2026-02-01 PROPOSAL 0 0 ',
    '2026-02-01 NEGOTIATION 0 0 ',
    '2026-03-01 PROPOSAL 0 0 ',
    '2026-03-01 NEGOTIATION 1 1 60',
    ' PROPOSAL 1 1 40',
  ]);
  expect(await behind(t.admin, 'opportunityGroups', all.groups)).toEqual([1, 0, 0, 0, 0, 1, 1]);
  expect([all.groupCount, all.truncated]).toEqual([7, false]);
  expect(
    inShort(await ask({ having: [{ max: 0 }], orderBy: [{ by: 'KEY', place: 1, direction: 'DESC' }], first: 2 })),
  ).toEqual(['2026-01-01 NEGOTIATION 0 0 ', '2026-02-01 NEGOTIATION 0 0 ']);
  expect(inShort(await ask({ filter: { stage: ['CLOSED_LOST'] } }))).toEqual([]);
  // a span of many days is filled from its beginning
  await opportunity(t.admin, { name: '远期', customer: id, stage: 'PROPOSAL', expectedCloseOn: '2926-01-15' });
  const many = await ask({ by: [{ field: 'EXPECTED_CLOSE_ON', fill: true }], first: 3 });
  expect(inShort(many)).toEqual(['2026-01-15 1 1 40', '2026-01-16 0 0 ', '2026-01-17 0 0 ']);
  expect([many.groupCount, many.truncated]).toEqual([2005, true]);
});

test('departments up to a level of the tree, of owners and of records', async () => {
  const t = await tenant();
  const top = (await department(t.admin, '总公司')).id;
  const sales = (await department(t.admin, '销售部', { parent: top })).id;
  const east = (await department(t.admin, '华东区', { parent: sales })).id;
  const [li, wang, zhao] = [
    await user(t.admin, 'li.lei', { name: '李雷', department: east }),
    await user(t.admin, 'wang.wu', { name: '王五', department: sales }),
    await user(t.admin, 'zhao.liu', { name: '赵六', department: top }),
  ];
  const { id } = await customer(t.admin, { name: '甲', owner: li.id });
  await customer(t.admin, { name: '乙', owner: wang.id });
  await customer(t.admin, { name: '丙' });
  for (const owner of [li.id, li.id, wang.id, zhao.id, null])
    await opportunity(t.admin, { name: '商机', customer: id, owner });
  const ask = async (kind: 'customerGroups' | 'opportunityGroups', level?: number): Promise<Data[]> => {
    const { groups, totals } = await fromBoth(t.admin, kind, {
      by: [{ field: 'OWNER_DEPARTMENT', ...(level !== undefined && { level }) }],
      orderBy: [{ by: 'KEY' }],
    });
    expect(await behind(t.admin, kind, [...groups, totals])).toEqual(
      [...groups, totals].map(({ count }: Data) => count),
    );
    return groups.map(({ keys: [key], count }: Data) => [key.label, count, key.record?.__typename]);
  };
  expect(await ask('opportunityGroups')).toEqual([
    ['华东区', 2, 'Department'],
    ['销售部', 1, 'Department'],
    ['总公司', 1, 'Department'],
    ['（无）', 1, undefined],
  ]);
  expect(await ask('opportunityGroups', 1)).toEqual([
    ['销售部', 3, 'Department'],
    ['总公司', 1, 'Department'],
    ['（无）', 1, undefined],
  ]);
  expect(await ask('opportunityGroups', 0)).toEqual([
    ['总公司', 4, 'Department'],
    ['（无）', 1, undefined],
  ]);
  expect(await ask('customerGroups', 1)).toEqual([
    ['销售部', 2, 'Department'],
    ['（无）', 1, undefined],
  ]);
});
