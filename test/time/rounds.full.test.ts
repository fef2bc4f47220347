import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { send, token } from '../support/http.js';
import { plain, startAnother, type Started } from '../support/server.js';
import { sqlIn, type Data } from '../support/tenant.js';

// What the clock brings about in a tenant in which nobody is subscribed: a server finds it in its rounds through all of them.

let database: OwnDatabase;
let server: Started;
beforeAll(async () => {
  database = await ownDatabase();
  server = await startAnother({
    ...plain(),
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    CRM_ROUND_SECONDS: '2',
  });
});
afterAll(async () => {
  await server.stop();
  await database.stop();
});

test('terms, contracts, campaigns and tasks are found without a subscriber, each once, and what was just changed is left alone', async () => {
  const authorization = `Bearer ${await token({ sub: 'admin', tenant_id: 'quiet' })}`;
  const run = async (query: string, variables: object = {}): Promise<Data> => {
    const { body } = await send('POST', `${server.address}/graphql`, { authorization }, { query, variables });
    const [payload] = Object.values(body.data) as Data[];
    expect([body.errors, payload.userErrors]).toEqual([undefined, []]);
    return payload;
  };
  const { customer } = await run(
    'mutation { customerCreate(input: { name: "甲" }) { customer { id } userErrors { code } } }',
  );
  await run('mutation ($input: ContractInput!) { contractCreate(input: $input) { userErrors { code } } }', {
    input: {
      name: '合同',
      customer: customer.id,
      status: 'IN_FORCE',
      endsOn: '2024-12-31',
      dueOn: '2024-01-31',
      amount: { amount: '100' },
    },
  });
  const { campaign } = await run(
    'mutation { campaignCreate(input: { name: "活动", kind: EVENT, endsOn: "2024-12-31" }) { campaign { id } userErrors { code } } }',
  );
  await run('mutation ($id: ID!) { campaignChangeStatus(id: $id, status: ACTIVE) { userErrors { code } } }', campaign);
  await run('mutation ($input: SuccessTaskInput!) { successTaskCreate(input: $input) { userErrors { code } } }', {
    input: { title: '回访', kind: 'PROBLEM', customer: customer.id, dueAt: '2024-01-31T00:00:00Z' },
  });
  const sql = (text: string): Promise<Data[]> => sqlIn(database.ownerUrl, 'quiet', text);
  const done = (): Promise<Data[]> =>
    sql(
      "select type from outbox where type ~ '(overdue|expired|due)$' or data ->> 'toStatus' = 'COMPLETED' order by type",
    );
  await eventually(done, (events) => events.length >= 4);
  // two more rounds
  await new Promise((settle) => setTimeout(settle, 5_000));
  expect((await done()).map(({ type }) => type)).toEqual([
    'crm.campaign.updated',
    'crm.contract.expired',
    'crm.contract.overdue',
    'crm.successTask.due',
  ]);
  const [untouched] = await sql(
    'select (select updated_at from contract) - (select created_at from contract) >= interval $$10 seconds$$ as contract, (select updated_at from campaign) - (select created_at from campaign) >= interval $$10 seconds$$ as campaign',
  );
  expect(untouched).toEqual({ contract: true, campaign: true });
});
