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
  /** the example's values are of another company: only its members and their types hold */
  computed?: true;
  /** what an ERP client does beforehand, beyond the document, so that the example holds */
  before?: ReadonlyArray<readonly [request: string, body: object]>;
  /** a file that is attached beforehand: to what kind of record, and its name */
  attached?: readonly [to: 'activity' | 'case', name: string];
}

const written = {
  createdBy: 'admin',
  createdAt: '2020-01-01T08:00:00Z',
  updatedBy: 'admin',
  updatedAt: '2020-01-01T08:00:00Z',
};

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
    body: {
      accountId: 'account-001',
      name: '李四',
      position: '采购经理',
      phone: '13900139001',
      email: 'lisi@example.com',
      mobile: '13900139001',
      address: '北京市朝阳区',
    },
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
    data: {
      ...person,
      fax: '010-12345678',
      address: '北京市朝阳区',
      birthday: '1980-01-01',
      preferences: '喜欢高尔夫',
      ...written,
    },
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
    contacts: [
      { id: 'contact-001', name: '李四', position: '采购经理', phone: '13900139001', email: 'lisi@example.com' },
    ],
    ...written,
  },
};

const meeting = {
  id: 'activity-001',
  accountId: 'account-001',
  accountName: '北京科技有限公司',
  contactId: 'contact-001',
  contactName: '李四',
  type: 'meeting',
  subject: '产品演示会议',
  description: '介绍新产品功能',
};

const meetingTimes = { startTime: '2023-06-01T10:00:00Z', endTime: '2023-06-01T11:00:00Z' };

const activities: Operation[] = [
  {
    section: '5.3',
    operation: 'POST /activities',
    body: {
      accountId: 'account-001',
      contactId: 'contact-001',
      type: 'meeting',
      subject: '产品演示会议',
      description: '介绍新产品功能',
      location: '公司会议室A',
      priority: 'high',
      startTime: '2023-06-01T10:00:00Z',
      endTime: '2023-06-01T11:00:00Z',
    },
    data: { id: 'activity-001' },
  },
  {
    section: '5.1',
    operation: 'GET /activities',
    parameters: ['accountId', 'type', 'status', 'startDate', 'endDate'],
    before: [
      ['PUT /activities/activity-001', { status: 'completed', outcome: '客户对产品很感兴趣，需要提供详细方案' }],
    ],
    data: [{ ...meeting, status: 'completed', ...meetingTimes, ...written }],
  },
  {
    section: '5.2',
    operation: 'GET /activities/{id}',
    id: 'activity-001',
    attached: ['activity', '产品手册.pdf'],
    data: {
      ...meeting,
      location: '公司会议室A',
      status: 'completed',
      priority: 'high',
      ...meetingTimes,
      outcome: '客户对产品很感兴趣，需要提供详细方案',
      attachments: [{ id: 'file-001', name: '产品手册.pdf', url: '/api/v1/files/file-001' }],
      ...written,
    },
  },
  {
    section: '5.4',
    operation: 'PUT /activities/{id}',
    id: 'activity-001',
    body: {
      subject: '产品演示会议（更新）',
      location: '公司会议室B',
      status: 'completed',
      outcome: '客户对产品很感兴趣，需要提供详细方案',
    },
    data: null,
  },
  { section: '5.5', operation: 'DELETE /activities/{id}', id: 'activity-001', data: null },
];

const fault = {
  id: 'case-001',
  caseNo: 'CAS001',
  accountId: 'account-001',
  accountName: '北京科技有限公司',
  contactId: 'contact-001',
  contactName: '李四',
  subject: '系统登录问题',
};

const cases: Operation[] = [
  {
    section: '6.3',
    operation: 'POST /cases',
    body: {
      accountId: 'account-001',
      contactId: 'contact-001',
      subject: '系统登录问题',
      description: '用户无法登录系统，提示密码错误',
      type: 'issue',
      priority: 'high',
    },
    data: { id: 'case-001', caseNo: 'CAS001' },
  },
  {
    section: '6.5',
    operation: 'POST /cases/{id}/comments',
    id: 'case-001',
    body: { content: '已收到反馈，正在处理' },
    data: { commentId: 'comment-001' },
  },
  {
    section: '6.4',
    operation: 'PUT /cases/{id}',
    id: 'case-001',
    body: { status: 'resolved', resolution: '重置用户密码，问题已解决' },
    data: null,
  },
  {
    section: '6.1',
    operation: 'GET /cases',
    parameters: ['accountId', 'caseNo', 'subject', 'status', 'priority', 'type', 'createdDateStart', 'createdDateEnd'],
    data: [{ ...fault, type: 'issue', priority: 'high', status: 'resolved', ...written }],
  },
  {
    section: '6.2',
    operation: 'GET /cases/{id}',
    id: 'case-001',
    attached: ['case', '错误截图.png'],
    data: {
      ...fault,
      description: '用户无法登录系统，提示密码错误',
      type: 'issue',
      priority: 'high',
      status: 'resolved',
      resolution: '重置用户密码，问题已解决',
      responseTime: '2023-06-01T08:30:00Z',
      resolutionTime: '2023-06-01T09:00:00Z',
      attachments: [{ id: 'file-002', name: '错误截图.png', url: '/api/v1/files/file-002' }],
      comments: [
        { id: 'comment-001', content: '已收到反馈，正在处理', createdBy: 'admin', createdAt: '2023-06-01T08:15:00Z' },
      ],
      ...written,
    },
  },
  {
    section: '6.6',
    operation: 'POST /cases/{id}/close',
    id: 'case-001',
    body: { resolution: '问题已完全解决', satisfaction: 5 },
    data: null,
  },
];

const leads: Operation[] = [
  {
    section: '7.2',
    operation: 'POST /leads',
    body: {
      name: '潜在客户A',
      company: '科技公司',
      contactPerson: '张三',
      phone: '13800138001',
      email: 'lead@example.com',
      source: 'website',
      description: '通过网站表单提交的潜在客户',
    },
    data: { id: 'lead-001' },
  },
  {
    section: '7.1',
    operation: 'GET /leads',
    parameters: ['name', 'status', 'source', 'createdDateStart', 'createdDateEnd'],
    before: [['PUT /leads/lead-001/status', { status: 'qualified' }]],
    data: [
      {
        id: 'lead-001',
        name: '潜在客户A',
        company: '科技公司',
        contactPerson: '张三',
        phone: '13800138001',
        email: 'lead@example.com',
        source: 'website',
        status: 'qualified',
        score: 85,
        ...written,
      },
    ],
  },
  {
    section: '7.3',
    operation: 'POST /leads/{id}/convert',
    id: 'lead-001',
    body: {
      createAccount: true,
      createContact: true,
      opportunityName: '产品采购机会',
      estimatedAmount: 1000000,
      closeDate: '2023-07-31',
    },
    data: { accountId: 'account-002', contactId: 'contact-002', opportunityId: 'opp-002' },
  },
];

const opportunities: Operation[] = [
  {
    section: '7.5',
    operation: 'POST /opportunities',
    body: {
      accountId: 'account-001',
      name: '产品采购机会',
      description: '采购一批新产品',
      stage: 'prospecting',
      probability: 30,
      estimatedAmount: 1000000,
      closeDate: '2023-07-31',
    },
    data: { id: 'opp-001', opportunityNo: 'OPP001' },
  },
  {
    section: '7.4',
    operation: 'GET /opportunities',
    parameters: [
      'accountId',
      'opportunityNo',
      'name',
      'stage',
      'probability',
      'estimatedAmountMin',
      'estimatedAmountMax',
      'closeDateStart',
      'closeDateEnd',
    ],
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

const campaigns: Operation[] = [
  {
    section: '9.2',
    operation: 'POST /campaigns',
    body: {
      name: '新产品发布会',
      type: 'event',
      description: '发布新产品的线上线下活动',
      startDate: '2023-06-01',
      endDate: '2023-06-30',
      budget: 100000,
      targetAudience: 'existing_customers, prospects',
    },
    data: { id: 'campaign-001', campaignNo: 'CMP001' },
  },
  {
    section: '9.1',
    operation: 'GET /campaigns',
    parameters: ['campaignNo', 'name', 'status', 'type', 'startDateStart', 'startDateEnd'],
    before: [
      ['PUT /campaigns/campaign-001/status', { status: 'active' }],
      [
        'PUT /campaigns/campaign-001/metrics',
        { impressions: 10000, clicks: 1000, conversions: 100, revenueGenerated: 200000, actualCost: 80000 },
      ],
    ],
    data: [
      {
        id: 'campaign-001',
        campaignNo: 'CMP001',
        name: '新产品发布会',
        type: 'event',
        status: 'active',
        startDate: '2023-06-01',
        endDate: '2023-06-30',
        budget: 100000,
        actualCost: 80000,
        ...written,
      },
    ],
  },
  {
    section: '9.3',
    operation: 'GET /campaigns/{id}/analytics',
    id: 'campaign-001',
    before: [
      ...Array.from(
        { length: 50 },
        (_, index) => ['POST /leads', { name: `线索${index}`, campaignId: 'campaign-001' }] as const,
      ),
      ...Array.from(
        { length: 20 },
        (_, index) =>
          [
            'POST /opportunities',
            {
              name: `机会${index}`,
              accountId: 'account-001',
              campaignId: 'campaign-001',
              stage: index < 10 ? 'closed_won' : 'proposal',
            },
          ] as const,
      ),
    ],
    data: {
      campaignId: 'campaign-001',
      campaignName: '新产品发布会',
      metrics: {
        impressions: 10000,
        clicks: 1000,
        conversions: 100,
        conversionRate: 10,
        costPerClick: 80,
        returnOnInvestment: 200,
        revenueGenerated: 200000,
      },
      leadsGenerated: 50,
      opportunitiesCreated: 20,
      salesClosed: 10,
    },
  },
];

const analytics: Operation[] = [
  {
    section: '8.1',
    operation: 'GET /analytics/overview',
    parameters: ['period', 'startDate', 'endDate'],
    computed: true,
    data: {
      totalCustomers: 100,
      newCustomers: 10,
      activeCustomers: 80,
      totalOpportunities: 50,
      openOpportunities: 30,
      wonOpportunities: 15,
      lostOpportunities: 5,
      totalRevenue: 5000000,
      averageDealSize: 333333,
      customerAcquisitionCost: 5000,
      customerLifetimeValue: 50000,
    },
  },
  {
    section: '8.2',
    operation: 'GET /analytics/trends',
    parameters: ['metric', 'period', 'startDate', 'endDate'],
    query: 'metric=customers&period=month',
    computed: true,
    data: {
      metric: 'customers',
      period: 'month',
      data: [
        { date: '2023-01', value: 80 },
        { date: '2023-02', value: 85 },
      ],
    },
  },
  {
    section: '8.3',
    operation: 'GET /analytics/segmentation',
    parameters: ['segmentBy'],
    query: 'segmentBy=industry',
    computed: true,
    data: { segmentBy: 'industry', segments: [{ name: '科技', count: 30, revenue: 2000000, percentage: 30 }] },
  },
  {
    section: '8.4',
    operation: 'GET /analytics/loyalty',
    computed: true,
    data: {
      loyaltyLevels: [{ level: 'platinum', count: 5, revenue: 2000000, retentionRate: 95 }],
      recommendation: '针对青铜级客户，建议实施客户关怀计划，提高客户忠诚度',
    },
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
  {
    section: '3.6',
    operation: 'PUT /accounts/{id}/status',
    id: 'account-001',
    body: { status: 'inactive', reason: '客户暂停合作' },
    data: null,
  },
  {
    section: '3.7',
    operation: 'POST /accounts/{id}/credit-assessment',
    id: 'account-001',
    body: {
      assessmentDate: '2023-06-01',
      assessor: 'admin',
      creditScore: 85,
      creditLimit: 2000000,
      remarks: '信用良好，提高信用额度',
    },
    data: { assessmentId: 'assessment-001' },
  },
  { section: '3.5', operation: 'DELETE /accounts/{id}', id: 'account-001', data: null },
];

/** Every operation of the document, in an order in which the examples can be sent one after the other on an empty tenant. */
export const documented: readonly Operation[] = [
  ...accounts,
  ...contacts,
  accountDetail,
  ...activities,
  ...cases,
  ...opportunities,
  ...leads,
  ...campaigns,
  ...analytics,
  ...endings,
];

/** What exists beyond the document, in its style. */
export const extras: readonly string[] = [
  'DELETE /cases/{id}',
  'GET /leads/{id}',
  'PUT /leads/{id}',
  'DELETE /leads/{id}',
  'PUT /leads/{id}/status',
  'GET /opportunities/{id}',
  'PUT /opportunities/{id}',
  'DELETE /opportunities/{id}',
  'PUT /opportunities/{id}/stage',
  'POST /opportunities/{id}/win',
  'POST /opportunities/{id}/lose',
  'GET /campaigns/{id}',
  'PUT /campaigns/{id}',
  'DELETE /campaigns/{id}',
  'PUT /campaigns/{id}/status',
  'PUT /campaigns/{id}/metrics',
];
