// The passwords of the cluster's roles, kept in it.
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { giveAway } from './account.js';
import type { Cluster } from './cluster.js';

/** The password of each role. */
export interface Passwords {
  superuser: string;
  owner: string;
  server: string;
}

export const PASSWORD_FILE = 'crm-passwords.json';

/** Invents the passwords and writes them into the cluster. */
export function newPasswords(cluster: Cluster): Passwords {
  const passwords = { superuser: newPassword(), owner: newPassword(), server: newPassword() };
  const path = join(cluster.data, PASSWORD_FILE);
  fs.writeFileSync(path, `${JSON.stringify(passwords)}\n`, { mode: 0o600 });
  giveAway(cluster, path);
  return passwords;
}

function newPassword(): string {
  return randomBytes(24).toString('hex');
}

/** The passwords that were written when the cluster was made. */
export function readPasswords(cluster: Cluster): Passwords {
  const path = join(cluster.data, PASSWORD_FILE);
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch {
    throw new Error(
      `The database in ${cluster.data} cannot be opened because ${path} is missing or damaged: restore it, or move the directory away.`,
    );
  }
}
