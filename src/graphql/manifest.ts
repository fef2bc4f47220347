import { readFileSync } from 'node:fs';
import { parse } from 'graphql';

/** What is wrong with a manifest, to follow the name of the configuration key. */
export class ManifestError extends Error {}

/** The operations of a manifest: texts by their id. */
export type Manifest = ReadonlyMap<string, string>;

/**
 * Reads the operations that clients were built with, in either form that tools write: Apollo's operation manifest, or the
 * JSON object from hash to document that graphql-codegen's `persistedDocuments` gives. Throws a ManifestError.
 */
export function readManifest(path: string): Manifest {
  const operations = operationsOf(contentOf(path));
  if (operations.length === 0) throw new ManifestError('must name a manifest with operations; there is none in it');
  for (const [id, text] of operations) {
    if (typeof id !== 'string' || id === '' || typeof text !== 'string')
      throw new ManifestError('must name a manifest whose operations are texts with an id each');
    try {
      parse(text, { noLocation: true });
    } catch {
      throw new ManifestError(`must name a manifest of GraphQL; its operation ${JSON.stringify(id)} is none`);
    }
  }
  return new Map(operations as Array<[string, string]>);
}

function contentOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw new ManifestError(
      error instanceof SyntaxError ? 'must name a manifest in JSON' : 'must name a file that can be read',
    );
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const apolloFormat = 'apollo-persisted-query-manifest';

function operationsOf(content: unknown): Array<[id: unknown, text: unknown]> {
  if (!isObject(content)) throw new ManifestError('must name a manifest: an object with the operations by their hash');
  if (content['format'] === undefined) return Object.entries(content);
  const { format, version, operations } = content;
  if (format !== apolloFormat || version !== 1 || !Array.isArray(operations))
    throw new ManifestError(`must name a manifest of the format ${apolloFormat}, version 1, if it names a format`);
  return operations.map((one: unknown) => (isObject(one) ? [one['id'], one['body']] : [undefined, undefined]));
}
