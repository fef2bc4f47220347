import { customer } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

// What is empty, or hidden from whoever asks, under the conditions of filters and subscriptions.

test('several fields that are to be empty must all be, and an empty list of them finds nothing', async () => {
  const { admin } = await tenant();
  await customer(admin, { name: '甲' });
  await customer(admin, { name: '乙', industry: '软件' });
  await customer(admin, { name: '丙', industry: '软件', region: '华东' });
  const names = async (filter: object): Promise<string[]> =>
    (
      await admin.graph(
        'query ($f: CustomerFilter) { customers(filter: $f, orderBy: [{ field: NUMBER }]) { nodes { name } } }',
        {
          f: filter,
        },
      )
    ).customers.nodes.map(({ name }: Data) => name);
  expect(await names({ isEmpty: ['INDUSTRY'] })).toEqual(['甲']);
  expect(await names({ isEmpty: ['REGION'] })).toEqual(['甲', '乙']);
  expect(await names({ isEmpty: ['INDUSTRY', 'REGION'] })).toEqual(['甲']);
  expect(await names({ not: { isEmpty: ['INDUSTRY', 'REGION'] } })).toEqual(['乙', '丙']);
  expect(await names({ isEmpty: [] })).toEqual([]);
  expect(await names({ not: { industry: '软件' } })).toEqual(['甲']);
  expect(await names({ industry: '软件', not: { region: '华东' } })).toEqual(['乙']);
  expect(await names({ not: { industry: '软件', region: '华东' } })).toEqual(['甲', '乙']);
  expect(await names({ not: { not: { industry: '软件' } } })).toEqual(['乙', '丙']);
  expect(await names({ isEmpty: 'OWNER' })).toEqual(['甲', '乙', '丙']);
});

test('a subscriber whose condition says nothing gets everything, one who asks for what is empty only that', async () => {
  const { admin } = await tenant();
  const query = 'subscription ($f: CustomerFilter) { customerChanged(filter: $f) { customer { name } } }';
  const [everything, unowned] = [
    await admin.subscribe(query, { f: { search: null, industry: '', owner: null, not: { name: '' } } }),
    await admin.subscribe(query, { f: { isEmpty: ['INDUSTRY'], not: { name: '丙' } } }),
  ];
  await customer(admin, { name: '甲', industry: '软件' });
  await customer(admin, { name: '丙' });
  await customer(admin, { name: '乙' });
  const names = async (feed: typeof everything, count: number): Promise<string[]> => {
    const found: string[] = [];
    while (found.length < count) found.push((await feed.next())['customerChanged'].customer.name as string);
    await feed.none();
    return found;
  };
  expect([await names(everything, 3), await names(unowned, 1)]).toEqual([['甲', '丙', '乙'], ['乙']]);
});

test('what is hidden is found by no condition, and by no denial of one', async () => {
  const { admin, viewer } = await tenant();
  await customer(admin, {
    name: '甲',
    phone: '13811112222',
    email: 'zhang@example.com',
    creditLimit: { amount: '1000' },
    bankAccount: '6222',
  });
  await customer(admin, { name: '乙' });
  const found = async (by: Actor, filter: object): Promise<number> =>
    (await by.graph('query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }', { f: filter })).customers
      .totalCount;
  for (const [filter, whole, masked] of [
    [{ search: '甲 13811112222' }, 1, 0],
    [{ search: '甲 138****2222' }, 0, 1],
    [{ not: { search: '1111' } }, 1, 2],
    [{ not: { search: 'zhang 1111', searchIn: ['NAME', 'PHONE', 'EMAIL'] } }, 1, 2],
    [{ isEmpty: ['PHONE'] }, 1, 1],
    [{ isEmpty: ['BANK_ACCOUNT'] }, 1, 2],
    [{ isEmpty: ['CREDIT_LIMIT'] }, 1, 2],
    [{ not: { isEmpty: ['BANK_ACCOUNT', 'CREDIT_LIMIT'] } }, 1, 0],
  ] as const)
    expect([filter, await found(admin, filter), await found(viewer, filter)]).toEqual([filter, whole, masked]);
});
