import { Migration } from '@mikro-orm/migrations';
import type { Options } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { sqlState } from '../core/database-faults.js';
import { log } from '../core/log.js';
import { openOrm } from './orm.js';

/** How often a migration is tried that does not get its locks, and how long is waited between. */
const tries = 120;
const pauseMs = 1_000;

/** What every migration in the list is, as TypeScript sees it. */
class Concrete extends Migration {
  override up(): void | Promise<void> {}
}

interface Listed {
  name: string;
  class: typeof Concrete;
}

/** What is built beside those who read and write, in a database in which there is nobody yet: four transactions less for each index. */
const alone = (statement: string): string =>
  statement.replace(/^(create (?:unique )?index|drop index) concurrently\b/, '$1');

/**
 * Settings for where the database is distributed: a transaction that has changed tables on many connections may make none there
 * any more, and the nodes have to learn of the tenant that it enters.
 */
const settings = [
  "set local citus.multi_shard_modify_mode = 'sequential'",
  "set local citus.propagate_set_commands = 'local'",
];

/**
 * A statement as a distributed database takes it: which tenant is entered reaches the nodes only within a transaction, and by
 * `set local`. Else no rows are there, and nothing is changed without an error. So everything stays locked until the end of the migration.
 */
export const inOneTransaction = (statement: string): string =>
  alone(statement)
    .replaceAll("set_config('app.tenant_id', one::text, true)", 'enter_tenant(one)')
    .replaceAll(/^\s*commit;\n/gm, '');

/**
 * The same migration, waiting no longer than a second for the lock of a table: who waits for one keeps everybody waiting
 * who comes later. One that is no transaction takes only locks beside which a table is read and written, except in a database
 * that is distributed, where it is one. `isNew` says that nobody uses the database yet.
 */
const impatient = ({ name, class: Class }: Listed, is: { new: boolean; distributed: boolean }): Listed => ({
  name,
  class: class extends Class {
    override isTransactional(): boolean {
      return is.distributed || super.isTransactional();
    }

    override getQueries(): ReturnType<Migration['getQueries']> {
      const asIs = (statement: string): string => statement;
      const form = is.distributed ? inOneTransaction : is.new ? alone : asIs;
      const queries = super.getQueries().map((query) => (typeof query === 'string' ? form(query) : query));
      return this.isTransactional() ? ["set local lock_timeout = '1s'", ...settings, ...queries] : queries;
    }
  },
});

/** Runs the migrations that are missing, each in a transaction of its own, and says in texts how far those are that take long. `options` are those of `mikro-orm.config.ts`. */
export async function runMigrations(
  ownerUrl: string,
  options: Options,
  progress: (text: string) => void = () => {},
): Promise<void> {
  const is = { new: false, distributed: false };
  const orm = openOrm(
    {
      ...options,
      migrations: {
        ...options.migrations,
        migrationsList: (options.migrations!.migrationsList as Listed[]).map((one) => impatient(one, is)),
      },
      driverOptions: {
        onPoolCreated: (pool: Pool) =>
          pool.on('connect', (client) =>
            client.on('notice', ({ message, routine }) => {
              // what a migration says, and not what PostgreSQL remarks
              if (routine === 'exec_stmt_raise') progress(message ?? '');
            }),
          ),
      },
    },
    ownerUrl,
  );
  orm.migrator.on('migrated', ({ name }) =>
    log.info({ event: 'database.migrated', migration: name }, `migrated: ${name}`),
  );
  try {
    is.new = (await orm.migrator.getExecuted()).length === 0;
    const [found] = await orm.em
      .getConnection()
      .execute<Array<{ distributed: boolean }>>("select to_regclass('pg_dist_partition') is not null as distributed");
    is.distributed = found!.distributed;
    for (let tried = 1; ; tried += 1) {
      try {
        await orm.migrator.up();
        return;
      } catch (error) {
        if (sqlState(error) !== '55P03' || tried === tries) throw error;
        log.warn({ event: 'database.migrationWaits', tried }, 'a migration waits for the lock of a table');
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  } finally {
    await orm.close(true);
  }
}
