import { Router, type Request, type Response } from 'express';
import { follow, listen } from '../core/bus.js';
import { now } from '../core/clock.js';
import type { Context, Face } from '../core/context.js';
import { messageOf } from '../core/errors.js';
import { changesAfter, cloudEvent, feedEnd, mostEvents } from '../events/feed.service.js';
import { asRefusal } from '../graphql/errors.js';
import { callerOf, localeOf, type Caller } from './request.js';

/** How often a silent stream says that it is still there, in milliseconds. */
const heartbeat = 15_000;

/**
 * `GET /api/v1/events`: the feed of changes as CloudEvents. As JSON a page behind `after` (from the oldest event kept
 * unless told), at most `limit`; for `Accept: text/event-stream` a stream behind `Last-Event-ID` or `after` (from now on
 * unless told) that goes on as changes are committed and ends with the token.
 */
export function eventsRouter(options: { identify: (caller: Caller, face: Face) => Promise<Context> }): Router {
  const router = Router({ strict: true });
  router.get('/api/v1/events', (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refused(error, request, response);
    });
  });
  return router;
}

async function answer({ identify }: Parameters<typeof eventsRouter>[0], request: Request, response: Response): Promise<void> {
  const ctx = await identify(callerOf(request.headers), 'graphql');
  response.setHeader('cache-control', 'no-store');
  const after = text(request.headers['last-event-id'] ?? request.query['after']);
  if (request.accepts(['application/json', 'text/event-stream']) === 'text/event-stream') return stream(ctx, after ?? (await feedEnd(ctx)), request, response);
  const limit = text(request.query['limit']);
  const { events, cursor, hasMore } = await changesAfter(ctx, after, limit === undefined ? undefined : Number(limit));
  response.json({ events: events.map((event) => cloudEvent(ctx, event)), cursor, hasMore });
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

async function stream(ctx: Context, after: string, request: Request, response: Response): Promise<void> {
  // refuses a wrong cursor while that can still be said
  await changesAfter(ctx, after, 1);
  let cursor = after;
  let open = true;
  let wake = (): void => {};
  const end = (): void => {
    open = false;
    wake();
  };
  const release = await follow(ctx.tenant.id);
  const stop = listen(ctx.tenant.id, () => wake());
  const ending = ctx.expires && setTimeout(end, Math.min(ctx.expires.getTime() - now().getTime(), 2 ** 31 - 1));
  request.once('close', end);
  try {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    response.write(': the feed begins\n\n');
    while (open) {
      // asked for before the page is read: what is committed meanwhile rings the bell
      const rung = new Promise<void>((resolve) => (wake = resolve));
      const page = await changesAfter(ctx, cursor, mostEvents);
      cursor = page.cursor;
      await write(response, page.events.map((event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(cloudEvent(ctx, event))}\n\n`).join(''));
      while (open && !page.hasMore && !(await settledWithin(rung, heartbeat))) response.write(': still here\n\n');
    }
  } finally {
    clearTimeout(ending);
    stop();
    release();
    response.end();
  }
}

/** Writes to a reader as fast as they read. */
async function write(response: Response, chunk: string): Promise<void> {
  if (chunk === '' || response.write(chunk)) return;
  await new Promise<void>((resolve) => response.once('drain', resolve).once('close', resolve));
}

/** Whether something happened within so many milliseconds. */
async function settledWithin(happening: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, ms, false)));
  const settled = await Promise.race([happening.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}

function refused(error: unknown, request: Request, response: Response): void {
  const refusal = asRefusal(error);
  if (refusal.status === 401) response.setHeader('www-authenticate', 'Bearer');
  response.status(refusal.status).json({ errors: [{ message: messageOf(refusal.issues[0]!, localeOf(request.headers['accept-language'])), extensions: { code: refusal.code } }] });
}
