import pg from 'pg';
import {
  closingCircle,
  inOrder,
  look,
  missing,
  openingCircle,
  removingCopies,
  settings,
  statementsFor,
  type Found,
} from '../../database/distribution.js';
import { Failure } from './failure.js';
import { asOwner } from './opened.js';
import { say } from './say.js';

/** Distributes the database by tenant, or says what is not distributed yet. */
export const distribute = ({ check }: { check?: boolean }): Promise<void> =>
  asOwner(async ({ ownerUrl }) => {
    const client = new pg.Client({ connectionString: ownerUrl, application_name: 'crm db distribute' });
    await client.connect();
    try {
      const found = await look(client);
      if (check) return report(found);
      const why = missing(found);
      if (why !== undefined) throw new Failure(why);
      await carryOut(client, found);
    } finally {
      await client.end();
    }
  });

function report(found: Found): void {
  const waiting = statementsFor(found.tables);
  if (!found.citus) say('Citus is not installed in this database: this is a plain PostgreSQL, which needs none of it.');
  if (found.tables.length === 0) return say('There are no tables yet; `crm db migrate` makes them.');
  const way = {
    reference: 'reference table',
    distributed: 'distributed by tenant_id',
    local: 'stays on the coordinator',
  };
  const rows = inOrder(found.tables).map(({ name, as, done }) => {
    const state =
      as === 'local'
        ? way.local
        : `${found.citus ? (done ? 'is' : 'is not yet') : 'would be'} ${as === 'reference' ? 'a ' : ''}${way[as]}`;
    return `${name}: ${state}`;
  });
  for (const row of rows) say(row);
  if (found.citus && waiting.length === 0) return say('Every table is distributed.');
  const why = missing(found);
  if (found.citus)
    throw new Failure(
      `${waiting.length} of ${rows.length} tables are not distributed yet.${why === undefined ? ' `crm db distribute` does so.' : ` ${why}`}`,
    );
  say(`${waiting.length} tables would be distributed.`);
}

async function carryOut(client: pg.Client, found: Found): Promise<void> {
  const waiting = statementsFor(found.tables);
  for (const setting of settings) await client.query(setting);
  if (waiting.length > 0) await client.query(openingCircle);
  for (const [index, { table, text, values }] of waiting.entries()) {
    const began = performance.now();
    // each is a transaction of its own: what is done stays done
    await client.query(text, values).catch((error: Error) => {
      throw new Failure(
        `The table ${table} could not be distributed: ${error.message}. What was done before stays; the same command goes on with this table.`,
      );
    });
    say(`${index + 1} of ${waiting.length}: ${table}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  // also where an earlier run was interrupted before this; rows are on the nodes by now
  if (found.hasRows) for (const { text, values } of removingCopies(found.tables)) await client.query(text, values);
  if (waiting.length > 0 || !found.isClosed) await client.query(closingCircle);
  say(waiting.length === 0 ? 'Every table was distributed already.' : 'Every table is distributed.');
}
