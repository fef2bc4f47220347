import type { BlockList } from 'node:net';
import { now } from '../core/clock.js';
import { fail, given, inSpan } from '../core/tracing.js';
import { signed } from './webhook.signature.js';
import { post, TargetRefused } from './webhook.target.js';

/** How webhooks are tried. Times in milliseconds. */
export interface WebhookRules {
  /** in which an answer must come */
  timeout: number;
  /** after which a delivery that failed so often is tried again */
  backoff: (failures: number) => number;
  /** for which a delivery is tried; a webhook that fails twice as long is disabled */
  giveUp: number;
  /** private networks that may be reached */
  allowed: BlockList;
  /** aborted when the process stops */
  closing: AbortSignal;
}

/** A webhook as it stands at the moment. */
export interface Target {
  url: URL;
  types: string[];
  /** the newest first */
  secrets: string[];
}

export type Outcome =
  { delivered: true } | { delivered: false; error: string; gone: boolean; retryAfter: number | null };

export type Attempt = (target: Target, id: string, body: string) => Promise<Outcome>;

const maxRetryDelayMs = 8 * 3_600_000;
/** The longest that a webhook may ask to be left alone. */
const maxRetryAfterMs = 3_600_000;

/** Waits that double with each failure, up to 8 hours, a fifth more or less by chance, so that what failed together is not tried together. */
export const doubling =
  (first: number) =>
  (failures: number): number =>
    Math.round(Math.min(first * 2 ** Math.min(failures - 1, 40), maxRetryDelayMs) * (0.8 + 0.4 * Math.random()));

/** Makes the one function that posts an event to a webhook. Any status from 200 to 299 means that it has it. */
export function attempter({ timeout, allowed, closing }: WebhookRules): Attempt {
  const attempt: Attempt = async ({ url, secrets }, id, body) => {
    try {
      const headers = given({
        ...signed(secrets, id, now(), body),
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'user-agent': 'crm-graph',
      });
      const { status, retryAfter } = await post(url, { headers, body, timeout, allowed, signal: closing });
      if (status >= 200 && status < 300) return { delivered: true };
      return {
        delivered: false,
        error: status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed.` : `HTTP ${status}.`,
        gone: status === 410,
        retryAfter: askedFor(status, retryAfter),
      };
    } catch (error) {
      return { delivered: false, error: reasonOf(error), gone: false, retryAfter: null };
    }
  };
  return (target, id, body) =>
    inSpan(
      'POST webhook',
      {
        attributes: {
          'http.request.method': 'POST',
          'server.address': target.url.hostname,
          'cloudevents.event_id': id,
        },
        from: {},
      },
      async (span) => {
        const outcome = await attempt(target, id, body);
        if (span && !outcome.delivered) fail(span, outcome.error);
        return outcome;
      },
    );
}

/** The reason of a failure without internal addresses: administrators of the tenant read it. */
function reasonOf(error: unknown): string {
  if (error instanceof TargetRefused) return error.message;
  const { code, message } = error as { code?: unknown; message?: string };
  return typeof code === 'string' ? `The connection failed (${code}).` : (message ?? 'The connection failed.');
}

function askedFor(status: number, retryAfter: string | undefined): number | null {
  if ((status !== 429 && status !== 503) || !retryAfter) return null;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return ms > 0 ? Math.min(ms, maxRetryAfterMs) : null;
}
