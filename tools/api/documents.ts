import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ormOptions from '../../mikro-orm.config.js';
import { documents } from '../../rest-facade/documents.js';
import { compileDialects } from '../../rest-facade/index.js';
import { openOrm } from '../../src/database/orm.js';
import { engine } from '../../src/read/engine.js';
import { inProcessClient } from '../../src/schema/in-process-client.js';
import { asyncApi } from '../../src/server/asyncapi.js';
import { buildGraph, printGraph } from '../../src/schema/schema.js';
import type { ApiDocuments } from './breaking.js';

/** Where the documents of the last release stand. */
export const releasedDirectory = join(import.meta.dirname, '../../docs/api');

/** The documents that stand in a directory. */
export const documentsIn = (directory: string): ApiDocuments =>
  Object.fromEntries(
    readdirSync(directory)
      .filter((file) => /\.(json|graphql)$/.test(file))
      .map((file) => [file, readFileSync(join(directory, file), 'utf8')]),
  );

/** The documents as this program serves them. No database is asked. */
export function presentDocuments(version: string): ApiDocuments {
  openOrm(ormOptions, 'postgres://none:none@127.0.0.1:1/none');
  const schema = buildGraph();
  const made = documents(compileDialects(inProcessClient(engine(schema))), version);
  return {
    'schema.graphql': printGraph(schema),
    'asyncapi.json': `${JSON.stringify(asyncApi(version, 'http://localhost'), null, 1)}\n`,
    ...Object.fromEntries(made.names.map((name) => [`${name}.json`, `${JSON.stringify(made.of(name), null, 1)}\n`])),
  };
}
