import { Router, type Request, type Response } from 'express';
import { onAccessChange } from '../feed/access-changes.js';
import { follow, listen } from '../feed/bus.js';
import { now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { changesAfter, cloudEvent, feedEnd, maxEvents } from '../events/feed.service.js';
import { asRefusal } from '../graphql/errors.js';
import { refused } from './refusals.js';
import { callerOf, type Identify } from './request.js';

/** How often a silent stream says that it is still there, and where it stands, in milliseconds. */
const heartbeat = 15_000;
const streamHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' };

/** For how long a token that was good is taken to be so, in milliseconds. */
const believed = 2_000;

interface EventsOptions {
  identify: Identify;
  /** aborted when the server stops: clients connect again, and go on behind the last event they saw */
  stopping: AbortSignal;
}

/**
 * `GET /api/v1/events`: the feed of changes as CloudEvents. As JSON a page after `after` (by default from the oldest
 * event kept), at most `limit`; for `Accept: text/event-stream` a stream after `Last-Event-ID` or `after` (by default
 * from now on) that continues as changes are committed and ends with the token, or when the server stops. Its events are
 * named by their types; with `events=message` they have no name, so that `onmessage` of a browser gets them all.
 */
export function eventsRouter(options: EventsOptions): Router {
  const router = Router({ strict: true });
  router.get('/api/v1/events', (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refused(error, request, response);
    });
  });
  return router;
}

async function answer({ identify, stopping }: EventsOptions, request: Request, response: Response): Promise<void> {
  const ctx = await identify(callerOf(request.headers), 'graphql');
  response.setHeader('cache-control', 'no-store');
  const names = text(request.query['events']) ?? 'named';
  if (names !== 'named' && names !== 'message') throw refuse('INVALID', ['events']);
  const after = text(request.headers['last-event-id'] ?? request.query['after']);
  if (request.accepts(['application/json', 'text/event-stream']) === 'text/event-stream') {
    if (request.method === 'HEAD') {
      if (after !== undefined) await changesAfter(ctx, after, 1);
      response.writeHead(200, streamHeaders).end();
      return;
    }
    return stream(
      ctx,
      () => identify(callerOf(request.headers), 'graphql', believed),
      after ?? (await feedEnd(ctx)),
      response,
      stopping,
      names === 'named',
    );
  }
  const limit = text(request.query['limit']);
  const { events, cursor, hasMore } = await changesAfter(ctx, after, limit === undefined ? undefined : Number(limit));
  response.json({ events: events.map((event) => cloudEvent(ctx, event)), cursor, hasMore });
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

async function stream(
  begun: Context,
  again: () => Promise<Context>,
  after: string,
  response: Response,
  stopping: AbortSignal,
  named: boolean,
): Promise<void> {
  // refuses a wrong cursor while that can still be said
  await changesAfter(begun, after, 1);
  let cursor = after;
  let wake = (): void => {};
  const ended = new AbortController();
  const end = (): void => ended.abort();
  ended.signal.addEventListener('abort', () => wake());
  const release = await follow(begun.tenant.id);
  const stop = listen(begun.tenant.id, () => wake());
  const ending = begun.expires && setTimeout(end, Math.min(begun.expires.getTime() - now().getTime(), 2 ** 31 - 1));
  response.once('close', end);
  stopping.addEventListener('abort', end);
  if (response.destroyed || stopping.aborted) end();
  let ctx = begun;
  let checked = now().getTime();
  const stopWatching = onAccessChange(() => {
    checked = 0;
    wake();
  });
  let lastSent = checked;
  const check = async (): Promise<void> => {
    if (now().getTime() - checked < believed) return;
    ctx = await again();
    checked = now().getTime();
  };
  const send = async (chunk: string): Promise<void> => {
    if (chunk) lastSent = now().getTime();
    await write(response, chunk, ended.signal);
  };
  try {
    response.writeHead(200, streamHeaders);
    await send(': the feed begins\n\n');
    while (!ended.signal.aborted) {
      // registered before the page is read: what is committed meanwhile triggers a notification
      const notified = new Promise<void>((resolve) => (wake = resolve));
      await check();
      const page = await changesAfter(ctx, cursor, maxEvents);
      cursor = page.cursor;
      await send(
        page.events
          .map(
            (event) =>
              `id: ${event.seq}\n${named ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(cloudEvent(ctx, event))}\n\n`,
          )
          .join(''),
      );
      while (!ended.signal.aborted && !page.hasMore && !(await settledWithin(notified, believed))) {
        await check();
        // the place has moved on as well where the caller could see nothing of what happened
        if (now().getTime() - lastSent >= heartbeat) await send(`: still here\nid: ${cursor}\n\n`);
      }
    }
  } catch (error) {
    // a token that is no longer good ends the stream as its end would
    if (![401, 403].includes(asRefusal(error).status)) throw error;
  } finally {
    clearTimeout(ending);
    stopping.removeEventListener('abort', end);
    stop();
    stopWatching();
    release();
    response.end();
  }
}

/** Writes to a reader as fast as they read, but waits no longer than the stream lasts. */
async function write(response: Response, chunk: string, ended: AbortSignal): Promise<void> {
  if (chunk === '' || response.write(chunk)) return;
  await new Promise<void>((resolve) => {
    response.once('drain', resolve).once('close', resolve);
    ended.addEventListener('abort', () => resolve(), { once: true });
  });
  if (ended.aborted) response.destroy();
}

/** Whether something happened within so many milliseconds. */
async function settledWithin(happening: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, ms, false)));
  const settled = await Promise.race([happening.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}
