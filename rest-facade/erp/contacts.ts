import { list, one, remove, update, write } from '../engine/rows.js';
import { as, both, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { day, nothing, phone, written } from './dialect.js';

/** A contact at one account: the one that the list is of, else the first one the person was linked to. */
const personAt = (link: string): Shape => ({
  id: 'id',
  accountId: `${link}.customer.id`,
  accountName: `${link}.customer.name`,
  name: 'name',
  position: `${link}.position`,
  phone: as('phone', phone),
  email: 'email',
  mobile: as('mobile', phone),
});

const More: Shape = {
  fax: as('fax', phone),
  address: 'address',
  birthday: as('birthday', day),
  preferences: 'preferences',
};
export const Detail: Shape = { ...personAt('link'), ...More, ...written };
const Body: Shape = { ...pick(Detail, 'name', 'phone', 'email', 'mobile'), ...More, position: 'position' };
const Filter: Shape = {
  accountId: both('customer', '$customer'),
  name: 'name',
  position: 'position',
  phone: 'phone',
  email: 'email',
};

const messages = { NOT_FOUND: { code: 4002, message: '联系人不存在' } };

export const contactRows = [
  list('GET /contacts', 'contacts', { ...personAt('link(customer: $customer)'), ...written }, Filter),
  one('GET /contacts/:id', 'contact', Detail, {}, { messages }),
  write(
    'POST /contacts',
    'contactCreate',
    pick(Detail, 'id'),
    { accountId: required('customer'), ...Body },
    { messages },
  ),
  update('PUT /contacts/:id', 'contactUpdate', Detail, Body, { messages, answer: nothing }),
  remove('DELETE /contacts/:id', 'contactDelete', {}, { messages, answer: nothing }),
];
