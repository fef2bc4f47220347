import { all, remove, update, write } from '../engine/rows.js';
import { as, pick, required } from '../engine/shapes.js';
import type { RowOptions, Shape } from '../engine/types.js';
import { flag, influence, instant, key, nothing, phone, text } from './dialect.js';

/** Schema `CustomerContact`; `person` and `link` are the ways to the contact and to its link with the customer. */
const contact = (person: string, link: string): Shape => ({
  contact_id: `${person}number`,
  customer_id: `${link}customer.number`,
  contact_name: `${person}name`,
  position: `${link}position`,
  department: `${person}department`,
  phone: as(`${person}phone`, phone),
  mobile: as(`${person}mobile`, phone),
  email: as(`${person}email`, text(100)),
  wechat: `${person}wechat`,
  is_primary: as(`${link}primary`, flag),
  is_decision_maker: as(`${person}decisionMaker`, flag),
  influence_level: as(`${person}influence`, influence),
  last_contact_date: as(`${person}lastContactAt`, instant),
  contact_preference: `${person}contactPreference`,
  created_at: as(`${person}createdAt`, instant),
  updated_at: as(`${person}updatedAt`, instant),
});

/** The contact as a customer's list shows it. */
export const ContactOfCustomer = contact('node.', 'link.');
export const Contact = contact('', 'link(customer: $customer).');
export const NewContact = contact('', 'link.');

/** Schema `CustomerContactUpdateRequest`: only the operation of its own makes a contact the primary one. */
export const ContactUpdate: Shape = {
  ...pick(
    Contact,
    'contact_name',
    'department',
    'phone',
    'mobile',
    'email',
    'wechat',
    'is_decision_maker',
    'influence_level',
    'contact_preference',
  ),
  position: 'position',
};

/** Schema `CustomerContactCreateRequest`. */
export const ContactCreate: Shape = {
  ...ContactUpdate,
  contact_name: required('name'),
  is_primary: as('primary', flag),
};

const malformed = { code: '40003', message: '联系人信息格式错误' };
export const contactMessages = {
  'REQUIRED contact_name': { message: '请填写联系人姓名' },
  ...Object.fromEntries(
    ['email', 'phone', 'mobile'].flatMap((field) => [
      [`INVALID ${field}`, malformed],
      [`TOO_LONG ${field}`, malformed],
    ]),
  ),
};

const messages = {
  ...contactMessages,
  NOT_FOUND: { code: '40001', message: '客户不存在' },
  'UNKNOWN_REFERENCE id': { status: 404, code: '40001', message: '客户不存在' },
  'NOT_FOUND contactId': { message: '联系人不存在' },
  FORBIDDEN: { code: '40004', message: '没有权限操作该客户' },
};

/** One contact of one customer: both must exist, and belong to each other. */
const ofCustomer = {
  path: { id: as('$customer', key), contactId: as('$id', key) },
  needs: { id: 'customer(id: $customer)', contactId: 'contact(id: $id).link(customer: $customer)' },
  messages,
} satisfies RowOptions;
const written = { ...ofCustomer, path: { ...ofCustomer.path, id: as('$customer', key, { also: '$input.customer' }) } };

export const contactRows = [
  all('GET /customers/:id/contacts', 'customer.contacts', ContactOfCustomer, {}, { messages }),
  write('POST /customers/:id/contacts', 'contactCreate', NewContact, ContactCreate, {
    messages,
    path: { id: as('$input.customer', key) },
    message: '联系人创建成功',
  }),
  update('PUT /customers/:id/contacts/:contactId', 'contactUpdate', Contact, ContactUpdate, {
    ...written,
    message: '联系人更新成功',
  }),
  remove(
    'DELETE /customers/:id/contacts/:contactId',
    'contactDelete',
    {},
    { ...ofCustomer, answer: nothing, message: '联系人删除成功' },
  ),
  write(
    'PUT /customers/:id/contacts/:contactId/primary',
    'contactUpdate',
    {},
    {},
    {
      ...written,
      path: { ...written.path, is_primary: as('$input.primary', flag, { unset: 1 }) },
      answer: nothing,
      message: '主联系人设置成功',
    },
  ),
];
