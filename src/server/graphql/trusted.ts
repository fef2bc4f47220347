import { createHash } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { refuse } from '../../core/errors.js';
import { log } from '../../core/log.js';
import { Recent } from '../../core/recent.js';
import type { Manifest } from '../../graphql/manifest.js';

/** The operation of a request as it came: its text, or the id of a text. */
export interface Asked {
  query?: unknown;
  documentId?: unknown;
  extensions?: unknown;
}

export interface TrustedOptions {
  manifest: Manifest;
  /** other operations are carried out as well, and logged */
  reportOnly: boolean;
}

/** How many operations that are not trusted are remembered, so that each is logged once. */
const maxLogged = 1_000;

/** Lets clients run the operations of a manifest alone, by their ids or by their texts. */
export class TrustedDocuments {
  /** requests that asked for something else */
  untrusted = 0;
  readonly reportOnly: boolean;
  private readonly manifest: Manifest;
  private readonly texts: ReadonlySet<string>;
  private readonly logged = new Recent<true>(maxLogged);

  constructor({ manifest, reportOnly }: TrustedOptions) {
    this.manifest = manifest;
    this.texts = new Set(manifest.values());
    this.reportOnly = reportOnly;
  }

  /** The text of a trusted operation, whether a request holds it or names it by its id; undefined for any other. */
  textOf({ query, ...rest }: Asked): string | undefined {
    if (typeof query === 'string' && query !== '') return this.texts.has(query) ? query : undefined;
    const id = idOf(rest);
    return id === undefined ? undefined : this.manifest.get(id);
  }

  /** Counts and logs an operation that is not trusted. Refuses OPERATION_NOT_TRUSTED, unless others are only reported. */
  note({ query, ...rest }: Asked): void {
    const text = typeof query === 'string' && query !== '' ? query : undefined;
    const id = idOf(rest);
    // what asks for nothing is refused elsewhere
    if (text === undefined && id === undefined) return;
    this.untrusted += 1;
    this.logOnce(text === undefined ? id!.slice(0, 100) : createHash('sha256').update(text).digest('hex'), text);
    if (!this.reportOnly) throw refuse('OPERATION_NOT_TRUSTED');
  }

  private logOnce(hash: string, text: string | undefined): void {
    if (this.logged.get(hash)) return;
    this.logged.set(hash, true);
    log.warn(
      { event: 'operation.notTrusted', hash, name: text && nameIn(text), carriedOut: this.reportOnly },
      'an operation is not one of the trusted documents',
    );
  }
}

/** The id of a text: `documentId`, or the hash of a persisted query. */
function idOf({ documentId, extensions }: Asked): string | undefined {
  if (typeof documentId === 'string' && documentId !== '') return documentId;
  const persisted = (extensions as { persistedQuery?: { sha256Hash?: unknown } } | null | undefined)?.persistedQuery;
  return typeof persisted?.sha256Hash === 'string' ? persisted.sha256Hash : undefined;
}

/** The name of the first operation of a text. */
const nameIn = (text: string): string | undefined => /\b(?:query|mutation|subscription)\s+(\w{1,100})/.exec(text)?.[1];

/** The same request with the text of its operation in place of the id. */
export function withText<T extends Asked>({ documentId: _documentId, extensions, ...rest }: T, query: string): Asked {
  const { persistedQuery: _persistedQuery, ...others } = (extensions ?? {}) as Record<string, unknown>;
  return { ...rest, query, ...(Object.keys(others).length > 0 && { extensions: others }) };
}

/** Puts texts in the place of ids, and refuses what is not trusted, before Apollo sees a request. */
export const onlyTrusted =
  (trusted: TrustedDocuments): RequestHandler =>
  (request: Request, _response: Response, next: NextFunction) => {
    const given = request.method === 'GET' ? ofAddress(request) : (request.body as unknown);
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return next();
    const text = trusted.textOf(given as Asked);
    if (text === undefined) {
      trusted.note(given as Asked);
      return next();
    }
    const asked = withText(given as Asked, text);
    if (request.method === 'GET') request.url = addressOf(request, asked);
    else request.body = asked;
    next();
  };

const parametersOf = ({ url }: Request): URLSearchParams => new URL(url, 'http://localhost').searchParams;

/** The parameters of a GET; extensions that are no JSON are left to Apollo. */
function ofAddress(request: Request): Asked {
  const fields: Record<string, unknown> = Object.fromEntries(parametersOf(request));
  if (typeof fields['extensions'] !== 'string') return fields;
  try {
    return { ...fields, extensions: JSON.parse(fields['extensions']) as unknown };
  } catch {
    return { ...fields, extensions: undefined };
  }
}

function addressOf(request: Request, { query, extensions }: Asked): string {
  const parameters = parametersOf(request);
  parameters.delete('documentId');
  parameters.set('query', String(query));
  if (extensions === undefined) parameters.delete('extensions');
  else parameters.set('extensions', JSON.stringify(extensions));
  return `${request.url.split('?')[0]}?${parameters.toString()}`;
}
