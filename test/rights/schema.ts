import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';

/** The graph as it is served (`test/graphql/schema.test.ts` holds the file against the server). */
export const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
