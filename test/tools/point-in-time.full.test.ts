import { Rehearsal, expired } from '../support/rehearsal.js';
import { eventually } from '../support/eventually.js';
import type { Data } from '../support/tenant.js';

// The same loss with a base backup and archived write-ahead log: the database goes back to a moment long after the backup.

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await Rehearsal.begin();
}, 120_000);
afterAll(() => rehearsal?.end());

const now = async (): Promise<string> => (await rehearsal.sql('select clock_timestamp()::text as now'))[0].now;

test('the database goes back to a moment behind its base backup; cursors and keys from later are unknown, not mistaken', async () => {
  rehearsal.shell(rehearsal.step('archive'));
  rehearsal.asPostgres('pg_ctl restart -w -s -l log');
  await rehearsal.start();
  await rehearsal.create('甲');
  rehearsal.asPostgres(rehearsal.step('base'));
  const created = await rehearsal.create('乙', 'before');
  const before = (await rehearsal.feed('')).body.cursor;
  const moment = await now();
  await rehearsal.create('丙', 'after');
  await rehearsal.create('丁');
  const lost = (await rehearsal.feed('')).body.cursor;
  expect([before, lost]).toEqual(['3', '5']);
  await rehearsal.stop();
  const [{ file }] = (await rehearsal.sql('select pg_walfile_name(pg_switch_wal()) as file')) as [Data];
  await eventually(
    async () => (await rehearsal.sql('select last_archived_wal from pg_stat_archiver'))[0].last_archived_wal,
    (archived) => archived >= file,
  );

  // the machine is lost, and everything on it
  rehearsal.asPostgres('pg_ctl stop -m immediate -s && rm -rf "$PGDATA"');
  rehearsal.asPostgres(rehearsal.step('point'), { CRM_RESTORE_TO: moment });
  expect(await rehearsal.sql('select pg_is_in_recovery() as waits')).toEqual([{ waits: false }]);
  expect(rehearsal.shell(rehearsal.step('restored'))).toContain('acme: the feed goes on behind 1000003\n');

  await rehearsal.start();
  expect(await rehearsal.names()).toEqual(['甲', '乙']);
  for (const cursor of [before, lost, '4']) {
    const { status, body } = await rehearsal.feed(cursor);
    expect([cursor, status, body]).toEqual(expired(cursor));
  }
  // a key whose write is still there gets its answer again; one whose write was lost is carried out
  expect(await rehearsal.create('乙', 'before')).toEqual(created);
  expect(await rehearsal.names()).toEqual(['甲', '乙']);
  await rehearsal.create('丙', 'after');
  expect(await rehearsal.names()).toEqual(['甲', '乙', '丙']);
  const { events, cursor } = (await rehearsal.feed('')).body;
  expect(events.map(({ sequence }: Data) => sequence)).toEqual(['1', '2', '3', '1000004']);
  expect((await rehearsal.feed(cursor)).body).toEqual({ events: [], cursor: '1000004', hasMore: false });
  await rehearsal.stop();
}, 300_000);
