import { createHash } from 'node:crypto';
import { onDatabase, type Context } from '../core/context.js';
import type { Row, Statement } from '../core/database.js';
import { refuse } from '../core/errors.js';
import { OneByOne } from '../core/one-by-one.js';
import { RequestTransaction } from './request-transaction.js';

/** An answer as it went out. */
export interface Answered {
  status: number;
  /** body, byte for byte */
  body: string;
  /** entity tag of the record in it, if it shows one */
  etag?: string | undefined;
}

/** A request that carries a key, so that it is carried out once however often it arrives. */
export interface Keyed {
  key: string;
  /** everything that identifies the request: operation and values; sender and channel are compared separately */
  content: unknown;
  /** what another content under the same key means, if the sender is the same: a refusal, or the first answer all the same */
  other: 'refuse' | 'replay';
}

/** The answer to a keyed request. */
export interface IdempotentAnswer extends Answered {
  /** true if an earlier request with the key had been carried out, and this is its answer */
  replayed: boolean;
}

/** Where a keyed request runs. */
export interface IdempotentScope {
  ctx: Context;
  /** number of operations done so far */
  completed: () => number;
}

/** Carries out a request; `done` says whether anything was done that must not be done again. */
export type Attempt = (inside: IdempotentScope) => Promise<Answered & { done: boolean }>;

export type IdempotencyGuard = (ctx: Context, request: Keyed, attempt: Attempt) => Promise<IdempotentAnswer>;

const maxKeyLength = 200;

/**
 * The key that a request carries in its headers, if it does: in `Idempotency-Key`, and with `requestIds` in `X-Request-ID`
 * where that is missing. Elsewhere a request id is for tracing alone, since a mesh sends one with every call that belongs
 * together. Refuses TOO_LONG beyond 200 characters.
 */
export function keyOf(header: (name: string) => string | undefined, requestIds = false): string | undefined {
  const name = ['Idempotency-Key', ...(requestIds ? ['X-Request-ID'] : [])].find((one) =>
    header(one.toLowerCase())?.trim(),
  );
  const key = name && header(name.toLowerCase())!.trim();
  if (key && key.length > maxKeyLength) throw refuse('TOO_LONG', [name], { max: maxKeyLength });
  return key;
}

/**
 * Makes the guard against repetition. A keyed request runs as one transaction: the key is claimed first, then everything
 * that the request reads and writes joins, and its answer is stored with the commit. A second one with the same key waits
 * for the first, here or in another process, and gets its stored answer; with another content it is refused with
 * IDEMPOTENCY_KEY_REUSED. Where nothing was done, or an error is thrown, nothing is kept, and the key is free again.
 * Keys are remembered for so many hours.
 */
export function idempotencyGuard(hours: number): IdempotencyGuard {
  return async (ctx, { key, content, other }, attempt) => {
    // those of other systems' messages may be of any length
    const short = key.length > maxKeyLength ? digest(key) : key;
    const claim = claiming(ctx, short, content, hours);
    try {
      return await claims.run(`${ctx.tenant.id} ${short}`, () =>
        ctx.database.transaction(ctx.tenant.id, async (tx) => {
          const [claimed, found] = await tx.run(claim.statements);
          if (claimed!.length === 0)
            return { result: claim.replay(found![0]!, other), last: [], final: [], committed: () => {} };
          const inner = new RequestTransaction(tx, ctx.tenant.id);
          ctx.loaders.clear();
          const { done, ...answer } = await attempt({ ctx: within(ctx, inner), completed: () => inner.completed })
            .catch((error: unknown) => Promise.reject((inner.collision ?? error) as Error))
            .finally(() => inner.end());
          if (inner.collision) throw inner.collision;
          if (!done) throw new NothingDone(answer);
          const { final, committed } = inner.ending();
          return {
            result: { ...answer, replayed: false },
            last: [claim.store(withoutSecrets(answer, ctx))],
            final,
            committed,
          };
        }),
      );
    } catch (error) {
      if (error instanceof NothingDone) return { ...error.answer, replayed: false };
      throw error;
    }
  };
}

/** An answer as it is stored: secrets that it shows are null in it. */
const withoutSecrets = (answer: Answered, { secrets }: Context): Answered => ({
  ...answer,
  body: secrets.reduce((body, secret) => body.replaceAll(JSON.stringify(secret), 'null'), answer.body),
});

/** Rolls back a transaction that did nothing worth keeping. */
class NothingDone extends Error {
  constructor(readonly answer: Answered) {
    super('Nothing was done.');
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The same caller on another database; loaders and counters are shared. */
function within(ctx: Context, database: RequestTransaction): Context {
  const inside = onDatabase(ctx, database);
  outside.set(database, ctx);
  return inside;
}

const outside = new WeakMap<object, Context>();

/**
 * Starts work that continues after the request, as soon as its changes are committed. It must use the context that it
 * is given.
 */
export function afterwards(ctx: Context, work: (ctx: Context) => void): void {
  if (ctx.database instanceof RequestTransaction) ctx.database.afterCommit(() => work(outside.get(ctx.database)!));
  else work(ctx);
}

interface Claim {
  statements: Statement[];
  replay: (row: Row, other: Keyed['other']) => IdempotentAnswer;
  store: (answer: Answered) => Statement;
}

function claiming(ctx: Context, key: string, content: unknown, hours: number): Claim {
  const sender = digest(JSON.stringify([ctx.channel, ctx.user.id]));
  const sent = digest(JSON.stringify(content));
  return {
    // the insert waits for an uncommitted transaction with the same key; the next statement sees its result
    statements: [
      {
        name: 'key-claim',
        text: `insert into idempotency_key (tenant_id, key, sender, content, at, expires_at) values ($1, $2, $3, $4, now(), now() + make_interval(hours => $5::int))
          on conflict (tenant_id, key) do update set sender = excluded.sender, content = excluded.content, at = excluded.at, expires_at = excluded.expires_at where idempotency_key.expires_at <= excluded.at returning key`,
        values: [ctx.tenant.id, key, sender, sent, hours],
      },
      {
        name: 'key-find',
        text: 'select sender, content, status, answer, etag from idempotency_key where tenant_id = $1 and key = $2',
        values: [ctx.tenant.id, key],
      },
    ],
    replay: ([knownSender, knownContent, status, body, etag], other) => {
      if (knownSender !== sender || (knownContent !== sent && other === 'refuse'))
        throw refuse('IDEMPOTENCY_KEY_REUSED');
      return { status: Number(status), body: body!, replayed: true, ...(etag && { etag }) };
    },
    store: ({ status, body, etag }) => ({
      name: 'key-store',
      text: 'update idempotency_key set status = $3::int, answer = $4, etag = $5 where tenant_id = $1 and key = $2',
      values: [ctx.tenant.id, key, status, body, etag ?? null],
    }),
  };
}

/** One at a time for each key within this process: those who wait for the first one must not use up the connections it needs. */
const claims = new OneByOne();
