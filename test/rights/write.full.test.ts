import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../support/eventually.js';
import { countOf, repeatable, seed } from '../support/generated.js';
import { ownerUrl } from '../support/http.js';
import { placesWhere, put } from '../support/inputs.js';
import { argumentsOf, mutations, type Fresh } from '../support/mutations.js';
import { Random } from '../support/operations.js';
import { written } from '../support/records.js';
import { requestOf, requests } from '../support/requests.js';
import { sqlIn, tenant, type Actor, type Data, type Dialect, type TestTenant } from '../support/tenant.js';
import { actorOf, callers, grantedTo, type Caller, type Granted } from './callers.js';
import { Maker, withoutRecords } from './changing.js';
import { meets, needOf, type Need } from './needs.js';
import { schema } from './schema.js';

// Every change by every kind of caller with records of every place: it is done, or it is refused without any effect, and
// what a caller does not see is refused as if it did not exist.

type Place = 'theirs' | 'free' | 'foreign';
const places: readonly Place[] = ['theirs', 'free', 'foreign'];

let t: TestTenant;
let other: TestTenant;
let makers: Record<Place, Fresh>;
let everybody: Array<{ caller: Caller; by: Actor; granted: Granted }>;
beforeAll(async () => {
  t = await tenant();
  other = await tenant();
  await Promise.all([t.sales.id(), t.sales2.id(), t.outsider.id(), other.outsider.id()]);
  makers = {
    theirs: new Maker('theirs', t, t.sales2),
    free: new Maker('free', t),
    foreign: new Maker('foreign', other),
  };
  const chosen = [
    'viewer',
    'sales',
    'sales+viewer',
    'manager',
    'tenant_admin',
    'nothing',
    'read',
    'write',
    'amounts+audit+export',
  ];
  everybody = await Promise.all(
    callers
      .filter(({ name }) => chosen.includes(name))
      .map(async (caller) => ({ caller, by: await actorOf(t, caller), granted: grantedTo(caller) })),
  );
  // all of them work with the pools that records of nobody's are in
  const { id: department } = await makers.free.department();
  for (const { by } of everybody.filter(({ granted }) => granted.see !== 'none'))
    await t.admin.graph(
      'mutation ($id: ID!, $department: ID!) { userUpdate(id: $id, input: { department: $department }) { userErrors { code } } }',
      { id: await by.id(), department },
    );
  makers.free.members = department;
});

const random = new Random(seed);
/** So many of the cases in a daily run, three times as many in the full one, and all of them with `CRM_TEST_RIGHTS=all`. */
const some = <T>(cases: T[], few: number): T[] =>
  process.env['CRM_TEST_RIGHTS'] === 'all'
    ? cases
    : Array.from({ length: countOf({ few, all: 3 * few }) }, () => random.of(cases));

/** What has been written in both tenants. */
const state = async (): Promise<Data> => [
  await written(t),
  await written({ sql: (text) => sqlIn(ownerUrl(), other.code, text) }),
];

/** Resolves when no job of the tenant is under way that writes by itself. */
const runsEnded = (): Promise<unknown> =>
  eventually(
    () => t.sql("select 1 from health_run where tenant_id = app_tenant() and status = 'RUNNING'"),
    (running) => running.length === 0,
  );

const uuid = /[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g;

/** The refusals of an answer; empty if it was done. Of bulks those of each item. */
function refusals(mutation: string, body: Data): unknown[] {
  const payload = body.data?.[mutation];
  const items = (payload?.results ?? []) as Data[];
  return [
    ...(body.errors ?? []).map(({ message, extensions }: Data) => [extensions.code, message.replace(uuid, '#')]),
    ...[payload, ...items].flatMap((one) =>
      (one?.userErrors ?? []).map(({ code, field, message }: Data) => [code, field, message]),
    ),
  ];
}

const codes = (found: unknown[]): string[] => found.map((one) => (one as string[])[0]!);

/** Mutations that name no record of a place: what they do is the tenant's. */
const ofTenant =
  /^(tenantUpdate|contractsExpire|healthRunStart|campaignCreate|customerCreate|customerOnboard|customersOnboard|leadCreate|departmentCreate|directorySync|poolCreate|roleReachChange|savedViewCreate|userCreate|webhook\w+|apiKey\w+)$/;

/** Compares, and goes on where there is a difference. */
function comparison(): { wrong: unknown[]; compare: (found: object, expected: object) => void } {
  const wrong: unknown[] = [];
  return {
    wrong,
    compare: (found, expected) => {
      if (!isDeepStrictEqual(found, expected)) wrong.push({ found, expected });
    },
  };
}

/** Rows of a dialect that take many records, and say of each in the answer what came of it. */
const ofMany = /batch|bulk|import|delete\/$/;

test('every mutation by every kind of caller is done or refused without effect, and what is hidden does not exist', async () => {
  // tenants are made by those who administer the platform, whoever asks in a tenant (`test/tenancy`); a token has an id of
  // its issuer's, which is no record (`test/identity/tokens`); a file that is attached to nothing is its uploader's (`test/files`),
  // and a view its owner's (`test/views`)
  const inTenants = Object.keys(mutations).filter(
    (mutation) =>
      !['tenantCreate', 'tokenRevoke', 'fileAttach', 'fileDelete'].includes(mutation) &&
      !/^savedView(Update|Delete|SetDefault)$/.test(mutation),
  );
  const cases = inTenants.flatMap((mutation) =>
    everybody.flatMap((who) => places.map((place) => ({ mutation, who, place }))),
  );
  const chosen = some(cases, 30);
  let refused = 0;
  await repeatable(async () => {
    const { wrong, compare } = comparison();
    for (const {
      mutation,
      who: { caller, by, granted },
      place,
    } of chosen) {
      const isOfTenant = ofTenant.test(mutation);
      // what a salesperson cannot make is made by those who administer the tenant
      // what lies in a pool is nobody's
      const isTheirs = place === 'theirs' && needOf(mutation) === 'write' && !/(Pick|MovePool)$/.test(mutation);
      const maker = isTheirs ? makers.theirs : place === 'foreign' && !isOfTenant ? makers.foreign : makers.free;
      const args = await argumentsOf[mutation]!(maker);
      const isSeen =
        isOfTenant || maker === makers.free ? granted.see !== 'none' : maker === makers.theirs && granted.see === 'all';
      const isAllowed =
        meets(granted, needOf(mutation)) && isSeen && (isOfTenant || maker === makers.free || granted.write === 'all');
      // who may move goes by the pool, which is of the other tenant here
      const isMoveElsewhere = mutation.endsWith('MovePool') && place === 'foreign';
      const about = { caller: caller.name, mutation, place };
      const before = await state();
      const found = refusals(mutation, (await makers.free.as(by).mutate(mutation, args, 'id')).body);
      if (isAllowed) {
        compare({ ...about, found }, { ...about, found: [] });
        if (mutation === 'healthRunStart') await runsEnded();
        continue;
      }
      refused += 1;
      compare(
        { ...about, isRefused: found.length > 0, state: await state() },
        {
          ...about,
          isRefused: true,
          state: before,
        },
      );
      if (!meets(granted, needOf(mutation)))
        compare(
          { ...about, codes: codes(found) },
          { ...about, codes: [isMoveElsewhere && granted.write !== 'none' ? 'UNKNOWN_REFERENCE' : 'FORBIDDEN'] },
        );
      else if (isSeen) compare({ ...about, codes: [...new Set(codes(found))] }, { ...about, codes: ['FORBIDDEN'] });
      else {
        const missing = refusals(
          mutation,
          (await makers.free.as(by).mutate(mutation, withoutRecords(args), 'id')).body,
        );
        compare({ ...about, found }, { ...about, found: missing });
      }
    }
    expect(wrong.slice(0, 20)).toEqual([]);
  });
  process.stderr.write(`Rights: ${chosen.length} of ${cases.length} changes of the graph, ${refused} refused.\n`);
}, 600_000);

const made = [
  'customer',
  'contact',
  'opportunity',
  'contract',
  'activity',
  'case',
  'file',
  'lead',
  'campaign',
] as const;

/** The kind of record that a reference in an input names, by its name. */
function kindOf(path: string): (typeof made)[number] {
  const name = path
    .split('.')
    .findLast((part) => !/^\d+$/.test(part))!
    .replace(/s$/, '');
  return made.find((kind) => kind === name) ?? 'customer';
}

test('a reference to what is hidden is refused as one that names nothing', async () => {
  const all = placesWhere((_path, type) => type === 'ID').filter(([mutation]) => argumentsOf[mutation]);
  const cases = all.flatMap(([mutation, path]) =>
    (['theirs', 'foreign'] as const).map((place) => ({ mutation, path, place })),
  );
  const chosen = some(cases, 10);
  const sales = new Maker('mine', t, t.sales);
  await repeatable(async () => {
    const { wrong, compare } = comparison();
    for (const { mutation, path, place } of chosen) {
      const by = place === 'theirs' && needOf(mutation) === 'write' ? t.sales : t.admin;
      const maker = by === t.sales ? sales : makers.free;
      const kind = kindOf(path);
      if (by === t.sales && kind === 'campaign') continue;
      const hidden = await makers[by === t.sales ? 'theirs' : 'foreign'][kind]();
      const args = await argumentsOf[mutation]!(maker);
      const before = await state();
      const answers: unknown[][] = [];
      for (const id of [hidden['id'], randomUUID().replace(/^(.{14})./, '$17')])
        answers.push(
          refusals(mutation, (await maker.mutate(mutation, put(structuredClone(args), path, id), 'id')).body),
        );
      const about = { mutation, path, place };
      compare(
        { ...about, found: answers[0], isRefused: answers[0]!.length > 0 },
        {
          ...about,
          found: answers[1],
          isRefused: true,
        },
      );
      compare({ ...about, state: await state() }, { ...about, state: before });
    }
    expect(wrong.slice(0, 20)).toEqual([]);
  });
  process.stderr.write(`Rights: ${chosen.length} of ${cases.length} references to what is hidden.\n`);
}, 600_000);

test('every row that writes, by every kind of caller, is done or refused without effect, and what is hidden does not exist', async () => {
  const cases = (Object.entries(requests) as Array<[Dialect, object]>).flatMap(([dialect, rows]) =>
    Object.keys(rows).flatMap((row) =>
      everybody.flatMap((who) => places.map((place) => ({ dialect, row, who, place }))),
    ),
  );
  const chosen = some(cases, 30);
  let refused = 0;
  await repeatable(async () => {
    const { wrong, compare } = comparison();
    for (const {
      dialect,
      row,
      who: { caller, by, granted },
      place,
    } of chosen) {
      const isAdministering = dialect === 'platform';
      const need: Need = isAdministering ? 'administer' : /campaigns/.test(row) ? 'writeAll' : 'write';
      const maker =
        place === 'foreign' ? makers.foreign : place === 'theirs' && need === 'write' ? makers.theirs : makers.free;
      const { method, path, body } = await requestOf(maker, dialect, row);
      const names =
        /\{/.test(row) ||
        JSON.stringify(body ?? {}).match(uuid) ||
        /"(customer_ids?|ids?|updates)":/.test(JSON.stringify(body ?? {}));
      if (!names && place !== 'free') continue;
      const isSeen = maker === makers.free ? granted.see !== 'none' : maker === makers.theirs && granted.see === 'all';
      const isAllowed = meets(granted, need) && isSeen && (maker === makers.free || granted.write === 'all');
      const about = { caller: caller.name, dialect, row, place };
      const before = await state();
      const { status } = await by.rest(dialect)[method](path, body);
      if (isAllowed) {
        compare({ ...about, isDone: status < 300 }, { ...about, isDone: true });
        continue;
      }
      refused += 1;
      compare({ ...about, isDone: await state() }, { ...about, isDone: before });
      if (!meets(granted, need) && maker === makers.free)
        compare(
          { ...about, status },
          {
            ...about,
            status: granted.see === 'none' && status === 404 ? 404 : 403,
          },
        );
      else compare({ ...about, isRefused: ofMany.test(row) || status >= 400 }, { ...about, isRefused: true });
    }
    expect(wrong.slice(0, 20)).toEqual([]);
  });
  process.stderr.write(
    `Rights: ${chosen.length} of ${cases.length} writing requests of the dialects, ${refused} refused.\n`,
  );
}, 600_000);

const forbidden = /^(tenant|tenantId|tenant_id|number|createdAt|created_at|createdBy|updatedAt|updatedBy|deletedAt)$/;

test('no input of the graph takes what the server gives: ids, versions, numbers, instants and authors', () => {
  const inputs = Object.values(schema.getTypeMap()).filter((type) => type.name.endsWith('Input'));
  const taken = inputs.flatMap((type) =>
    Object.keys((type as Data).getFields?.() ?? {})
      .filter((name) => forbidden.test(name) || name === 'id' || name === 'version')
      .map((name) => `${type.name}.${name}`),
  );
  // the other tenant that a customer is linked with is what a link is about; a directory has ids of its own
  expect(taken).toEqual(['CustomerTenantInput.tenant', 'DirectoryDepartmentInput.id', 'DirectoryUserInput.id']);
});

test('what a dialect is sent of that is without effect', async () => {
  const id = randomUUID();
  const given = {
    id,
    tenantId: other.code,
    tenant_id: other.code,
    version: 77,
    number: 2_000_000_077,
    createdAt: '2001-01-01T00:00:00Z',
    created_at: '2001-01-01T00:00:00Z',
    createdBy: id,
    deletedAt: '2001-01-01T00:00:00Z',
  };
  for (const [dialect, row] of [
    ['erp', 'POST /accounts'],
    ['cell', 'POST /customers'],
    ['lifecycle', 'POST /customers'],
    ['platform', 'POST /customers/'],
  ] as const) {
    const { path, body } = await requestOf(makers.free, dialect, row);
    const before = await sqlIn(ownerUrl(), other.code, 'select count(*)::int n from customer');
    const { status } = await (dialect === 'platform' ? t.admin : t.sales)
      .rest(dialect)
      .post(path, { ...given, ...body });
    expect([dialect, status < 300 || status === 400 ? true : status]).toEqual([dialect, true]);
    expect([
      dialect,
      await t.sql(
        "select id from customer where tenant_id = app_tenant() and (id = $1 or number = 2000000077 or version = 77 or created_at < '2002-01-01' or created_by_id = $1 or deleted_at < '2002-01-01')",
        [id],
      ),
    ]).toEqual([dialect, []]);
    expect([dialect, await sqlIn(ownerUrl(), other.code, 'select count(*)::int n from customer')]).toEqual([
      dialect,
      before,
    ]);
  }
});
