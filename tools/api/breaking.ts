import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { breakingAsyncApi, type AsyncApi } from './asyncapi.js';
import type { Breaking } from './change.js';
import { breakingOpenApi, type OpenApi } from './openapi.js';

/** The documents of the server's interfaces by file name: `schema.graphql`, `asyncapi.json`, and `<dialect>.json` for each dialect. */
export type ApiDocuments = Readonly<Record<string, string>>;

/** What of the changes between two sets of documents may break a client. A document that is gone is such a change. */
export async function breakingChanges(before: ApiDocuments, after: ApiDocuments): Promise<Breaking[]> {
  const found: Breaking[] = [];
  for (const [file, text] of Object.entries(before)) {
    const present = after[file];
    if (present === undefined) found.push({ place: file, change: 'is gone' });
    else if (file.endsWith('.graphql')) found.push(...(await breakingGraph(text, present)));
    else if (file === 'asyncapi.json')
      found.push(...breakingAsyncApi(JSON.parse(text) as AsyncApi, JSON.parse(present) as AsyncApi));
    else found.push(...breakingOpenApi(JSON.parse(text) as OpenApi, JSON.parse(present) as OpenApi));
  }
  return found;
}

async function breakingGraph(before: string, after: string): Promise<Breaking[]> {
  const changes = await diff(buildSchema(before), buildSchema(after));
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ path, message }) => ({ place: path ?? 'schema', change: message }));
}
