import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Kind, visit, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import type { Context, Channel } from '../../core/context.js';
import { presenceOf } from '../../core/presence.js';
import { encoded } from '../../core/encoded.js';
import { Recent, type Sizes } from '../../core/recent.js';
import { requestError } from '../../graphql/limits.js';
import type { Engine } from '../../read/engine.js';
import { maxTextLength } from '../../read/plans.js';
import { bodyOf, executorHeader } from './answers.js';
import { asksForCost, costHeader, type ReportCost } from './costs.js';
import { asksToExplain } from './explain.js';
import type { Keyed, KeyedAnswer } from '../keyed.js';
import { callerOf, type Caller } from '../request.js';
import { withText, type TrustedDocuments } from './trusted.js';

/** Maximum number of cached documents. */
const maxDocuments = 1_000;

export interface FastPathOptions {
  engine: Engine;
  production: boolean;
  identify: (caller: Caller, channel: Channel) => Promise<Context>;
  keyed: Keyed;
  /** most points that an operation may cost */
  maxCost: number;
  reportCost: ReportCost;
  /** where only some operations are carried out, or others are reported */
  trusted?: TrustedDocuments | undefined;
}

/**
 * The fast path for operations that Apollo has parsed and validated before: identify, coerce, send one statement,
 * write its text. Any unusual request goes on to Apollo, which answers as if there were no fast path.
 */
export interface FastPath {
  /** Remembers a text that Apollo found valid; `persisted` says that it may be asked for by its hash alone. */
  remember(text: string, document: DocumentNode, persisted: boolean): void;
  /** Whether a text is remembered. */
  knows(text: string): boolean;
  /** The document of a text that is remembered, by the text's hash. */
  documentOf(hash: string): DocumentNode | undefined;
  /** Answers a request, of a POST with its body; false if it has to go on. */
  handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<boolean>;
  /** Current and maximum number of cached documents. */
  sizes(): Sizes;
}

interface CachedDocument {
  text: string;
  document: DocumentNode;
  hash: string;
  persisted: boolean;
}

/** A request that the fast path can answer. */
interface FastPathRequest {
  known: CachedDocument;
  operationName: string | undefined;
  variables: Record<string, unknown>;
  operation: OperationDefinitionNode;
  /** the answer is to say what it cost */
  asksCost: boolean;
}

export function fastPath({
  engine,
  production,
  identify,
  keyed,
  maxCost,
  reportCost,
  trusted,
}: FastPathOptions): FastPath {
  const byText = new Recent<CachedDocument>(maxDocuments);
  const byHash = new Recent<CachedDocument>(maxDocuments);

  /** The operation, if its text is known and nothing about the request is unusual. */
  function asked(request: IncomingMessage, sent: unknown): FastPathRequest | undefined {
    if (!production && request.headers[executorHeader] === 'plain') return undefined;
    const body = request.method === 'GET' ? fromUrl(request.url!) : sent;
    if (!isRecord(body)) return undefined;
    const text = trusted?.textOf(body);
    // what is not trusted is refused behind
    if (trusted && text === undefined && !trusted.reportOnly) return undefined;
    const { query, operationName, variables, extensions }: Record<string, unknown> =
      text === undefined ? body : { ...withText(body, text) };
    if (!production && asksToExplain(request.headers, extensions)) return undefined;
    const known = knownOf(query, extensions);
    if (!known || !optional(operationName, isName) || !optional(variables, isRecord)) return undefined;
    const operation = operationNamed(known.document, operationName);
    if (!operation || (request.method === 'GET' && operation.operation !== 'query')) return undefined;
    if (trusted && text === undefined) trusted.note(body);
    return {
      known,
      operationName: operationName ?? undefined,
      variables: variables ?? {},
      operation,
      asksCost: asksForCost(request.headers[costHeader], extensions),
    };
  }

  function knownOf(query: unknown, extensions: unknown): CachedDocument | undefined {
    const persisted = isRecord(extensions) ? extensions['persistedQuery'] : undefined;
    if (!optional(extensions, isRecord) || (persisted !== undefined && !isPersisted(persisted))) return undefined;
    if (typeof query !== 'string') {
      const found = query === undefined && persisted ? byHash.get(persisted.sha256Hash) : undefined;
      return found?.persisted ? found : undefined;
    }
    const known = byText.get(query);
    // a text that is to be kept under a hash has to have it: Apollo says so if it has not, and keeps it if it has
    return persisted ? undefined : known;
  }

  async function answered(
    { known, operationName, variables, operation: operationNamed, asksCost }: FastPathRequest,
    request: IncomingMessage,
    ctx: Context,
  ): Promise<KeyedAnswer | undefined> {
    const operation = { ...known, operationName };
    const keyedAnswer = await keyed(
      { operation, meant: operationNamed, variables, header: (name) => headerOf(request, name), plain: false },
      ctx,
    );
    if (keyedAnswer) return keyedAnswer;
    const result = await engine.answer(operation, variables, ctx);
    if ('data' in result) {
      const asked = { document: known.document, operation: operationNamed, variables };
      const extensions = asksCost ? { cost: reportCost(asked, JSON.parse(result.data)) } : undefined;
      return { status: 200, body: bodyOf(result, ctx, extensions), headers: {}, executor: 'compiled' };
    }
    ctx.stats.declined = result.declined;
    return undefined;
  }

  return {
    remember(text, document, persisted) {
      if (text.length > maxTextLength) return;
      const before = byText.get(text);
      if (before) {
        before.persisted ||= persisted;
        return;
      }
      withoutTokens(document);
      const known = { text, document, hash: createHash('sha256').update(text).digest('hex'), persisted };
      byText.set(text, known);
      byHash.set(known.hash, known);
    },
    knows: (text) => byText.get(text) !== undefined,
    documentOf: (hash) => byHash.get(hash)?.document,
    sizes: () => ({ texts: [byText.size, maxDocuments], hashes: [byHash.size, maxDocuments] }),
    async handle(request, response, sent) {
      const found = asked(request, sent);
      if (!found) return false;
      let ctx: Context;
      try {
        ctx = await identify({ ...callerOf(request.headers), presence: presenceOf(response) }, 'graphql');
      } catch {
        // Apollo identifies again and says what is wrong
        return false;
      }
      ctx.stats.operation = found.operation.name?.value;
      const { known, operation, variables } = found;
      if (requestError(engine.schema, known.document, operation, variables, maxCost, ctx.stats)) return false;
      const answer = await answered(found, request, ctx);
      if (!answer) return false;
      const { status, body, headers, executor } = answer;
      if (!production) response.setHeader(executorHeader, executor).setHeader('x-crm-statements', ctx.stats.statements);
      const text = encoded(body);
      const bytes = text instanceof Buffer ? text : await text;
      response
        .writeHead(status, {
          'cache-control': 'no-store',
          ...headers,
          'content-type': 'application/json; charset=utf-8',
          'content-length': bytes.length,
        })
        .end(bytes);
      return true;
    },
  };
}

/**
 * Drops the token chain that a document was parsed from, which is many times its size; error locations work without
 * it.
 */
function withoutTokens(document: DocumentNode): void {
  visit(document, {
    enter({ loc }) {
      if (loc) Object.assign(loc, { startToken: undefined, endToken: undefined });
    },
  });
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value[0] : value;
}

/** The parameters of a GET request, whose variables and extensions are JSON; undefined if one is repeated. */
function fromUrl(url: string): unknown {
  const fields: Record<string, unknown> = {};
  try {
    for (const [name, value] of new URLSearchParams(url.slice(url.indexOf('?') + 1))) {
      if (Object.hasOwn(fields, name)) return undefined;
      fields[name] = name === 'variables' || name === 'extensions' ? (JSON.parse(value) as unknown) : value;
    }
    return fields;
  } catch {
    return undefined;
  }
}

function operationNamed(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  return name
    ? operations.find((node) => node.name?.value === name)
    : operations.length === 1
      ? operations[0]
      : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isPersisted = (value: unknown): value is { version: 1; sha256Hash: string } =>
  isRecord(value) && value['version'] === 1 && typeof value['sha256Hash'] === 'string';
const optional = <T>(value: unknown, is: (value: unknown) => value is T): value is T | null | undefined =>
  value === undefined || value === null || is(value);
