import type { Database, Row, Statement } from '../../src/core/database.js';

/** The database, with the plan of each statement that is read on it put into `plans` before it is run; `options` are those of EXPLAIN. */
export function explaining(database: Database, plans: string[], options = ''): Database {
  return Object.assign(Object.create(database) as Database, {
    read: async (tenantId: string, statement: Statement): Promise<Row[]> => {
      const plan = await database.read(tenantId, {
        text: `explain ${options}${statement.text}`,
        values: statement.values,
      });
      plans.push(plan.map(([line]) => line).join('\n'));
      return database.read(tenantId, statement);
    },
  });
}
