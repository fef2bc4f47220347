import { createHash } from 'node:crypto';
import pg from 'pg';
import { dialects } from '../../rest-facade/index.js';
import { sign } from '../../src/identity/token.js';
import { Random, type Words } from '../support/operations.js';
import { RequestWriter, type Sender, type Wire } from './requests.js';
import { send, type Outcome } from './send.js';

/** What a run found. */
export interface Verdict {
  seed: number;
  requests: number;
  /** how many answers had each status, and how many requests ended in another way */
  outcomes: Record<string, number>;
  /** answers with a status of 500 or more, and answers of the graph that name a fault */
  faults: Finding[];
  hung: Finding[];
  /** tables of the control tenant of which a row is another than before */
  changed: string[];
  seconds: number;
}

export interface Finding {
  n: number;
  of: string;
  role: string;
  request: string;
  answer: string;
}

export interface FuzzOptions {
  address: string;
  ownerUrl: string;
  /** what tokens are signed with */
  secret: string;
  seed: number;
  requests: number;
  /** code of the tenant whose records are sent, and of the one that nobody may touch */
  tenant: string;
  control: string;
  /** roles that send nothing: platform administrators may change any tenant that they can name */
  except?: readonly string[];
  progress?: (line: string) => void;
}

const roles = ['tenant_admin', 'manager', 'sales', 'viewer', 'platform_admin', 'service'] as const;
const concurrency = 24;
/** How many findings of a kind are kept. */
const kept = 50;

/** Sends generated and spoilt requests by all roles, and looks for faults, hung requests and changes where nobody may make any. */
export async function fuzz(options: FuzzOptions): Promise<Verdict> {
  const { address, seed, requests, progress = () => {} } = options;
  const began = Date.now();
  const random = new Random(seed);
  const { except = [] } = options;
  const senders = await Promise.all(
    roles.filter((role) => !except.includes(role)).map((role) => senderOf(options, role)),
  );
  const before = await rowsOf(options, options.control);
  const writer = new RequestWriter(random, await wordsOf(options), await documentsAt(address, senders[0]!.token));
  const verdict: Verdict = { seed, requests, outcomes: {}, faults: [], hung: [], changed: [], seconds: 0 };
  let n = 0;
  const work = async (): Promise<void> => {
    while (n < requests) {
      const number = (n += 1);
      const sender = random.of(senders);
      const wire = writer.next(sender);
      note(verdict, { number, sender, wire }, await send(address, wire));
      if (number % 1_000 === 0)
        progress(`${number} requests, ${verdict.faults.length} faults, ${verdict.hung.length} hung`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const after = await rowsOf(options, options.control);
  verdict.changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (table) => before.get(table) !== after.get(table),
  );
  verdict.seconds = Math.round((Date.now() - began) / 1_000);
  return verdict;
}

function note(
  { outcomes, faults, hung }: Verdict,
  { number, sender, wire }: { number: number; sender: Sender; wire: Wire },
  outcome: Outcome,
): void {
  const key =
    outcome.kind === 'answered'
      ? String(outcome.status)
      : outcome.kind === 'cut'
        ? `cut ${outcome.reason}`
        : outcome.kind;
  outcomes[key] = (outcomes[key] ?? 0) + 1;
  const finding = (answer: string): Finding => ({
    n: number,
    of: wire.of,
    role: sender.role,
    request: `${wire.method} ${wire.path.slice(0, 500)} ${JSON.stringify({ ...wire.headers, authorization: undefined }).slice(0, 500)} ${String(wire.body?.subarray(0, 500) ?? '')}`,
    answer,
  });
  if (outcome.kind === 'hung' && hung.length < kept) hung.push(finding(''));
  if (outcome.kind === 'answered' && isFault(outcome) && faults.length < kept)
    faults.push(finding(`${outcome.status} ${outcome.text}`));
}

/** 501 is how the dialect `erp` says that a path does not have a method. */
const isFault = ({ status, text }: { status: number; text: string }): boolean =>
  (status >= 500 && status !== 501) || /"code":"INTERNAL/.test(text);

async function senderOf({ secret, tenant }: FuzzOptions, role: (typeof roles)[number]): Promise<Sender> {
  const scopes = role === 'service' ? { scope: 'crm:read crm:write' } : {};
  const token = await sign(secret, {}, { subject: `fuzz-${role}`, tenant, roles: [role], expiresIn: '1d', ...scopes });
  return { role, token, tenant };
}

async function documentsAt(address: string, token: string): Promise<Record<string, unknown>> {
  const documents = dialects.map(async ({ name }): Promise<[string, unknown]> => {
    const response = await fetch(`${address}/api/v1/schema/?format=json&dialect=${name}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return [name, await response.json()];
  });
  return Object.fromEntries(await Promise.all(documents));
}

async function connected<T>(ownerUrl: string, tenant: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
      tenant,
    ]);
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Ids and numbers of records of both tenants: those of the other one are sent as well. */
async function wordsOf({ ownerUrl, tenant, control }: FuzzOptions): Promise<Words> {
  const tables = ['customer', 'contact', 'opportunity', 'contract', 'activity', 'service_case', 'lead', 'campaign'];
  const of = (code: string): Promise<string[]> =>
    connected(ownerUrl, code, async (client) => {
      const ids: string[] = [];
      for (const table of tables) {
        const { rows } = await client.query<{ name: string | null }>('select to_regclass($1)::text as name', [table]);
        if (!rows[0]!.name) continue;
        const found = await client.query<{ id: string; number: string }>(`select id, number from "${table}" limit 8`);
        ids.push(...found.rows.flatMap(({ id, number }) => [id, String(number)]));
      }
      return ids;
    });
  const ids = [...(await of(tenant)), ...(await of(control))];
  return {
    ids,
    texts: ['甲', 'a', '%', ''],
    days: ['2026-01-31', '2026-02-28', '2024-02-29'],
    numbers: ['0', '1', '12.34', '-1'],
  };
}

/** A digest of all rows of a tenant by table; what the server writes there by itself (that something has fallen due, and its events) is left out. */
async function rowsOf({ ownerUrl }: FuzzOptions, tenant: string): Promise<Map<string, string>> {
  return connected(ownerUrl, tenant, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      "select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relispartition order by 1",
    );
    const digests = new Map<string, string>();
    for (const { name } of tables.filter((table) => !ownTables.has(table.name))) {
      const { rows } = await client.query<{ row: string }>(
        `select (to_jsonb(t) - 'told_due_at')::text as row from "${name}" t where tenant_id::text = current_setting('app.tenant_id') order by 1`,
      );
      digests.set(
        name,
        createHash('sha256')
          .update(rows.map(({ row }) => row).join('\n'))
          .digest('hex'),
      );
    }
    const { rows } = await client.query<{ row: string }>('select t::text as row from tenant t where code = $1', [
      tenant,
    ]);
    digests.set('tenant', rows.map(({ row }) => row).join());
    return digests;
  });
}

const ownTables = new Set(['outbox', 'outbox_relay', 'feed_head', 'endpoint_use']);
