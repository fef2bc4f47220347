import { pick, type Words } from './operations.js';
import type { Actor, Data, TestTenant } from './tenant.js';
import { uploaded } from './upload.js';

/** As many changes at once as one operation may have; returns the ids of the records. */
export async function create(
  by: Actor,
  mutation: string,
  record: string,
  type: string,
  inputs: object[],
): Promise<string[]> {
  const found: string[] = [];
  for (let from = 0; from < inputs.length; from += 20) {
    const part = Object.fromEntries(inputs.slice(from, from + 20).map((input, index) => [`i${index}`, input]));
    const names = Object.keys(part);
    const data = await by.graph(
      `mutation (${names.map((name) => `$${name}: ${type}!`).join(', ')}) { ${names.map((name) => `${name}: ${mutation}(input: $${name}) { ${record} { id number } userErrors { code field } }`).join(' ')} }`,
      part,
    );
    for (const answer of Object.values(data) as Data[]) {
      expect(answer.userErrors).toEqual([]);
      found.push(answer[record].id);
    }
  }
  return found;
}

/** Runs changes of which none may be refused. */
async function done(by: Actor, mutation: string, variables?: object): Promise<void> {
  const payloads = Object.values(await by.graph(mutation, variables)) as Data[];
  expect(payloads.flatMap(({ userErrors = [] }) => userErrors)).toEqual([]);
}

/** Pools with something in them, of which one is that user's: a customer and a lead, and what was assigned from there. */
async function pooled(t: TestTenant, user: string): Promise<void> {
  for (const [record, type] of [
    ['customer', 'CustomerInput'],
    ['lead', 'LeadInput'],
  ] as const) {
    const [mine, other] = await create(
      t.admin,
      'poolCreate',
      'pool',
      'PoolInput',
      ['华东公海', '华南公海'].map((name) => ({ name, kind: record.toUpperCase() })),
    );
    await done(
      t.admin,
      'mutation ($id: ID!, $inputs: [PoolMemberInput!]!) { poolSetMembers(id: $id, inputs: $inputs) { userErrors { code } } }',
      { id: mine, inputs: [{ user }] },
    );
    const made = await create(
      t.admin,
      `${record}Create`,
      record,
      type,
      ['公海一', '公海二', '公海三'].map((name) => ({ name: `${name} 13912345678`, phone: '13912345678' })),
    );
    const give = `mutation ($ids: [ID!]!, $pool: ID!) { ${record}sReturn(ids: $ids, pool: $pool) { userErrors { code } } }`;
    await done(t.admin, give, { ids: made.slice(0, 2), pool: mine });
    await done(t.admin, give, { ids: made.slice(2), pool: other });
    await done(
      t.admin,
      `mutation ($ids: [ID!]!, $user: ID!) { ${record}sAssign(ids: $ids, input: { owner: $user }) { userErrors { code } } }`,
      { ids: made.slice(1, 2), user },
    );
  }
}

/** Two of everything: set and unset, visible and not, living and deleted, plain and odd in its characters. */
export async function filled(t: TestTenant): Promise<Words> {
  const owners = await Promise.all([t.sales.id(), t.sales2.id(), t.viewer.id()]);
  const odd = [
    '',
    ' "quoted"',
    ' \\ / back',
    ' 换行\n\t\b\f\r',
    ' 😀\u2028\u007f',
    " it's",
    ' \u0001\u001f',
    ' %_',
    ' null',
    ' <&>',
  ];
  const customers = await create(
    t.admin,
    'customerCreate',
    'customer',
    'CustomerInput',
    Array.from({ length: 30 }, (_, index) => ({
      name: `客户${index}${pick(odd, index)}`,
      kind: pick(['ENTERPRISE', 'GOVERNMENT', 'INDIVIDUAL'], index),
      tier: pick(['GOLD', 'BRONZE', 'PLATINUM'], index * 2),
      status: pick(['ACTIVE', 'POTENTIAL', 'LOST'], index),
      industry: pick([null, '软件', '制造 "重工"', 'IT'], index),
      phone: pick([null, '13800138000', '010-12345678', '123'], index),
      email: pick(['a@example.com', null, 'someone.long@example.org'], index),
      bankAccount: pick([null, '6222 0000'], index),
      creditLimit: pick([null, { amount: '1000.50' }, { amount: '0' }, { amount: '9999999999999' }], index),
      currency: pick(['CNY', 'USD'], index),
      establishedOn: pick([null, '1999-12-31', '2024-02-29'], index),
      owner: pick([null, ...owners], index),
      lastContactAt: pick([null, '2026-03-01T08:30:00.123Z', '2026-03-01T16:30:00.123+08:00'], index),
    })),
  );
  const contacts = await create(
    t.admin,
    'contactCreate',
    'contact',
    'ContactInput',
    Array.from({ length: 24 }, (_, index) => ({
      name: `人${index}${pick(odd, index * 3)}`,
      customer: pick(customers, index % 9),
      primary: index % 4 === 0,
      phone: pick(['13900139000', null], index),
      email: pick([null, 'p@example.com'], index),
      wechat: pick(['wx', null, null], index),
      birthday: pick([null, '1980-01-01'], index),
      position: pick([null, '经理'], index),
      influence: pick(['LOW', 'HIGH'], index),
    })),
  );
  await create(
    t.admin,
    'customerContactCreate',
    'customerContact',
    'CustomerContactInput',
    contacts
      .slice(0, 8)
      .map((contact, index) => ({ contact, customer: customers[10 + index], role: pick([null, '使用者'], index) })),
  );
  const opportunities = await create(
    t.admin,
    'opportunityCreate',
    'opportunity',
    'OpportunityInput',
    Array.from({ length: 26 }, (_, index) => ({
      name: `商机${index}${pick(odd, index)}`,
      customer: pick(customers, index % 11),
      owner: pick([null, ...owners], index),
      amount: pick([null, { amount: '100' }, { amount: '12345.67', currency: 'USD' }, { amount: '0.01' }], index),
      probability: pick([0, 35, 100], index),
      stage: pick(['PROSPECTING', 'PROPOSAL', 'NEGOTIATION'], index),
      expectedCloseOn: pick([null, '2026-12-31'], index),
    })),
  );
  await done(
    t.admin,
    `mutation { ${opportunities
      .slice(0, 6)
      .map(
        (id, index) =>
          `m${index}: ${index % 2 ? `opportunityWin(id: "${id}", input: { amount: { amount: "77.70" } })` : `opportunityLose(id: "${id}", input: { reason: "太贵" })`} { userErrors { code } }`,
      )
      .join(' ')} }`,
  );
  const contracts = await create(
    t.admin,
    'contractCreate',
    'contract',
    'ContractInput',
    Array.from({ length: 14 }, (_, index) => ({
      name: `合同${index}`,
      // an opportunity is one with the contract's customer
      customer: index % 4 === 0 ? pick(customers, index % 7) : customers[1 + (index % 4)],
      opportunity: pick([null, ...opportunities.slice(13, 16)], index),
      kind: pick(['PURCHASE', 'SERVICE'], index),
      amount: pick([null, { amount: '500.00' }, { amount: '1.5' }], index),
      startsOn: '2026-01-01',
      endsOn: pick(['2026-06-30', '2027-01-01'], index),
    })),
  );
  await create(
    t.sales,
    'activityCreate',
    'activity',
    'ActivityInput',
    Array.from({ length: 16 }, (_, index) => ({
      subject: pick([null, `拜访${index}${pick(odd, index)}`], index),
      content: `内容${index}`,
      customer: pick([null, customers[1], customers[5], customers[9]], index),
      kind: pick(['CALL', 'VISIT', 'NOTE'], index),
      status: pick(['COMPLETED', 'PLANNED'], index),
      startsAt: pick([null, '2026-03-01T08:30:00.123Z', '2026-11-01T00:00:00Z'], index),
      endsAt: pick([null, '2026-11-01T00:45:00Z'], index),
      nextActionOn: pick([null, '2026-12-31'], index),
    })),
  );
  const reported = await create(
    t.admin,
    'caseCreate',
    'case',
    'CaseInput',
    Array.from({ length: 18 }, (_, index) => ({
      subject: `故障${index}${pick(odd, index)}`,
      customer: pick(customers, index % 6),
      kind: pick(['ISSUE', 'QUESTION'], index),
      priority: pick(['URGENT', 'LOW'], index),
      assignee: pick([null, ...owners], index),
    })),
  );
  await done(
    t.admin,
    `mutation { ${reported
      .slice(0, 9)
      .map(
        (id, index) =>
          `c${index}: caseClose(id: "${id}", input: { satisfaction: ${1 + (index % 5)}, communication: ${pick(['null', '2', '5'], index)} }) { userErrors { code } }`,
      )
      .join(' ')} ${reported
      .slice(6, 12)
      .map(
        (id, index) =>
          `n${index}: caseCommentCreate(input: { case: "${id}", content: "好的" }) { userErrors { code } }`,
      )
      .join(' ')} }`,
  );
  await done(
    t.admin,
    'mutation ($inputs: [UsageEventInput!]!) { usageEventsCreate(inputs: $inputs) { count userErrors { code } } }',
    {
      inputs: Array.from({ length: 60 }, (_, index) => ({
        customer: pick(customers.slice(0, 5), index),
        kind: pick(['LOGIN', 'FEATURE', 'SESSION'], index),
        feature: pick(['报表', '导出', "it's"], index * 2),
        person: pick([null, 'a', 'b'], index),
        durationSeconds: index * 7,
      })),
    },
  );
  await done(
    t.admin,
    `mutation { ${customers
      .slice(0, 8)
      .map((id, index) => `h${index}: customerCalculateHealth(id: "${id}") { userErrors { code } }`)
      .join(' ')} }`,
  );
  await create(
    t.admin,
    'successTaskCreate',
    'successTask',
    'SuccessTaskInput',
    Array.from({ length: 10 }, (_, index) => ({
      title: `任务${index}${pick(odd, index)}`,
      customer: pick(customers, index % 6),
      kind: pick(['RENEWAL', 'PROBLEM'], index),
      assignee: pick([null, ...owners], index),
      dueAt: pick([null, '2026-12-01T00:00:00Z'], index),
    })),
  );
  await create(
    t.admin,
    'customerTagCreate',
    'customerTag',
    'CustomerTagInput',
    Array.from({ length: 9 }, (_, index) => ({
      customer: pick(customers, index % 5),
      name: `标签${index}`,
      confidence: pick([null, '0.5'], index),
    })),
  );
  await create(
    t.admin,
    'customerRelationCreate',
    'customerRelation',
    'CustomerRelationInput',
    Array.from({ length: 6 }, (_, index) => ({
      from: customers[index],
      to: customers[index + 2],
      kind: pick(['PARENT', 'PARTNER', 'SUPPLIER'], index),
    })),
  );
  const campaigns = await create(
    t.admin,
    'campaignCreate',
    'campaign',
    'CampaignInput',
    Array.from({ length: 4 }, (_, index) => ({
      name: `活动${index}${pick(odd, index)}`,
      kind: pick(['EMAIL', 'EVENT'], index),
      budget: pick([null, { amount: '5000' }], index),
      startsOn: pick([null, '2026-05-01'], index),
    })),
  );
  await done(
    t.admin,
    `mutation { ${campaigns
      .slice(0, 2)
      .map(
        (id, index) =>
          `c${index}: campaignRecordMetrics(id: "${id}", input: { impressions: 1000, clicks: 37, conversions: ${index}, actualCost: { amount: "123.45" }, revenue: { amount: "1000" } }) { userErrors { code } }`,
      )
      .join(' ')} }`,
  );
  const leads = await create(
    t.admin,
    'leadCreate',
    'lead',
    'LeadInput',
    Array.from({ length: 9 }, (_, index) => ({
      name: `线索${index}${pick(odd, index)}`,
      company: pick([null, `公司${index}`], index),
      phone: pick([null, '13700137000'], index),
      email: pick(['lead@example.com', null], index),
      owner: pick([null, ...owners], index),
      campaign: pick([null, ...campaigns], index),
    })),
  );
  await done(
    t.admin,
    `mutation { a: leadConvert(id: "${leads[1]}", input: { createCustomer: true, opportunityName: "转化", amount: { amount: "88" } }) { userErrors { code field } } b: leadConvert(id: "${leads[2]}", input: { customer: "${customers[1]}", createContact: true }) { userErrors { code field } } }`,
  );
  await done(
    t.admin,
    `mutation { ${contracts
      .slice(0, 4)
      .map((id, index) => `s${index}: contractSign(id: "${id}") { userErrors { code } }`)
      .join(' ')} ${contracts
      .slice(0, 2)
      .map(
        (id, index) =>
          `r${index}: contractRenew(id: "${id}", input: { endsOn: "2028-01-01", amount: { amount: "${index}00.5" } }) { userErrors { code } }`,
      )
      .join(' ')} }`,
  );
  await create(
    t.admin,
    'paymentCreate',
    'payment',
    'PaymentInput',
    Array.from({ length: 6 }, (_, index) => ({
      contract: pick(contracts.slice(1, 4), 2 * index),
      amount: pick([{ amount: '0.50' }, { amount: '0.01' }], index),
      method: pick(['ALIPAY', 'CASH'], index),
      paidAt: pick([null, '2026-02-01T01:00:00Z'], index),
      remark: pick([null, '尾款'], index),
    })),
  );
  await done(
    t.admin,
    `mutation { ${customers
      .slice(0, 4)
      .map(
        (id, index) =>
          `a${index}: creditAssessmentCreate(input: { customer: "${id}", assessedOn: "2026-0${index + 1}-01", assessor: "风控", score: ${60 + index} }) { userErrors { code } } l${index}: customerChangeStatus(id: "${id}", status: ${pick(['LOST', 'ACTIVE'], index)}, reason: ${pick(['null', '"价格"'], index)}) { userErrors { code } } o${index}: customerUpdate(id: "${id}", input: { owner: "${pick(owners, index + 1)}" }) { userErrors { code } }`,
      )
      .join(' ')} }`,
  );
  const departments = await create(
    t.admin,
    'departmentCreate',
    'department',
    'DepartmentCreateInput',
    Array.from({ length: 5 }, (_, index) => ({
      name: `部门${index}${pick(odd, index)}`,
      code: pick([null, `D${index}`], index),
      leader: pick([null, ...owners], index),
      position: index % 3,
    })),
  );
  await done(
    t.admin,
    `mutation { ${[1, 2, 3]
      .map(
        (index) =>
          `m${index}: departmentMove(id: "${departments[index]}", parent: "${departments[index >> 1]}") { userErrors { code field } }`,
      )
      .join(' ')} d: departmentDelete(id: "${departments[4]}") { deletedId userErrors { code } } ${owners
      .map(
        (id, index) =>
          `u${index}: userUpdate(id: "${id}", input: { department: "${departments[index]}", manager: ${pick(['null', '"admin"'], index)} }) { userErrors { code field } }`,
      )
      .join(' ')} }`,
  );
  const files = await Promise.all(['一.txt', 'b.txt', 'c.txt'].map((name) => uploaded(t.admin, name)));
  await done(
    t.admin,
    'mutation ($id: ID!, $contract: ID!) { fileAttach(id: $id, input: { contract: $contract }) { userErrors { code field } } }',
    { id: String(files[0].id), contract: contracts[0] },
  );
  await t.outsider.id();
  await create(t.admin, 'customerTenantCreate', 'customerTenant', 'CustomerTenantInput', [
    { customer: customers[1], tenant: t.outsider.tenant, relationType: 'CLIENT', primary: true },
    { customer: customers[2], tenant: t.outsider.tenant, relationType: 'PARTNER', startsOn: '2030-01-01' },
  ]);
  await t.sql(
    "update service_case set created_at = (created_at at time zone 'UTC' - number % 5 * interval '40 days') at time zone 'UTC', closed_at = (closed_at at time zone 'UTC' - number % 5 * interval '40 days') at time zone 'UTC' where tenant_id = app_tenant()",
  );
  await done(
    t.admin,
    `mutation { ${customers
      .slice(6, 10)
      .map((id, index) => `c${index}: customerDelete(id: "${id}") { deletedId }`)
      .join(' ')} ${contacts
      .slice(3, 5)
      .map((id, index) => `p${index}: contactDelete(id: "${id}") { deletedId }`)
      .join(' ')} o: opportunityDelete(id: "${opportunities[12]}") { deletedId } }`,
  );
  await t.sql(
    "update contract set status = case when number % 3 = 0 then 'IN_FORCE' when number % 3 = 1 then 'EXPIRED' else 'DRAFT' end where tenant_id = app_tenant()",
  );
  await pooled(t, owners[0]);
  const foreign = await create(t.outsider, 'customerCreate', 'customer', 'CustomerInput', [
    { name: '外人' },
    { name: '客户1' },
  ]);
  const numbers = await t.sql<{ number: number }>(
    'select number from customer union select number from opportunity union select number from contact',
  );
  return {
    ids: [
      ...customers,
      ...contacts,
      ...opportunities,
      ...owners,
      ...departments,
      ...foreign,
      ...numbers.map(({ number }) => String(number)),
      'nothing',
      '01900000-0000-7000-8000-000000000000',
      '',
    ],
    named: {
      ...Object.fromEntries(
        ['actor', 'assignee', 'fromOwner', 'leader', 'manager', 'owner', 'staff', 'toOwner', 'user'].map((field) => [
          field,
          [...owners, 'ME', 'sales', 'viewer'],
        ]),
      ),
      ...Object.fromEntries(['customer', 'from', 'to'].map((field) => [field, customers.slice(10)])),
      ...Object.fromEntries(
        ['ancestor', 'department', 'departmentAndBelow', 'parent'].map((field) => [field, departments.slice(0, 4)]),
      ),
      contact: contacts.slice(5),
      opportunity: opportunities.slice(0, 12),
    },
    texts: ['客户', '1', 'a', '', ' ', '%', '_', '\\', '"', "'", '138', '软件', 'ACC001', 'example', '\u0001', '😀'],
    days: ['1999-12-31', '2026-01-01', '2026-11-21', '2030-01-01'],
    numbers: ['0', '100', '-1', '75.0', '12345.67'],
  };
}
