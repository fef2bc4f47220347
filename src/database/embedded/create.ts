// Makes the cluster.
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { giveAway } from './account.js';
import { ADVICE, type Cluster, DATABASE, durability, HOST, OWNER, SERVER, SUPERUSER, WINDOWS } from './cluster.js';
import { moveIntoPlace, removeAll, UNFINISHED } from './files.js';
import { reason } from './log.js';
import { newPasswords, type Passwords } from './passwords.js';
import { run } from './programs.js';

const UNFINISHED_LIMIT_MS = 10 * 60_000;

/** Makes the cluster beside its place and moves it there complete, so that a start that is killed leaves no half of one. */
export async function create(cluster: Cluster): Promise<void> {
  const began = Date.now();
  removeAbandoned(dirname(cluster.data));
  const fresh = { ...cluster, data: `${cluster.data}${UNFINISHED}${randomBytes(6).toString('hex')}` };
  fs.mkdirSync(fresh.data, { mode: 0o700 });
  try {
    giveAway(cluster, fresh.data);
    await initialize(fresh);
    // initdb allows everybody in until this is written; no server has run yet.
    fs.writeFileSync(join(fresh.data, 'pg_hba.conf'), `host all all ${HOST}/32 scram-sha-256\n`);
    await createRoles(fresh, newPasswords(fresh));
    await moveIntoPlace(fresh.data, cluster.data);
  } finally {
    removeAll(fresh.data);
  }
  cluster.log(`Made a new database in ${cluster.data} in ${Date.now() - began} ms.`);
}

function removeAbandoned(parent: string): void {
  for (const name of fs.readdirSync(parent)) {
    const path = join(parent, name);
    if (name.startsWith(`postgres${UNFINISHED}`) && Date.now() - fs.statSync(path).mtimeMs > UNFINISHED_LIMIT_MS)
      removeAll(path);
  }
}

/**
 * Text is sorted and case-folded by PostgreSQL's builtin C.UTF-8, the same on every machine. LC_CTYPE still matters:
 * under plain C, pg_trgm takes no Chinese character for a letter.
 */
async function initialize(cluster: Cluster): Promise<void> {
  const characterTypes = WINDOWS
    ? ['C']
    : process.platform === 'darwin'
      ? ['en_US.UTF-8', 'C']
      : ['C.UTF-8', 'en_US.UTF-8', 'C'];
  for (const characterType of characterTypes) {
    const args = [
      `--pgdata=${cluster.data}`,
      `--username=${SUPERUSER}`,
      '--auth=trust',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      `--lc-ctype=${characterType}`,
      '--no-instructions',
      ...(cluster.durable ? [] : ['--no-sync']),
    ];
    const { code, output } = await run(cluster, 'initdb', args);
    if (code === 0) return;
    if (!output.includes('invalid locale') || characterType === 'C')
      throw new Error(`initdb could not make a database in ${cluster.data} (${reason(output)}): ${ADVICE}.`);
  }
}

/** In PostgreSQL's single-user mode, where every line is one statement: no server that listens ever runs without passwords. */
async function createRoles(cluster: Cluster, { superuser, owner, server }: Passwords): Promise<void> {
  const limits = 'NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION';
  const statements = [
    `ALTER ROLE ${SUPERUSER} PASSWORD '${superuser}'`,
    `CREATE ROLE ${OWNER} LOGIN ${limits} PASSWORD '${owner}'`,
    `CREATE ROLE ${SERVER} LOGIN ${limits} PASSWORD '${server}'`,
    `CREATE DATABASE ${DATABASE} OWNER ${OWNER}`,
    `REVOKE ALL ON DATABASE ${DATABASE}, postgres, template1 FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${DATABASE} TO ${SERVER}`,
  ];
  const args = [
    '--single',
    '-D',
    cluster.data,
    '-c',
    'exit_on_error=true',
    '-c',
    'password_encryption=scram-sha-256',
    ...durability(cluster),
    'postgres',
  ];
  const { code, output } = await run(cluster, 'postgres', args, `${statements.join('\n')}\n`);
  if (code !== 0)
    throw new Error(
      `The roles of the new database in ${cluster.data} could not be made (${reason(output)}): ${ADVICE}.`,
    );
}
