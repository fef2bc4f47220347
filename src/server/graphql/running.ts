import type { ExecutionResult } from 'graphql';
import { refuse } from '../../core/errors.js';
import { Presence } from '../../core/presence.js';
import { turns } from '../../core/turns.js';
import { tryAgainLater, type Session } from './sessions.js';

/** How many queries and mutations are carried out for one socket at once. */
const maxRunning = 20;
/** How many bytes may wait for a socket's reader before nothing more is carried out for it. */
const maxUnread = 1_000_000;

/** How many operations of a socket may be refused since it has too many, before it is closed; for how many milliseconds after each nothing more is read from it, and of how many it took. */
const maxRefused = 300;
const pauseMs = 10;
const refusalMs = 0.2;

/** A query or mutation of a socket, from before anything is awaited for it to its end. */
export interface Running {
  /** gone when the socket is, or when the client completes the operation */
  presence: Presence;
  /** Says that it has ended. */
  done: () => void;
}

/** Counts a query or mutation. Refuses RATE_LIMITED. */
export function admit(session: Session): Running {
  if (session.running >= maxRunning || session.socket.bufferedAmount > maxUnread) throw refuse('RATE_LIMITED');
  session.running += 1;
  const presence = new Presence();
  const stays = session.presence.during(() => presence.leave());
  return {
    presence,
    done: () => {
      stays();
      session.running -= 1;
    },
  };
}

/** Reads a socket more slowly on which a client goes on although each answer says that it asks too much, and closes it in the end. */
export function refuseFlood(session: Session): void {
  const {
    socket,
    ctx: { tenant },
  } = session;
  session.refused += 1;
  if (session.refused === maxRefused) return socket.close(tryAgainLater, 'RATE_LIMITED');
  turns.charge(tenant.id, refusalMs);
  if (socket.isPaused) return;
  socket.pause();
  // those of one tenant do not all go on at once
  setTimeout(() => socket.resume(), pauseMs + turns.pauseOf(tenant.id) * (1 + Math.random()));
}

/**
 * The only result of a query or mutation, or nothing where it has been sent already, as graphql-ws sees one that the client can complete while it is under way: what
 * is read for it is stopped then, and nothing more is sent.
 */
export function resultOf(
  { presence, done }: Running,
  work: () => Promise<ExecutionResult | undefined>,
): AsyncGenerator<ExecutionResult, void, void> {
  const end = { value: undefined, done: true } as const;
  let begun = false;
  let ended = false;
  let taken = false;
  let leave = (): void => {};
  const left = new Promise<typeof end>((resolve) => (leave = () => resolve(end)));
  // what has been worked out counts until it is sent, or a client that reads nothing could have any number of answers waiting
  const note = (): void => {
    if (ended && taken) done();
  };
  const begin = async (): Promise<IteratorResult<ExecutionResult, void>> => {
    try {
      const value = await work();
      if (value) return { value, done: false };
      taken = true;
      return end;
    } catch (error) {
      taken = true;
      throw error;
    } finally {
      ended = true;
      note();
    }
  };
  const finish = async (): Promise<typeof end> => {
    if (taken) return end;
    taken = true;
    ended ||= !begun;
    begun = true;
    note();
    return end;
  };
  const stop = (): Promise<typeof end> => {
    leave();
    presence.leave();
    return finish();
  };
  const result: AsyncGenerator<ExecutionResult, void, void> = {
    next: () => {
      if (begun) return finish();
      begun = true;
      return Promise.race([left, begin()]);
    },
    return: stop,
    throw: (error) => Promise.reject(error as Error),
    [Symbol.asyncIterator]: () => result,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
  return result;
}
