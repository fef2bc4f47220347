import { createRequire } from 'node:module';

/** The version of this server. package.json is where it stands; `#package.json` finds that file beside the sources and beside what was built. */
export const { version } = createRequire(import.meta.url)('#package.json') as { version: string };
