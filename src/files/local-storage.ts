import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Storage } from './storage.js';

/** Contents as files below a directory, one folder per tenant. What is taken over must lie on the same disk. */
export function localStorage(directory: string): Storage {
  const place = (key: string): string => path.join(directory, ...key.split('/'));
  return {
    async keep(key, file) {
      const target = place(key);
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      await rename(file.path, target);
    },
    async read(key, range) {
      // opened before it is streamed, so that a missing content is an error before the answer has begun
      const file = await open(place(key));
      return createReadStream('', { fd: file, ...range });
    },
    remove: (key) => rm(place(key), { force: true }),
  };
}
