import { batch } from '../engine/rows.js';
import { as, below, each, pick } from '../engine/shapes.js';
import type { Call, Finished, ItemOutcome, Shape, WireIssue } from '../engine/types.js';
import { Customer, customerMessages } from './customers.js';
import { user } from './dialect.js';
import { NewOpportunity, Opportunity, opportunityMessages } from './opportunities.js';

/** The largest number of rows of one import. */
const maxItems = 5_000;

const messages = {
  'REQUIRED items': { message: '请提供 items 数组', details: 'items 应包含 1 到 5000 条' },
  'INVALID items': { message: '请提供 items 数组', details: 'items 应包含 1 到 5000 条' },
  'OUT_OF_RANGE items': { message: `单次导入不超过 ${maxItems} 条`, details: 'items 应包含 1 到 5000 条' },
  INVALID: { message: '数据格式错误' },
};

/** The owner of a row that names none: the user whom the caller names. */
const owner = (path: string) =>
  as(path, user, { unset: ({ request }: Call) => request.headers['x-user-id'] || undefined });

const Customers: Shape = {
  items: each(
    '$inputs',
    { ...below('customer', pick(Customer, 'name', 'contactPhone', 'contactEmail')), ownerId: owner('customer.owner') },
    { maxItems },
  ),
};
const Opportunities: Shape = { items: each('$inputs', { ...NewOpportunity, ownerId: owner('owner') }, { maxItems }) };

type Row = Record<string, unknown>;

/** The result of an import: imported rows with these fields of their record, refused ones with these fields as they were sent. */
const summary =
  (ofRecord: string[], ofRow: string[]) =>
  (outcomes: ItemOutcome[]): Finished => {
    const bad = outcomes.filter(({ issues }) => issues.length > 0);
    const good = outcomes.filter(({ issues }) => issues.length === 0);
    return {
      value: {
        accepted: true,
        created: good.length,
        errors: bad.length,
        details: good.map(({ index, record }) => ({ index, ...fields(record, ofRecord) })),
        errorsDetail: bad.map(({ index, item, issues }) => ({
          index,
          reason: issues.map(reasonOf).join('；'),
          ...fields(item, ofRow),
        })),
      },
    };
  };

/** Says what is wrong and, where the message is the same for all fields, with which one. */
const reasonOf = ({ code, field, message, override }: WireIssue): string => {
  const text = override?.message ?? message;
  return code !== 'INVALID' || !field || text.includes(field) ? text : `${text}：${field}`;
};

const fields = (of: unknown, names: string[]): Row => {
  const row = of !== null && typeof of === 'object' ? (of as Row) : {};
  return Object.fromEntries(names.filter((name) => row[name] !== undefined).map((name) => [name, row[name]]));
};

export const importRows = [
  batch(
    'POST /customers/import',
    'customersOnboard',
    pick(Customer, 'customerId', 'name'),
    Customers,
    summary(['customerId', 'name'], ['name']),
    {
      synonyms: { data: 'items' },
      messages: { ...customerMessages, ...messages, 'REQUIRED name': { message: '客户名称为空' } },
    },
  ),
  batch(
    'POST /opportunities/import',
    'opportunitiesCreate',
    pick(Opportunity, 'opportunityId', 'title'),
    Opportunities,
    summary(['opportunityId', 'title'], ['customerId', 'title']),
    {
      synonyms: { data: 'items' },
      messages: {
        ...opportunityMessages,
        ...messages,
        'REQUIRED title': { message: '客户与标题必填' },
        'REQUIRED customerId': { message: '客户与标题必填' },
      },
    },
  ),
];
