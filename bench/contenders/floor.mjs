// The floor: bare node:http and pg, one hand-written prepared statement per workload, no token, no tenant wall.
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import pg from 'pg';

const pool = new pg.Pool({
  connectionString: process.env.BENCH_DATABASE_URL,
  max: Number(process.env.BENCH_POOL),
  options: '-c timezone=UTC -c jit=off -c plan_cache_mode=force_generic_plan -c random_page_cost=1.1',
});
const instant = (column) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const list = (name, sql) =>
  `(select row_to_json(n) from (select array(select row_to_json(r) from (${sql}) r) as ${name}) n)`;
const nodes = (sql) => list('nodes', sql);
const edges = (sql) => list('edges', sql);
const object = (sql) => `(select row_to_json(r) from (${sql}) r)`;
const money = (amount, currency = 'o.currency') =>
  object(`select (${amount})::text as amount, ${currency} as currency where ${amount} is not null`);
const sum = (amount, table, where) =>
  object(
    `select trim_scale(coalesce(sum(${amount}), 0))::text as amount from ${table} x where x.tenant_id = $1 and x.customer_id = c.id and x.deleted_at is null and ${where}`,
  );
// as the REST dialects show them
const second = (column, end) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS"${end}"')`;
const times = (row) =>
  `${second(`${row}.created_at`, '.000Z')} as "createdAt", ${second(`${row}.updated_at`, '.000Z')} as "updatedAt"`;
const cents = (amount) => `coalesce(trunc(100 * (${amount})), 0)::bigint`;
const currency = (amount, column) =>
  `case when ${amount} is null then 'CNY' else coalesce(${column}, 'CNY') end as currency`;
const masked = (column) =>
  `coalesce((select case when length(d) < 7 then '***' else left(d, 3) || '****' || right(d, 4) end from regexp_replace(nullif(${column}, ''), '\\D', '', 'g') d where d is not null), '')`;
const active = (table, id) =>
  `coalesce((select x.id::text from ${table} x where x.tenant_id = $1 and x.id = ${id} and x.deleted_at is null), '')`;
const latest = (sql) => `array(select row_to_json(r) from (${sql} limit 100) r)`;
const open = `in ('PROSPECTING', 'QUALIFICATION', 'NEEDS_ANALYSIS', 'PROPOSAL', 'NEGOTIATION')`;

const statements = {
  W1: {
    text: `select '{"data":{"customer":' || row_to_json(a)::text || '}}' from (
      select c.id, c.name, c.code, c.status, c.tier, c.industry, c.region, c.phone, c.email, c.health_score::text as "healthScore",
        ${object('select u.name from user_account u where u.tenant_id = $1 and u.id = c.owner_id')} as owner,
        ${edges(`select l.role, l."primary", ${object('select p.id, p.name, p.department, p.mobile, p.email from contact p where p.tenant_id = $1 and p.id = l.contact_id and p.deleted_at is null')} as node
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
        ${object('select p.name, p.mobile from customer_contact l join contact p on p.tenant_id = $1 and p.id = l.contact_id and p.deleted_at is null where l.tenant_id = $1 and l.customer_id = c.id and l."primary" and l.deleted_at is null')} as "primaryContact",
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
      const changes = {
        customer: [null, customer],
        name: [null, name],
        expectedAmount: [null, amount],
        expectedCloseOn: [null, expectedCloseOn],
        stage: [null, 'PROSPECTING'],
        probability: [null, 10],
      };
      const history = { opportunity: [null, id], toStage: [null, 'PROSPECTING'], changedBy: [null, user] };
      return [
        tenant,
        id,
        customer,
        name,
        amount,
        expectedCloseOn,
        user,
        change,
        audit1,
        audit2,
        randomUUID(),
        JSON.stringify(changes),
        JSON.stringify(history),
        event,
      ];
    },
  },
  W4: {
    text: `select '{"code":200,"message":"success","data":' || row_to_json(a)::text || '}' from (select array(select row_to_json(b) from (
        select c.id, c.account_no as "accountNo", c.name, case when c.kind in ('ENTERPRISE', 'NONPROFIT', 'EDUCATION') then 'corporate' else lower(c.kind) end as type, c.industry, c.region, c.address, c.contact_person as "contactPerson", c.phone, c.email,
          case when c.status in ('ACTIVE', 'POTENTIAL') then 'active' else 'inactive' end as status,
          a.login as "createdBy", ${second('c.created_at', 'Z')} as "createdAt", b.login as "updatedBy", ${second('c.updated_at', 'Z')} as "updatedAt"
        from (select * from customer c where c.tenant_id = $1 and c.deleted_at is null order by c.created_at desc, c.number desc offset $2::int limit 20) c
          left join user_account a on a.tenant_id = $1 and a.id = c.created_by_id left join user_account b on b.tenant_id = $1 and b.id = c.updated_by_id order by c.created_at desc, c.number desc) b) as list,
      (select count(*) from customer c where c.tenant_id = $1 and c.deleted_at is null) as total, $2::int / 20 + 1 as page, 20 as "pageSize") a`,
    values: ({ tenant, page }) => [tenant, (Number(page) - 1) * 20],
  },
  // rows of the customer are read once, for the list of the latest and for the aggregates
  W5: {
    text: `with o as materialized (select * from opportunity o where o.tenant_id = $1 and o.customer_id = $3 and o.deleted_at is null),
        k as materialized (select k.*, (select coalesce(sum(p.paid_amount), 0) from payment p where p.tenant_id = $1 and p.contract_id = k.id and p.deleted_at is null) as paid from contract k where k.tenant_id = $1 and k.customer_id = $3 and k.deleted_at is null),
        p as materialized (select p.* from k join payment p on p.tenant_id = $1 and p.contract_id = k.id and p.deleted_at is null),
        l as materialized (select l.number as place, l."primary", p.* from customer_contact l join contact p on p.tenant_id = $1 and p.id = l.contact_id and p.deleted_at is null where l.tenant_id = $1 and l.customer_id = $3 and l.deleted_at is null),
        f as materialized (select * from activity f where f.tenant_id = $1 and f.customer_id = $3 and f.deleted_at is null),
        s as materialized (select * from service_case s where s.tenant_id = $1 and s.customer_id = $3 and s.deleted_at is null)
      select row_to_json(a)::text from (select
        ${object(`select c.id as "customerId", $2::text as "tenantId", c.name, ${masked('c.phone')} as "contactPhone", coalesce(c.email, '') as "contactEmail", case when c.status in ('ACTIVE', 'POTENTIAL') then 1 else 2 end as status, coalesce(c.owner_id::text, '') as "ownerId", ${times('c')}`)} as customer,
        ${latest(`select l.id as "contactId", $2::text as "tenantId", $3::uuid as "customerId", l.name, ${masked('l.phone')} as phone, coalesce(l.email, '') as email, l."primary" as "isPrimary", ${times('l')} from l order by l."primary" desc, l.place`)} as contacts,
        ${latest(`select o.id as "opportunityId", $2::text as "tenantId", $3::uuid as "customerId", o.name as title, ${cents('o.expected_amount')} as "amountCents", ${currency('o.expected_amount', 'o.currency')},
          case o.stage when 'PROSPECTING' then 1 when 'QUALIFICATION' then 1 when 'NEEDS_ANALYSIS' then 2 when 'PROPOSAL' then 3 when 'NEGOTIATION' then 4 when 'CLOSED_WON' then 5 else 6 end as stage, case o.stage when 'CLOSED_WON' then 2 when 'CLOSED_LOST' then 3 else 1 end as status, coalesce(o.owner_id::text, '') as "ownerId", ${times('o')} from o order by o.created_at desc, o.number desc`)} as opportunities,
        ${latest(`select r.from_id as "fromCustomerId", r.to_id as "toCustomerId", r.kind as "relationshipType" from customer_relation r join customer b on b.tenant_id = $1 and b.id = case r.from_id when $3 then r.to_id else r.from_id end and b.deleted_at is null
          where r.tenant_id = $1 and (r.from_id = $3 or r.to_id = $3) order by r.created_at, r.number`)} as relationships,
        ${latest(`select k.id as "contractId", $2::text as "tenantId", $3::uuid as "customerId", ${active('opportunity', 'k.opportunity_id')} as "opportunityId", k.code as "contractNo", ${cents('k.agreed_amount')} as "amountCents", ${currency('k.agreed_amount', 'k.currency')},
          case k.status when 'DRAFT' then 1 when 'IN_FORCE' then 2 when 'EXPIRED' then 3 else 4 end as status, coalesce(k.signed_on::text, '') as "signedAt", ${times('k')} from k order by k.created_at desc, k.number desc`)} as contracts,
        ${latest(`select p.id as "paymentId", $2::text as "tenantId", p.contract_id as "contractId", ${cents('p.paid_amount')} as "amountCents", ${second('p.paid_at', '.000Z')} as "paymentAt", coalesce(p.remark, '') as remark, ${second('p.created_at', '.000Z')} as "createdAt" from p order by p.paid_at desc, p.number desc`)} as payments,
        ${latest(`select f.id as "followUpId", $2::text as "tenantId", $3::uuid as "customerId", ${active('opportunity', 'f.opportunity_id')} as "opportunityId", ${active('contact', 'f.contact_id')} as "contactId", coalesce(f.content, '') as content,
          case when f.kind = case when f.kind_label in ('call', 'meeting', 'email', 'chat', 'note', 'visit') then upper(f.kind_label) when f.kind_label is not null then 'NOTE' end then f.kind_label else lower(f.kind) end as "followUpType", ${times('f')} from f order by f.created_at desc, f.number desc`)} as "followUps",
        ${latest(`select s.id as "caseId", s.code as "caseNo", s.subject, s.status, s.priority, ${times('s')} from s order by s.created_at desc, s.number desc`)} as cases,
        ${object('select trim_scale(c.health_score) as score')} as health,
        ${object(`select (select count(*) from l) as "contactCount", d.*, e.*, (select count(*) from p) as "paymentCount", (select count(*) from f) as "followUpCount", (select count(*) from s) as "caseCount", coalesce(${second('c.last_contact_at', '.000Z')}, '') as "lastContactAt"
          from (select count(*) as "opportunityCount", count(*) filter (where o.stage ${open}) as "openOpportunityCount", ${cents(`sum(o.expected_amount) filter (where o.stage ${open})`)} as "openAmountCents", ${cents("sum(o.won_amount) filter (where o.stage = 'CLOSED_WON')")} as "wonAmountCents" from o) d,
            (select count(*) as "contractCount", ${cents("sum(k.agreed_amount) filter (where k.status = 'IN_FORCE')")} as "contractAmountCents", ${cents("sum(k.agreed_amount - k.paid) filter (where k.status in ('IN_FORCE', 'EXPIRED') and k.agreed_amount > k.paid)")} as "receivableCents" from k) e`)} as summary
      from customer c where c.tenant_id = $1 and c.id = $3 and c.deleted_at is null) a`,
    values: ({ tenant, code, id }) => [tenant, code, id],
  },
};

async function answer(name, asked, response) {
  const { text, values } = statements[name];
  const { rows } = await pool.query({ name, text, values: values(asked), rowMode: 'array' });
  const body = rows[0]?.[0] ?? '{"data":null}';
  response
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) })
    .end(body);
}

function fail(response, error) {
  process.stderr.write(`${error.stack}\n`);
  response.writeHead(500).end(String(error));
}

const server = createServer((request, response) => {
  const [path, query] = request.url.split('?');
  const name = path.slice(1);
  if (!statements[name]) return void response.writeHead(404).end();
  if (request.method === 'GET')
    return void answer(name, Object.fromEntries(new URLSearchParams(query)), response).catch((error) =>
      fail(response, error),
    );
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => void answer(name, JSON.parse(body), response).catch((error) => fail(response, error)));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
