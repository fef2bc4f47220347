import { csv } from '../engine/files/csv.js';
import { asFileOf } from '../engine/files/formats.js';
import { type Column, xlsx, xlsxType } from '../engine/files/xlsx.js';
import { list } from '../engine/rows.js';
import { as, codes, pick } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { Customer, Filter } from './customers.js';

/** A customer for people to read: names instead of codes. */
const Exported: Shape = {
  ...pick(
    Customer,
    'customer_code',
    'customer_name',
    'industry',
    'scale',
    'health_score',
    'ltv',
    'source',
    'last_contact_date',
    'next_renewal_date',
    'created_at',
  ),
  customer_type: as(
    'kind',
    codes(['企业', 'ENTERPRISE', 'NONPROFIT', 'EDUCATION'], ['政府', 'GOVERNMENT'], ['个人', 'INDIVIDUAL']),
  ),
  level: as('tier', codes(['普通', 'BRONZE'], ['重要', 'SILVER'], ['VIP', 'GOLD'], ['战略', 'PLATINUM'])),
  status: as('status', codes(['潜在', 'POTENTIAL'], ['正式', 'ACTIVE', 'INACTIVE'], ['流失', 'LOST'])),
  assigned_manager: 'owner.name',
};

const columns: readonly Column[] = [
  { heading: '客户编码', field: 'customer_code', width: 22 },
  { heading: '客户名称', field: 'customer_name', width: 32 },
  { heading: '客户类型', field: 'customer_type', width: 10 },
  { heading: '行业', field: 'industry', width: 16 },
  { heading: '规模', field: 'scale', width: 12 },
  { heading: '客户等级', field: 'level', width: 10 },
  { heading: '状态', field: 'status', width: 10 },
  { heading: '健康度', field: 'health_score', width: 10, type: 'number' },
  { heading: '客户价值', field: 'ltv', width: 16, type: 'amount' },
  { heading: '客户经理', field: 'assigned_manager', width: 14 },
  { heading: '来源', field: 'source', width: 14 },
  { heading: '最近联系时间', field: 'last_contact_date', width: 20, type: 'instant' },
  { heading: '下次续约日期', field: 'next_renewal_date', width: 14, type: 'day' },
  { heading: '创建时间', field: 'created_at', width: 20, type: 'instant' },
];

const files = asFileOf({
  excel: { type: xlsxType, render: xlsx('customers.xlsx', '客户', columns) },
  csv: {
    type: 'text/csv',
    render: csv('customers.csv', columns),
  },
});

export const exportRows = [
  list('GET /customers/export', 'customers', Exported, pick(Filter, 'status', 'level'), files),
];
