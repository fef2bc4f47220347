import { createServer } from 'node:http';
import '../../src/schema/schema.js';
import { Recent } from '../../src/core/recent.js';
import { weakenings } from './weakenings.js';

// Imported by a server of the tests before it starts (`weakened.full.test.ts`): makes its policies weaker, one at a time,
// when it is told to, through a socket of its own. What the server works out from policies is not remembered meanwhile.

Recent.prototype.get = () => undefined;

const all = new Map(weakenings().map((one) => [one.name, one]));
let restore = (): void => {};

createServer((request, response) => {
  const wanted = decodeURIComponent(request.url!.slice(1));
  restore();
  restore = all.get(wanted)?.weaken() ?? ((): void => {});
  response.end(JSON.stringify([...all.values()].map(({ name, kind, about }) => ({ name, kind, about }))));
})
  .listen(process.env['WEAKENED_SOCKET']!)
  .unref();
