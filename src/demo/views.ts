import { aDay, instant, startOf } from './calendar.js';
import type { Generator } from './generator.js';
import { demoId } from './ids.js';

interface DemoView {
  kind: string;
  name: string;
  /** as it is stored: a tab before and behind each relative day */
  filter: string;
  orderBy: string;
  columns: readonly string[];
  /** what the filter uses of the schema beside the type of its fields, `where` in it and as what */
  uses: readonly string[];
}

const order = (field: string, direction: string): string => JSON.stringify([{ field, direction }]);

/** Lists that everybody in a demo tenant finds saved. */
const views: readonly DemoView[] = [
  {
    kind: 'CUSTOMER',
    name: '我的客户',
    filter: '{"owner":["ME"]}',
    orderBy: order('UPDATED_AT', 'DESC'),
    columns: ['name', 'status', 'tier', 'phone', 'healthScore', 'lastContactAt'],
    uses: ['filter.owner CustomerFilter.owner:[ID!]'],
  },
  {
    kind: 'CUSTOMER',
    name: '本部门健康度偏低的客户',
    filter: '{"ownerDepartment":["MY_DEPARTMENT"],"healthScoreMax":"60"}',
    orderBy: order('CREATED_AT', 'DESC'),
    columns: ['name', 'owner', 'healthScore', 'tier', 'nextRenewalOn'],
    uses: [
      'filter.ownerDepartment CustomerFilter.ownerDepartment:[ID!]',
      'filter.healthScoreMax CustomerFilter.healthScoreMax:Decimal',
    ],
  },
  {
    kind: 'OPPORTUNITY',
    name: '本月预计成交的商机',
    filter: '{"open":true,"closeFrom":\t"START_OF_MONTH"\t,"closeUntil":\t"END_OF_MONTH"\t}',
    orderBy: order('AMOUNT', 'DESC'),
    columns: ['name', 'customer', 'owner', 'stage', 'amount', 'expectedCloseOn'],
    uses: [
      'filter.open OpportunityFilter.open:Boolean',
      'filter.closeFrom OpportunityFilter.closeFrom:Date',
      'filter.closeUntil OpportunityFilter.closeUntil:Date',
    ],
  },
  {
    kind: 'CONTRACT',
    name: '90 天内到期的合同',
    filter: '{"status":["IN_FORCE"],"endsFrom":\t"TODAY"\t,"endsUntil":\t"TODAY+90"\t}',
    orderBy: order('ENDS_ON', 'ASC'),
    columns: ['name', 'customer', 'amount', 'endsOn', 'renewal'],
    uses: [
      'filter.status.IN_FORCE ContractStatus.IN_FORCE',
      'filter.status ContractFilter.status:[ContractStatus!]',
      'filter.endsFrom ContractFilter.endsFrom:Date',
      'filter.endsUntil ContractFilter.endsUntil:Date',
    ],
  },
];

const array = (texts: readonly string[]): string => `{${texts.map((text) => JSON.stringify(text)).join(',')}}`;

/** Saves views that are shared with the tenant, of its administrator. */
export function generateViews({ code, today, write }: Generator): void {
  const at = instant(startOf(today) - 30 * aDay);
  for (const [index, { kind, name, filter, orderBy, columns, uses }] of views.entries()) {
    const record = kind[0]! + kind.slice(1).toLowerCase();
    write('saved_view', {
      tenant_id: demoId(code, 'tenant', 0),
      id: demoId(code, 'savedView', index),
      created_at: at,
      updated_at: at,
      owner_id: demoId(code, 'user', 0),
      kind,
      name,
      sharing: 'TENANT',
      filter,
      order_by: orderBy,
      columns: array(columns),
      default_for: '{}',
      uses: array([
        ...uses,
        ...usesOfOrder(record, orderBy),
        ...columns.map((column) => `columns.${column} ${record}.${column}`),
      ]),
    });
  }
}

function usesOfOrder(record: string, orderBy: string): string[] {
  const [{ field, direction }] = JSON.parse(orderBy) as [{ field: string; direction: string }];
  return [
    `orderBy.field.${field} ${record}OrderField.${field}`,
    `orderBy.field ${record}Order.field:${record}OrderField!`,
    `orderBy.direction.${direction} SortDirection.${direction}`,
    `orderBy.direction ${record}Order.direction:SortDirection!`,
  ];
}
