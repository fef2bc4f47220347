import { parse } from 'graphql';
import ormOptions from '../../mikro-orm.config.js';
import { Context } from '../../src/core/context.js';
import { Pool } from '../../src/database/pool.js';
import { openOrm } from '../../src/database/orm.js';
import { findUser } from '../../src/identity/user.service.js';
import { engine, type Engine } from '../../src/read/engine.js';
import { buildGraph } from '../../src/schema/schema.js';
import { activeTenants } from '../../src/tenants/tenant.service.js';
import { grown, ownDatabase, type OwnDatabase } from '../support/database.js';
import { explaining } from '../support/plans.js';
import type { Data } from '../support/tenant.js';

describe('under row level security, as the role of the server', () => {
  let database: OwnDatabase;
  let pool: Pool;
  let graph: Engine;

  beforeAll(async () => {
    database = await ownDatabase(grown);
    pool = new Pool({ url: database.serverUrl, size: 2 });
    openOrm(ormOptions, database.ownerUrl);
    graph = engine(buildGraph());
  }, 120_000);

  afterAll(async () => {
    await pool.end();
    await database.stop();
  });

  test.each(['customer', 'contact', 'opportunity', 'contract', 'lead'])(
    '%s lists by name are read from the index',
    async (table) => {
      const list = table === 'opportunity' ? 'opportunities' : `${table}s`;
      const [one] = await activeTenants(pool);
      const user = await findUser(pool, one!, {
        subject: 'manager',
        tenant: one!.code,
        roles: ['manager'],
        scopes: [],
      });
      const read = async (text: string): Promise<{ data: Data; plan: string }> => {
        const plans: string[] = [];
        const ctx = new Context({
          database: explaining(pool, plans),
          tenant: one!,
          user,
          roles: ['manager'],
          channel: 'graphql',
          requestId: 'plans',
          locale: 'en',
        });
        const answer = await graph.answer({ text, document: parse(text) }, {}, ctx);
        return { data: JSON.parse((answer as { data: string }).data), plan: plans.at(-1)! };
      };
      const select = '{ edges { cursor node { name } } }';
      const { data, plan } = await read(`{ ${list}(first: 20, orderBy: [{field: NAME}]) ${select} }`);
      const next = `{ ${list}(first: 20, after: "${data[list].edges.at(-1).cursor}", orderBy: [{field: NAME}]) ${select} }`;
      for (const each of [plan, (await read(next)).plan]) {
        expect(each).toMatch(new RegExp(`Index (Only )?Scan using ${table}_by_name_number on ${table} `));
        expect(each).not.toMatch(/Sort Key: .*name/);
      }
      expect((await read(next)).plan).toMatch(/Index Cond: .*ROW\(name, number\) > ROW/);
    },
  );
});
