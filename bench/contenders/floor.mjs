// The floor: bare node:http and pg, one hand-written prepared statement per workload, no token, no tenant wall.
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL, max: Number(process.env.BENCH_POOL), options: '-c timezone=UTC -c jit=off -c plan_cache_mode=force_generic_plan' });
const instant = (column) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const nodes = (sql) => `(select row_to_json(n) from (select array(select row_to_json(r) from (${sql}) r) as nodes) n)`;
const object = (sql) => `(select row_to_json(r) from (${sql}) r)`;
const money = (amount, currency = 'o.currency') => object(`select (${amount})::text as amount, ${currency} as currency where ${amount} is not null`);
const sum = (amount, table, where) => object(`select trim_scale(sum(${amount}))::text as amount from ${table} x where x.tenant_id = $1 and x.customer_id = c.id and x.deleted_at is null and ${where} having sum(${amount}) is not null`);
const open = `in ('PROSPECTING', 'QUALIFICATION', 'NEEDS_ANALYSIS', 'PROPOSAL', 'NEGOTIATION')`;

const statements = {
  W1: {
    text: `select '{"data":{"customer":' || row_to_json(a)::text || '}}' from (
      select c.id, c.name, c.code, c.status, c.tier, c.industry, c.region, c.phone, c.email, c.health_score::text as "healthScore",
        ${object('select u.name from user_account u where u.tenant_id = $1 and u.id = c.owner_id')} as owner,
        ${nodes(`select l.role, l."primary", ${object('select p.id, p.name, p.department, p.mobile, p.email from contact p where p.tenant_id = $1 and p.id = l.contact_id and p.deleted_at is null')} as contact
          from customer_contact l where l.tenant_id = $1 and l.customer_id = c.id and l.deleted_at is null order by l.number limit 20`)} as contacts,
        ${nodes(`select o.id, o.code, o.name, o.status, ${money('o.agreed_amount')} as amount, o.starts_on as "startsOn", o.ends_on as "endsOn"
          from contract o where o.tenant_id = $1 and o.customer_id = c.id and o.deleted_at is null order by o.number limit 20`)} as contracts,
        ${nodes(`select o.id, o.code, o.name, o.stage, o.probability, ${money('o.expected_amount')} as amount, o.expected_close_on as "expectedCloseOn"
          from opportunity o where o.tenant_id = $1 and o.customer_id = c.id and o.deleted_at is null and o.stage ${open} order by o.number limit 20`)} as opportunities,
        ${nodes(`select s.from_stage as "fromStage", s.to_stage as "toStage", ${instant('s.created_at')} as "createdAt", ${object('select o.name')} as opportunity
          from opportunity o join stage_change s on s.tenant_id = $1 and s.opportunity_id = o.id where o.tenant_id = $1 and o.customer_id = c.id and o.deleted_at is null order by s.number desc limit 10`)} as "stageChanges",
        (select count(*) from opportunity x where x.tenant_id = $1 and x.customer_id = c.id and x.deleted_at is null and x.stage ${open}) as "openOpportunityCount",
        ${sum('x.expected_amount', 'opportunity', `x.stage ${open}`)} as "openOpportunityAmount",
        ${sum('x.won_amount', 'opportunity', "x.stage = 'CLOSED_WON'")} as "wonOpportunityAmount",
        ${sum('x.agreed_amount', 'contract', "x.status = 'IN_FORCE'")} as "contractAmount"
      from customer c where c.tenant_id = $1 and c.id = $2 and c.deleted_at is null) a`,
    values: ({ tenant, id }) => [tenant, id],
  },
  W2: {
    text: `select '{"data":{"customers":' || row_to_json(a)::text || '}}' from (select array(select row_to_json(b) from (
      select c.id, c.name, c.code, c.status, c.tier, c.region,
        (select row_to_json(l) from (select l.role, ${object('select p.name, p.mobile from contact p where p.tenant_id = $1 and p.id = l.contact_id and p.deleted_at is null')} as contact
          from customer_contact l where l.tenant_id = $1 and l.customer_id = c.id and l."primary") l) as "primaryContact",
        ${object('select count(*) as "totalCount" from contract o where o.tenant_id = $1 and o.customer_id = c.id and o.deleted_at is null')} as contracts
      from (select * from customer c where c.tenant_id = $1 and c.status = $2 and c.deleted_at is null order by c.name, c.number limit 20 offset $3::int) c order by c.name, c.number) b) as nodes) a`,
    values: ({ tenant, status, offset }) => [tenant, status, offset],
  },
  // the same rows as the server writes: number, deal, what it is found by, history, audit, event with the tenant's counter
  W3: {
    text: `with s as (insert into series (tenant_id, name, last) values ($1, 'opportunity', 1) on conflict (tenant_id, name) do update set last = series.last + 1 returning last),
      o as (insert into opportunity (tenant_id, id, customer_id, name, expected_amount, expected_close_on, created_by_id, updated_by_id, code)
        select $1, $2::uuid, $3::uuid, $4::text, $5::numeric, $6::date, $7::uuid, $7::uuid, 'OPP' || lpad(last::text, greatest(3, length(last::text)), '0') from s returning *),
      g as (insert into opportunity_gram (tenant_id, gram, id) select o.tenant_id, gram, o.id from o, grams(concat_ws(E'\n', o.code, o.name)) gram),
      h as (insert into stage_change (tenant_id, id, opportunity_id, to_stage, changed_by_id) values ($1, $8::uuid, $2::uuid, 'PROSPECTING', $7::uuid)),
      a as (insert into audit_entry (tenant_id, id, actor, actor_login, face, request_id, act, record_type, record, changes)
        select $1, e.id, $7::uuid, 'tenant_admin', 'graphql', $11, 'opportunity.create', e.type, e.record, e.changes from (values ($9::uuid, 'Opportunity', $2::uuid, $12::jsonb), ($10::uuid, 'StageChange', $8::uuid, $13::jsonb)) e (id, type, record, changes)),
      f as (insert into feed_head (tenant_id, seq) values ($1, 1) on conflict (tenant_id) do update set seq = feed_head.seq + 1 returning seq),
      b as (insert into outbox (tenant_id, seq, id, type, subject, trace_id, data) select $1, seq, $14::uuid, 'crm.opportunity.created', $2::text, $11, '{"fromStage":null,"toStage":"PROSPECTING"}' from f)
      select '{"data":{"opportunityCreate":{"opportunity":' || row_to_json(r)::text || ',"userErrors":[]}}}' from (
        select o.id, o.code, o.name, o.stage, o.probability, ${money('o.expected_amount')} as amount,
          ${object('select c.id, c.name from customer c where c.tenant_id = $1 and c.id = o.customer_id and c.deleted_at is null')} as customer from o) r`,
    values: ({ tenant, user, customer, name, amount, expectedCloseOn }) => {
      const [id, change, audit1, audit2, event] = Array.from({ length: 5 }, () => randomUUID());
      const changes = { customer: [null, customer], name: [null, name], expectedAmount: [null, amount], expectedCloseOn: [null, expectedCloseOn], stage: [null, 'PROSPECTING'], probability: [null, 10] };
      const history = { opportunity: [null, id], toStage: [null, 'PROSPECTING'], changedBy: [null, user] };
      return [tenant, id, customer, name, amount, expectedCloseOn, user, change, audit1, audit2, randomUUID(), JSON.stringify(changes), JSON.stringify(history), event];
    },
  },
  W4: {
    text: `select row_to_json(a)::text from (select array(select row_to_json(b) from (
        select c.id as "customerId", $2::text as "tenantId", c.name, left(c.phone, 3) || '****' || right(c.phone, 4) as "contactPhone", coalesce(c.email, '') as "contactEmail",
          case when c.status in ('ACTIVE', 'POTENTIAL') then 1 else 2 end as status, coalesce(c.owner_id::text, '') as "ownerId", ${instant("date_trunc('second', c.created_at)")} as "createdAt", ${instant("date_trunc('second', c.updated_at)")} as "updatedAt"
        from (select * from customer c where c.tenant_id = $1 and c.deleted_at is null order by c.created_at desc, c.number desc offset $3::int limit 20) c order by c.created_at desc, c.number desc) b) as data,
      (select count(*) from customer c where c.tenant_id = $1 and c.deleted_at is null) as total, $3::int / 20 + 1 as page, 20 as "pageSize") a`,
    values: ({ tenant, code, page }) => [tenant, code, (Number(page) - 1) * 20],
  },
  W5: {
    text: `select row_to_json(c)::text from (
        select c.id as "customerId", $2::text as "tenantId", c.name, left(c.phone, 3) || '****' || right(c.phone, 4) as "contactPhone", coalesce(c.email, '') as "contactEmail",
          case when c.status in ('ACTIVE', 'POTENTIAL') then 1 else 2 end as status, coalesce(c.owner_id::text, '') as "ownerId", ${instant("date_trunc('second', c.created_at)")} as "createdAt", ${instant("date_trunc('second', c.updated_at)")} as "updatedAt"
        from customer c where c.tenant_id = $1 and c.id = $3 and c.deleted_at is null) c`,
    values: ({ tenant, code, id }) => [tenant, code, id],
  },
};

async function answer(name, asked, response) {
  const { text, values } = statements[name];
  const { rows } = await pool.query({ name, text, values: values(asked), rowMode: 'array' });
  const body = rows[0]?.[0] ?? '{"data":null}';
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) }).end(body);
}

function fail(response, error) {
  process.stderr.write(`${error.stack}\n`);
  response.writeHead(500).end(String(error));
}

const server = createServer((request, response) => {
  const [path, query] = request.url.split('?');
  const name = path.slice(1);
  if (!statements[name]) return void response.writeHead(404).end();
  if (request.method === 'GET') return void answer(name, Object.fromEntries(new URLSearchParams(query)), response).catch((error) => fail(response, error));
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => void answer(name, JSON.parse(body), response).catch((error) => fail(response, error)));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
