import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { now } from '../../core/clock.js';
import { inLanguage, type Context } from '../../core/context.js';
import { isUnavailable } from '../../core/database-faults.js';
import { DomainError } from '../../core/errors.js';
import { onAccessChange } from '../../feed/access-changes.js';
import { Presence } from '../../core/presence.js';
import { log } from '../../core/log.js';
import { asRefusal } from '../../graphql/errors.js';
import { inactiveAmong } from '../../identity/user.service.js';
import type { Subscriber } from '../../live/group.js';
import type { Hub } from '../../live/hub.js';
import type { Asking } from '../rates/asking.js';
import { localeOf, type Caller, type Identify } from '../request.js';

/** How often it is checked whether those behind open sockets still may what they may, in milliseconds. The issuer's last answer counts as long. */
const interval = 2_000;
/** How long a socket stays open while its token cannot be checked, in milliseconds. */
const gracePeriodMs = 60_000;
/** How many tokens are checked at once. */
const atOnce = 20;

/** A socket whose caller is known. */
export interface Session {
  readonly socket: WebSocket;
  readonly caller: Caller;
  /** the caller with the rights of this moment */
  ctx: Context;
  /** when the token was last found good */
  good: number;
  readonly subscribers: Set<Subscriber>;
  /** subscriptions that are being prepared, and are not among the subscribers yet */
  starting: number;
  /** subscriptions to reports, those that are being prepared included */
  reports: number;
  /** queries and mutations that are being carried out */
  running: number;
  /** operations that were refused since it has too many */
  refused: number;
  /** gone when the socket is closed */
  readonly presence: Presence;
  /** for whom its operations are counted */
  readonly asking: Asking | undefined;
}

/** Sessions by what they have in common. */
function grouped(sessions: Iterable<Session>, keyOf: (session: Session) => string): Map<string, Session[]> {
  const groups = new Map<string, Session[]>();
  for (const session of sessions) {
    const key = keyOf(session);
    const group = groups.get(key);
    if (group) group.push(session);
    else groups.set(key, [session]);
  }
  return groups;
}

/** What a socket is closed with by the status of a refusal; 1013 asks the client to try again later. */
const closings: Record<number, number> = { 401: CloseCode.Unauthorized, 403: CloseCode.Forbidden };

/** Closes a socket whose caller is refused: 4403 for what they may not, 4401 for a token that is not good, 1013 for what will pass. */
export const refuseSocket = (socket: WebSocket, { status, code }: DomainError): void =>
  socket.close(closings[status] ?? tryAgainLater, code);

/** Clients connect again, and go on behind the last event they saw. */
export const tryAgainLater = 1013;

/**
 * The sockets that are open. Each is closed when its token ends; every two seconds each token is checked again, and each
 * user's being active: who is refused loses their sockets, who has other rights goes on with these.
 */
export class Sessions {
  private readonly open = new Map<WebSocket, Session>();
  private readonly timer: NodeJS.Timeout;
  private readonly stopWatching: () => void;
  private checking = false;
  /** access has changed since the check under way began */
  private again = false;

  constructor(
    private readonly hub: Hub,
    private readonly identify: Identify,
  ) {
    this.timer = setInterval(() => void this.check(), interval);
    this.stopWatching = onAccessChange(() => void this.check());
  }

  /** Opens a session on a socket; resolves when every later commit will be published on it. */
  async begin(socket: WebSocket, caller: Caller, asking?: Asking): Promise<Session> {
    const ctx = await this.identify({ ...caller, asking }, 'graphql');
    const release = await this.hub.attend(ctx);
    const session: Session = {
      socket,
      caller,
      ctx,
      good: Date.now(),
      subscribers: new Set(),
      starting: 0,
      reports: 0,
      running: 0,
      refused: 0,
      presence: new Presence(),
      asking,
    };
    if (socket.readyState !== socket.OPEN) {
      release();
      return session;
    }
    this.open.set(socket, session);
    // a timer cannot wait longer than some weeks; a socket does not live that long
    const ending =
      ctx.expires &&
      setTimeout(
        () => socket.close(CloseCode.Unauthorized, 'UNAUTHENTICATED'),
        Math.min(Math.max(ctx.expires.getTime() - now().getTime(), 0), 2 ** 31 - 1),
      );
    socket.once('close', () => {
      session.presence.leave();
      clearTimeout(ending);
      this.open.delete(socket);
      for (const subscriber of session.subscribers) this.hub.leave(subscriber);
      release();
    });
    return session;
  }

  /** How many sockets are open. */
  get size(): number {
    return this.open.size;
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopWatching();
  }

  private async check(): Promise<void> {
    this.again = true;
    if (this.checking) return;
    this.checking = true;
    try {
      while (this.again) {
        this.again = false;
        await this.checkAll();
      }
    } finally {
      this.checking = false;
    }
  }

  private async checkAll(): Promise<void> {
    try {
      const callers = grouped(this.open.values(), ({ caller }) => `${caller.authorization} ${caller.tenant ?? ''}`);
      const waiting = [...callers.values()];
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (let sessions = waiting.pop(); sessions; sessions = waiting.pop()) await this.checkToken(sessions);
        }),
      );
      // a tenant whose own requests leave it no connection keeps no other from being checked
      const tenants = [...grouped(this.open.values(), ({ ctx }) => ctx.tenant.id).values()];
      const failed = (await Promise.allSettled(tenants.map((sessions) => this.checkUsers(sessions)))).find(
        (checked) => checked.status === 'rejected' && !isRateLimited(checked.reason),
      );
      if (failed?.status === 'rejected') throw failed.reason;
    } catch (error) {
      if (!isUnavailable(error))
        log.error(
          { event: 'socket.checkFailed', err: error },
          'the tokens of open sockets could not be checked; retrying',
        );
    }
  }

  /** Sessions of one token in one tenant. */
  private async checkToken(sessions: readonly Session[]): Promise<void> {
    const [{ caller, ctx }] = sessions as [Session];
    try {
      const present = await this.identify(caller, 'graphql', interval);
      if (present.tenant.id !== ctx.tenant.id)
        return sessions.forEach(({ socket }) => socket.close(CloseCode.Forbidden, 'TENANT_FORBIDDEN'));
      for (const session of sessions) this.goOn(session, present);
    } catch (error) {
      // what says nothing about the token (an issuer that does not answer, a lost database) leaves the socket alone for a while
      const refusal = asRefusal(error);
      for (const { socket, good } of sessions)
        if (closings[refusal.status] || Date.now() - good > gracePeriodMs) refuseSocket(socket, refusal);
    }
  }

  /** Who has other rights, or works in a tenant with another language, time zone or currency, goes on with these. */
  private goOn(session: Session, found: Context): void {
    session.good = Date.now();
    const present = inLanguage(found, localeOf(session.caller.language, found.tenant.language));
    if (meaningOf(present) === meaningOf(session.ctx)) return;
    session.ctx = present;
    for (const subscriber of session.subscribers) this.hub.move(subscriber, present);
  }

  /** Sessions of one tenant: users who may no longer sign in lose theirs. */
  private async checkUsers(sessions: readonly Session[]): Promise<void> {
    const [{ ctx }] = sessions as [Session];
    const inactive = await inactiveAmong(ctx.database, ctx.tenant.id, [
      ...new Set(sessions.map(({ ctx: { user } }) => user.id)),
    ]);
    for (const {
      socket,
      ctx: { user },
    } of sessions)
      if (inactive.has(user.id)) socket.close(CloseCode.Forbidden, 'FORBIDDEN');
  }
}

/** What of a caller what they are sent depends on. */
const meaningOf = ({ rightsKey, user, locale, tenant }: Context): string =>
  [rightsKey, user.id, locale, tenant.timeZone, tenant.currency].join(' ');

const isRateLimited = (error: unknown): boolean => error instanceof DomainError && error.code === 'RATE_LIMITED';
