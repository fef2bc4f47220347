import { list, one, remove, update, write } from '../engine/rows.js';
import { as, both, constant, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { customerMissing, flag, instant, phone, tenantCode } from './dialect.js';

/** A contact at one customer: the one that the list is of, else the first one the person was linked to. */
const contactAt = (link: string): Shape => ({
  contactId: 'id',
  tenantId: tenantCode,
  customerId: `${link}.customer.id`,
  name: 'name',
  phone: as('phone', phone),
  email: 'email',
  isPrimary: as(`${link}.primary`, flag),
  createdAt: as('createdAt', instant),
  updatedAt: as('updatedAt', instant),
});

export const Contact = contactAt('link');

/** A contact as its link at a customer shows it. */
export const ContactOfCustomer: Shape = {
  contactId: 'node.id',
  tenantId: tenantCode,
  customerId: 'link.customer.id',
  name: 'node.name',
  phone: as('node.phone', phone),
  email: 'node.email',
  isPrimary: as('primary', flag),
  createdAt: as('node.createdAt', instant),
  updatedAt: as('node.updatedAt', instant),
};

const Fields: Shape = { ...pick(Contact, 'name', 'phone', 'email'), isPrimary: as('primary', flag) };

const messages = {
  NOT_FOUND: { message: '联系人不存在' },
  ...customerMissing,
  'REQUIRED name': { message: '请填写联系人姓名' },
};

export const contactRows = [
  list('GET /contacts', 'contacts', contactAt('link(customer: $customer)'), {
    customerId: both('customer', '$customer'),
  }),
  one('GET /contacts/:id', 'contact', Contact, {}, { messages }),
  write(
    'POST /contacts',
    'contactCreate',
    Contact,
    { customerId: required('customer'), ...Fields },
    { status: 201, messages },
  ),
  update('PATCH /contacts/:id', 'contactUpdate', Contact, Fields, { messages }),
  remove('DELETE /contacts/:id', 'contactDelete', { contactId: 'deletedId', deleted: constant(true) }, { messages }),
];
