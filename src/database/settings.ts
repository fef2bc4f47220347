import type { Purpose } from '../core/database.js';

/** Settings of PostgreSQL by their names. */
export type Settings = Readonly<Record<string, string>>;

interface Wished {
  distributed?: boolean;
  role?: string;
  deadlines?: Readonly<Record<Purpose, number>>;
}

/** What the server's statements run with, whichever way it reaches them. */
export const settingsFor = ({ distributed, role, deadlines }: Wished): Settings => ({
  timezone: 'UTC',
  jit: 'off',
  // data is mostly in memory, where index lookups of single rows cost little more than sequential reads
  random_page_cost: '1.1',
  // a distributed database cannot plan functions with parameters generically
  ...Object.fromEntries([
    distributed ? ['citus.propagate_set_commands', 'local'] : ['plan_cache_mode', 'force_generic_plan'],
  ]),
  ...(role && { role }),
  ...(deadlines && { statement_timeout: String(deadlines.read) }),
});
