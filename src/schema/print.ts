import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { openOrm } from '../database/orm.js';
import { buildGraph, printGraph } from './schema.js';
import ormOptions from '../../mikro-orm.config.js';

// Writes schema.graphql from the program; with --check it only compares, for `npm run check`.
openOrm(ormOptions, 'postgres://none:none@127.0.0.1:1/none');
const file = new URL('../../schema.graphql', import.meta.url);
const text = printGraph(buildGraph());
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  process.stderr.write(
    'schema.graphql is not what the program prints; run `npm run schema` and look at the difference.\n',
  );
  process.exitCode = 1;
}
