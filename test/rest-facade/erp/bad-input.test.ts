import { written } from '../../support/records.js';
import { everything, world, type World } from './world.js';

const long = (length: number): string => '长'.repeat(length);

/** Request, body, and what is answered: HTTP status, code, message. */
type Case = readonly [request: string, body: unknown, answer: string, headers?: Record<string, string>];

const envelope: Case[] = [
  ['POST /accounts', '{"name": ', '400 400 请求无效：请求体不是有效的 JSON'],
  ['POST /accounts', '["华信"]', '400 400 请求无效：请求体必须是 JSON 对象'],
  ['POST /accounts', 'null', '400 400 请求无效：请求体必须是 JSON 对象'],
  [
    'POST /accounts',
    'name=华信',
    '400 400 请求无效：请求体必须为 application/json',
    { 'content-type': 'application/x-www-form-urlencoded' },
  ],
  ['GET /accounts/%E0%A4%A', undefined, '400 400 请求无效：路径编码无效'],
  ['GET /accounts/', undefined, '404 404 接口不存在'],
  ['GET //accounts', undefined, '404 404 接口不存在'],
  ['GET /accounts/{account}/nothing', undefined, '404 404 接口不存在'],
  ['GET /invoices', undefined, '404 404 接口不存在'],
  ['PATCH /accounts/{account}', { name: '远大' }, '501 501 接口未实现'],
  ['DELETE /accounts', undefined, '501 501 接口未实现'],
  ['POST /accounts/{account}/status', { status: 'inactive' }, '501 501 接口未实现'],
];

const paging: Case[] = ['accounts', 'contacts', 'activities', 'cases', 'leads', 'opportunities', 'campaigns'].flatMap(
  (list) => [
    [`GET /${list}?page=0`, undefined, '400 400 page 必须在 1 到 2147483647 之间'],
    [`GET /${list}?page=-1`, undefined, '400 400 page 必须在 1 到 2147483647 之间'],
    [`GET /${list}?page=one`, undefined, '400 400 page 的值无效'],
    [`GET /${list}?page=1.5`, undefined, '400 400 page 的值无效'],
    [`GET /${list}?page=2147483647`, undefined, '400 400 page 的值无效'],
    [`GET /${list}?pageSize=0`, undefined, '400 400 pageSize 必须在 1 到 100 之间'],
    [`GET /${list}?pageSize=101`, undefined, '400 400 pageSize 必须在 1 到 100 之间'],
    [`GET /${list}?pageSize=100000`, undefined, '400 400 pageSize 必须在 1 到 100 之间'],
  ],
);

const accounts: Case[] = [
  ['POST /accounts', undefined, '400 400 name 为必填项'],
  ['POST /accounts', {}, '400 400 name 为必填项'],
  ['POST /accounts', { name: null }, '400 400 name 为必填项'],
  ['POST /accounts', { name: '  ' }, '400 400 name 为必填项'],
  ['POST /accounts', { name: 17 }, '400 400 name 的值无效'],
  ['POST /accounts', { name: { first: '远大' } }, '400 400 name 的值无效'],
  ['POST /accounts', { name: '远大\0' }, '400 400 name 的值无效'],
  ['POST /accounts', { name: long(201) }, '400 400 name 长度不能超过 200 个字符'],
  ['POST /accounts', { name: '华信科技' }, '400 400 客户名称已存在：name'],
  ['POST /accounts', { name: ' 华信科技 ' }, '400 400 客户名称已存在：name'],
  ['POST /accounts', { name: '远大', type: 'company' }, '400 400 type 的值无效'],
  ['POST /accounts', { name: '远大', type: ['corporate'] }, '400 400 type 的值无效'],
  ['POST /accounts', { name: '远大', type: null }, '400 400 type 为必填项'],
  ['POST /accounts', { name: '远大', loyaltyLevel: 'diamond' }, '400 400 loyaltyLevel 的值无效'],
  ['POST /accounts', { name: '远大', email: 'nobody' }, '400 400 email 的值无效'],
  ['POST /accounts', { name: '远大', creditLimit: { amount: 'much' } }, '400 400 creditLimit 的值无效'],
  ['POST /accounts', { name: '远大', creditLimit: true }, '400 400 creditLimit 的值无效'],
  ['POST /accounts', { name: '远大', creditLimit: -1 }, '400 400 creditLimit 必须在 0 到 9999999999999 之间'],
  [
    'POST /accounts',
    { name: '远大', industry: long(101), region: long(101) },
    '400 400 industry 长度不能超过 100 个字符；region 长度不能超过 100 个字符',
  ],
  ['GET /accounts?status=deleted', undefined, '400 400 status 的值无效'],
  ['GET /accounts?type=company', undefined, '400 400 type 的值无效'],
  ['GET /accounts/{unknown}', undefined, '404 4001 客户不存在'],
  ['GET /accounts/nobody', undefined, '404 4001 客户不存在'],
  ['PUT /accounts/{unknown}', { name: '远大' }, '404 4001 客户不存在'],
  ['PUT /accounts/{account}', { name: '' }, '400 400 name 为必填项'],
  ['PUT /accounts/{account}', { phone: 1380013.5 }, '400 400 phone 的值无效'],
  ['PUT /accounts/{account}', { phone: long(51) }, '400 400 phone 长度不能超过 50 个字符'],
  ['DELETE /accounts/{unknown}', undefined, '404 4001 客户不存在'],
  ['PUT /accounts/{account}/status', {}, '400 400 status 为必填项'],
  ['PUT /accounts/{account}/status', { status: null }, '400 400 status 为必填项'],
  ['PUT /accounts/{account}/status', { status: 'lost' }, '400 400 status 的值无效'],
  ['PUT /accounts/{account}/status', { status: 'inactive', reason: 5 }, '400 400 reason 的值无效'],
  ['PUT /accounts/{unknown}/status', { status: 'inactive' }, '404 4001 客户不存在'],
];

const contacts: Case[] = [
  ['POST /contacts', {}, '400 400 accountId 为必填项'],
  ['POST /contacts', { accountId: '{account}' }, '400 400 name 为必填项'],
  ['POST /contacts', { accountId: '{unknown}', name: '王五' }, '404 4001 客户不存在：accountId'],
  ['POST /contacts', { accountId: 'nobody', name: '王五' }, '404 4001 客户不存在：accountId'],
  ['POST /contacts', { accountId: '{account}', name: '王五', birthday: '1980-02-30' }, '400 400 birthday 的值无效'],
  ['POST /contacts', { accountId: '{account}', name: '王五', email: 'nobody' }, '400 400 email 的值无效'],
  [
    'POST /contacts',
    { accountId: '{account}', name: '王五', position: long(101) },
    '400 400 position 长度不能超过 100 个字符',
  ],
  ['GET /contacts/{unknown}', undefined, '404 4002 联系人不存在'],
  ['GET /contacts/{account}', undefined, '404 4002 联系人不存在'],
  ['PUT /contacts/{unknown}', { name: '王五' }, '404 4002 联系人不存在'],
  ['PUT /contacts/{contact}', { name: null }, '400 400 name 为必填项'],
  ['PUT /contacts/{contact}', { name: long(101) }, '400 400 name 长度不能超过 100 个字符'],
  ['DELETE /contacts/{unknown}', undefined, '404 4002 联系人不存在'],
];

const opportunities: Case[] = [
  ['POST /opportunities', {}, '400 400 name 为必填项；accountId 为必填项'],
  ['POST /opportunities', { accountId: '{unknown}', name: '采购' }, '404 4001 客户不存在：accountId'],
  ['POST /opportunities', { accountId: '{account}', name: '采购', stage: 'won' }, '400 4010 机会阶段错误：stage'],
  [
    'POST /opportunities',
    { accountId: '{account}', name: '采购', probability: 101 },
    '400 400 probability 必须在 0 到 100 之间',
  ],
  [
    'POST /opportunities',
    { accountId: '{account}', name: '采购', probability: 'likely' },
    '400 400 probability 的值无效',
  ],
  ['POST /opportunities', { accountId: '{account}', name: '采购', probability: 30.5 }, '400 400 probability 的值无效'],
  [
    'POST /opportunities',
    { accountId: '{account}', name: '采购', estimatedAmount: -1 },
    '400 400 estimatedAmount 必须在 0 到 9999999999999 之间',
  ],
  [
    'POST /opportunities',
    { accountId: '{account}', name: '采购', closeDate: '2023-13-01' },
    '400 400 closeDate 的值无效',
  ],
  ['GET /opportunities?stage=won', undefined, '400 4010 机会阶段错误：stage'],
  ['GET /opportunities?probability=likely', undefined, '400 400 probability 的值无效'],
  ['GET /opportunities?estimatedAmountMin=much', undefined, '400 400 estimatedAmountMin 的值无效'],
  ['GET /opportunities?estimatedAmountMax=1e3', undefined, '400 400 estimatedAmountMax 的值无效'],
  ['GET /opportunities?closeDateStart=2023/07/01', undefined, '400 400 closeDateStart 的值无效'],
  ['GET /opportunities?closeDateEnd=tomorrow', undefined, '400 400 closeDateEnd 的值无效'],
  ['GET /opportunities/{unknown}', undefined, '404 4006 机会不存在'],
  ['PUT /opportunities/{unknown}', { name: '采购' }, '404 4006 机会不存在'],
  ['PUT /opportunities/{opportunity}', { accountId: '{unknown}' }, '404 4001 客户不存在：accountId'],
  ['PUT /opportunities/{opportunity}/stage', {}, '400 400 stage 为必填项'],
  ['PUT /opportunities/{opportunity}/stage', { stage: 'won' }, '400 4010 机会阶段错误：stage'],
  [
    'POST /opportunities/{opportunity}/win',
    { actualAmount: -5 },
    '400 400 actualAmount 必须在 0 到 9999999999999 之间',
  ],
  ['DELETE /opportunities/{unknown}', undefined, '404 4006 机会不存在'],
];

const assessments: Case[] = [
  ['POST /accounts/{account}/credit-assessment', {}, '400 400 creditScore 为必填项'],
  ['POST /accounts/{account}/credit-assessment', { creditScore: 101 }, '400 400 creditScore 必须在 0 到 100 之间'],
  ['POST /accounts/{account}/credit-assessment', { creditScore: 'good' }, '400 400 creditScore 的值无效'],
  [
    'POST /accounts/{account}/credit-assessment',
    { creditScore: 85, assessmentDate: '2023-02-29' },
    '400 400 assessmentDate 的值无效',
  ],
  [
    'POST /accounts/{account}/credit-assessment',
    { creditScore: 85, creditLimit: -1 },
    '400 400 creditLimit 必须在 0 到 9999999999999 之间',
  ],
  [
    'POST /accounts/{account}/credit-assessment',
    { creditScore: 85, assessor: long(101) },
    '400 400 assessor 长度不能超过 100 个字符',
  ],
  ['POST /accounts/{unknown}/credit-assessment', { creditScore: 85 }, '404 4001 客户不存在'],
  [
    'PUT /accounts/{account}/status',
    { status: 'inactive', reason: long(501) },
    '400 400 reason 长度不能超过 500 个字符',
  ],
];

const meeting = { accountId: '{account}', type: 'meeting', subject: '演示' };

const activities: Case[] = [
  ['POST /activities', {}, '400 400 accountId 为必填项；type 为必填项；subject 为必填项'],
  ['POST /activities', { ...meeting, type: 'visit' }, '400 4007 活动类型错误：type'],
  ['POST /activities', { ...meeting, type: 1 }, '400 4007 活动类型错误：type'],
  ['POST /activities', { ...meeting, status: 'done' }, '400 400 status 的值无效'],
  ['POST /activities', { ...meeting, priority: 'highest' }, '400 400 priority 的值无效'],
  ['POST /activities', { ...meeting, subject: long(201) }, '400 400 subject 长度不能超过 200 个字符'],
  ['POST /activities', { ...meeting, startTime: '2026-03-01 25:00' }, '400 400 startTime 的值无效'],
  ['POST /activities', { ...meeting, startTime: '2026-02-30T10:00:00Z' }, '400 400 startTime 的值无效'],
  [
    'POST /activities',
    { ...meeting, startTime: '2026-03-01T10:00:00Z', endTime: '2026-03-01T09:00:00Z' },
    '400 400 结束时间早于开始时间：endTime',
  ],
  ['POST /activities', { ...meeting, accountId: '{unknown}' }, '404 4001 客户不存在：accountId'],
  ['POST /activities', { ...meeting, contactId: '{unknown}' }, '404 4002 联系人不存在：contactId'],
  ['GET /activities?type=visit', undefined, '400 4007 活动类型错误：type'],
  ['GET /activities?status=done', undefined, '400 400 status 的值无效'],
  ['GET /activities?startDate=2026-02-30', undefined, '400 400 startDate 的值无效'],
  ['GET /activities?endDate=2026-3-1', undefined, '400 400 endDate 的值无效'],
  ['GET /activities/{unknown}', undefined, '404 4003 活动不存在'],
  ['PUT /activities/{unknown}', { subject: '演示' }, '404 4003 活动不存在'],
  ['PUT /activities/{activity}', { type: 'visit' }, '400 4007 活动类型错误：type'],
  ['PUT /activities/{activity}', { outcome: long(501) }, '400 400 outcome 长度不能超过 500 个字符'],
  ['DELETE /activities/{unknown}', undefined, '404 4003 活动不存在'],
];

const fault = { accountId: '{account}', subject: '无法登录' };

const cases: Case[] = [
  ['POST /cases', {}, '400 400 accountId 为必填项；subject 为必填项'],
  ['POST /cases', { ...fault, type: 'bug' }, '400 400 type 的值无效'],
  ['POST /cases', { ...fault, priority: 'highest' }, '400 400 priority 的值无效'],
  ['POST /cases', { ...fault, status: 'open' }, '400 4008 反馈状态错误：status'],
  ['POST /cases', { ...fault, accountId: '{unknown}' }, '404 4001 客户不存在：accountId'],
  ['POST /cases', { ...fault, contactId: '{unknown}' }, '404 4002 联系人不存在：contactId'],
  ['POST /cases', { ...fault, subject: long(201) }, '400 400 subject 长度不能超过 200 个字符'],
  ['GET /cases?status=open', undefined, '400 4008 反馈状态错误：status'],
  ['GET /cases?priority=highest', undefined, '400 400 priority 的值无效'],
  ['GET /cases?type=bug', undefined, '400 400 type 的值无效'],
  ['GET /cases?createdDateStart=today', undefined, '400 400 createdDateStart 的值无效'],
  ['GET /cases?createdDateEnd=2026-13-01', undefined, '400 400 createdDateEnd 的值无效'],
  ['GET /cases/{unknown}', undefined, '404 4004 反馈不存在'],
  ['PUT /cases/{unknown}', { resolution: '已解决' }, '404 4004 反馈不存在'],
  ['PUT /cases/{case}', { status: 'open' }, '400 4008 反馈状态错误：status'],
  ['POST /cases/{case}/comments', {}, '400 400 content 为必填项'],
  ['POST /cases/{case}/comments', { content: ' ' }, '400 400 content 为必填项'],
  ['POST /cases/{unknown}/comments', { content: '已收到' }, '404 4004 反馈不存在'],
  ['POST /cases/{case}/close', { satisfaction: 6 }, '400 400 satisfaction 必须在 1 到 5 之间'],
  ['POST /cases/{case}/close', { satisfaction: 'good' }, '400 400 satisfaction 的值无效'],
  ['POST /cases/{unknown}/close', { satisfaction: 5 }, '404 4004 反馈不存在'],
  ['DELETE /cases/{unknown}', undefined, '404 4004 反馈不存在'],
];

const leads: Case[] = [
  ['POST /leads', {}, '400 400 name 为必填项'],
  ['POST /leads', { name: '线索', source: 'radio' }, '400 400 source 的值无效'],
  ['POST /leads', { name: '线索', email: 'nobody' }, '400 400 email 的值无效'],
  ['POST /leads', { name: long(201) }, '400 400 name 长度不能超过 200 个字符'],
  ['POST /leads', { name: '线索', campaignId: '{unknown}' }, '404 404 营销活动不存在：campaignId'],
  ['GET /leads?status=open', undefined, '400 4009 线索状态错误：status'],
  ['GET /leads?source=radio', undefined, '400 400 source 的值无效'],
  ['GET /leads?createdDateStart=0', undefined, '400 400 createdDateStart 的值无效'],
  ['GET /leads?createdDateEnd=2026-02-29', undefined, '400 400 createdDateEnd 的值无效'],
  ['GET /leads/{unknown}', undefined, '404 4005 线索不存在'],
  ['PUT /leads/{unknown}', { name: '线索' }, '404 4005 线索不存在'],
  ['PUT /leads/{lead}/status', { status: 'open' }, '400 4009 线索状态错误：status'],
  ['PUT /leads/{lead}/status', { status: 'converted' }, '400 4009 线索状态错误：status'],
  ['POST /leads/{unknown}/convert', { createAccount: true }, '404 4005 线索不存在'],
  ['POST /leads/{lead}/convert', { createAccount: 'perhaps' }, '400 400 createAccount 的值无效'],
  [
    'POST /leads/{lead}/convert',
    { createAccount: true, opportunityName: '采购', estimatedAmount: 'much' },
    '400 400 estimatedAmount 的值无效',
  ],
  [
    'POST /leads/{lead}/convert',
    { createAccount: true, opportunityName: '采购', closeDate: '2023-07-32' },
    '400 400 closeDate 的值无效',
  ],
  [
    'POST /leads/{lead}/convert',
    { createAccount: true, opportunityName: '采购', estimatedAmount: -1 },
    '400 400 estimatedAmount 必须在 0 到 9999999999999 之间',
  ],
  ['POST /leads/{lead}/convert', { opportunityName: '采购' }, '400 400 accountId 为必填项'],
  ['POST /leads/{lead}/convert', { accountId: '{unknown}' }, '404 4001 客户不存在：accountId'],
  ['DELETE /leads/{unknown}', undefined, '404 4005 线索不存在'],
];

const campaigns: Case[] = [
  ['POST /campaigns', {}, '400 400 name 为必填项；type 为必填项'],
  ['POST /campaigns', { name: '发布会', type: 'radio' }, '400 400 type 的值无效'],
  ['POST /campaigns', { name: '发布会', type: 'event', budget: -1 }, '400 400 budget 必须在 0 到 9999999999999 之间'],
  ['POST /campaigns', { name: '发布会', type: 'event', startDate: '2026-06-31' }, '400 400 startDate 的值无效'],
  [
    'POST /campaigns',
    { name: '发布会', type: 'event', startDate: '2026-06-02', endDate: '2026-06-01' },
    '400 400 结束日期早于开始日期：endDate',
  ],
  [
    'POST /campaigns',
    { name: '发布会', type: 'event', targetAudience: long(501) },
    '400 400 targetAudience 长度不能超过 500 个字符',
  ],
  ['GET /campaigns?status=open', undefined, '400 400 status 的值无效'],
  ['GET /campaigns?type=radio', undefined, '400 400 type 的值无效'],
  ['GET /campaigns?startDateStart=June', undefined, '400 400 startDateStart 的值无效'],
  ['GET /campaigns?startDateEnd=June', undefined, '400 400 startDateEnd 的值无效'],
  ['GET /campaigns/{unknown}', undefined, '404 404 营销活动不存在'],
  ['GET /campaigns/{unknown}/analytics', undefined, '404 404 营销活动不存在'],
  ['PUT /campaigns/{unknown}', { name: '发布会' }, '404 404 营销活动不存在'],
  ['PUT /campaigns/{campaign}/status', { status: 'open' }, '400 400 status 的值无效'],
  ['PUT /campaigns/{campaign}/metrics', { clicks: -1 }, '400 400 clicks 必须在 0 到 2147483647 之间'],
  ['PUT /campaigns/{campaign}/metrics', { clicks: 'many' }, '400 400 clicks 的值无效'],
  [
    'PUT /campaigns/{campaign}/metrics',
    { revenueGenerated: -1 },
    '400 400 revenueGenerated 必须在 0 到 9999999999999 之间',
  ],
  ['DELETE /campaigns/{unknown}', undefined, '404 404 营销活动不存在'],
];

const analytics: Case[] = [
  ['GET /analytics', undefined, '404 404 接口不存在'],
  ['POST /analytics/overview', {}, '501 501 接口未实现'],
  ['GET /analytics/overview?period=day', undefined, '400 400 period 的值无效'],
  ['GET /analytics/overview?startDate=2026-02-30', undefined, '400 400 startDate 的值无效'],
  ['GET /analytics/overview?endDate=now', undefined, '400 400 endDate 的值无效'],
  ['GET /analytics/trends', undefined, '400 400 metric 为必填项'],
  ['GET /analytics/trends?metric=', undefined, '400 400 metric 为必填项'],
  ['GET /analytics/trends?metric=cases', undefined, '400 400 metric 的值无效'],
  ['GET /analytics/trends?metric=revenue&period=day', undefined, '400 400 period 的值无效'],
  ['GET /analytics/segmentation', undefined, '400 400 segmentBy 为必填项'],
  ['GET /analytics/segmentation?segmentBy=age', undefined, '400 400 segmentBy 的值无效'],
];

const all = [
  ...envelope,
  ...paging,
  ...accounts,
  ...assessments,
  ...contacts,
  ...activities,
  ...cases,
  ...leads,
  ...opportunities,
  ...campaigns,
  ...analytics,
];

let w: World;
beforeAll(async () => {
  w = await world(...everything);
});

test.each(all.map((one) => [`${one[0]} ${JSON.stringify(one[1] ?? '').slice(0, 60)}`, one[2], one] as const))(
  '%s is answered with %s and changes nothing',
  async (_request, expected, [request, body, , headers = {}]) => {
    const before = await written(w);
    const answer = await w.ask(request, body, { headers });
    expect(`${answer.status} ${answer.body.code} ${answer.body.message}`).toBe(expected);
    expect(answer.body).toEqual({ code: answer.body.code, message: answer.body.message, data: null });
    expect(await written(w)).toEqual(before);
  },
);
