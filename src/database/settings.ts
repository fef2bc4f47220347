import type { Purpose } from '../core/database.js';

/** Settings of PostgreSQL by their names. */
export type Settings = Readonly<Record<string, string>>;

interface Wished {
  distributed?: boolean;
  role?: string;
  deadlines?: Readonly<Record<Purpose, number>>;
}

/**
 * What reports run with besides: how many rows a tenant has decides how to read and add up all of them, so they are planned each
 * time for their tenant (a thousandth of a second), and what they sort or hash stays in memory. Few run at once.
 */
export const reportSettings: Settings = Object.fromEntries([
  ['plan_cache_mode', 'force_custom_plan'],
  ['work_mem', '32MB'],
]);

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
