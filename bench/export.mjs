// npm run bench -- --export: streams all customers of a tenant as CSV, and watches what memory that takes the server.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../src/database/embedded.js';
import { migrate } from '../src/database/open.js';
import { cpuOf, cpuOfPostgres, residentMb, start } from './processes.mjs';
import ormOptions from '../mikro-orm.config.js';

const tenants = [
  { code: 'export-10k', customers: 10_000 },
  { code: 'export-100k', customers: 100_000 },
  { code: 'export-1m', customers: 1_000_000 },
];
/** How long the slow reader does not read, in milliseconds. */
const rest = 10_000;

/** @param signed gives a token for a tenant @param max tenants with more customers than this are left out */
export async function exportAll({ secret, signed, max }) {
  const chosen = tenants.filter(({ customers }) => customers <= max);
  const data = await filled(chosen);
  const lines = [];
  try {
    for (const tenant of chosen) {
      lines.push(await measured(data, secret, tenant, await signed(tenant.code)));
      process.stdout.write(`${JSON.stringify(lines.at(-1))}\n`);
    }
    const slow = await slowly(data, secret, chosen.at(-1), await signed(chosen.at(-1).code));
    process.stdout.write(`${JSON.stringify(slow)}\n`);
    writeFileSync(
      path.join(import.meta.dirname, max < Infinity ? '.data/EXPORT-quick.md' : 'EXPORT.md'),
      text(lines, slow),
    );
  } finally {
    if (!data.adopted) await data.stop();
  }
}

/** A database of its own below bench/.data, in which each tenant has its customers: 5,000 at a time, as imports leave them. */
async function filled(chosen) {
  const dir = path.resolve(import.meta.dirname, '.data', 'export');
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o711);
  const running = await startEmbedded({ dir, durable: true, log: () => {} });
  await migrate(running.ownerUrl, ormOptions);
  const client = new pg.Client({ connectionString: running.ownerUrl });
  await client.connect();
  try {
    for (const tenant of chosen) await fill(client, tenant);
  } finally {
    await client.end();
  }
  return running;
}

async function fill(client, { code, customers }) {
  await client.query(
    'insert into tenant (id, code, name) values (gen_random_uuid(), $1, $1) on conflict (code) do nothing',
    [code],
  );
  await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
    code,
  ]);
  const {
    rows: [{ n }],
  } = await client.query('select count(*)::int n from customer');
  for (let from = n; from < customers; from += 50_000) {
    await client.query(
      `insert into customer (tenant_id, id, account_no, code, created_at, name, phone, email, status)
       select current_setting('app.tenant_id')::uuid, gen_random_uuid(), 'ACC' || n, 'CUST-' || n, timestamptz '2026-01-01' + n / 5000 * interval '1 minute', '华信' || n || '科技有限公司', '138' || lpad(n::text, 8, '0'), 'kontakt' || n || '@example.com', case n % 3 when 0 then 'ACTIVE' when 1 then 'POTENTIAL' else 'LOST' end
       from generate_series($1::int + 1, $2::int) n`,
      [from, Math.min(from + 50_000, customers)],
    );
    process.stdout.write(`\r${code}: ${Math.min(from + 50_000, customers).toLocaleString('en')} customers`);
  }
  if (n < customers) {
    process.stdout.write('\n');
    await client.query('vacuum analyze customer');
  }
}

/** Most memory that a process has taken since it began, in MB. */
const peakMb = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const request = (port, path, token) =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });

/** A server that has answered a few requests, so that what it takes by itself is known. */
async function warmed(data, secret, token) {
  const server = await start('server', 18_480, data, secret);
  for (let n = 0; n < 20; n += 1) await (await request(server.port, '/customers', token)).text();
  return server;
}

async function measured(data, secret, { code, customers }, token) {
  const server = await warmed(data, secret, token);
  try {
    const before = residentMb(server.pid);
    const cpu = [cpuOf(server.pid), cpuOfPostgres(data.pid)];
    const began = performance.now();
    const response = await request(server.port, '/customers/export?format=csv', token);
    let [first, bytes, rows] = [0, 0, -1];
    for await (const chunk of response.body) {
      first ||= performance.now() - began;
      bytes += chunk.length;
      for (const byte of chunk) if (byte === 10) rows += 1;
    }
    if (rows !== customers) throw new Error(`${rows} of ${customers} customers were exported.`);
    const seconds = (performance.now() - began) / 1000;
    const used = [(cpuOf(server.pid) - cpu[0]) / rows, (cpuOfPostgres(data.pid) - cpu[1]) / rows];
    return { code, rows, bytes, first, seconds, node: used[0], postgres: used[1], before, peak: peakMb(server.pid) };
  } finally {
    await server.stop();
  }
}

/** Reads a first piece, then nothing for a while: how much of the list does the server read meanwhile, and what does it hold? */
async function slowly(data, secret, { customers }, token) {
  const server = await warmed(data, secret, token);
  try {
    const before = residentMb(server.pid);
    const cpu = [cpuOf(server.pid), cpuOfPostgres(data.pid)];
    const response = await request(server.port, '/customers/export?format=csv', token);
    const reader = response.body.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, rest));
    const measurements = {
      customers,
      before,
      after: residentMb(server.pid),
      node: (cpuOf(server.pid) - cpu[0]) / 1000,
      postgres: (cpuOfPostgres(data.pid) - cpu[1]) / 1000,
    };
    await reader.cancel();
    return measurements;
  } finally {
    await server.stop();
  }
}

const number = (value, digits = 0) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const text = (lines, slow) => `# Export

All customers of a tenant as CSV (\`GET /customers/export?format=csv\`), each in a server that was started for it and had answered 20 lists before. The peak is the most resident memory that the process ever had (\`VmHWM\`).

| customers | MB sent | first byte after ms | seconds | CPU of Node, µs/row | CPU of PostgreSQL, µs/row | memory before, MB | peak, MB |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.map(({ rows, bytes, first, seconds, node, postgres, before, peak }) => `| ${number(rows)} | ${number(bytes / 1e6, 1)} | ${number(first)} | ${number(seconds, 1)} | ${number(node, 1)} | ${number(postgres, 1)} | ${number(before)} | ${number(peak)} |`).join('\n')}

A client that reads the first piece of ${number(slow.customers)} rows and then nothing for ${rest / 1000} s: the server has ${number(slow.before)} MB before and ${number(slow.after)} MB after it, and works ${number(slow.node)} ms (PostgreSQL ${number(slow.postgres)} ms) in that time.
`;
