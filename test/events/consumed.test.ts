import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { administrator, brokerWorld, type Administrator, type BrokerWorld, type Client } from '../support/broker.js';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/programs.js';
import type { Started } from '../support/server.js';
import type { Data } from '../support/tenant.js';

const contractOf = (customer: string, opportunity: string): Data => ({
  input: { name: '合同', customer, opportunity, amount: { amount: '1000' } },
});

describeWith('nats-server', 'messages of other systems', () => {
  let world: BrokerWorld;
  let client: Client;
  let server: Started;
  let by: Administrator;

  beforeAll(async () => {
    world = await brokerWorld();
    server = await world.server();
    client = await world.client();
    await eventually(
      () => client.manager.streams.names('oa.task.completed').next(),
      (names) => names.length > 0,
    );
  }, 60_000);
  beforeEach(async () => {
    by = await administrator(world, () => server.address!, `t-${randomUUID()}`);
  });
  afterAll(() => world?.stop());

  const made = async (
    record: string,
    input: object,
    type = `${record[0]!.toUpperCase()}${record.slice(1)}`,
  ): Promise<Data> =>
    (
      await by.graph(
        `mutation ($input: ${type}Input!) { ${record}Create(input: $input) { ${record} { id number ${record === 'contract' ? 'code' : ''} } userErrors { code field } } }`,
        { input },
      )
    )[`${record}Create`][record];

  async function draft(stage = 'NEGOTIATION'): Promise<Data> {
    const customer = await made('customer', { name: `客户${randomUUID()}`, status: 'POTENTIAL' });
    const opportunity = await made('opportunity', {
      name: '商机',
      customer: customer.id,
      amount: { amount: '900' },
      stage,
    });
    return made('contract', contractOf(customer.id, opportunity.id).input);
  }

  const event = (type: string, data: object, fields: object = {}): Data => ({
    specversion: '1.0',
    id: randomUUID(),
    source: '/erp',
    type,
    tenantid: by.code,
    traceid: `trace-${randomUUID()}`,
    time: new Date().toISOString(),
    data,
    ...fields,
  });
  const publishMessage = (message: Data, subject = message.type): Promise<unknown> =>
    client.stream.publish(subject, typeof message === 'string' ? message : JSON.stringify(message));
  const state = (): Promise<Data> =>
    by
      .sql(
        'select c.status as contract, c.signed_on::text as signed, o.stage, u.status as customer from contract c join opportunity o on o.id = c.opportunity_id join customer u on u.id = c.customer_id',
      )
      .then(([row]) => row);
  const written = (): Promise<Data> =>
    by
      .sql('select (select count(*)::int from audit_entry) audit, (select count(*)::int from outbox) events')
      .then(([row]) => row);
  /** Resolves when everything published so far has been handled and acknowledged. */
  const drained = (subject: string): Promise<unknown> =>
    eventually(
      async () => {
        const stream = (await client.manager.streams.names(subject).next())[0]!;
        return client.manager.consumers.info(stream, `crm-graph-${subject.replaceAll('.', '-')}`);
      },
      ({ num_pending: pending, num_ack_pending: open }) => pending === 0 && open === 0,
    );
  const dead = (subject: string): Promise<Data[]> => client.messages('CRM_DEAD_LETTER', `crm.dead-letter.${subject}`);

  test('a signed contract comes into force, its opportunity is won, its customer active; the audit says who did it', async () => {
    const { id } = await draft();
    const message = event('erp.contract.signed', { contractId: id, signedAt: '2026-03-01T18:30:00Z' });
    await publishMessage(message);
    await eventually(state, ({ contract }) => contract !== 'DRAFT');
    // half past two on the next morning in Shanghai
    expect(await state()).toEqual({
      contract: 'IN_FORCE',
      signed: '2026-03-02',
      stage: 'CLOSED_WON',
      customer: 'ACTIVE',
    });
    expect(
      await by.sql("select distinct actor_login, face, request_id, act from audit_entry where act = 'contract.sign'"),
    ).toEqual([{ actor_login: 'system', face: 'system', request_id: message.traceid, act: 'contract.sign' }]);
    expect(
      await by.sql("select count(*)::int from outbox where type = 'crm.contract.signed' and trace_id = $1", [
        message.traceid,
      ]),
    ).toEqual([{ count: 1 }]);
  });

  test('a contract may be named by its number, and by the integer of its record', async () => {
    const { code } = await draft();
    await publishMessage(event('erp.contract.signed', { contractNo: code }));
    await eventually(state, ({ contract }) => contract === 'IN_FORCE');
    const { number } = await draft();
    await publishMessage(event('erp.contract.signed', { contractId: number }));
    await eventually(
      () => by.sql("select count(*)::int from contract where status = 'IN_FORCE'"),
      ([row]) => row.count === 2,
    );
  });

  test('a task that was completed elsewhere is completed here: a success task or a planned activity', async () => {
    const customer = await made('customer', { name: 'A' });
    const task = await made('successTask', { customer: customer.id, title: '回访', kind: 'SATISFACTION' });
    const activity = await made('activity', { customer: customer.id, kind: 'CALL', subject: '电话' });
    await publishMessage(event('oa.task.completed', { taskId: task.id, result: '满意' }));
    await publishMessage(event('oa.task.completed', { taskId: activity.id, result: '已通话' }));
    await drained('oa.task.completed');
    expect(
      await by.sql(
        'select t.status as task, t.result, a.status as activity, a.outcome from success_task t, activity a',
      ),
    ).toEqual([{ task: 'DONE', result: '满意', activity: 'COMPLETED', outcome: '已通话' }]);
  });

  test('a message that arrives twice has one effect', async () => {
    const { id } = await draft();
    const message = event('erp.contract.signed', { contractId: id });
    await Promise.all([publishMessage(message), publishMessage(message)]);
    await drained('erp.contract.signed');
    const idempotent = await written();
    await by.graph(
      'mutation ($id: ID!) { contractChangeStatus(id: $id, status: TERMINATED) { userErrors { code } } }',
      { id },
    );
    // were it handled again, it would be refused and lie under the dead-letter subject
    await publishMessage(message);
    await drained('erp.contract.signed');
    expect(await written()).toEqual({ audit: idempotent.audit + 1, events: idempotent.events + 1 });
    expect((await dead('erp.contract.signed')).filter(({ text }) => text.includes(message.id))).toEqual([]);
  });

  test.each<[string, string, (message: Data) => Data, string]>([
    ['no JSON', 'erp.contract.signed', () => '{"specversion":', 'It is no JSON.'],
    ['no object', 'erp.contract.signed', () => '[]', 'It is no JSON object.'],
    [
      'no CloudEvent',
      'erp.contract.signed',
      ({ specversion: _, ...rest }) => rest,
      'It is no CloudEvent 1.0: specversion is missing or another one.',
    ],
    [
      'another type than its subject',
      'erp.contract.signed',
      (message) => ({ ...message, type: 'erp.order.created' }),
      'type must be erp.contract.signed, as its subject.',
    ],
    ['no id', 'erp.contract.signed', ({ id: _, ...rest }) => rest, 'id is missing.'],
    ['no tenant', 'erp.contract.signed', ({ tenantid: _, ...rest }) => rest, 'tenantid is missing.'],
    [
      'a tenant that does not exist',
      'erp.contract.signed',
      (message) => ({ ...message, tenantid: 'nobody' }),
      'tenantid names no tenant of this server.',
    ],
    ['no data', 'erp.contract.signed', ({ data: _, ...rest }) => rest, 'data must be an object.'],
    [
      'no contract',
      'erp.contract.signed',
      (message) => ({ ...message, data: {} }),
      'data.contractId or data.contractNo is missing.',
    ],
    [
      'a contract that does not exist',
      'erp.contract.signed',
      (message) => ({ ...message, data: { contractId: randomUUID() } }),
      'NOT_FOUND: Contract does not exist.',
    ],
    [
      'a contract number that does not exist',
      'erp.contract.signed',
      (message) => ({ ...message, data: { contractNo: 'X' } }),
      'data.contractNo names no contract.',
    ],
    [
      'a wrong day',
      'erp.contract.signed',
      (message) => ({ ...message, data: { ...message.data, signedAt: 'yesterday' } }),
      'data.signedAt must be a day or an instant.',
    ],
    [
      'a task that does not exist',
      'oa.task.completed',
      (message) => ({ ...message, data: { taskId: randomUUID() } }),
      'NOT_FOUND: Activity does not exist.',
    ],
    [
      'a task without an id',
      'oa.task.completed',
      (message) => ({ ...message, data: { taskId: 7 } }),
      'data.taskId must be the opaque id of a success task or an activity.',
    ],
  ])(
    'with %s go to the dead-letter subject with the reason, and change nothing',
    async (_what, subject, spoil, reason) => {
      const { id } = await draft();
      const before = await written();
      const spoilt = spoil(event(subject, { contractId: id }));
      const text = typeof spoilt === 'string' ? spoilt : JSON.stringify(spoilt);
      const { seq, stream } = (await client.stream.publish(subject, text)) as { seq: number; stream: string };
      const [found] = await eventually(
        async () => (await dead(subject)).filter(({ headers }) => headers['crm-sequence'] === String(seq)),
        (messages) => messages.length > 0,
      );
      expect([found.text, found.headers]).toEqual([
        text,
        {
          'nats-msg-id': `${stream} ${seq}`,
          'crm-reason': reason,
          'crm-subject': subject,
          'crm-stream': stream,
          'crm-sequence': String(seq),
          'crm-deliveries': '1',
        },
      ]);
      await drained(subject);
      expect(await written()).toEqual(before);
    },
  );

  test('a move that the tables do not allow goes there as well, and later messages are handled', async () => {
    const { id } = await draft('CLOSED_LOST');
    const other = await draft();
    const refused = event('erp.contract.signed', { contractId: id });
    await publishMessage(refused);
    await publishMessage(event('erp.contract.signed', { contractId: other.id }));
    await drained('erp.contract.signed');
    expect(await by.sql('select status from contract order by number')).toEqual([
      { status: 'DRAFT' },
      { status: 'IN_FORCE' },
    ]);
    const [found] = (await dead('erp.contract.signed')).filter(({ text }) => text.includes(refused.id));
    expect(found.headers['crm-reason']).toBe(
      'TRANSITION_NOT_ALLOWED: Cannot change stage from CLOSED_LOST to CLOSED_WON.',
    );
  });

  test('a message whose server is killed while it handles it is handled by the next one, once', async () => {
    const { id } = await draft();
    const before = await written();
    const holding = new pg.Client({ connectionString: world.database.ownerUrl });
    await holding.connect();
    try {
      // the handling stops at the locked contract, in the middle of its transaction
      await holding.query(
        `begin; select set_config('app.tenant_id', id::text, true) from tenant where code = '${by.code}'`,
      );
      await holding.query('select 1 from contract for update');
      await publishMessage(event('erp.contract.signed', { contractId: id }));
      await eventually(
        () =>
          holding.query(
            'select count(*)::int as count from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())',
          ),
        ({ rows }) => rows[0].count > 0,
      );
      await server.kill();
      await holding.query('rollback');
    } finally {
      await holding.end();
    }
    expect(await written()).toEqual(before);
    server = await world.server();
    await eventually(state, ({ contract }) => contract === 'IN_FORCE');
    await drained('erp.contract.signed');
    expect(
      await by.sql(
        "select (select count(*)::int from outbox where type = 'crm.contract.signed') signed, (select count(*)::int from status_change) moves",
      ),
    ).toEqual([{ signed: 1, moves: 1 }]);
  }, 60_000);
});
