// What is known of the cluster that is started: where it is, whose it is, how it is reached.

/** The system account that PostgreSQL runs as; undefined where it is simply ours. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** A cluster: its directory, who runs it and with which programs. */
export interface Cluster {
  /** real path of PGDATA */
  data: string;
  account: Account | undefined;
  /** real path of the directory that holds bin, lib and share */
  native: string;
  durable: boolean;
  log: (line: string) => void;
}

/** The only address that PostgreSQL listens on. */
export const HOST = '127.0.0.1';
export const DATABASE = 'crm';
export const SUPERUSER = 'postgres';
export const OWNER = 'crm_owner';
export const SERVER = 'crm_server';
/** How long attempts that end at once are repeated, for instance while the last processes of a killed server go away. */
export const RETRY_LIMIT_MS = 10_000;
/** How long a server that is alive may take to recover after a crash. */
export const RECOVERY_LIMIT_MS = 5 * 60_000;
export const WINDOWS = process.platform === 'win32';
/** Advice in a refusal to start. */
export const ADVICE = 'set CRM_DATABASE_URL to use a PostgreSQL of your own';

export function connectionString(role: string, password: string, port: number, database = DATABASE): string {
  return `postgresql://${role}:${password}@${HOST}:${port}/${database}`;
}

/** Settings that make a cluster fast and unsafe, where that is wanted. */
export function durability({ durable }: Cluster): string[] {
  return durable ? [] : ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off'];
}
