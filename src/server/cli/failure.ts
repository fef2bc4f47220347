import { ConfigurationError } from '../../config.js';
import { NotDecrypted } from '../../core/encryption.js';
import { isUnavailable, sqlState } from '../../core/database-faults.js';
import { DomainError, messageOf } from '../../core/errors.js';
import { DatabaseNotEmpty } from '../../demo/load.js';

/** A wrong call or an expected failure: one sentence for people, exit code 1. */
export class Failure extends Error {}

/** What went wrong as sentences for people, with the configuration key to change where there is one; undefined for a fault. */
export function sentenceFor(error: unknown): string | undefined {
  if (
    error instanceof Failure ||
    error instanceof ConfigurationError ||
    error instanceof NotDecrypted ||
    error instanceof DatabaseNotEmpty
  )
    return error.message;
  if (error instanceof DomainError) return error.issues.map((issue) => messageOf(issue, 'en')).join('\n');
  const { code, syscall, address, port, hostname, message } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
    hostname?: string;
  };
  if (syscall === 'listen') return listening[code ?? '']?.(address ?? '', port ?? 0);
  const keys = 'see CRM_DATABASE_URL and CRM_DATABASE_OWNER_URL';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The database's host ${hostname ?? ''} is not known; ${keys}.`;
  if (['28P01', '28000', '3D000', '42501'].includes(sqlState(error) ?? ''))
    return `PostgreSQL refuses: ${message}; ${keys}.`;
  if (sqlState(error) === '08P01' && /startup parameter/.test(message))
    return `A pooler stands before the database, which lets no settings pass (${message}): set CRM_DATABASE_POOLER=1.`;
  if (isUnavailable(error)) {
    const place = address === undefined ? '' : ` at ${address}:${port}`;
    return `The database cannot be reached${place} (${code ?? message}); ${keys}.`;
  }
  return undefined;
}

const listening: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (host, port) =>
    `Port ${port} of ${host} is in use by another program: stop it, or choose another port with PORT.`,
  EACCES: (_host, port) => `This account may not listen on port ${port}: choose another one with PORT, e.g. 8001.`,
  EADDRNOTAVAIL: (host) => `This machine has no address ${host}: choose another one with HOST, e.g. 127.0.0.1.`,
  ENOTFOUND: (host) => `There is no address ${host}: choose another one with HOST, e.g. 127.0.0.1.`,
};

/** Writes to standard error why something failed, and makes the exit code 1. */
export function report(error: unknown): void {
  process.stderr.write(`${sentenceFor(error) ?? (error as Error).stack ?? String(error)}\n`);
  process.exitCode = 1;
}
