import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { dayIn } from '../core/clock.js';
import { keptTables, reconstruct } from '../database/migrations/reconstruct.v1.js';
import { fillNgramsOfTenant } from '../model/ngram-index.js';
import { allModels, comparedIn, type ComparedField, type EntityModel } from '../model/model.js';
import { generateCampaigns } from './business.js';
import { instant, startOf, zone } from './calendar.js';
import { companies, companyOf, mobile, person } from './company.js';
import { departmentOf, generateOrganisation, managerOf } from './organisation.js';
import { Random, hash } from './random.js';
import { demoId } from './ids.js';
import { generateViews } from './views.js';
import { defaultActivities } from './service.js';
import { generateHistory } from './customer-history.js';
import type { Cell, Row, Generator } from './generator.js';

export interface DemoOptions {
  /** how many tenants; their codes are `demo`, `demo2`, `demo3` … */
  tenants: number;
  /** customers of all tenants together, spread evenly */
  customers: number;
  /** customers of the first tenant; the others share the rest */
  largest?: number;
  /** activities of each customer, at least 1; 3 unless given */
  activities?: number;
  /** false leaves out what searches find records by */
  ngrams?: boolean;
  /** load beside what is there: codes continue after the last demo tenant */
  add?: boolean;
  /** the calendar day (`YYYY-MM-DD`) that all demo data is relative to; today unless given */
  today?: string;
  /** called after each batch: customers written, customers in all, the tenant in work, rows written */
  progress?: (done: number, total: number, tenant: string, rows: number) => void;
}

/** Thrown by `loadDemo` where there are tenants already. */
export class DatabaseNotEmpty extends Error {
  constructor() {
    super(
      'The database has tenants already; demo data are loaded into an empty one, or beside what is there with --add.',
    );
  }
}

/** What a first start loads, and the command where it is not given. */
export const defaults = { tenants: 2, customers: 500 };

/** The tables that hold demo data beside `tenant`, in the order in which rows may refer to each other. */
export const demoTables = [
  'department',
  'department_path',
  'user_account',
  'pool',
  'pool_member',
  'pool_rule',
  'saved_view',
  'customer',
  'contact',
  'customer_contact',
  'opportunity',
  'stage_change',
  'contract',
  'activity',
  'service_case',
  'case_comment',
  'payment',
  'status_change',
  'customer_tag',
  'campaign',
  'lead',
  'health_score',
  'usage_event',
  'success_task',
  'series',
  'feed_head',
  'customer_gram',
  'contact_gram',
  'opportunity_gram',
];

/** Tables with an n-gram index. */
const searchable = (): EntityModel[] => allModels().filter(({ searched }) => searched.length > 0);

const batch = 1000;
const codes = /^demo(\d*)$/;

/** True if the database has no tenant. */
export async function isEmpty(ownerUrl: string): Promise<boolean> {
  return connected(ownerUrl, hasNoTenant);
}

/** Loads the default demo data if the database has no tenant. True if it did; of several processes that start at once one does. */
export async function loadDemoIfEmpty(ownerUrl: string): Promise<boolean> {
  if (!(await isEmpty(ownerUrl))) return false;
  try {
    await loadDemo(ownerUrl, defaults);
    return true;
  } catch (error) {
    if (error instanceof DatabaseNotEmpty) return false;
    throw error;
  }
}

/**
 * Writes demo data: all or nothing but for the versions that its history makes of records, equal on every machine for equal options and an equal day. Other transactions wait
 * for the tables meanwhile. Throws DatabaseNotEmpty where there are tenants and `add` was not given.
 */
export async function loadDemo(ownerUrl: string, options: DemoOptions): Promise<void> {
  const { tenants, customers } = options;
  if (tenants < 1 || customers < tenants || Math.max(...sizes(options)) > companies)
    throw new RangeError(`There must be at least one tenant, and from 1 to ${companies} customers in each.`);
  await connected(ownerUrl, async (client) => {
    await client.query('begin');
    // of a distributed database: tables are changed on one connection to each node, where several would wait for each other
    await client.query("set local citus.multi_shard_modify_mode = 'sequential'");
    await client.query('lock table tenant in share row exclusive mode');
    if (!options.add && !(await hasNoTenant(client))) throw new DatabaseNotEmpty();
    const first = await nextNumber(client);
    await unguarded(client, () => write(client, options, first));
    await client.query('commit');
    await client.query(`vacuum (analyze) tenant, ${demoTables.join(', ')}`);
    await addVersions(
      client,
      sizes(options).map((_, nth) => demoId(codeOf(first + nth), 'tenant', 0)),
    );
  });
}

/** Adds what records were, as far as their history says; a distributed database does not take the statements. */
async function addVersions(client: pg.Client, tenantIds: readonly string[]): Promise<void> {
  if ((await client.query("select 1 from pg_extension where extname = 'citus'")).rowCount === 1) return;
  const tenants = `array[${tenantIds.map((id) => `'${id}'`).join(', ')}]::uuid[]`;
  for (const table of keptTables) await client.query(reconstruct(table, tenants));
  await client.query('vacuum (analyze) record_version');
}

/** The connection is closed afterwards, which also ends a transaction that was left open. */
async function connected<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function hasNoTenant(client: pg.Client): Promise<boolean> {
  return (await client.query('select 1 from tenant limit 1')).rowCount === 0;
}

async function nextNumber(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ code: string }>('select code from tenant');
  return (
    1 +
    Math.max(
      0,
      ...rows
        .map(({ code }) => codes.exec(code))
        .filter((match) => match !== null)
        .map(([, digits]) => Number(digits || 1)),
    )
  );
}

/**
 * PostgreSQL refuses COPY into a table whose row level security binds the one who copies, and here it is forced on the
 * owner too. Within this transaction, which holds the tables alone, the owner is let in; the policy is in force again before
 * anybody else can look. Foreign keys are taken off and put back, so that they are checked once for all rows, not row by row.
 */
async function unguarded(client: pg.Client, work: () => Promise<void>): Promise<void> {
  const { rows: keys } = await client.query<{ table: string; name: string; definition: string }>(
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
      from pg_constraint where contype = 'f' and conrelid = any($1::regclass[]) order by conname`,
    [demoTables],
  );
  for (const table of demoTables) await client.query(`alter table ${table} no force row level security`);
  for (const { table, name } of keys) await client.query(`alter table ${table} drop constraint ${name}`);
  await work();
  for (const { table, name, definition } of keys)
    await client.query(`alter table ${table} add constraint ${name} ${definition}`);
  for (const table of demoTables) await client.query(`alter table ${table} force row level security`);
}

async function write(client: pg.Client, options: DemoOptions, first: number): Promise<void> {
  const today = options.today ?? dayIn(zone);
  const sheets = new Sheets(client);
  let done = 0;
  for (const [nth, customers] of sizes(options).entries()) {
    const code = codeOf(first + nth);
    await client.query('insert into tenant (id, code, name, time_zone, created_at) values ($1, $2, $3, $4, $5)', [
      demoId(code, 'tenant', 0),
      code,
      nameOf(first + nth),
      zone,
      instant(startOf(today) - 1000 * 86_400_000),
    ]);
    const series = new Map<string, number>();
    const generator: Generator = {
      code,
      customers,
      today,
      salespeople: salespeopleFor(customers),
      activities: options.activities ?? defaultActivities,
      write: sheets.add,
      next: (name) => count(series, name),
    };
    users(generator);
    generateOrganisation(generator);
    generateCampaigns(generator);
    generateViews(generator);
    for (let from = 0; from < customers; from += batch) {
      const to = Math.min(customers, from + batch);
      generateHistory(generator, from, to);
      await sheets.send();
      done += to - from;
      options.progress?.(done, options.customers, code, sheets.rows);
    }
    const tenant_id = demoId(code, 'tenant', 0);
    for (const [name, last] of series) sheets.add('series', { tenant_id, name, last });
    sheets.add('feed_head', { tenant_id, seq: 0 });
    await sheets.send();
    if (options.ngrams !== false)
      for (const model of searchable()) await client.query(fillNgramsOfTenant(model), [tenant_id]);
  }
}

/** How many customers each tenant has. */
function sizes({ tenants, customers, largest }: DemoOptions): number[] {
  const even = (total: number, parts: number): number[] =>
    Array.from({ length: parts }, (_, n) => Math.floor(((n + 1) * total) / parts) - Math.floor((n * total) / parts));
  return largest === undefined ? even(customers, tenants) : [largest, ...even(customers - largest, tenants - 1)];
}

const codeOf = (number: number): string => (number === 1 ? 'demo' : `demo${number}`);
const nameOf = (number: number): string =>
  ['华东智联科技有限公司', '华南云帆软件有限公司'][number - 1] ?? companyOf('demo', number).name;
const salespeopleFor = (customers: number): number => Math.min(200, Math.max(5, Math.ceil(customers / 200)));

function count(series: Map<string, number>, name: string): number {
  const next = (series.get(name) ?? 0) + 1;
  series.set(name, next);
  return next;
}

/** Subjects of their tokens are `tenant_admin`, `manager`, `viewer`, `sales`, `sales2`, `sales3` … in every demo tenant. */
function users({ code, today, salespeople, write: put }: Generator): void {
  const random = new Random(hash(`${code} users`));
  const since = instant(startOf(today) - 950 * 86_400_000);
  const subjects = [
    'tenant_admin',
    'manager',
    'viewer',
    ...Array.from({ length: salespeople }, (_, n) => (n === 0 ? 'sales' : `sales${n + 1}`)),
  ];
  for (const [index, subject] of subjects.entries()) {
    const { name, login } = person(random);
    put('user_account', {
      tenant_id: demoId(code, 'tenant', 0),
      id: demoId(code, 'user', index),
      created_at: since,
      updated_at: since,
      subject,
      login: subject,
      name,
      email: `${login}${index + 1}@example.com`,
      phone: mobile(random),
      department_id: departmentOf(code, index),
      manager_id: managerOf(code, index),
      seen_at: instant(startOf(today) - random.whole(1, 72) * 3_600_000),
    });
  }
}

/** Rows on their way into the tables, in COPY's text format. */
class Sheets {
  rows = 0;
  private readonly columns = new Map<string, string[]>();
  private readonly lines = new Map<string, string[]>(demoTables.map((table) => [table, []]));

  private readonly compared = new Map<string, ComparedField[]>();

  constructor(private readonly client: pg.Client) {}

  /** Columns of a table that have what is compared of them in another one. */
  private comparedOf(table: string): ComparedField[] {
    let found = this.compared.get(table);
    if (!found) this.compared.set(table, (found = comparedIn(allModels().filter((model) => model.table === table))));
    return found;
  }

  readonly add = (table: string, stored: Row): void => {
    const row = { ...stored };
    for (const { column, units } of this.comparedOf(table))
      if (column in row)
        row[units.column] = row[column] === null ? null : Math.round(Number(row[column]) * 10 ** units.scale);
    if (!this.columns.has(table)) this.columns.set(table, Object.keys(row));
    this.lines.get(table)!.push(Object.values(row).map(inCopyFormat).join('\t'));
    this.rows += 1;
  };

  async send(): Promise<void> {
    for (const [table, lines] of this.lines) {
      if (lines.length === 0) continue;
      const columns = this.columns
        .get(table)!
        .map((column) => `"${column}"`)
        .join(', ');
      await pipeline(
        Readable.from([`${lines.join('\n')}\n`]),
        this.client.query(copyFrom(`copy "${table}" (${columns}) from stdin`)),
      );
      lines.length = 0;
    }
  }
}

function inCopyFormat(cell: Cell): string {
  if (cell === null) return '\\N';
  if (typeof cell === 'string')
    return cell.replace(
      /[\\\t\n\r]/g,
      (character) => `\\${{ '\\': '\\', '\t': 't', '\n': 'n', '\r': 'r' }[character]!}`,
    );
  return String(cell);
}
