import { customer, written } from '../support/records.js';
import { type Data, type TestTenant } from '../support/tenant.js';
import { tenantIn } from '../support/time.js';
import type { Answer } from '../support/http.js';

const minute = 60_000;
const first = Date.parse('0001-01-01T00:00:00.000Z');
const last = Date.parse('9999-12-31T23:59:59.999Z');

/** The same numbers in every run. */
let seed = 20261129;
const random = (below: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
};

interface Case {
  sent: string;
  /** milliseconds of the instant that it is, whatever its year */
  at: number;
}

/** An instant written with an offset, or undefined where its year cannot be written with four digits. */
function writtenWith(at: number, offset: number): Case | undefined {
  const local = new Date(at + offset * minute).toISOString();
  if (!/^\d{4}-/.test(local)) return undefined;
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const zone = `${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
  return { sent: `${local.slice(0, -1)}${zone}`, at };
}

/** Instants within two days of both limits, with all offsets that there are. */
const generated: Case[] = Array.from({ length: 400 }, () => {
  const limit = random(2) === 0 ? first : last;
  return writtenWith(limit + (random(2 * 2 * 24 * 60) - 2 * 24 * 60) * minute, (random(2 * 4 * 14 + 1) - 4 * 14) * 15);
}).filter((one) => one !== undefined);

const chosen: Case[] = [
  { sent: '0001-01-01T00:00:00+08:00', at: first - 480 * minute },
  { sent: '9999-12-31T23:30:00-05:00', at: last + 271 * minute },
  { sent: '0001-01-01T00:00:00Z', at: first },
  { sent: '9999-12-31T23:59:59.999Z', at: last },
  { sent: '0000-01-01T00:00:00Z', at: first - 1 },
  { sent: '0000-12-31T23:59:59-12:00', at: first + 720 * minute - 1000 },
];
const cases = [...chosen, ...generated.slice(0, 16)];

/** What a year of the calendar is on constant clocks: 8 hours ahead of UTC, or 5 behind. */
const zones = [
  ['Etc/GMT-8', 480],
  ['Etc/GMT+5', -300],
] as const;

const isKept = (at: number): boolean => at >= first && at <= last;
const keptAs = (at: number): string | undefined => (isKept(at) ? new Date(at).toISOString() : undefined);
/** The day of an instant that is kept, on clocks so many minutes ahead. */
const dayOf = (at: number, ahead: number): string | undefined =>
  isKept(at) ? keptAs(at + ahead * minute)?.slice(0, 10) : undefined;

describe.each(zones)('with the clocks of %s', (zone, ahead) => {
  let t: TestTenant;
  let company: Data;
  beforeAll(async () => {
    t = await tenantIn(zone);
    company = await customer(t.admin, { name: 'A' });
  });

  /** The caller is told that the field is wrong, as their own error, and nothing is written. */
  async function refused(send: () => Promise<Answer>, field: string): Promise<void> {
    const before = await written(t);
    const { status, body } = await send();
    const said = JSON.stringify(body);
    expect([status < 500, /INTERNAL/.test(said), said.includes(field)]).toEqual([true, false, true]);
    expect(await written(t)).toEqual(before);
  }

  test.each(cases.map(({ sent, at }) => [sent, keptAs(at) ?? 'refused', at] as const))(
    'the instant %s is %s',
    async (sent, expected, at) => {
      const graph = (): Promise<Answer> =>
        t.admin.graph.raw(
          'mutation ($input: ActivityInput!) { activityCreate(input: $input) { activity { startsAt } userErrors { code field } } }',
          { input: { kind: 'CALL', subject: 'A', customer: company.id, startsAt: sent } },
        );
      const lifecycle = (): Promise<Answer> =>
        t.admin.rest('lifecycle').post(`/customers/${company.number}/communications`, {
          communication_type: 1,
          direction: 1,
          subject: 'A',
          content: 'B',
          communication_date: sent,
        });
      const erp = (): Promise<Answer> =>
        t.admin.rest('erp').post('/activities', { type: 'call', subject: 'A', accountId: company.id, startTime: sent });
      if (isKept(at)) {
        expect((await graph()).body.data.activityCreate).toEqual({ activity: { startsAt: expected }, userErrors: [] });
        expect((await lifecycle()).body.data.communication_date).toBe(expected);
        expect((await erp()).status).toBe(200);
      } else {
        await refused(graph, 'startsAt');
        await refused(lifecycle, 'communication_date');
        await refused(erp, 'startTime');
      }
    },
  );

  test.each(cases.map(({ sent, at }) => [sent, dayOf(at, ahead) ?? 'refused', at] as const))(
    'the day of %s is %s',
    async (sent, expected, at) => {
      const parameter = encodeURIComponent(sent);
      const asked: Array<[name: string, send: () => Promise<Answer>]> = [
        [
          'createdFrom',
          () =>
            t.admin.graph.raw('query ($filter: CustomerFilter) { customers(filter: $filter) { totalCount } }', {
              filter: { createdFrom: sent },
            }),
        ],
        [
          'from',
          () =>
            t.admin.graph.raw('query ($from: Date) { overview: analyticsOverview(from: $from) { totalCustomers } }', {
              from: sent,
            }),
        ],
        ['startDateStart', () => t.admin.rest('erp').get(`/campaigns?startDateStart=${parameter}`)],
        ['startDate', () => t.admin.rest('erp').get(`/analytics/overview?startDate=${parameter}`)],
        [
          'start_date',
          () => t.admin.rest('lifecycle').get(`/customers/${company.number}/service-records?start_date=${parameter}`),
        ],
      ];
      const made: Array<[name: string, send: () => Promise<Answer>, read: (body: Data) => unknown]> = [
        [
          'establishedOn',
          () =>
            t.admin.graph.raw(
              'mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { establishedOn } userErrors { code field } } }',
              { input: { name: crypto.randomUUID(), establishedOn: sent } },
            ),
          (body) => body.data.customerCreate.customer.establishedOn,
        ],
        [
          'establishment_date',
          () =>
            t.admin
              .rest('platform')
              .post('/customers/', { name: crypto.randomUUID(), type: 'enterprise', establishment_date: sent }),
          (body) => body.data.establishment_date,
        ],
        [
          'signedAt',
          () =>
            t.admin.rest('cell').post('/contracts', {
              customerId: company.id,
              contractNo: crypto.randomUUID(),
              amountCents: 1,
              signedAt: sent,
            }),
          (body) => body.signedAt,
        ],
      ];
      if (dayOf(at, ahead) === undefined) {
        for (const [name, send] of [...asked, ...made]) await refused(send, name);
        return;
      }
      for (const [name, send] of asked) {
        const { status, body } = await send();
        expect([name, status, body.errors]).toEqual([name, 200, name === 'start_date' ? undefined : body.errors && []]);
      }
      for (const [name, send, read] of made) expect([name, read((await send()).body)]).toEqual([name, expected]);
    },
  );

  test.each(['0000-01-01', '0000-12-31T12:00:00', '10000-01-01', '-0001-01-01', '+010000-01-01T00:00:00Z'])(
    '%s is no day of these years, wherever it is sent',
    async (sent) => {
      const parameter = encodeURIComponent(sent);
      await refused(() => t.admin.rest('erp').get(`/campaigns?startDateStart=${parameter}`), 'startDateStart');
      await refused(() => t.admin.rest('erp').get(`/activities?startDate=${parameter}`), 'startDate');
      await refused(
        () => t.admin.rest('lifecycle').get(`/customers/${company.number}/service-records?end_date=${parameter}`),
        'end_date',
      );
      await refused(
        () =>
          t.admin.graph.raw('query ($from: Date) { customers(filter: { createdFrom: $from }) { totalCount } }', {
            from: sent,
          }),
        'from',
      );
      await refused(() => t.admin.graph.raw(`{ customers(filter: { createdFrom: "${sent}" }) { totalCount } }`), sent);
      const { status } = await fetch(
        `${process.env['CRM_TEST_ADDRESS']}/export/customers.json?filter=${encodeURIComponent(JSON.stringify({ createdFrom: sent }))}`,
        { headers: { authorization: `Bearer ${t.admin.token}` } },
      );
      expect(status).toBe(400);
    },
  );

  test('a time without a zone counts by the clocks of the tenant, also at the limits', async () => {
    const create =
      'mutation ($at: DateTime) { activityCreate(input: { kind: CALL, subject: "A", customer: "' +
      company.id +
      '", startsAt: $at }) { activity { startsAt } userErrors { code field } } }';
    for (const [sent, local] of [
      ['0001-01-01T00:00:00', first],
      ['0001-01-01T12:00:00', first + 720 * minute],
      ['9999-12-31T23:59:59.999', last],
      ['9999-12-31T12:00:00', last + 1 - 720 * minute],
    ] as const) {
      const startsAt = keptAs(local - ahead * minute);
      const { activityCreate } = await t.admin.graph(create, { at: sent });
      expect([sent, activityCreate]).toEqual([
        sent,
        startsAt
          ? { activity: { startsAt }, userErrors: [] }
          : { activity: null, userErrors: [{ code: 'INVALID', field: ['input', 'startsAt'] }] },
      ]);
    }
  });

  test('an export whose filter has a day outside of these years is refused, naming the parameter', async () => {
    // the day of this instant is in the year 10000, or the instant itself is
    const outside = new Date(last - (ahead > 0 ? 60 : 0) * minute).toISOString();
    const filter = JSON.stringify({ createdFrom: ahead > 0 ? outside : '9999-12-31T23:59:59-05:00' });
    const answer = await fetch(
      `${process.env['CRM_TEST_ADDRESS']}/export/customers.csv?filter=${encodeURIComponent(filter)}`,
      { headers: { authorization: `Bearer ${t.admin.token}`, 'accept-language': 'en' } },
    );
    const { errors } = await answer.json();
    expect([answer.status, errors[0].extensions.field[0]]).toEqual([400, 'filter']);
  });
});
