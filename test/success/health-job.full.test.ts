import { jobIn, ownCluster, rolledBack } from '../support/database.js';

test('the job leaves an embedded database running that ran before', async () => {
  // of the durability that the program wants: another one would be restarted
  const own = await ownCluster({ durable: true });
  try {
    expect(await jobIn({ CRM_DATA_DIR: own.directory }, 'health')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await rolledBack(own.ownerUrl, (sql) => sql('select 1 as up'))).toEqual([{ up: 1 }]);
  } finally {
    await own.stop();
  }
});
