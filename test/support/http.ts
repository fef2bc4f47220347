import { Kind, OperationTypeNode, parse } from 'graphql';
import { SignJWT } from 'jose';
import { isChosen } from './generated.js';
import { complaintOf } from './openapi.js';

function given(key: string): string {
  const value = process.env[key];
  if (!value) throw new Error(`${key} is unset: this file needs the server that Jest's globalSetup starts.`);
  return value;
}

/** Where the server under test listens, without a slash at the end. */
export const address = (): string => given('CRM_TEST_ADDRESS');
export const ownerUrl = (): string => given('CRM_TEST_OWNER_URL');
export const serverUrl = (): string => given('CRM_TEST_SERVER_URL');
export const testSecret = (): string => given('CRM_TEST_SECRET');

export type Role = 'platform_admin' | 'tenant_admin' | 'manager' | 'sales' | 'viewer' | 'service';

export interface TokenOptions {
  sub?: string;
  /** null leaves the claim out */
  tenant_id?: string | null;
  roles?: Role[];
  name?: string;
  scope?: string;
  /** as jose takes it, e.g. `1h`, or seconds since 1970 */
  expires?: string | number;
  secret?: string;
  /** further claims; undefined leaves out one that is set otherwise */
  claims?: Record<string, unknown>;
}

/** A token as the platform would sign it. */
export function token({
  sub = 'somebody',
  tenant_id = null,
  roles = ['tenant_admin'],
  name,
  scope,
  expires = '12h',
  secret = testSecret(),
  claims = {},
}: TokenOptions): Promise<string> {
  const jwt = new SignJWT({
    roles,
    ...(tenant_id !== null && { tenant_id }),
    ...(name && { name }),
    ...(scope && { scope }),
    ...claims,
  }).setProtectedHeader({ alg: 'HS256' });
  if (!('sub' in claims)) jwt.setSubject(sub);
  if (!('iat' in claims)) jwt.setIssuedAt();
  if (!('exp' in claims)) jwt.setExpirationTime(expires);
  return jwt.sign(new TextEncoder().encode(secret));
}

/** An answer of the server, with the request beside it so that a failing test can tell the story. */
export interface Answer {
  request: { method: string; url: string; headers: Record<string, string>; body: unknown };
  status: number;
  headers: Headers;
  /** parsed where the answer is JSON, else its text */
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
  /** how many SQL statements the server sent for it; 0 where it does not say */
  statements: number;
}

let counted = 0;

/**
 * Sends one request; `body` goes as JSON unless it is text or bytes already. Every request carries an id of its own. What
 * a REST dialect answers is held against its OpenAPI document.
 */
export async function send(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answer> {
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
  const all: Record<string, string> = {
    ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
    'x-request-id': `test-${crypto.randomUUID()}`,
    'accept-language': 'en',
    ...headers,
  };
  const target = url.startsWith('http') ? url : address() + url;
  const response = await fetch(target, {
    method,
    headers: all,
    redirect: 'manual',
    ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const statements = Number(response.headers.get('x-crm-statements') ?? 0);
  counted += statements;
  const answer = {
    request: { method, url, headers: all, body },
    status: response.status,
    headers: response.headers,
    body: parsed(response, text),
    statements,
  };
  const complaint = target.startsWith(address())
    ? ((await complaintOf(answer, address())) ?? (await complaintOfExecutors(target, answer, text)))
    : null;
  if (complaint) throw new Error(`${complaint}\n${exchangeOf(answer)}`);
  return answer;
}

/**
 * Whether both executors are to give the answer: to queries as they are usually sent, that do not choose one themselves.
 * `npm test` asks both for one query in eight, by its text, and for others in the next run.
 */
function isForBoth(target: string, { request: { method, headers, body }, status }: Answer): boolean {
  if (
    method !== 'POST' ||
    !target.endsWith('/graphql') ||
    status >= 500 ||
    'x-crm-executor' in headers ||
    'x-crm-explain' in headers
  )
    return false;
  const { query, extensions } = (body ?? {}) as { query?: unknown; extensions?: unknown };
  if (typeof query !== 'string' || extensions || !isChosen(query, 8)) return false;
  try {
    return parse(query).definitions.every(
      (node) => node.kind !== Kind.OPERATION_DEFINITION || node.operation === OperationTypeNode.QUERY,
    );
  } catch {
    return false;
  }
}

/**
 * A query of a test is also given to the plain executor, which must answer it with the same bytes. Where the data
 * have changed in between, both are asked again.
 */
async function complaintOfExecutors(target: string, answer: Answer, text: string): Promise<string | null> {
  if (!isForBoth(target, answer)) return null;
  const { method, headers, body } = answer.request;
  const again = async (executor?: string): Promise<string> =>
    (
      await fetch(target, {
        method,
        headers: { ...headers, ...(executor && { 'x-crm-executor': executor }) },
        body: JSON.stringify(body),
      })
    ).text();
  let compiled = text;
  for (let tries = 0; ; tries += 1) {
    const plain = await again('plain');
    const [one, other] = [compiled, plain].map((each) => JSON.stringify(comparable(each)));
    if (one === other) return null;
    const latest = await again();
    // data that change to and fro have changed as well
    if ((latest === compiled && (await again('plain')) === plain) || tries === 5)
      return `The two executors differ. The plain one says: ${plain.slice(0, 3_000)}`;
    compiled = latest;
  }
}

/**
 * An answer of the graph in the form in which two are equal: every byte, but errors in whatever order they were found, and of
 * those that left nothing of what is around them only where that is: GraphQL leaves open which of several is reported then.
 */
export function comparable(body: string): { errors: unknown; rest: string } {
  const { errors, data } = JSON.parse(body) as { errors?: Reported[]; data?: unknown };
  if (!errors) return { errors, rest: body };
  const said = errors.map((error) => {
    const { path = [], extensions } = error;
    const nulled = path.findIndex((_, length) => at(data, path.slice(0, length)) === null);
    if (nulled === -1) return JSON.stringify(error);
    const isCallers = !/INTERNAL|UNAVAILABLE/.test(extensions?.code ?? '');
    return JSON.stringify({ path: path.slice(0, nulled), code: isCallers ? 'of the caller' : extensions!.code });
  });
  return { errors: [...new Set(said)].toSorted(), rest: body.slice(body.indexOf('],"data":')) };
}

interface Reported {
  path?: Array<string | number>;
  extensions?: { code: string };
}

/** What stands at a path of the data. */
const at = (data: unknown, path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | null | undefined)?.[step], data);

function parsed(response: Response, text: string): unknown {
  if (!/\bjson\b/.test(response.headers.get('content-type') ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** How many SQL statements the server sent for all requests of `work`. */
export async function queries(work: () => Promise<unknown>): Promise<number> {
  const before = counted;
  await work();
  return counted - before;
}

/** The whole exchange as text for people. */
export function exchangeOf({ request, status, body }: Answer): string {
  const { authorization, 'x-request-id': requestId, ...headers } = request.headers;
  const sent = (request.body ?? {}) as { query?: string; variables?: unknown };
  const payload =
    typeof sent.query === 'string'
      ? `${sent.query}\nvariables ${JSON.stringify(sent.variables ?? {})}`
      : JSON.stringify(request.body);
  return [
    `${request.method} ${request.url} ${JSON.stringify(headers)}`,
    `request id ${requestId}, ${authorization ? 'with' : 'without'} token`,
    (payload ?? '').slice(0, 3_000),
    `answered ${status}: ${typeof body === 'string' ? body : JSON.stringify(body, null, 1)}`.slice(0, 3_000),
  ].join('\n');
}
