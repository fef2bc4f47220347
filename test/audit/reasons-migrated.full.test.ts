import { databaseCommand, ownDatabase, rolledBack } from '../support/database.js';

test('reasons of entries that were written before are kept apart as well', async () => {
  const database = await ownDatabase();
  try {
    for (let step = ''; !step.includes('0026-reasons');) step = (await databaseCommand(database, 'down')).stdout;
    const id = '01900000-0000-7000-8000-00000000000';
    await rolledBack(database.ownerUrl, (sql) =>
      sql(`insert into tenant (id, code, name) values ('${id}1', 'a', 'a'), ('${id}2', 'b', 'b');
        ${[1, 2]
          .map(
            (of) =>
              `select set_config('app.tenant_id', '${id}${of}', true);
               insert into audit_entry (tenant_id, id, actor_login, face, request_id, act, record_type, record, changes)
               values ('${id}${of}', '${id}3', 'a', 'graphql', 'r', 'case.reopen: 又坏了: 再次', 'Case', '${id}4', '{}'), ('${id}${of}', '${id}5', 'a', 'graphql', 'r', 'case.create', 'Case', '${id}4', '{}');`,
          )
          .join('\n')}
        commit`),
    );
    expect((await databaseCommand(database, 'migrate')).code).toBe(0);
    for (const place of [1, 2]) {
      const rows = await rolledBack(database.ownerUrl, async (sql) => {
        await sql(`select set_config('app.tenant_id', '${id}${place}', true)`);
        return sql('select act, reason from audit_entry order by id');
      });
      expect(rows).toEqual([
        { act: 'case.reopen', reason: '又坏了: 再次' },
        { act: 'case.create', reason: null },
      ]);
    }
  } finally {
    await database.stop();
  }
}, 180_000);
