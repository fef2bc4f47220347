import { parse } from 'graphql';
import { Context } from '../../src/core/context.js';
import ormOptions from '../../mikro-orm.config.js';
import { openOrm } from '../../src/database/orm.js';
import { Pool } from '../../src/database/pool.js';
import { buildGraph } from '../../src/schema/schema.js';
import { findUser } from '../../src/identity/user.service.js';
import { engine, type Engine } from '../../src/read/engine.js';
import { activeTenants } from '../../src/tenants/tenant.service.js';
import { grown, ownDatabase, type OwnDatabase } from '../support/database.js';
import { explaining } from '../support/plans.js';

let database: OwnDatabase;
let pool: Pool;
let graph: Engine;

beforeAll(async () => {
  database = await ownDatabase(grown);
  openOrm(ormOptions, database.ownerUrl); // loads the model of the entities
  pool = new Pool({ url: database.serverUrl, size: 2 });
  graph = engine(buildGraph());
}, 120_000);

afterAll(async () => {
  await pool.end();
  await database.stop();
});

/** How PostgreSQL goes about the statement of a query, as the server's role, in a tenant that has the records. */
async function planOf(text: string, role: 'manager' | 'sales' | 'viewer'): Promise<string> {
  const [tenant] = await activeTenants(pool);
  const user = await findUser(pool, tenant!, { subject: role, tenant: tenant!.code, roles: [role], scopes: [] });
  const plans: string[] = [];
  const answer = await graph.answer(
    { text, document: parse(text) },
    {},
    new Context({
      database: explaining(pool, plans),
      tenant: tenant!,
      user,
      roles: [role],
      channel: 'graphql',
      requestId: 'plans',
      locale: 'en',
    }),
  );
  expect(answer).toHaveProperty('data');
  return plans.at(-1)!;
}

describe.each(['manager', 'sales', 'viewer'] as const)('for %s', (role) => {
  test.each([
    ['customers', 'customer', '华'],
    ['customers', 'customer', '科技'],
    ['customers', 'customer', '13800001234'],
    ['contacts', 'contact', '李'],
    ['contacts', 'contact', '建国'],
    ['opportunities', 'opportunity', '云'],
    ['opportunities', 'opportunity', '项目'],
  ])('%s are found by the index of %s_gram for %s, under the wall between tenants', async (list, table, term) => {
    const plan = await planOf(`{ ${list}(filter: {search: "${term}"}) { totalCount nodes { name } } }`, role);
    expect(plan).toMatch(
      new RegExp(
        `Index Only Scan using ${table}_gram_pkey on ${table}_gram g_?\\d*\\b.*\\n\\s+Index Cond: \\(\\(tenant_id = .*\\) AND \\(gram >= .*\\) AND \\(gram < .*\\)\\)`,
      ),
    );
    expect(plan).toMatch(new RegExp(`using ${table}_pkey on ${table} t\\d+(_\\d+)? .*\\n\\s+Index Cond: .*id = ANY`));
    expect(plan).not.toMatch(new RegExp(`Seq Scan on ${table}(_gram)? `));
  });

  test('all three are, with `search`', async () => {
    const plan = await planOf(
      '{ search(text: "华东") { customers { nodes { name } } contacts { nodes { name } } opportunities { nodes { name } } } }',
      role,
    );
    for (const table of ['customer', 'contact', 'opportunity'])
      expect(plan).toMatch(new RegExp(`using ${table}_pkey on ${table} t\\d+(_\\d+)? .*\\n\\s+Index Cond: .*id = ANY`));
  });
});
