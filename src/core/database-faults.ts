import type { ErrorCode } from './errors.js';

// What the errors mean that PostgreSQL and its driver raise.

/** SQLSTATE of an error that PostgreSQL (or the driver) raised, if it is one. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** What says that the database cannot be reached or went away: SQLSTATEs, classes of them, and codes of Node. */
const unreachable = ['08', '53300', '57P', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'] as const;

/** The SQLSTATEs of a transaction that collided with another one, and of a statement that was stopped. */
const collisions = ['40001', '40P01', '55P03'] as const;
const stopped = ['57014'] as const;

/** Faults that pass by waiting, and the errors as which they are answered. */
const passingFaults: ReadonlyArray<[ErrorCode, readonly string[]]> = [
  ['CONTENDED', collisions],
  ['TIMED_OUT', stopped],
  ['UNAVAILABLE', unreachable],
  ['UNAVAILABLE', ['25006', '25P03', '53', '58', 'EDQUOT', 'EHOSTUNREACH', 'EMFILE', 'ENETUNREACH', 'ENOSPC', 'EROFS']],
];

/** Whether an error carries one of the codes, or an SQLSTATE of one of the classes (its first two or three signs). */
function isOneOf(error: unknown, codes: readonly string[]): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return false;
  const state = sqlState(error);
  return codes.some((one) => one === code || (state !== undefined && one.length < 5 && state.startsWith(one)));
}

/** The error as which a fault that passes by waiting is answered; undefined for any other. */
export function passingFault(error: unknown): ErrorCode | undefined {
  const [found] = passingFaults.find(([, codes]) => isOneOf(error, codes)) ?? [];
  return found ?? (isUnavailable(error) ? 'UNAVAILABLE' : undefined);
}

/** True if PostgreSQL gave up a transaction because it collided with another one: it can be tried again from its start. */
export const collided = (error: unknown): boolean => isOneOf(error, collisions);

/** True if PostgreSQL stopped a statement: because it took too long, or because nobody waited for it any more. */
export const isStopped = (error: unknown): boolean => isOneOf(error, stopped);

/** What the driver says, without a code, and a distributed database, of a connection that was lost or could not be made. */
const lostConnection =
  /failure on connection marked as essential|server closed the connection unexpectedly|unexpected eof|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;

/** True if the database could not be reached or went away: the caller should try again later. */
export function isUnavailable(error: unknown): boolean {
  if (isOneOf(error, unreachable)) return true;
  const state = sqlState(error);
  const saysNothing = state === undefined || state.startsWith('XX');
  return saysNothing && error instanceof Error && lostConnection.test(error.message);
}

/** True if a text was sent that PostgreSQL cannot hold: one with the character U+0000. */
export const isUnstorable = (error: unknown): boolean => ['22021', '22P05'].includes(sqlState(error) ?? '');
