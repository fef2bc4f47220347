import { Migration } from '@mikro-orm/migrations';
import { inBatches, indexOnline } from './online.v1.js';

/**
 * Every order of a list is that of an index which goes on to the number, so that a page is read from where it begins: empty
 * values have the last value in their place, and exact numbers are compared in units of their last decimal.
 */
export class Orders extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    const statements = [
      ...units.map(([table, column, scale]) =>
        inBatches(table, `${column}_units = (${column} * ${scale})::bigint`, astray(column, scale)),
      ),
      ...indexes.flatMap(([name, definition]) => indexOnline(name, definition)),
      ...former.map(([table, column]) => `drop index concurrently if exists "${table}_by_${column}"`),
    ];
    for (const statement of statements) this.addSql(statement);
  }

  override down(): void {
    const statements = [
      ...former.flatMap(([table, column]) =>
        indexOnline(`${table}_by_${column}`, `on "${table}" ("tenant_id", "${column}")`),
      ),
      ...indexes.map(([name]) => `drop index concurrently if exists "${name}"`),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}

/** Exact numbers, and how many units one is. */
const units = [
  ['customer', 'health_score', 10],
  ['health_score', 'overall', 10],
  ['customer_tag', 'confidence', 100],
  ['campaign', 'planned_budget', 100],
  ['opportunity', 'expected_amount', 100],
  ['contract', 'agreed_amount', 100],
  ['payment', 'paid_amount', 100],
] as const;

/** That the units are not those of the number: after what a server of the last release has written. */
const astray = (column: string, scale: number): string =>
  `${column}_units is distinct from (${column} * ${scale})::bigint`;

/** Columns that are never empty. */
const plain = {
  audit_entry: ['number', 'at'],
  customer: ['updated_at', 'status'],
  usage_event: ['at'],
  success_task: ['created_at', 'status'],
  status_change: ['created_at'],
  owner_change: ['created_at'],
  health_score: ['scored_on'],
  customer_tenant: ['created_at', 'primary'],
  customer_tag: ['name', 'created_at'],
  customer_relation: ['created_at', 'kind'],
  customer_member: ['created_at'],
  credit_assessment: ['assessed_on', 'created_at', 'score'],
  contact: ['created_at', 'updated_at'],
  customer_contact: ['created_at', 'primary'],
  service_case: ['created_at', 'updated_at', 'subject'],
  case_comment: ['created_at'],
  campaign: ['created_at', 'updated_at'],
  opportunity: ['updated_at', 'probability'],
  stage_change: ['created_at'],
  contract: ['created_at', 'updated_at', 'code'],
  payment: ['paid_at', 'created_at'],
  contract_renewal: ['created_at'],
  lead: ['created_at', 'updated_at'],
  lead_owner_change: ['created_at'],
  activity: ['created_at', 'updated_at'],
  file: ['created_at', 'bytes'],
};

/** Columns that may be empty, by what stands in the place of an empty value. */
const empty = {
  "U&'\\FFFF'": {
    customer: ['industry', 'region'],
    lead: ['company'],
    activity: ['subject'],
  },
  '9223372036854775807': {
    customer: ['health_score_units'],
    health_score: ['overall_units'],
    customer_tag: ['confidence_units'],
    campaign: ['planned_budget_units'],
    opportunity: ['expected_amount_units'],
    contract: ['agreed_amount_units'],
    payment: ['paid_amount_units'],
  },
  "'infinity'::timestamptz": {
    customer: ['last_contact_at', 'pooled_at', 'held_since'],
    success_task: ['due_at'],
    service_case: ['responded_at', 'resolved_at', 'closed_at'],
    opportunity: ['closed_at'],
    lead: ['pooled_at', 'held_since'],
    activity: ['starts_at'],
  },
  "'infinity'::date": {
    customer: ['recycle_on'],
    customer_tenant: ['starts_on'],
    customer_member: ['until'],
    campaign: ['starts_on', 'ends_on'],
    opportunity: ['expected_close_on'],
    contract: ['starts_on', 'ends_on', 'due_on'],
    lead: ['recycle_on'],
    activity: ['next_action_on'],
  },
};

/** Columns whose values are ranked, the smallest first. */
const ranked = {
  customer: ['tier', ['BRONZE', 'SILVER', 'GOLD', 'PLATINUM']],
  success_task: ['priority', ['LOW', 'MEDIUM', 'HIGH', 'URGENT']],
  service_case: ['priority', ['LOW', 'MEDIUM', 'HIGH', 'URGENT']],
  opportunity: [
    'stage',
    ['PROSPECTING', 'QUALIFICATION', 'NEEDS_ANALYSIS', 'PROPOSAL', 'NEGOTIATION', 'CLOSED_WON', 'CLOSED_LOST'],
  ],
  activity: ['priority', ['LOW', 'MEDIUM', 'HIGH', 'URGENT']],
} as const;

const inOrderOf = (table: string, column: string, compared = `"${column}"`): [name: string, definition: string] => [
  `${table}_in_order_of_${column.replace(/_units$/, '')}`,
  `on "${table}" ("tenant_id", ${[...new Set([compared, '"number"'])].join(', ')})`,
];

const indexes: Array<[name: string, definition: string]> = [
  ['lead_deleted', 'on "lead" ("tenant_id", "id") where deleted_at is not null'],
  ...units.map(([table, column, scale]): [string, string] => [
    `${table}_astray_${column}`,
    `on "${table}" ("tenant_id", "id") where ${astray(column, scale)}`,
  ]),
  ...Object.entries(plain).flatMap(([table, columns]) => columns.map((column) => inOrderOf(table, column))),
  ...Object.entries(empty).flatMap(([last, tables]) =>
    Object.entries(tables).flatMap(([table, columns]) =>
      columns.map((column) =>
        inOrderOf(table, column, `(case when "${column}" is null then ${last} else "${column}" end)`),
      ),
    ),
  ),
  ...Object.entries(ranked).map(([table, [column, values]]) =>
    inOrderOf(
      table,
      column,
      `(case "${column}" ${values.map((value, index) => `when '${value}' then ${index + 1}`).join(' ')} end)`,
    ),
  ),
];

/** Indexes that end before the number. */
const former = [
  ['activity', 'created_at'],
  ['audit_entry', 'at'],
  ['campaign', 'created_at'],
  ['contact', 'created_at'],
  ['contract', 'created_at'],
  ['contract_renewal', 'created_at'],
  ['customer_tag', 'name'],
  ['file', 'created_at'],
  ['health_score', 'scored_on'],
  ['lead', 'created_at'],
  ['lead_owner_change', 'created_at'],
  ['owner_change', 'created_at'],
  ['payment', 'created_at'],
  ['payment', 'paid_at'],
  ['service_case', 'created_at'],
  ['stage_change', 'created_at'],
  ['status_change', 'created_at'],
  ['success_task', 'created_at'],
  ['usage_event', 'at'],
] as const;
