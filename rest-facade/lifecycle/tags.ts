import { all, remove, write } from '../engine/rows.js';
import { as, fraction, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { instant, key, nothing, tagType } from './dialect.js';

/** Schema `CustomerTag`. A tag is never changed. */
export const Tag: Shape = {
  tag_id: 'number',
  customer_id: 'customer.number',
  tag_name: 'name',
  tag_type: as('kind', tagType),
  tag_category: 'category',
  tag_value: 'value',
  confidence: as('confidence', fraction),
  created_by: 'addedBy.number',
  created_at: as('createdAt', instant),
  updated_at: as('createdAt', instant),
};

/** Schema `CustomerTagCreateRequest`. */
export const TagCreate: Shape = {
  tag_name: required('name'),
  tag_type: as('kind', tagType),
  tag_category: 'category',
  tag_value: 'value',
};

const noCustomer = { code: '40001', message: '客户不存在' };
const messages = {
  'UNKNOWN_REFERENCE id': { status: 404, ...noCustomer },
  NAME_TAKEN: { status: 400, message: '该客户已有此标签' },
  'REQUIRED tag_name': { message: '请填写标签名称' },
  'INVALID tag_name': { message: '标签名称不能包含特殊字符' },
};

export const tagRows = [
  all('GET /customers/:id/tags', 'customer.tags', Tag, {}, { messages: { NOT_FOUND: noCustomer } }),
  write('POST /customers/:id/tags', 'customerTagCreate', Tag, TagCreate, {
    messages,
    path: { id: as('$input.customer', key) },
    message: '标签添加成功',
  }),
  remove(
    'DELETE /customers/:id/tags/:tagId',
    'customerTagDelete',
    {},
    {
      path: { id: as('$customer', key), tagId: as('$id', key) },
      needs: { id: 'customer(id: $customer)' },
      messages: { NOT_FOUND: { message: '标签不存在' }, 'NOT_FOUND id': noCustomer },
      answer: nothing,
      message: '标签删除成功',
    },
  ),
];
