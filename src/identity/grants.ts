import { createHmac, timingSafeEqual } from 'node:crypto';
import { now } from '../core/clock.js';
import type { Grant } from '../core/context.js';
import { opened, sealed } from '../core/sealed.js';

/** What a request signs in with. */
export interface Bearer {
  authorization: string;
  /** tenant that is named beside it */
  tenant?: string | undefined;
}

/** What tickets are for. */
export const purposes = ['events', 'socket'] as const;
export type Purpose = (typeof purposes)[number];

/** For how long a ticket lets somebody begin, in seconds. */
export const ticketSeconds = 60;
/** Links work for this long at least, and for less than twice as long, in seconds: within one period they stay the same. */
export const linkSeconds = 300;

/**
 * Tickets and signed links: what stands in an address in the place of a token. Each holds the token itself, encrypted with
 * a secret of the servers, so that whoever uses it is checked exactly as with the token; it serves one purpose, for a short
 * while.
 */
export class Grants {
  constructor(private readonly secret: Buffer) {}

  /** A ticket for a purpose, and when it ends. */
  ticket(bearer: Bearer, purpose: Purpose): { ticket: string; expires: Date } {
    const end = Math.floor(now().getTime() / 1000) + ticketSeconds;
    return { ticket: this.seal(bearer, end, `ticket ${purpose}`), expires: new Date(end * 1000) };
  }

  /** Who a ticket stands for; undefined for what is none for that purpose, or has ended. */
  openTicket(ticket: string, purpose: Purpose): Bearer | undefined {
    return this.open(ticket, `ticket ${purpose}`);
  }

  /** What addresses are signed with for somebody. */
  grant(bearer: Bearer): Grant {
    const end = (Math.floor(now().getTime() / 1000 / linkSeconds) + 2) * linkSeconds;
    const text = this.seal(bearer, end, 'link');
    return { text, key: this.keyOf(text), expires: new Date(end * 1000) };
  }

  /** Who a signed address stands for, of which `path` is all but the signature; undefined for what was not signed so, or has ended. */
  openLink(grant: string, signature: string, path: string): Bearer | undefined {
    const right = createHmac('sha256', this.keyOf(grant)).update(path).digest();
    const given = Buffer.from(signature, 'hex');
    return given.length === right.length && timingSafeEqual(given, right) ? this.open(grant, 'link') : undefined;
  }

  private keyOf(grant: string): Buffer {
    return createHmac('sha256', this.secret).update(`link ${grant}`).digest();
  }

  private seal({ authorization, tenant }: Bearer, end: number, about: string): string {
    return sealed(this.secret, JSON.stringify([end, authorization, tenant ?? null]), about);
  }

  private open(text: string, about: string): Bearer | undefined {
    const content = opened(this.secret, text, about);
    if (content === undefined) return undefined;
    const [end, authorization, tenant] = JSON.parse(content) as [number, string, string | null];
    return end * 1000 > now().getTime() ? { authorization, tenant: tenant ?? undefined } : undefined;
  }
}
