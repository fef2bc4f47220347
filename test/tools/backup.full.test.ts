import { rmSync } from 'node:fs';
import { Rehearsal, expired } from '../support/rehearsal.js';
import { receiver } from '../support/receiver.js';
import type { Data } from '../support/tenant.js';

// A loss, rehearsed with the commands of docs/operations.md: write, back up, write, lose everything, restore.

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await Rehearsal.begin();
}, 120_000);
afterAll(() => rehearsal?.end());

/** What every table holds, as one number each; but for those that say how far readers of the feed are, and for when users were last seen. */
async function contents(): Promise<Record<string, string>> {
  const tables = await rehearsal.sql(
    "select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1",
  );
  const found: Record<string, string> = {};
  for (const { name } of tables)
    if (!/^public\.(feed_head|feed_reader|rate_count)$/.test(name))
      found[name] = (
        await rehearsal.sql(
          `select count(*) || ' ' || coalesce(md5(string_agg(row, ',' order by row)), '') as sum from (select (to_jsonb(t) - 'seen_at')::text as row from ${name} t) rows`,
        )
      )[0].sum;
  return found;
}

test('what was backed up is all there again, what was lost is not passed over in silence, and everything goes on', async () => {
  rehearsal.shell(rehearsal.step('role'));
  const target = await receiver();
  await rehearsal.start();
  await rehearsal.graph('mutation ($url: String!) { webhookCreate(input: { url: $url }) { userErrors { code } } }', {
    url: target.url,
  });
  await rehearsal.create('甲');
  const form = new FormData();
  form.set('file', new Blob(['0123456789']), '合同.txt');
  const uploaded = await rehearsal.ask('POST', '/api/v1/files', {}, form);
  await target.until(2);
  const before = (await rehearsal.feed('')).body;
  expect(before.events.map(({ type }: Data) => type)).toEqual([
    'crm.tenant.created',
    'crm.customer.created',
    'crm.file.created',
  ]);
  await rehearsal.stop();
  const kept = await contents();
  rehearsal.shell(rehearsal.step('backup'));
  await rehearsal.start();
  await rehearsal.create('乙');
  const lost = (await rehearsal.feed('')).body.cursor;
  expect(lost).toBe('4');
  await target.until(3);
  await rehearsal.stop();

  await rehearsal.sql('drop database crm', rehearsal.superuser('postgres'));
  rmSync(rehearsal.files, { recursive: true });
  await rehearsal.sql('create database crm owner crm_owner', rehearsal.superuser('postgres'));
  const said = rehearsal.shell(rehearsal.step('restore'));
  expect(said).toContain('acme: the feed goes on behind 1000003\n');
  expect(await contents()).toEqual(kept);
  // the walls between tenants were restored too
  expect(await rehearsal.sql('select count(*)::int from customer', rehearsal.serverUrl)).toEqual([{ count: 0 }]);

  await rehearsal.start();
  expect(await rehearsal.names()).toEqual(['甲']);
  const content = await rehearsal.ask('GET', uploaded.body.data.url);
  expect([content.status, content.body]).toEqual([200, '0123456789']);
  await rehearsal.create('丙');
  await target.until(4);
  expect(target.taken.map(({ event }) => event.sequence)).toEqual(['2', '3', '4', '1000004']);
  for (const cursor of [before.cursor, lost, '5']) {
    const { status, body } = await rehearsal.feed(cursor);
    expect([cursor, status, body]).toEqual(expired(cursor));
  }
  const after = (await rehearsal.feed('')).body;
  expect(after.events.map(({ sequence }: Data) => sequence)).toEqual(['1', '2', '3', '1000004']);
  expect((await rehearsal.feed(after.cursor)).body).toEqual({ events: [], cursor: '1000004', hasMore: false });
  await rehearsal.stop();
}, 300_000);
