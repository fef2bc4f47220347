import type { JWTPayload } from 'jose';
import { refuse } from '../core/errors.js';
import { log } from '../core/log.js';
import { given, inSpan, outbound } from '../core/tracing.js';
import { claimsOf, type Claims } from './claims.js';

/** Longest that the platform may take to answer, in milliseconds. */
const timeoutMs = 5_000;
/** Maximum number of characters read of an answer. */
const maxAnswerBytes = 65_536;

/** Statuses with which the platform says that the token is not good; any other failure is the platform's own. */
const refusals = [400, 401, 403];

/**
 * Asks the platform who the bearer is. Refuses UNAUTHENTICATED where it rejects the token, and AUTH_UNAVAILABLE where
 * it does not answer, answers too late, or answers with something else: that says nothing about the token, and clients
 * must keep it.
 */
export async function askPlatform(address: string, authorization: string): Promise<Claims> {
  const answer = await answerOf(address, authorization).catch((error: unknown) =>
    unavailable(
      address,
      (error as Error).name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : reasonOf(error),
    ),
  );
  if (refusals.includes(answer.status)) throw refuse('UNAUTHENTICATED');
  if (answer.status < 200 || answer.status > 299) return unavailable(address, `status ${answer.status}`);
  const body = parsed(answer.text) ?? unavailable(address, 'no JSON object');
  const data = isObject(body['data']) ? body['data'] : body;
  const subject = data['sub'] ?? data['username'] ?? data['id'];
  return claimsOf({
    ...data,
    sub: ['string', 'number'].includes(typeof subject) ? String(subject) : '',
    tenant_id: data['tenant_id'] ?? data['tenantId'] ?? null,
  } as JWTPayload);
}

/** Redirects are not followed: they would hand over the caller's token. */
const answerOf = (address: string, authorization: string): Promise<{ status: number; text: string }> =>
  inSpan('GET platform', outbound(address), () => fetched(address, authorization));

async function fetched(address: string, authorization: string): Promise<{ status: number; text: string }> {
  const response = await fetch(address, {
    headers: given({ authorization, accept: 'application/json' }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxAnswerBytes) throw new Error(`more than ${maxAnswerBytes} characters`);
  }
  return { status: response.status, text };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

const reasonOf = (error: unknown): string =>
  String((error as { cause?: { code?: unknown } }).cause?.code ?? (error as Error).message);

function unavailable(address: string, reason: string): never {
  log.warn({ event: 'auth.platformUnavailable', address, reason }, 'the platform could not check a token');
  throw refuse('AUTH_UNAVAILABLE');
}
