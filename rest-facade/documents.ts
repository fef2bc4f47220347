import { DomainError } from '../src/core/errors.js';
import type { Deprecations } from './engine/deprecations.js';
import { refusalOf } from './engine/errors.js';
import type { Document } from './engine/openapi/document.js';
import { described, openapi } from './engine/openapi/openapi.js';
import type { CompiledDialect } from './engine/plan/compiled-dialect.js';
import type { Answer, Dialect, RestRequest } from './engine/types.js';

/** The OpenAPI documents of the facade, each made when it is first asked for. */
export interface Documents {
  names: ReadonlyArray<Dialect['name']>;
  /** the document of a dialect, or, under the name `all`, of all of them; null for another name */
  of(name: string): Document | null;
  /** a refusal in a dialect's own format */
  refused(name: Dialect['name'], error: DomainError, request: RestRequest): Answer;
}

/** Makes the documents of compiled dialects. `version` is the server's; what is deprecated is marked. */
export function documents(
  compiled: readonly CompiledDialect[],
  version: string,
  deprecations?: Deprecations,
): Documents {
  const made = new Map<string, Document>();
  const siteOf = (name: string): CompiledDialect | undefined => compiled.find(({ dialect }) => dialect.name === name);
  const make = (name: string): Document | null => {
    const site = siteOf(name);
    if (site) return openapi(site, version, deprecations);
    return name === 'all' ? described(compiled, version, 'crm-graph', deprecations) : null;
  };
  return {
    names: compiled.map(({ dialect }) => dialect.name),
    of(name) {
      const document = made.get(name) ?? make(name);
      if (document) made.set(name, document);
      return document;
    },
    refused: (name, error, request) => {
      const { dialect } = siteOf(name)!;
      return dialect.error(refusalOf(error, dialect, undefined), request);
    },
  };
}
