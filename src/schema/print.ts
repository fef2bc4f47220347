import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isObjectType, type GraphQLSchema } from 'graphql';
import { openOrm } from '../database/orm.js';
import { buildGraph, printGraph } from './schema.js';
import ormOptions from '../../mikro-orm.config.js';

// Writes schema.graphql from the program, and the list of types that clients' caches keep by no id; with --check it only
// compares, for `npm run check`.
openOrm(ormOptions, 'postgres://none:none@127.0.0.1:1/none');
const graph = buildGraph();
write('schema.graphql', printGraph(graph));
write('test/clients/value-types.ts', printValueTypes(graph));

/** The types that a cache cannot know again, as a module: objects without an id, other than the roots. */
function printValueTypes(schema: GraphQLSchema): string {
  const names = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__') && !('id' in type.getFields()))
    .map(({ name }) => name)
    .filter((name) => !['Query', 'Mutation', 'Subscription'].includes(name));
  return [
    '// Types of the graph without an id: a cache keeps them within what shows them. Written by `npm run schema`.',
    'export const valueTypes: readonly string[] = [',
    ...names.toSorted().map((name) => `  '${name}',`),
    '];',
    '',
  ].join('\n');
}

function write(name: string, text: string): void {
  const file = new URL(`../../${name}`, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    process.stderr.write(
      `${name} is not what the program prints; run \`npm run schema\` and look at the difference.\n`,
    );
    process.exitCode = 1;
  }
}
