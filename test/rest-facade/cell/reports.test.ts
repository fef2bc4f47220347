import { customer, opportunity } from '../../support/records.js';
import { version } from '../../support/version.js';
import { send } from '../../support/http.js';
import { tenant, type Data } from '../../support/tenant.js';

async function world(): Promise<Data> {
  const all = await tenant();
  const { id } = await customer(all.admin, { name: '甲' });
  const opportunities: Array<[stage: string, amount: string]> = [
    ['PROSPECTING', '1000.00'],
    ['QUALIFICATION', '0.19'],
    ['PROPOSAL', '2000.00'],
    ['CLOSED_WON', '500.00'],
    ['CLOSED_LOST', '700.00'],
  ];
  for (const [stage, amount] of opportunities)
    await opportunity(all.admin, { name: stage, customer: id, stage, amount: { amount } });
  return { ...all, get: (path: string, headers?: Record<string, string>) => all.admin.rest('cell').get(path, headers) };
}

const qualification = { stage: 1, stageName: 'qualification', count: 2, totalAmountCents: 100019 };
const proposal = { stage: 3, stageName: 'proposal', count: 1, totalAmountCents: 200000 };
const byStage = [
  { stage: 1, status: 1, count: 2, totalAmountCents: 100019 },
  { stage: 3, status: 1, count: 1, totalAmountCents: 200000 },
  { stage: 5, status: 2, count: 1, totalAmountCents: 50000 },
  { stage: 6, status: 3, count: 1, totalAmountCents: 70000 },
];

test('forecast and summary weigh the open opportunities, each cut to whole cents', async () => {
  const { get } = await world();
  // 10 % of 100000, 10 % of 19 cut to 1, 40 % of 200000
  for (const path of ['/opportunities/forecast', '/pipeline/summary', '/reports/sales-forecast']) {
    const { status, body } = await get(path);
    expect([status, body]).toEqual([200, { byStage: [qualification, proposal], totalWeightedCents: 90001 }]);
  }
});

test('the funnel counts open opportunities; the report all of them', async () => {
  const { get } = await world();
  expect((await get('/pipeline/funnel')).body).toEqual({ stages: [qualification, proposal], totalCount: 3 });
  expect((await get('/reports/funnel')).body).toEqual({ data: byStage });
});

test('nothing in the pipeline is nothing in the reports', async () => {
  const { admin } = await tenant();
  const cell = admin.rest('cell');
  expect((await cell.get('/pipeline/summary')).body).toEqual({ byStage: [], totalWeightedCents: 0 });
  expect((await cell.get('/pipeline/funnel')).body).toEqual({ stages: [], totalCount: 0 });
  expect((await cell.get('/reports/funnel')).body).toEqual({ data: [] });
});

test('amounts are hidden from those who may not see them', async () => {
  const { viewer } = await world();
  const { body } = await viewer.rest('cell').get('/pipeline/summary');
  expect(body).toEqual({
    byStage: [
      { ...qualification, totalAmountCents: '***' },
      { ...proposal, totalAmountCents: '***' },
    ],
    totalWeightedCents: '***',
  });
});

test('metrics are real values, as JSON and as Prometheus takes them', async () => {
  const { get, code } = await world();
  const { body } = await get('/metrics');
  expect(body).toEqual({
    cell: 'crm',
    metrics: {
      customer_total: 1,
      opportunity_total: 5,
      opportunity_win_count: 1,
      conversion_rate_pct: 20,
      funnel_by_stage: byStage,
    },
  });
  const text = await get('/metrics', { accept: 'text/plain;version=0.0.4' });
  expect([text.status, text.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(text.body.split('\n')).toEqual(
    expect.arrayContaining([
      '# TYPE crm_customer_total gauge',
      `crm_customer_total{tenant="${code}"} 1`,
      `crm_conversion_rate_pct{tenant="${code}"} 20`,
      `crm_opportunity_stage_total{tenant="${code}",stage="5",status="2"} 1`,
    ]),
  );
});

test('health is shown without a token, at the root and behind the gateway', async () => {
  for (const path of ['/health', '/api/v1/crm/health']) {
    const { status, body, headers } = await send('GET', path);
    // the workers of a database that is distributed are looked at as well
    const { workers: _, ...checks } = body.checks;
    expect([status, { ...body, checks }]).toEqual([
      200,
      { status: 'up', cell: 'crm', version, checks: { database: 'up', migrations: 'up' } },
    ]);
    expect(headers.get('x-response-time')).toMatch(/^\d+$/);
  }
});
