import { Context } from '../../src/core/context.js';
import type { Database, Row } from '../../src/core/database.js';
import { setVisibility } from '../../src/write/lookup.js';
import { openOrm } from '../../src/database/orm.js';
import { Pool } from '../../src/database/pool.js';
import * as customers from '../../src/customers/customer.service.js';
import { changeableRows, ownRows, visibleRows } from '../../src/read/conditions.js';
import { findTenant } from '../../src/tenants/tenant.service.js';
import { systemIn } from '../../src/identity/system.service.js';
import { clean, add, Sequence, type Verdict } from './verdict.js';
import { ask, random, pause, tokenFor, type World } from './world.js';
import ormOptions from '../../mikro-orm.config.js';

/** Where a transaction is held: before its rules, before its writes, behind them, or behind the raising of the feed's counter. */
const points = ['begin', 'rules', 'writes', 'counter'] as const;
type Point = (typeof points)[number];

/** The server's own way to the database, whose transactions wait at a point until they are let go; some give up then. */
function held(database: Database, point: Point, gate: Promise<'commit' | 'give up'>): Database {
  return {
    read: (tenantId, statement) => database.read(tenantId, statement),
    global: (statement) => database.global(statement),
    transaction: (tenantId, work) =>
      database.transaction(tenantId, async (tx) => {
        const wait = async (): Promise<void> => {
          if ((await gate) === 'give up') throw new GaveUp();
        };
        const send = (statements: Parameters<typeof tx.run>[0]): Promise<Row[][]> =>
          statements.length > 0 ? tx.run(statements) : Promise.resolve([]);
        if (point === 'begin') await wait();
        await tx.run([{ text: 'select 1', values: [] }]);
        const ending = await work(tx);
        if (point === 'rules') await wait();
        if (point === 'rules' || point === 'begin') return ending;
        await send(ending.last);
        if (point === 'writes') {
          await wait();
          return { ...ending, last: [] };
        }
        await send(ending.final);
        await wait();
        return { ...ending, last: [], final: [] };
      }),
  };
}

class GaveUp extends Error {}

const page =
  'query ($after: String, $first: Int) { changes(after: $after, first: $first) { cursor hasMore events { cursor type recordId } } }';

/** Reads the feed through a server, in pages of random size at random moments, and counts on its own what it sees. */
async function read(
  address: string,
  token: string,
  seed: number,
  subjects: Set<string>,
  more: () => boolean,
): Promise<Sequence> {
  const { below } = random(seed);
  const seen = new Sequence();
  for (let cursor = '0', last = false; ;) {
    const { body } = await ask(address, token, page, { after: cursor, first: 1 + below(30) });
    const { events, hasMore, cursor: next } = body.data.changes;
    for (const event of events) {
      seen.take(Number(event.cursor));
      if (event.type === 'crm.customer.created') subjects.add(event.recordId);
    }
    cursor = next;
    if (last && !hasMore) return seen;
    // one more look after the last write
    last = !more();
    if (below(3) === 0) await pause(below(20));
  }
}

export interface Interleavings extends Verdict {
  interleavings: number;
  transactions: number;
  givenUp: number;
}

/**
 * Transactions of the server's own write path, opened at once and let go in random order, some taken back, while readers
 * page through the feed of a second process at random moments.
 */
export async function interleave(
  world: World,
  rounds: number,
  seed: number,
  progress: (done: number) => void,
): Promise<Interleavings> {
  const server = await world.server();
  const { ownerUrl, serverUrl } = await world.database();
  const orm = openOrm(ormOptions, ownerUrl);
  setVisibility({ visible: visibleRows, changeable: changeableRows, own: ownRows });
  const pool = new Pool({ url: serverUrl, distributed: false, size: 24 });
  const result: Interleavings = { interleavings: 0, transactions: 0, givenUp: 0, ...clean() };
  try {
    await Promise.all(
      [0, 1].map(async (writer) => {
        const code = `interleaved-${writer}`;
        const token = await tokenFor(code);
        const { below, shuffled } = random(seed + writer);
        const ctx = await systemIn(pool, (await findTenant(pool, code, true))!);
        const acknowledged = new Set<string>();
        const subjects = [1, 2].map(() => new Set<string>());
        let writing = true;
        const readers = subjects.map((set, index) =>
          read(server.address, token, seed + 10 * writer + index, set, () => writing),
        );
        for (let round = 0; round < rounds / 2; round += 1) {
          const opened = Array.from({ length: 2 + below(4) }, (_, index) => {
            let go: (end: 'commit' | 'give up') => void = () => {};
            const gate = new Promise<'commit' | 'give up'>((settle) => (go = settle));
            const inside = Object.assign(Object.create(Context.prototype) as Context, ctx, {
              database: held(pool, points[below(points.length)]!, gate),
              loaders: new Map(),
            });
            const done = customers
              .create(inside, { name: `${writer}-${round}-${index}` } as never)
              .then((id) => void acknowledged.add(id))
              .catch((error: unknown) => {
                if (!(error instanceof GaveUp)) throw error;
                result.givenUp += 1;
              });
            return { go, done };
          });
          if (below(2) === 0) await pause(below(4));
          for (const { go } of shuffled(opened)) {
            go(below(10) === 0 ? 'give up' : 'commit');
            if (below(2) === 0) await pause(below(3));
          }
          await Promise.all(opened.map(({ done }) => done));
          result.transactions += opened.length;
          result.interleavings += 1;
          if (round % 100 === 0) progress(result.interleavings);
        }
        writing = false;
        const seen = await Promise.all(readers);
        const [{ head }] = (await world.sql(code, 'select seq as head from feed_head')) as [{ head: string }];
        for (const [index, sequence] of seen.entries()) {
          add(result, sequence.verdict(Number(head)));
          // every acknowledged record was told of, and nothing that was taken back
          for (const id of acknowledged) if (!subjects[index]!.has(id)) result.lost += 1;
          for (const id of subjects[index]!) if (!acknowledged.has(id)) result.half += 1;
        }
        const [{ audited }] = (await world.sql(
          code,
          "select count(*) as audited from audit_entry where act = 'customer.create'",
        )) as [{ audited: string }];
        result.half += Math.abs(Number(audited) - acknowledged.size);
      }),
    );
  } finally {
    await pool.end();
    await orm.close(true);
    await server.kill();
  }
  return result;
}
