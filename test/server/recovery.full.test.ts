import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send, testSecret } from '../support/http.js';
import { customer } from '../support/records.js';
import { startAnother, startListening, type Listening } from '../support/server.js';
import { tenant } from '../support/tenant.js';

/** A server with an embedded database of its own, as a newcomer has it. */
async function ownServer(directory: string): Promise<Listening> {
  return startListening({
    CRM_DATABASE_URL: '',
    CRM_DATABASE_OWNER_URL: '',
    CRM_DATA_DIR: directory,
    LOG_LEVEL: 'info',
  });
}

const authorization = 'Bearer anything';
const create =
  'mutation ($name: String!) { customerCreate(input: { name: $name }) { customer { id } userErrors { code } } }';
const written = '{ customers(first: 500) { totalCount nodes { name } } }';

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('when PostgreSQL is killed under load', () => {
  let directory: string;
  let server: Listening;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'crm-recovery-'));
    chmodSync(directory, 0o711);
    server = await ownServer(directory);
  });

  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const postmaster = (): number =>
    Number(readFileSync(join(directory, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
  const graph = (query: string, variables: object = {}): ReturnType<typeof send> =>
    send('POST', `${server.address}/graphql`, { authorization }, { query, variables });

  test('requests get clean errors, the server recovers by itself, and no acknowledged write is lost', async () => {
    const acknowledged: string[] = [];
    const refusals = new Set<string>();
    let loading = true;
    const worker = async (name: string): Promise<void> => {
      for (let count = 0; loading; count += 1) {
        const { body } = await graph(create, { name: `${name}-${count}` });
        if (body.data?.customerCreate?.userErrors.length === 0) acknowledged.push(`${name}-${count}`);
        else refusals.add(`${body.errors?.[0]?.extensions?.code}: ${body.errors?.[0]?.message}`);
        await pause(20);
      }
    };
    const workers = Array.from({ length: 8 }, (_, index) => worker(`客户${index}`));
    const killed = new Set<number>();
    for (let round = 0; round < 2; round += 1) {
      await waitFor(() => acknowledged.length >= 10 * (round + 1));
      const before = acknowledged.length;
      killed.add(postmaster());
      process.kill(postmaster(), 'SIGKILL');
      await waitFor(() => acknowledged.length >= before + 10);
    }
    loading = false;
    await Promise.all(workers);

    expect(killed.size).toBe(2);
    expect([...refusals]).toEqual(['UNAVAILABLE: The database cannot be reached right now; try again.']);
    const { body } = await graph(written);
    const names = new Set(body.data.customers.nodes.map(({ name }: { name: string }) => name));
    expect(body.data.customers.totalCount).toBeLessThanOrEqual(500);
    expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
    expect((await send('GET', `${server.address}/health`)).body.status).toBe('up');
  }, 60_000);
});

describe('when the server is killed under load', () => {
  const createKeyed =
    'mutation ($input: OpportunityInput!) { opportunityCreate(input: $input) { opportunity { id } userErrors { code } } }';

  test('a write that is repeated under its key is done once, as a whole, and none that was acknowledged is lost', async () => {
    const { admin, sql } = await tenant();
    const { id: customerId } = await customer(admin, { name: '客户' });
    const start = async (): Promise<Listening> =>
      (await startAnother({ NODE_ENV: 'test', AUTH_JWT_SECRET: testSecret() })) as Listening;
    let present = await start();
    const acknowledged: string[] = [];
    let loading = true;
    const persist = async (name: string): Promise<void> => {
      for (;;) {
        const answer = await send(
          'POST',
          `${present.address}/graphql`,
          { authorization: `Bearer ${admin.token}`, 'idempotency-key': name },
          { query: createKeyed, variables: { input: { name, customer: customerId } } },
        ).catch(() => null);
        if (answer && answer.status < 500) {
          expect(answer.body.data.opportunityCreate.userErrors).toEqual([]);
          return void acknowledged.push(name);
        }
        await pause(20);
      }
    };
    const workers = Array.from({ length: 6 }, async (_, worker) => {
      for (let count = 0; loading; count += 1) await persist(`${worker}-${count}`);
    });
    try {
      for (let round = 0; round < 3; round += 1) {
        const next = await start();
        const before = acknowledged.length;
        await waitFor(() => acknowledged.length > before);
        await pause(Math.random() * 100);
        const dying = present;
        present = next;
        await dying.kill();
      }
    } finally {
      loading = false;
      await Promise.all(workers);
      await present.stop();
    }
    const stored =
      await sql(`select o.name, (select count(*)::int from audit_entry a where a.record = o.id and a.act = 'opportunity.create') audited,
      (select count(*)::int from outbox e where e.subject = o.id::text and e.type = 'crm.opportunity.created') published, (select count(*)::int from stage_change s where s.opportunity_id = o.id) moves from opportunity o`);
    expect(stored.map(({ name }) => name as string).toSorted()).toEqual(acknowledged.toSorted());
    expect(stored.filter(({ audited, published, moves }) => audited !== 1 || published !== 1 || moves !== 1)).toEqual(
      [],
    );
    expect(await sql('select (select seq::int from feed_head) = (select count(*) from outbox) as whole')).toEqual([
      { whole: true },
    ]);
  }, 240_000);
});

/** Waits until something has happened; the test's own limit ends what never does. */
async function waitFor(happened: () => boolean): Promise<void> {
  while (!happened()) await pause(50);
}
