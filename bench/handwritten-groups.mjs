// Ten typical groups, each with the SQL that somebody would write for the same numbers of one tenant, without the wall between tenants and
// without rights.
const zone = 'Asia/Shanghai';
const month = (column) => `to_char(date_trunc('month', ${column}), 'YYYY-MM-DD')`;

/** Records that are not deleted, nor what they belong to. */
const rowsOf = {
  customer: 'customer r where r.tenant_id = $1 and r.deleted_at is null',
  lead: 'lead r where r.tenant_id = $1 and r.deleted_at is null',
  payment: `payment r join contract c on c.tenant_id = $1 and c.id = r.contract_id and c.deleted_at is null where r.tenant_id = $1 and r.deleted_at is null
    and not exists (select 1 from customer d where d.tenant_id = $1 and d.id = c.customer_id and d.deleted_at is not null)`,
};
const ofCustomers = (table) => `${table} r where r.tenant_id = $1 and r.deleted_at is null
    and not exists (select 1 from customer d where d.tenant_id = $1 and d.id = r.customer_id and d.deleted_at is not null)`;

/** The groups of a list: what they are grouped by in the graph and in SQL, and what is added up. */
function groups(list, table, by, keys, sum) {
  const [measure, column] = sum ?? [];
  return {
    field: `${list}Groups(by: [${by}], first: 2000, measures: [${measure ? `{ key: "s", of: ${measure}, as: SUM }` : ''}])`,
    query: `{ groups { count keys { value } ${measure ? 'values { money { amounts { amount currency } } }' : ''} } }`,
    rowsOf: ({ groups: found }) =>
      found.map(({ count, keys: values, values: sums }) => [
        ...values.map(({ value }) => value ?? ''),
        count,
        ...(measure ? [sums[0].money?.amounts[0]?.amount ?? '0.00'] : []),
      ]),
    sql: `select ${keys.map((key) => `coalesce((${key})::text, '')`).join(', ')}, count(*) ${column ? `, coalesce(sum(${column}), 0)::numeric(18,2)::text` : ''}
      from ${rowsOf[table] ?? ofCustomers(table)} group by ${keys.join(', ')}`,
  };
}

export const handwrittenGroups = [
  groups('customer', 'customer', '{ field: REGION }', ['r.region'], ['CREDIT_LIMIT', 'r.credit_limit']),
  groups('customer', 'customer', '{ field: OWNER_DEPARTMENT }', ['r.owner_department_id']),
  groups('opportunity', 'opportunity', '{ field: STAGE }', ['r.stage'], ['AMOUNT', 'r.expected_amount']),
  groups(
    'opportunity',
    'opportunity',
    '{ field: EXPECTED_CLOSE_ON, bucket: MONTH }',
    [month('r.expected_close_on')],
    ['AMOUNT', 'r.expected_amount'],
  ),
  groups(
    'opportunity',
    'opportunity',
    '{ field: OWNER }, { field: STAGE }',
    ['r.owner_id', 'r.stage'],
    ['AMOUNT', 'r.expected_amount'],
  ),
  groups(
    'contract',
    'contract',
    '{ field: KIND }, { field: SIGNED_ON, bucket: MONTH }',
    ['r.kind', month('r.signed_on')],
    ['AMOUNT', 'r.agreed_amount'],
  ),
  groups(
    'payment',
    'payment',
    '{ field: PAID_AT, bucket: MONTH }',
    [month(`r.paid_at at time zone '${zone}'`)],
    ['AMOUNT', 'r.paid_amount'],
  ),
  groups('activity', 'activity', '{ field: KIND }, { field: STATUS }', ['r.kind', 'r.status']),
  groups('case', 'service_case', '{ field: PRIORITY }, { field: STATUS }', ['r.priority', 'r.status']),
  groups('lead', 'lead', '{ field: SOURCE }, { field: STATUS }', ['r.source', 'r.status']),
];
