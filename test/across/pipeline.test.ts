import { tenant, type Actor, type Data } from '../support/tenant.js';

const pipeline = 'subscription { pipelineChanged { kind fromStage toStage opportunity { name } } }';

/** How a dialect takes an opportunity through the pipeline. */
interface InProcessClient {
  customer(by: Actor): Promise<string>;
  create(by: Actor, customer: string, name: string): Promise<string>;
  propose(by: Actor, id: string): Promise<unknown>;
  win(by: Actor, id: string): Promise<unknown>;
  lose(by: Actor, id: string): Promise<unknown>;
}

const servers: Record<string, InProcessClient> = {
  erp: {
    customer: async (by) => (await by.rest('erp').post('/accounts', { name: '甲公司' })).body.data.id,
    create: async (by, accountId, name) =>
      (
        await by
          .rest('erp')
          .post(
            '/opportunities',
            { accountId, name, stage: 'prospecting', estimatedAmount: 1000 },
            { 'x-api-dialect': 'erp' },
          )
      ).body.data.id,
    propose: (by, id) => by.rest('erp').put(`/opportunities/${id}/stage`, { stage: 'proposal' }),
    win: (by, id) => by.rest('erp').post(`/opportunities/${id}/win`, {}),
    lose: (by, id) => by.rest('erp').post(`/opportunities/${id}/lose`, {}),
  },
};

const seen = ({ pipelineChanged: { kind, fromStage, toStage, opportunity } }: Data): unknown[] => [
  kind,
  fromStage,
  toStage,
  opportunity.name,
];

test.each(Object.keys(servers))(
  'what happens to an opportunity through %s is published to every subscriber of the tenant, and to nobody else',
  async (name) => {
    const inProcessClient = servers[name]!;
    const { admin, manager, outsider } = await tenant();
    const [inside, elsewhere] = [await manager.subscribe(pipeline), await outsider.subscribe(pipeline)];
    const customer = await inProcessClient.customer(admin);
    const won = await inProcessClient.create(admin, customer, '甲单');
    await inProcessClient.propose(admin, won);
    await inProcessClient.win(admin, won);
    const lost = await inProcessClient.create(admin, customer, '乙单');
    await inProcessClient.lose(admin, lost);

    const events = [];
    for (let count = 0; count < 5; count += 1) events.push(seen(await inside.next()));
    expect(events).toEqual([
      ['CREATED', null, 'PROSPECTING', '甲单'],
      ['MOVED', 'PROSPECTING', 'PROPOSAL', '甲单'],
      ['WON', 'PROPOSAL', 'CLOSED_WON', '甲单'],
      ['CREATED', null, 'PROSPECTING', '乙单'],
      ['LOST', 'PROSPECTING', 'CLOSED_LOST', '乙单'],
    ]);
    await elsewhere.none();
  },
);
