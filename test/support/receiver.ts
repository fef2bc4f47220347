import { createServer, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  /** the event */
  event: { id: string; type: string; subject: string; sequence: string };
}

/** How the receiver answers a request; a status, or headers beside it, or nothing at all. */
type Answer = number | { status: number; headers: Record<string, string> } | 'silence';

export interface Receiver {
  url: string;
  /** everything that arrived, in its order */
  received: Received[];
  /** what was answered with a status below 300 */
  taken: Received[];
  /** decides the answers from now on */
  answer: (how: (request: Received) => Answer) => void;
  /** resolves when so many were taken */
  until: (count: number) => Promise<Received[]>;
}

const open: Array<() => Promise<void>> = [];
afterEach(() => Promise.all(open.splice(0).map((close) => close())));

/** A real HTTP server that stands for another system; closed after the test. */
export async function receiver(how: (request: Received) => Answer = () => 204): Promise<Receiver> {
  const received: Received[] = [];
  const taken: Received[] = [];
  let decide = how;
  const server = createServer((request, response) => {
    let body = '';
    request
      .setEncoding('utf8')
      .on('data', (chunk) => (body += String(chunk)))
      .on('end', () => {
        const found = { headers: request.headers, body, event: JSON.parse(body) as Received['event'] };
        received.push(found);
        const answer = decide(found);
        if (answer === 'silence') return;
        const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
        if (status < 300) taken.push(found);
        response.writeHead(status, headers).end();
      });
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  open.push(
    () =>
      new Promise((settle) => {
        server.closeAllConnections();
        server.close(() => settle());
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/hook`,
    received,
    taken,
    answer: (next) => (decide = next),
    until: async (count) => {
      while (taken.length < count) await pause(20);
      return taken;
    },
  };
}
