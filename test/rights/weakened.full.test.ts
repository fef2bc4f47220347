import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getNamedType, isLeafType, isObjectType } from 'graphql';
import { derivedFacts } from '../../src/model/derived.js';
import { repeatable, seed } from '../support/generated.js';
import { argumentsOf, mutations, type Fresh } from '../support/mutations.js';
import { once } from '../support/once.js';
import { Random } from '../support/operations.js';
import { plain, startAnother, type Started } from '../support/server.js';
import { tenant, type Actor, type TestTenant } from '../support/tenant.js';
import { askAll, type Answers } from './asking.js';
import { actorOf, callers, grantedTo, hiddenFrom, type Caller } from './callers.js';
import { Maker, ofNothing, refusalsOf, type Call } from './changing.js';
import { differences, findings, notRefused } from './findings.js';
import { meets, needOf } from './needs.js';
import { cellsOf, type Cell } from './reads.js';
import { schema } from './schema.js';
import { weakenAt, type Given } from './weakened-client.js';
import { buildWorlds, perturb, type Worlds } from './worlds.js';

// Each policy is made weaker in turn, in a server of its own; the questions of the matrix of rights must notice it, and
// must find nothing when it is as it was.

/** Finds what somebody may not see or do; nothing where all policies hold. */
type Question = () => Promise<string[]>;

/** Which are weakened, by their names: `CRM_TEST_WEAKENED='^need of Customer'`, or `.` for all; a few of the held kinds unless given. */
const wanted = process.env['CRM_TEST_WEAKENED'];
/** Kinds of which each policy has been noticed; of the others some are not noticed yet. */
const heldKinds: ReadonlySet<string> = new Set(['right', 'mask']);
const few = 12;
/** How often hidden values are changed while nothing that is shown follows from them. */
const rounds = 4;

const socket = join(tmpdir(), `crm-weakened-${randomUUID()}`);
const weaken = weakenAt(socket);
const random = new Random(seed);
let server: Started;
let t: TestTenant;
let worlds: Worlds;
let cells: Cell[];
beforeAll(async () => {
  server = await startAnother({ ...plain(), WEAKENED_SOCKET: socket }, undefined, ['test/rights/weakened-server.ts']);
  if (!server.address) throw new Error(server.stdout + server.stderr);
  t = await tenant();
  worlds = await buildWorlds(await tenant());
  cells = await cellsOf(worlds);
}, 600_000);
afterAll(() => server.stop());

/** Worlds of which hidden values are changed, so that they are nobody's canaries any more. */
const perturbedWorlds = once(async () => buildWorlds(await tenant()));
/** Changes of records of another salesperson, and changes of records that there are not. */
const changesOfTheirs = once(() =>
  callsOf(new Maker('theirs', t, t.sales2), (mutation) => needOf(mutation) === 'write'),
);
const changesOfNothing = once(async () => ofNothing(await callsOf(new Maker('any', t), () => true)));

/** Every mutation with arguments with which it does something. Tenants are made by those who administer the platform, whoever is asked here. */
async function callsOf(fresh: Fresh, wanted: (mutation: string) => boolean): Promise<Call[]> {
  const calls: Call[] = [];
  for (const mutation of Object.keys(mutations).filter(wanted))
    if (mutation in argumentsOf) calls.push({ mutation, args: await argumentsOf[mutation]!(fresh) });
  return calls;
}

const named = (name: string): Caller => callers.find((caller) => caller.name === name)!;
const actors = new Map<string, Promise<Actor>>();
function actorIn({ t: of }: Pick<Worlds, 't'>, caller: Caller): Promise<Actor> {
  const key = `${of.code} ${caller.name}`;
  if (!actors.has(key)) actors.set(key, actorOf(of, caller));
  return actors.get(key)!;
}

/** Nothing that is hidden from a caller is in these cells, and what they lack the right to is refused. */
const shown =
  (name: string, some: readonly Cell[]): Question =>
  async () => {
    const caller = named(name);
    const answers = await askAll(await actorIn(worlds, caller), some, { server: server.address! });
    return [...findings(worlds, caller, answers), ...notRefused(caller, answers)];
  };

/** No answer to a caller changes with what is hidden from them. */
const same =
  (name: string, isAsked: (all: readonly Cell[]) => readonly Cell[]): Question =>
  async () => {
    const perturbed = await perturbedWorlds();
    const some = isAsked(await cellsOf(perturbed));
    const caller = named(name);
    const by = await actorIn(perturbed, caller);
    const earlier = new Set<string>();
    let before: Answers = await askAll(by, some, { server: server.address! });
    // other hidden values may mean the same for once; and what has changed once may have changed by a job that came in between
    for (let round = 1; round <= rounds; round += 1) {
      await perturb(perturbed, hiddenFrom(caller), random);
      const after = await askAll(by, some, { server: server.address! });
      const found = differences(caller, before, after);
      const again = [...found].filter(([one]) => earlier.has(one));
      if (again.length > 0) return again.map(([one, where]) => `${one}: ${where}`);
      for (const one of found.keys()) earlier.add(one);
      before = after;
    }
    return [];
  };

/** What a caller lacks the right to is refused as such, whatever it names. */
const forbidden =
  (name: string, isAsked: (mutation: string) => boolean = () => true): Question =>
  async () => {
    const granted = grantedTo(named(name));
    // records of a pool are moved by those as well who administer the pool: refused record by record
    const calls = (await changesOfNothing()).filter(
      ({ mutation }) =>
        !meets(granted, needOf(mutation)) &&
        isAsked(mutation) &&
        (granted.write === 'none' || !mutation.endsWith('MovePool')),
    );
    const found = await refusalsOf(await actorIn({ t }, named(name)), calls, server.address);
    return calls.flatMap(({ mutation }, index) =>
      found[index]!.join() === 'FORBIDDEN' ? [] : [`${name}: ${mutation}: ${found[index]!.join() || 'done'}`],
    );
  };

/** A delivery of a webhook, which nobody is shown but who administers the tenant. */
const delivery = once(async () => {
  await argumentsOf['webhookRetry']!(new Maker('any', t));
  const [row] = await t.sql<{ id: string }>('select id from webhook_delivery where tenant_id = app_tenant() limit 1');
  return row!.id;
});

/** A caller who does not administer the tenant is not told that there is a delivery, whose id they know. */
const undelivered =
  (name: string): Question =>
  async () => {
    const cell = { name: 'node WebhookDelivery', graph: `node(id: "${await delivery()}") { __typename }` };
    const [answer] = (await askAll(await actorIn({ t }, named(name)), [cell], { server: server.address! })).values();
    return answer!.includes('WebhookDelivery') ? [`${name}: ${cell.name}: ${answer}`] : [];
  };

/** Every record says to a caller that it is a right that they lack for what they lack it for. */
const unpermitted =
  (name: string, action: string): Question =>
  async () => {
    const asked = cells.flatMap(({ of, name: list }): Cell[] => {
      const type = of ? schema.getType(of) : undefined;
      const field = isObjectType(type)
        ? Object.keys(type.getFields()).find((one) => one.toLowerCase() === `viewercan${action.slice(of!.length)}`)
        : undefined;
      return field && action.startsWith(of!.toLowerCase())
        ? [{ name: `${list} ${field}`, graph: `${list}(first: 10) { nodes { ${field} { allowed reason } } }` }]
        : [];
    });
    const answers = await askAll(await actorIn(worlds, named(name)), asked, { server: server.address! });
    return [...answers].flatMap(([cell, text]) =>
      /"allowed":true|"reason":"(?!MISSING_)/.test(text) ? [`${name}: ${cell.name}: ${text}`] : [],
    );
  };

/** A caller who may not write is refused as such when they upload a file, and before it is looked at. */
const notUploaded =
  (name: string): Question =>
  async () => {
    const { token } = await actorIn({ t }, named(name));
    const found: string[] = [];
    for (const file of ['a.txt', 'a.exe']) {
      const body = new FormData();
      body.set('file', new Blob(['0123456789']), file);
      const headers = { authorization: `Bearer ${token}` };
      const { status } = await fetch(`${server.address}/api/v1/files`, { method: 'POST', headers, body });
      if (status !== 403) found.push(`${name}: upload of ${file}: ${status}`);
    }
    return found;
  };

/** Records of somebody else are refused to a caller: as missing where they do not see them. */
const refused =
  (name: string, isAsked: (mutation: string) => boolean = () => true): Question =>
  async () => {
    const by = await actorIn({ t }, named(name));
    const isSeen = grantedTo(named(name)).see === 'all';
    const calls = (await changesOfTheirs()).filter(({ mutation }) => isAsked(mutation));
    const found = await refusalsOf(by, calls, server.address);
    const missing = isSeen ? [] : await refusalsOf(by, ofNothing(calls), server.address);
    return calls.flatMap(({ mutation }, index) => {
      const codes = found[index]!.join();
      return codes !== '' && (isSeen ? true : codes === missing[index]!.join())
        ? []
        : [`${name}: ${mutation}: ${codes || 'done'}`];
    });
  };

/** What is null for a caller from whom it is hidden is null in every record: `Type.field`, if that is one of a list of records. */
const absent =
  (name: string, about: string): Question =>
  async () => {
    const [of, field] = about.split('.') as [string, string];
    const type = schema.getType(of);
    const target = isObjectType(type) && type.getFields()[field];
    const list = cells.find((cell) => cell.of === of && !('dialect' in cell))?.name.split(' ')[0];
    if (!target || !list) return [];
    const selection = isLeafType(getNamedType(target.type)) ? field : `${field} { __typename }`;
    const cell = { name: `${list} ${field}`, graph: `${list}(first: 10) { nodes { ${selection} } }` };
    const [answer] = (await askAll(await actorIn(worlds, named(name)), [cell], { server: server.address! })).values();
    return new RegExp(`"${field}":(?!null)`).test(answer!) ? [`${name}: ${cell.name}: ${answer}`] : [];
  };

/** What a caller reads of their rights is what they have. */
const reported =
  (name: string): Question =>
  async () => {
    const { see, contact, amount, audit, export: exports, administer } = grantedTo(named(name));
    const cell = {
      name: 'rights',
      graph: 'viewer { permissions { see contactData amounts audit export administer } }',
    };
    const [answer] = (await askAll(await actorIn(worlds, named(name)), [cell], { server: server.address! })).values();
    const expected = {
      permissions: {
        see: see.toUpperCase(),
        contactData: contact.toUpperCase(),
        amounts: amount.toUpperCase(),
        audit,
        export: exports,
        administer,
      },
    };
    return answer === JSON.stringify([expected, []]) ? [] : [`${name}: reads ${answer}`];
  };

const isFilter = ({ name }: Cell): boolean => / filter /.test(name);

/** Cells in parts, those first that are about something. */
function parts(all: readonly Cell[], isAbout: (cell: Cell) => boolean): Cell[][] {
  const first = all.filter(isAbout);
  const rest = all.filter((cell) => !first.includes(cell));
  return [
    first,
    rest.filter(({ of }) => of),
    rest.filter((cell) => !cell.of && !isFilter(cell)),
    rest.filter(isFilter),
  ];
}

const lowest: Record<string, string[]> = {
  read: ['nothing'],
  write: ['viewer', 'read'],
  writeCustomers: ['viewer', 'read'],
  writeLeads: ['viewer', 'read'],
  writeAll: ['sales'],
  audit: ['sales', 'manager'],
  administer: ['manager'],
  platform: ['tenant_admin'],
};

/** Callers who have a role or a scope and little else. */
function holdersOf(holder: string, right: string): string[] {
  if (!holder.startsWith('crm:')) return [holder];
  const scope = holder.slice(4);
  return /^(read|write|admin)$/.test(scope) ? [scope] : right === 'see' ? [scope] : [`read+${scope}`, scope];
}

const isOneOf =
  (names: RegExp) =>
  ({ name }: { name: string }): boolean =>
    names.test(name);

/** What soonest shows that somebody has a right. */
const signs: Record<string, (name: string) => Question> = {
  see: (name) => shown(name, cells.filter(isOneOf(/^(customers|leads)$/))),
  contactData: (name) => shown(name, cells.filter(isOneOf(/^(customers|leads)$/))),
  amounts: (name) => shown(name, cells.filter(isOneOf(/^(customers|payments)$/))),
  audit: (name) => shown(name, cells.filter(isOneOf(/^auditEntries$/))),
  export: (name) => shown(name, cells.filter(isOneOf(/^export \w+\.csv$/))),
  write: (name) => forbidden(name, (mutation) => /^(customer|contact)(Update|Create)$/.test(mutation)),
  administer: (name) => shown(name, cells.filter(isOneOf(/^(webhooks|customers deleted)$/))),
  platform: (name) => shown(name, cells.filter(isOneOf(/^tenants$/))),
};

const treatmentOf = (fact: string): string | undefined => derivedFacts[fact as keyof typeof derivedFacts]?.treatment;

/** What is asked where a policy is weaker, the most likely first; the first that finds something ends it. */
function questionsOn({ kind, about }: Given): Question[] {
  const [first, second] = about.split(' ') as [string, string];
  const everything = (names: readonly string[], isAbout: (cell: Cell) => boolean): Question[] =>
    parts(cells, isAbout).flatMap((some) => names.map((name) => shown(name, some)));
  const isOf = ({ of }: Cell): boolean => of === about;
  switch (kind) {
    case 'right':
      return holdersOf(first, second).flatMap((name) => [
        signs[second]!(name),
        reported(name),
        forbidden(name),
        shown(
          name,
          cells.filter((cell) => !isFilter(cell)),
        ),
      ]);
    case 'rows':
    case 'own':
      return everything(['sales'], isOf);
    case 'mask':
    case 'exists':
      return everything(['read'], isOf);
    case 'only':
      return [
        ...(about === 'WebhookDelivery' ? [undelivered('manager')] : []),
        ...everything(['manager'], ({ name, of }) => of === about || name === `node ${about}` || name === 'events'),
      ];
    case 'fact': {
      const words = about
        .split('.')
        .map((part) => part.replace(/Filter$|Term$|^Query$|^crm$|^value/i, '').toLowerCase());
      const isAbout = (cell: Cell): boolean =>
        words.some((word) => word && JSON.stringify(cell).toLowerCase().includes(word));
      const isSmall = (cell: Cell): boolean =>
        (cell.of !== undefined || cell.name.startsWith('customer ') || !('dialect' in cell)) && isAbout(cell);
      return [
        ...(treatmentOf(about) === 'null' ? [absent('read', about)] : []),
        shown(
          'read',
          cells.filter(({ name }) => name === 'events' || name.startsWith('auditEntries')),
        ),
        ...[0, 1, 2, 3].map((part) =>
          same('read', (all) => parts(all, (cell) => !isFilter(cell) && isSmall(cell))[part]!),
        ),
      ];
    }
    case 'need':
    case 'check':
      return [
        ...(kind === 'check' && second === 'file' ? lowest[first]!.map(notUploaded) : []),
        ...lowest[first]!.map((name) =>
          forbidden(name, (mutation) => mutation.toLowerCase().startsWith(second.toLowerCase())),
        ),
        ...(kind === 'need' ? lowest[first]!.map((name) => unpermitted(name, second.toLowerCase())) : []),
        ...lowest[first]!.map((name) =>
          shown(
            name,
            cells.filter((cell) => cell.name.split(/[ (]/)[0] === second),
          ),
        ),
        ...lowest[first]!.map((name) => forbidden(name)),
        ...lowest[first]!.map((name) =>
          shown(
            name,
            cells.filter((cell) => !isFilter(cell)),
          ),
        ),
      ];
    case 'lookup': {
      const isAbout = (mutation: string): boolean => mutation.toLowerCase().startsWith(about.toLowerCase());
      return [refused('sales', isAbout), refused('sales+viewer', isAbout), refused('sales'), refused('sales+viewer')];
    }
  }
}

test('each policy that is weaker is noticed', async () => {
  const all = await weaken('');
  const chosen = wanted
    ? all.filter(({ name }) => new RegExp(wanted).test(name))
    : pickSome(all.filter(({ kind }) => heldKinds.has(kind)));
  const unnoticed: string[] = [];
  const always: string[] = [];
  await repeatable(async () => {
    for (const [index, one] of chosen.entries()) {
      if (wanted) process.stderr.write(`${index + 1} of ${chosen.length}: ${one.name}\n`);
      await weaken(one.name);
      let noticed: { by: Question; found: string[] } | undefined;
      for (const by of questionsOn(one)) {
        const found = await by();
        if (found.length > 0) {
          noticed = { by, found };
          break;
        }
      }
      await weaken('');
      if (!noticed) {
        unnoticed.push(one.name);
        process.stderr.write(`${one.name} is not noticed.\n`);
      }
      for (const found of ((await noticed?.by()) ?? []).slice(0, 3)) always.push(`${one.name}: ${found}`);
    }
    expect({ unnoticed, always }).toEqual({ unnoticed: [], always: [] });
  });
  process.stderr.write(
    `Rights: ${chosen.length - unnoticed.length} of ${chosen.length} weaker policies noticed, of ${all.length}.\n`,
  );
}, 7_200_000);

/** So many of them, others in each run. */
function pickSome(all: readonly Given[]): Given[] {
  const left = [...all];
  return Array.from({ length: few }, () => left.splice(random.below(left.length), 1)[0]!);
}
