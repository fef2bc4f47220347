import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The version that package.json says. */
export const { version } = JSON.parse(readFileSync(resolve(__dirname, '../../package.json'), 'utf8')) as {
  version: string;
};
