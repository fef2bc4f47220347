import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { send, testSecret, token } from './http.js';
import { freePort } from './ports.js';
import { startAnother, type Started } from './server.js';
import type { Data } from './tenant.js';

const project = resolve(__dirname, '../..');
const guide = readFileSync(join(project, 'docs/operations.md'), 'utf8');

/** Where the newest PostgreSQL of the system has its programs. */
const programs = (): string => {
  const all = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const newest = all
    .map(Number)
    .toSorted((a, b) => b - a)
    .find((one) => existsSync(`/usr/lib/postgresql/${one}/bin/initdb`));
  if (!newest) throw new Error('PostgreSQL of the system is missing: the Debian package postgresql.');
  return `/usr/lib/postgresql/${newest}/bin`;
};

/**
 * A loss, rehearsed with the commands of docs/operations.md: a PostgreSQL of the system with a database of its own, whose
 * programs are of its own version (the embedded one brings no such tools), and the server on it, as in production.
 */
export class Rehearsal {
  readonly directory = mkdtempSync(join(tmpdir(), 'crm-rehearsal-'));
  private readonly bin = programs();
  private server: Started | undefined;
  private readonly passwords = {
    CRM_OWNER_PASSWORD: randomUUID(),
    CRM_SERVER_PASSWORD: randomUUID(),
    BACKUP_PASSWORD: randomUUID(),
    REPLICATION_PASSWORD: randomUUID(),
  };
  private bearer = '';

  private constructor(private readonly port: number) {}

  static async begin(): Promise<Rehearsal> {
    const one = new Rehearsal(await freePort());
    // PostgreSQL runs as another account, which must be able to write there
    chmodSync(one.directory, 0o777);
    for (const name of ['bin', 'backup', 'archive']) {
      mkdirSync(join(one.directory, name));
      chmodSync(join(one.directory, name), 0o777);
    }
    writeFileSync(join(one.directory, 'bin/crm'), `#!/bin/sh\nexec node ${join(project, 'bin/crm.mjs')} "$@"\n`, {
      mode: 0o755,
    });
    one.asPostgres(`initdb -D cluster -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync`);
    appendFileSync(
      join(one.directory, 'cluster/postgresql.conf'),
      `port = ${one.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '${one.directory}'\nfsync = off\nmax_connections = 60\n`,
    );
    one.asPostgres('pg_ctl start -w -s -D cluster -l log');
    one.shell(`bash ${join(project, 'docker/init-roles.sh')}`);
    one.shell('crm db migrate\ncrm tenant create acme --name 顶点');
    one.bearer = `Bearer ${await token({ sub: 'admin', tenant_id: 'acme', roles: ['tenant_admin'] })}`;
    return one;
  }

  end(): void {
    if (existsSync(join(this.directory, 'cluster/postmaster.pid')))
      this.asPostgres('pg_ctl stop -D cluster -m immediate -s');
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The commands of the guide under that name. */
  step(name: string): string {
    const text = new RegExp(`^<!-- rehearse: ${name} -->\\n\`\`\`sh\\n([^]*?)^\`\`\`$`, 'm').exec(guide)?.[1];
    if (text === undefined) throw new Error(`docs/operations.md has no commands under "rehearse: ${name}".`);
    return text;
  }

  url(role: string, password: string, database = 'crm'): string {
    return `postgres://${role}:${password}@127.0.0.1:${this.port}/${database}`;
  }

  superuser(database = 'crm'): string {
    return this.url('postgres', '-', database);
  }

  get serverUrl(): string {
    return this.url('crm_server', this.passwords.CRM_SERVER_PASSWORD);
  }

  /** Where contents of files are kept. */
  get files(): string {
    return join(this.directory, 'data');
  }

  private environment(): Record<string, string> {
    return {
      NODE_ENV: 'production',
      CRM_HEALTH_AT: 'off',
      CRM_RECYCLE_AT: 'off',
      AUTH_JWT_SECRET: testSecret(),
      CRM_DATA_DIR: this.files,
      CRM_DATABASE_URL: this.serverUrl,
      CRM_DATABASE_OWNER_URL: this.url('crm_owner', this.passwords.CRM_OWNER_PASSWORD),
    };
  }

  private all(): Record<string, string | undefined> {
    const { PATH, HOME } = process.env;
    return {
      PATH: `${join(this.directory, 'bin')}:${this.bin}:${join(process.execPath, '..')}:${PATH}`,
      HOME,
      LOG_LEVEL: 'warn',
      PGHOST: '127.0.0.1',
      PGPORT: String(this.port),
      PGDATA: join(this.directory, 'cluster'),
      SUPERUSER_URL: this.superuser(),
      CRM_BACKUP_URL: this.url('crm_backup', this.passwords.BACKUP_PASSWORD),
      CRM_REPLICATION_URL: this.url('crm_replication', this.passwords.REPLICATION_PASSWORD, 'postgres'),
      CRM_WAL_ARCHIVE: join(this.directory, 'archive'),
      CRM_BASE_BACKUP: join(this.directory, 'base'),
      ...this.passwords,
      ...this.environment(),
    };
  }

  /** Runs commands of the guide, or others, in a shell that stops at the first that fails. */
  shell(text: string, variables: Record<string, string> = {}): string {
    return execFileSync('bash', ['--norc', '-euo', 'pipefail', '-c', text], {
      cwd: join(this.directory, 'backup'),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...this.all(), ...variables } as NodeJS.ProcessEnv,
    });
  }

  /** The same in the account of PostgreSQL, whose programs do not run as root. */
  asPostgres(text: string, variables: Record<string, string> = {}): string {
    const shell = ['bash', '--norc', '-euo', 'pipefail', '-c', text];
    const [file, ...rest] = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...shell] : shell;
    return execFileSync(file!, rest, {
      cwd: this.directory,
      encoding: 'utf8',
      // a server that is started keeps what it is given
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...this.all(), ...variables } as NodeJS.ProcessEnv,
    });
  }

  async sql(text: string, at = this.superuser()): Promise<Data[]> {
    const client = new pg.Client({ connectionString: at });
    await client.connect();
    try {
      return (await client.query(text)).rows as Data[];
    } finally {
      await client.end();
    }
  }

  async start(): Promise<void> {
    this.server = await startAnother({
      ...this.environment(),
      HOST: '127.0.0.1',
      CRM_WEBHOOK_NETWORKS: '127.0.0.0/8',
    });
    if (!this.server.address) throw new Error(this.server.stderr);
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  /** A request of the tenant's administrator. */
  ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown): ReturnType<typeof send> {
    return send(method, this.server!.address! + path, { authorization: this.bearer, ...headers }, body);
  }

  async graph(query: string, variables = {}, headers: Record<string, string> = {}): Promise<Data> {
    const { status, body } = await this.ask('POST', '/graphql', headers, { query, variables });
    expect([status, body.errors]).toEqual([200, undefined]);
    return body.data;
  }

  /** Creates a customer, under a key if one is given. */
  create(name: string, key?: string): Promise<Data> {
    return this.graph(
      'mutation ($name: String!) { customerCreate(input: { name: $name }) { customer { id } userErrors { code } } }',
      { name },
      key === undefined ? {} : { 'idempotency-key': key },
    );
  }

  async names(): Promise<string[]> {
    return (
      await this.graph('{ customers(orderBy: [{ field: NUMBER, direction: ASC }]) { nodes { name } } }')
    ).customers.nodes.map(({ name }: Data) => name);
  }

  feed(after: string): ReturnType<typeof send> {
    return this.ask('GET', `/api/v1/events?after=${after}`, { accept: 'application/json' });
  }
}

/** The answer to a cursor from a time that was lost. */
export const expired = (cursor: string): unknown => [
  cursor,
  410,
  { errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'CURSOR_EXPIRED' }) })] },
];
