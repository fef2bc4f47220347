import pg from 'pg';
import pgUtils from 'pg/lib/utils.js';
import type { Database, Statement, Transaction } from '../core/database.js';
import { reportSettings } from './settings.js';

/** A plan as PostgreSQL reports it, or why there is none. */
export type Explained = { plan: unknown } | { noPlan: string };

/** Statements that only read can be run once more to see what they do; of others PostgreSQL only says what it would do. */
const onlyReads = (text: string): boolean => /^\s*select\b/i.test(text) && !/\bfor (no key )?update\b/i.test(text);
const hasPlan = (text: string): boolean => /^\s*(select|with|insert|update|delete)\b/i.test(text);

/** The plans of statements inside a tenant, as the server's own connections plan them, in a transaction that can only read. */
export function explain(database: Database, tenantId: string, statements: readonly Statement[]): Promise<Explained[]> {
  return database.transaction(
    tenantId,
    async (tx) => {
      const result: Explained[] = [];
      for (const statement of statements) result.push(await explained(tx, statement));
      return { result, last: [], final: [], committed: () => {} };
    },
    { snapshot: true },
  );
}

let made = 0;

async function explained(tx: Transaction, { text, values, purpose }: Statement): Promise<Explained> {
  if (!hasPlan(text)) return { noPlan: 'PostgreSQL makes no plan for it.' };
  const name = `"explained-${(made += 1)}"`;
  const given = values.map((value) => literal(pgUtils.prepareValue(value) as string | null));
  const options = onlyReads(text) ? 'analyze, buffers off, format json' : 'format json';
  await tx.run([plain(`prepare ${name} as ${text}`), plain('savepoint explaining')]);
  try {
    if (purpose === 'report')
      await tx.run(Object.entries(reportSettings).map(([key, value]) => plain(`set local ${key} = '${value}'`)));
    const [rows] = await tx.run([
      plain(`explain (${options}) execute ${name}${given.length > 0 ? ` (${given.join(', ')})` : ''}`),
    ]);
    return { plan: (JSON.parse(rows![0]![0]!, withoutOthers) as unknown[])[0] };
  } catch (error) {
    return { noPlan: (error as Error).message };
  } finally {
    // takes the settings back as well
    await tx.run([plain('rollback to savepoint explaining'), plain(`deallocate ${name}`)]);
  }
}

/** How many rows a condition kept back counts rows of other tenants and of other users too. */
const withoutOthers = (key: string, value: unknown): unknown => (key.startsWith('Rows Removed') ? undefined : value);

const literal = (text: string | null): string => (text === null ? 'null' : pg.escapeLiteral(text));
const plain = (text: string): Statement => ({ text, values: [] });
