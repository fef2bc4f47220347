import { isObjectType } from 'graphql';
import { isChineseAlone } from '../support/chinese.js';
import { countOf, repeatable, seed } from '../support/generated.js';
import { Fresh, mutations } from '../support/mutations.js';
import { Random } from '../support/operations.js';
import { customer } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import {
  actionsOf,
  aliasOf,
  kinds,
  lower,
  schema,
  selectionOf,
  statesOf,
  Subject,
  typesWithPermissions,
} from './kinds.js';

// What a record says that the caller may do with it is what the mutations then do: over kinds of records × callers × states.

/** The error of the mutation that each reason stands for. */
const errorOf: Record<string, string> = {
  MISSING_ROLE: 'FORBIDDEN',
  MISSING_SCOPE: 'FORBIDDEN',
  NOT_OWNER: 'FORBIDDEN',
  DELETED: 'NOT_FOUND',
  NOT_DELETED: 'NOT_FOUND',
  PARENT_DELETED: 'UNKNOWN_REFERENCE',
  WRONG_STATE: 'TRANSITION_NOT_ALLOWED',
};

let t: TestTenant;
let f: Fresh;
let callers: Record<string, Actor>;
let customers: Record<'owned' | 'free', () => Promise<string>>;

beforeAll(async () => {
  t = await tenant();
  f = new Fresh(t);
  callers = {
    admin: t.admin,
    manager: t.manager,
    sales: t.sales,
    sales2: t.sales2,
    viewer: t.viewer,
    platform: await actor('platform', t.code, ['platform_admin']),
    reader: await actor('reader', t.code, ['service'], { scope: 'crm:read' }),
    writer: await actor('writer', t.code, ['service'], { scope: 'crm:read crm:write' }),
    both: await actor('both', t.code, ['sales', 'viewer']),
  };
  const owner = await t.sales.id();
  customers = {
    owned: async () => (await customer(t.admin, { name: f.name(), owner })).id,
    free: async () => (await customer(t.admin, { name: f.name() })).id,
  };
});

/** How much callers have changed: not what the server does by itself meanwhile, such as completing a campaign that is over. */
const changes = async (): Promise<number> =>
  (await t.sql("select count(*)::int n from audit_entry where face <> 'system'"))[0]!['n'];

/** What the record says to the caller; null if it is not shown. Deleted ones are shown to those who administer the tenant. */
async function asked(by: Actor, type: string, id: string, selection: string, language = 'en'): Promise<Data> {
  const isRestorable = schema
    .getQueryType()!
    .getFields()
    [lower(type)]?.args.some(({ name }) => name === 'deleted');
  const isAdmin = [callers['admin'], callers['platform']].includes(by);
  const query =
    isRestorable && isAdmin
      ? `query ($id: ID!) { record: ${lower(type)}(id: $id, deleted: true) { ${selection} } }`
      : `query ($id: ID!) { record: node(id: $id) { ... on ${type} { ${selection} } } }`;
  const { body } = await by.graph.raw(query, { id }, { 'accept-language': language });
  if (body.errors) throw new Error(JSON.stringify(body.errors));
  return body.data.record;
}

test('every mutation of one record has a field that says whether the caller may use it, or is listed here', () => {
  const without: Record<string, string> = {
    contactUnlinkCustomers: 'names links, of which each is refused by itself',
    customerUnlinkContacts: 'names links, of which each is refused by itself',
    userHandOver: 'is for those who administer, of whomever; `handOverPreview` says what it would be',
    tenantUpdate: 'changes the tenant of the request unless a platform administrator names another',
    ...Object.fromEntries(
      ['Delete', 'Disable', 'Enable', 'Replay', 'Retry', 'RotateSecret', 'Update'].map((verb) => [
        `webhook${verb}`,
        'webhooks are seen by those only who may do everything with them',
      ]),
    ),
  };
  const ofOne = Object.values(mutations)
    .filter(({ args }) => args.some(({ name }) => name === 'id'))
    .map(({ name }) => name);
  const said = typesWithPermissions.flatMap((type) => actionsOf(type).map(({ mutation }) => mutation));
  expect(ofOne.filter((name) => !said.includes(name)).toSorted()).toEqual(Object.keys(without).toSorted());
  expect(typesWithPermissions.map(({ name }) => name).toSorted()).toEqual(Object.keys(kinds).toSorted());
});

describe.each(Object.entries(kinds))('%s', (type, kind) => {
  const graphType = schema.getType(type);
  const actions = isObjectType(graphType) ? actionsOf(graphType) : [];

  test('says what the mutations then do', async () => {
    const subjects: Subject[] = [];
    for (const make of Object.values(customers)) subjects.push(await Subject.of(f, kind, await make()));
    const somebody = await t.sales2.id();
    const cases = subjects.flatMap((subject) =>
      statesOf(type).flatMap((state) =>
        Object.entries(callers).flatMap(([name, by]) =>
          actions.map((action) => ({ subject, state, name, by, action })),
        ),
      ),
    );
    // some of all, and what those may do who may do the most with a record that nobody has touched
    const chosen = [
      ...new Random(seed).some(cases, countOf({ few: 4, all: 80 })),
      ...cases.filter(
        ({ subject, state, name }) =>
          subject === subjects[0] && state[0] === 'as made' && ['admin', 'platform'].includes(name),
      ),
    ];
    const found = new Set<string>();
    await repeatable(async () => {
      for (const { subject, state, name, by, action } of chosen) {
        await subject.put(state);
        const args = await subject.argumentsFor(action, somebody);
        const about = { type, mutation: action.mutation, to: action.to?.value, caller: name, state: state[0] };
        const said = (await asked(by, type, subject.id, selectionOf(action), 'zh'))?.[aliasOf(action)] ?? null;
        // who is not shown deleted records may restore one whose id they know, and asks nobody
        if (!said && action.mutation === 'customerRestore') continue;
        const before = await changes();
        const { body } = await f.as(by).mutate(action.mutation, args, 'id', { 'accept-language': 'zh' });
        const [error] = [...(body.errors ?? []), ...(body.data?.[action.mutation]?.userErrors ?? [])];
        const code = error?.extensions?.code ?? error?.code;
        const isDone = code === undefined;
        expect({ ...about, isDone, error: code }).toEqual({
          ...about,
          isDone: said?.allowed ?? false,
          error: said
            ? said.allowed
              ? undefined
              : errorOf[said.reason]
            : expect.stringMatching(/^(NOT_FOUND|FORBIDDEN)$/),
        });
        if (said)
          expect({ ...about, allowed: said.allowed }).toEqual({
            ...about,
            allowed: said.reason === null && said.message === null,
          });
        for (const message of [said?.message, error?.message])
          if (message) expect([about, message, isChineseAlone(message)]).toEqual([about, message, true]);
        if (said?.reason === 'WRONG_STATE')
          expect({ ...about, message: said.message }).toEqual({ ...about, message: error.message });
        if (!isDone) expect({ ...about, changes: await changes() }).toEqual({ ...about, changes: before });
        found.add(said ? (said.reason ?? 'ALLOWED') : 'NOT_SHOWN');
      }
    });
    expect(found).toContain('ALLOWED');
  }, 600_000);
});

describe('a page of records that say what may be done with them', () => {
  let t2: TestTenant;
  beforeAll(async () => {
    t2 = await tenant();
    for (let index = 0; index < 20; index += 1) {
      const made = new Fresh(t2);
      const { id } = await customer(t2.admin, { name: `客户${index}`, owner: index % 2 ? await t2.sales.id() : null });
      await kinds['Contract']!.make(made, id);
      await kinds['Case']!.make(made, id);
    }
  }, 60_000);

  const selectionFor = (type: string): string => {
    const graphType = schema.getType(type);
    return isObjectType(graphType) ? actionsOf(graphType).map(selectionOf).join(' ') : '';
  };
  const query = (first: number, permissions: boolean): string =>
    `{ customers(first: ${first}) { nodes { name ${permissions ? selectionFor('Customer') : ''} contracts { nodes { name ${permissions ? selectionFor('Contract') : ''} opportunity { name ${permissions ? selectionFor('Opportunity') : ''} } } } cases { nodes { subject ${permissions ? selectionFor('Case') : ''} } } } } }`;

  test.each(['admin', 'sales', 'viewer'] as const)(
    'takes no statement more by either executor, for %s',
    async (who) => {
      await t2[who].id();
      const count = async (text: string, executor: string): Promise<number> => {
        const { body, statements } = await t2[who].graph.raw(text, {}, { 'x-crm-executor': executor });
        expect(body.errors).toBeUndefined();
        return statements;
      };
      for (const first of [2, 20]) {
        expect([first, await count(query(first, true), 'compiled')]).toEqual([first, 1]);
        expect([first, await count(query(first, true), 'plain')]).toEqual([
          first,
          await count(query(first, false), 'plain'),
        ]);
      }
    },
  );
});

const sentences: Array<[reason: string, who: string, state: string, en: string, zh: string]> = [
  ['MISSING_ROLE', 'viewer', 'DRAFT', 'Your role does not allow this.', '您的角色没有此操作权限'],
  ['MISSING_SCOPE', 'reader', 'DRAFT', 'The scopes of your token do not allow this.', '令牌的授权范围不包含此操作'],
  [
    'NOT_OWNER',
    'both',
    'DRAFT',
    'You may change only your own records and what belongs to them.',
    '只能修改自己负责的数据',
  ],
  [
    'WRONG_STATE',
    'sales',
    'TERMINATED',
    'Cannot change status from TERMINATED to IN_FORCE.',
    '不允许将状态从“已终止”变更为“生效中”',
  ],
  [
    'WRONG_STATE',
    'sales',
    'a draft, its opportunity lost',
    'Cannot change stage from CLOSED_LOST to CLOSED_WON.',
    '不允许将阶段从“已输单”变更为“已赢单”',
  ],
];

test.each(sentences)(
  '%s is said to a %s of a contract that is %s in both languages',
  async (reason, who, state, en, zh) => {
    const kind = kinds['Contract']!;
    const subject = await Subject.of(f, kind, await customers.owned());
    await subject.put(statesOf('Contract').find(([name]) => name === state)!);
    const selection = 'viewerCanSign { allowed reason message }';
    const said = async (language: string): Promise<Data> =>
      (await asked(callers[who]!, 'Contract', subject.id, selection, language)).viewerCanSign;
    expect([await said('en'), await said('zh-CN')]).toEqual([
      { allowed: false, reason, message: en },
      { allowed: false, reason, message: zh },
    ]);
  },
);

test('a deleted record says so, and that it can be restored; one that is not deleted says that it cannot', async () => {
  const kind = kinds['Customer']!;
  const subject = await Subject.of(f, kind, await customers.owned());
  const selection = 'viewerCanUpdate { reason message } viewerCanRestore { allowed reason message }';
  expect(await asked(t.admin, 'Customer', subject.id, selection)).toEqual({
    viewerCanUpdate: { reason: null, message: null },
    viewerCanRestore: { allowed: false, reason: 'NOT_DELETED', message: 'The record is not deleted.' },
  });
  await subject.put(['deleted', 'deleted_at = now()']);
  expect(await asked(t.admin, 'Customer', subject.id, selection, 'zh-CN')).toEqual({
    viewerCanUpdate: { reason: 'DELETED', message: '记录或其所属记录已删除' },
    viewerCanRestore: { allowed: true, reason: null, message: null },
  });
});

test('subscribers with the same rights get the reason that holds for each', async () => {
  const text = 'subscription { customerChanged { customer { viewerCanUpdate { reason message } } } }';
  const [viewer, reader] = [await t.viewer.subscribe(text), await callers['reader']!.subscribe(text)];
  await customer(t.admin, { name: f.name() });
  const reasonOf = async (subscription: { next: () => Promise<Data> }): Promise<unknown> =>
    (await subscription.next()).customerChanged.customer.viewerCanUpdate.reason;
  expect([await reasonOf(viewer), await reasonOf(reader)]).toEqual(['MISSING_ROLE', 'MISSING_SCOPE']);
});
