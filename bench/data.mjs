// The database of the bench: an embedded PostgreSQL of its own below bench/.data, durable, loaded once and used again.
import { existsSync, readFileSync, chmodSync, mkdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../src/database/embedded.js';
import { loadDemo, isEmpty } from '../src/demo/load.js';
import { migrate } from '../src/database/open.js';
import ormOptions from '../mikro-orm.config.js';

/**
 * Brings the database up, filled.
 * @param {string} name directory below bench/.data
 * @param {{ tenants: number, customers: number, largest?: number, activities?: number, ngrams?: boolean }} size
 */
export async function openData(name, size) {
  const dir = path.resolve(import.meta.dirname, '.data', name);
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o711);
  const running = await startEmbedded({ dir, durable: true, log: () => {} });
  await migrate(running.ownerUrl, ormOptions);
  if (await isEmpty(running.ownerUrl)) {
    process.stdout.write(`Loading ${size.customers.toLocaleString('en')} customers into ${size.tenants} tenants …\n`);
    await loadDemo(running.ownerUrl, size);
  }
  const rivalUrl = await rivalRole(dir, running.ownerUrl);
  await inDatabase(rivalUrl, clear);
  const counts = await inDatabase(rivalUrl, (client) =>
    client.query(
      `select (select count(*)::int from tenant) tenants, ${['customer', 'contact', 'contract', 'opportunity', 'activity'].map((table) => `(select count(*)::int from ${table}) "${table}"`).join(', ')}`,
    ),
  );
  return { ...running, rivalUrl, counts: counts.rows[0] };
}

/** Contenders have no row level security: a role past row level security, and the sums as PostGraphile wants them, as functions over the row. */
async function rivalRole(dir, ownerUrl) {
  const file = ['postgres/crm-passwords.json', 'crm-passwords.json']
    .map((each) => path.join(dir, each))
    .find(existsSync);
  const { superuser } = JSON.parse(readFileSync(file, 'utf8'));
  const url = new URL(ownerUrl);
  url.username = 'postgres';
  url.password = superuser;
  const password = randomBytes(16).toString('hex');
  await inDatabase(url.href, async (client) => {
    await client.query(
      `do $$ begin create role crm_rival login bypassrls; exception when duplicate_object then null; end $$`,
    );
    await client.query(`alter role crm_rival password '${password}'`);
    await client.query(
      'grant connect on database crm to crm_rival; grant all on all tables in schema public to crm_rival; grant usage, create on schema public to crm_rival',
    );
    await client.query(computed);
  });
  url.username = 'crm_rival';
  url.password = password;
  return url.href;
}

/** How the deals of W3 are called, whoever creates them. */
export const created = '基准测试';

/** Takes away what earlier runs have created, and the room it took, so that every run starts from the same tables. */
async function clear(client) {
  const { rowCount } = await client.query(
    `delete from stage_change s using opportunity o where o.tenant_id = s.tenant_id and o.id = s.opportunity_id and o.name like $1`,
    [`${created}%`],
  );
  await client.query(
    'delete from opportunity_gram g using opportunity o where o.tenant_id = g.tenant_id and o.id = g.id and o.name like $1',
    [`${created}%`],
  );
  const { rowCount: opportunities } = await client.query('delete from opportunity where name like $1', [`${created}%`]);
  await client.query('truncate outbox, audit_entry');
  if (rowCount + opportunities > 0) {
    for (const table of ['opportunity', 'stage_change', 'series', 'feed_head'])
      await client.query(`vacuum (full, analyze) ${table}`);
    await client.query('vacuum (analyze) opportunity_gram');
  }
}

const opportunitiesOf = (
  name,
  type,
  expression,
  condition,
  table = 'opportunity',
) => `create or replace function customer_${name}(c customer) returns ${type} language sql stable
  return (select ${expression} from ${table} x where x.tenant_id = c.tenant_id and x.customer_id = c.id and x.deleted_at is null and ${condition});`;
const open = `x.stage in ('PROSPECTING', 'QUALIFICATION', 'NEEDS_ANALYSIS', 'PROPOSAL', 'NEGOTIATION')`;
const computed = [
  opportunitiesOf('open_count', 'bigint', 'count(*)', open),
  opportunitiesOf('open_amount', 'numeric', 'sum(x.expected_amount)', open),
  opportunitiesOf('won_amount', 'numeric', 'sum(x.won_amount)', "x.stage = 'CLOSED_WON'"),
  opportunitiesOf('contract_amount', 'numeric', 'sum(x.agreed_amount)', "x.status = 'IN_FORCE'", 'contract'),
  `create or replace function customer_open_deals(c customer) returns setof opportunity language sql stable begin atomic
    select x.* from opportunity x where x.tenant_id = c.tenant_id and x.customer_id = c.id and x.deleted_at is null and ${open} order by x.number; end;`,
  `create or replace function customer_main_contact(c customer) returns customer_contact language sql stable begin atomic
    select l.* from customer_contact l where l.tenant_id = c.tenant_id and l.customer_id = c.id and l."primary"; end;`,
  `create or replace function customer_moves(c customer) returns setof stage_change language sql stable begin atomic
    select s.* from opportunity o join stage_change s on s.tenant_id = o.tenant_id and s.opportunity_id = o.id where o.tenant_id = c.tenant_id and o.customer_id = c.id and o.deleted_at is null order by s.number desc; end;`,
  // creates a deal with all that the server and the floor write beside it, in one statement as theirs is
  `create or replace function create_deal(tenant uuid, author uuid, customer uuid, name text, amount numeric, expected_close_on date) returns opportunity language sql volatile as $$
    with s as (insert into series (tenant_id, name, last) values (tenant, 'opportunity', 1) on conflict (tenant_id, name) do update set last = series.last + 1 returning last),
      o as (insert into opportunity (tenant_id, id, customer_id, name, expected_amount, expected_close_on, created_by_id, updated_by_id, code)
        select tenant, uuidv7(), create_deal.customer, create_deal.name, amount, create_deal.expected_close_on, author, author, 'OPP' || lpad(last::text, greatest(3, length(last::text)), '0') from s returning *),
      g as (insert into opportunity_gram (tenant_id, gram, id) select o.tenant_id, gram, o.id from o, grams(concat_ws(E'\\n', o.code, o.name)) gram),
      h as (insert into stage_change (tenant_id, id, opportunity_id, to_stage, changed_by_id) select tenant, uuidv7(), o.id, 'PROSPECTING', author from o returning *),
      a as (insert into audit_entry (tenant_id, id, actor, actor_login, face, request_id, act, record_type, record, changes)
        select tenant, uuidv7(), author, 'tenant_admin', 'graphql', uuidv7()::text, 'opportunity.create', e.* from (
          select 'Opportunity', o.id, jsonb_build_object('customer', array[null, o.customer_id], 'name', array[null, o.name], 'expectedAmount', array[null, o.expected_amount], 'expectedCloseOn', array[null, o.expected_close_on], 'stage', array[null, o.stage], 'probability', array[null, o.probability]) from o
          union all select 'StageChange', h.id, jsonb_build_object('opportunity', array[null, h.opportunity_id], 'toStage', array[null, h.to_stage], 'changedBy', array[null, h.changed_by_id]) from h) e),
      f as (insert into feed_head (tenant_id, seq) values (tenant, 1) on conflict (tenant_id) do update set seq = feed_head.seq + 1 returning seq),
      b as (insert into outbox (tenant_id, seq, id, type, subject, trace_id, data) select tenant, f.seq, uuidv7(), 'crm.opportunity.created', o.id::text, uuidv7()::text, '{"fromStage":null,"toStage":"PROSPECTING"}' from f, o)
    select o.* from o $$;`,
].join('\n');

export async function inDatabase(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
