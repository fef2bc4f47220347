import { request } from 'node:http';
import type { Weakening } from './weakenings.js';

export type Given = Omit<Weakening, 'weaken'>;

/** What makes the named policy of the server at a socket weaker, and all others as they were; returns all that there are. */
export const weakenAt =
  (socketPath: string) =>
  (name: string): Promise<Given[]> =>
    new Promise((done, failed) => {
      request({ socketPath, path: `/${encodeURIComponent(name)}` }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => done(JSON.parse(text) as Given[]));
      })
        .once('error', failed)
        .end();
    });
