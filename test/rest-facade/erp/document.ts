/** One documented operation: what the document says of it, and how its example is sent. */
export interface Operation {
  /** chapter of the document */
  section: string;
  /** as documented, e.g. `GET /accounts/{id}` */
  operation: string;
  /** documented query parameters beside `page` and `pageSize` */
  parameters?: readonly string[];
  /** the documented id that stands for `{id}` in the example */
  id?: string;
  /** query of the example; a list's example is sent without one */
  query?: string;
  /** the documented body */
  body?: object;
  /** the documented `data`; of a list, the documented rows */
  data: unknown;
  /** what an ERP client does beforehand, beyond the document, so that the example holds */
  before?: ReadonlyArray<readonly [request: string, body: object]>;
}

const written = { createdBy: 'admin', createdAt: '2020-01-01T08:00:00Z', updatedBy: 'admin', updatedAt: '2020-01-01T08:00:00Z' };

const company = {
  id: 'account-001',
  accountNo: 'ACC001',
  name: '北京科技有限公司',
  type: 'corporate',
  industry: '科技',
  region: '华北',
  address: '北京市朝阳区',
  contactPerson: '张三',
  phone: '13800138001',
  email: 'contact@example.com',
};

const person = {
  id: 'contact-001',
  accountId: 'account-001',
  accountName: '北京科技有限公司',
  name: '李四',
  position: '采购经理',
  phone: '13900139001',
  email: 'lisi@example.com',
  mobile: '13900139001',
};

const accounts: Operation[] = [
  {
    section: '3.3',
    operation: 'POST /accounts',
    body: {
      name: '北京科技有限公司',
      type: 'corporate',
      industry: '科技',
      region: '华北',
      address: '北京市朝阳区',
      contactPerson: '张三',
      phone: '13800138001',
      email: 'contact@example.com',
      website: 'www.example.com',
      taxNo: '110101123456789',
      creditLimit: 1000000,
      remarks: '重要客户',
    },
    data: { id: 'account-001', accountNo: 'ACC001' },
  },
  {
    section: '3.1',
    operation: 'GET /accounts',
    parameters: ['accountNo', 'name', 'status', 'industry', 'region', 'type'],
    data: [{ ...company, status: 'active', ...written }],
  },
];

const contacts: Operation[] = [
  {
    section: '4.3',
    operation: 'POST /contacts',
    body: { accountId: 'account-001', name: '李四', position: '采购经理', phone: '13900139001', email: 'lisi@example.com', mobile: '13900139001', address: '北京市朝阳区' },
    data: { id: 'contact-001' },
  },
  {
    section: '4.1',
    operation: 'GET /contacts',
    parameters: ['accountId', 'name', 'position', 'phone', 'email'],
    data: [{ ...person, ...written }],
  },
  {
    section: '4.2',
    operation: 'GET /contacts/{id}',
    id: 'contact-001',
    before: [['PUT /contacts/contact-001', { fax: '010-12345678', birthday: '1980-01-01', preferences: '喜欢高尔夫' }]],
    data: { ...person, fax: '010-12345678', address: '北京市朝阳区', birthday: '1980-01-01', preferences: '喜欢高尔夫', ...written },
  },
];

const accountDetail: Operation = {
  section: '3.2',
  operation: 'GET /accounts/{id}',
  id: 'account-001',
  before: [['PUT /accounts/account-001', { loyaltyLevel: 'gold' }]],
  data: {
    ...company,
    website: 'www.example.com',
    taxNo: '110101123456789',
    creditLimit: 1000000,
    creditUsed: 500000,
    loyaltyLevel: 'gold',
    remarks: '重要客户',
    status: 'active',
    contacts: [{ id: 'contact-001', name: '李四', position: '采购经理', phone: '13900139001', email: 'lisi@example.com' }],
    ...written,
  },
};

const opportunities: Operation[] = [
  {
    section: '7.5',
    operation: 'POST /opportunities',
    body: { accountId: 'account-001', name: '产品采购机会', description: '采购一批新产品', stage: 'prospecting', probability: 30, estimatedAmount: 1000000, closeDate: '2023-07-31' },
    data: { id: 'opp-001', opportunityNo: 'OPP001' },
  },
  {
    section: '7.4',
    operation: 'GET /opportunities',
    parameters: ['accountId', 'opportunityNo', 'name', 'stage', 'probability', 'estimatedAmountMin', 'estimatedAmountMax', 'closeDateStart', 'closeDateEnd'],
    before: [
      ['PUT /opportunities/opp-001/stage', { stage: 'proposal' }],
      ['PUT /opportunities/opp-001', { probability: 60 }],
    ],
    data: [
      {
        id: 'opp-001',
        opportunityNo: 'OPP001',
        accountId: 'account-001',
        accountName: '北京科技有限公司',
        name: '产品采购机会',
        description: '采购一批新产品',
        stage: 'proposal',
        probability: 60,
        estimatedAmount: 1000000,
        actualAmount: null,
        closeDate: '2023-07-31',
        ...written,
      },
    ],
  },
];

const endings: Operation[] = [
  {
    section: '4.4',
    operation: 'PUT /contacts/{id}',
    id: 'contact-001',
    body: { name: '李四（更新）', position: '采购总监', phone: '13900139002', email: 'lisi-updated@example.com' },
    data: null,
  },
  { section: '4.5', operation: 'DELETE /contacts/{id}', id: 'contact-001', data: null },
  {
    section: '3.4',
    operation: 'PUT /accounts/{id}',
    id: 'account-001',
    body: { name: '北京科技有限公司（更新）', contactPerson: '王五', phone: '13700137001', creditLimit: 1500000 },
    data: null,
  },
  { section: '3.6', operation: 'PUT /accounts/{id}/status', id: 'account-001', body: { status: 'inactive', reason: '客户暂停合作' }, data: null },
  { section: '3.5', operation: 'DELETE /accounts/{id}', id: 'account-001', data: null },
];

/** Every operation of the document, in an order in which the examples can be sent one after the other on an empty tenant. */
export const documented: readonly Operation[] = [...accounts, ...contacts, accountDetail, ...opportunities, ...endings];

/** What exists beyond the document, in its style. */
export const extras: readonly string[] = [
  'GET /opportunities/{id}',
  'PUT /opportunities/{id}',
  'DELETE /opportunities/{id}',
  'PUT /opportunities/{id}/stage',
  'POST /opportunities/{id}/win',
  'POST /opportunities/{id}/lose',
];
