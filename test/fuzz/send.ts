import { Agent, request } from 'node:http';
import type { Wire } from './requests.js';

/** How long an answer is waited for, in milliseconds. */
const timeoutMs = 30_000;
/** How long a request that is never finished stays open. */
const unfinishedMs = 50;

export type Outcome =
  | { kind: 'answered'; status: number; text: string }
  | { kind: 'hung' }
  /** the connection ended without an answer, or the request could not be written at all */
  | { kind: 'cut'; reason: string }
  | { kind: 'unfinished' };

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends a request, and waits for the head of the answer and for its end, if it is not a stream. */
export function send(address: string, { method, path, headers, body, unfinished }: Wire): Promise<Outcome> {
  return new Promise((settle) => {
    const { hostname, port } = new URL(address);
    const timer = setTimeout(() => end({ kind: 'hung' }), timeoutMs);
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      settle(outcome);
      sent?.destroy();
    };
    let sent: ReturnType<typeof request> | undefined;
    try {
      const length = (body?.length ?? 0) + (unfinished ? 1_000 : 0);
      sent = request({
        agent: unfinished ? false : agent,
        hostname,
        port,
        method,
        path: path.replace(/[^\x21-\xff]/g, ''),
        headers: { ...headers, ...((body || unfinished) && { 'content-length': String(length) }) },
      });
    } catch (error) {
      return end({ kind: 'cut', reason: String((error as { code?: string }).code) });
    }
    const open = sent;
    open.once('error', (error: NodeJS.ErrnoException) => end({ kind: 'cut', reason: String(error.code) }));
    open.once('response', (response) => {
      const chunks: Buffer[] = [];
      const answered = (): void => {
        clearTimeout(timer);
        settle({
          kind: 'answered',
          status: response.statusCode!,
          text: Buffer.concat(chunks).toString().slice(0, 2_000),
        });
      };
      if (/event-stream/.test(response.headers['content-type'] ?? '')) {
        answered();
        return void open.destroy();
      }
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.once('end', answered);
      response.once('error', answered);
      response.once('close', answered);
    });
    if (body) open.write(body);
    if (!unfinished) return void open.end();
    setTimeout(() => end({ kind: 'unfinished' }), unfinishedMs);
  });
}
