import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/**
 * The files that take longest on a machine of two cores, the longest first: those that wait for something the server does
 * after some seconds, and those with very many cases. Begun last, one of them would keep the others' cores waiting.
 */
const longest = [
  'read/differential',
  'live/due',
  'events/webhook-failures',
  'live/rights',
  'events/broker',
  'requests/generated',
  'identity/published-keys',
  'events/feed',
  'events/consumed',
  'search/plans',
  'database/demo',
  'live/resume',
  'read/paging',
  'read/statements',
  'repetition/keys',
  'config/config',
  'success/health-run',
  'money/books',
  'requests/attacks',
  'rest-facade/cell/failures',
];

/** Runs the longest files first, and the others as Jest would: by how long they took last time, or by their size. */
export default class LongestFirst extends Sequencer {
  constructor(options) {
    super(options);
    for (const name of longest)
      if (!existsSync(fileOf(name))) throw new Error(`longest-first.mjs names ${name}.test.ts, which there is not.`);
  }

  sort(tests) {
    const places = new Map(longest.map((name, index) => [fileOf(name), index]));
    const placeOf = ({ path }) => places.get(path) ?? longest.length;
    return super.sort(tests).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

const fileOf = (name) => join(import.meta.dirname, '..', `${name}.test.ts`);
