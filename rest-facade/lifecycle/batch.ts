import { batch } from '../engine/rows.js';
import { below, each, required } from '../engine/shapes.js';
import type { Finished, ItemOutcome, Shape, WireIssue } from '../engine/types.js';
import { ContactCreate, contactMessages } from './contacts.js';
import { Customer, CustomerUpdateRequest, NewCustomer, nested, messages } from './customers.js';
import { key } from './dialect.js';

/** The largest number of items of one request. */
const maxItems = 1_000;

const item: Shape = { ...below('customer', NewCustomer), contacts: each('contacts', ContactCreate) };
const edit: Shape = { customer_id: required('id', key), ...below('input', CustomerUpdateRequest) };

/** The outcome of each item, in the order sent. */
const results = (outcomes: readonly ItemOutcome[]): unknown[] =>
  outcomes.map(({ index, record, issues }) => ({
    index,
    success: issues.length === 0,
    customer_id: (record as { customer_id: number } | null)?.customer_id ?? null,
    error_message: issues.length === 0 ? null : issues.map(sentence).join('；'),
  }));

const sentence = ({ message, override, field }: WireIssue): string => {
  const text = override?.message ?? message;
  return field === undefined || text.includes(field) || override?.message !== undefined ? text : `${field}: ${text}`;
};

const counted = (outcomes: readonly ItemOutcome[]): { success_count: number; failed_count: number } => {
  const failed = outcomes.filter(({ issues }) => issues.length > 0).length;
  return { success_count: outcomes.length - failed, failed_count: failed };
};

const finish = (outcomes: ItemOutcome[]): Finished => ({ value: { ...counted(outcomes), results: results(outcomes) } });
const ofItems = { ...messages, 'INVALID ': { message: '数据格式无效' }, ...nested('contacts', contactMessages) };

export const batchRows = [
  batch(
    'POST /customers/batch',
    'customersOnboard',
    { customer_id: 'number' },
    { customers: each('$inputs', item, { maxItems }) },
    finish,
    { messages: ofItems, message: '批量创建完成' },
  ),
  batch(
    'PUT /customers/batch',
    'customersUpdate',
    { customer_id: 'number' },
    { updates: each('$inputs', edit, { maxItems }) },
    finish,
    {
      reads: { list: 'customers', key: 'customer_id', shape: Customer },
      messages: ofItems,
      message: '批量更新完成',
    },
  ),
];
