import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { WebSocket } from 'ws';

// What is known to have been tried against servers of GraphQL and HTTP, as data: a test strikes once with each, the
// benchmark for as long as it measures what others notice of it.

export interface Target {
  /** e.g. `http://127.0.0.1:8001` */
  address: string;
  /** of somebody who may read and write in their own tenant */
  token: string;
}

export interface Attack {
  name: string;
  /** what becomes of it, as the table says it */
  refused: string;
  /** strikes once and says what came of it; `n` makes each strike another one */
  strike: (target: Target, n: number) => Promise<string>;
  /** what may come of it */
  outcome: RegExp;
  /** it holds a connection until the server cuts it: the longer it waits, the more of them there are */
  holds?: true;
}

const times = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');

/** What an answer says: its status, and the codes of its errors. */
async function said(response: Response): Promise<string> {
  const text = await response.text();
  const codes = [...text.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code]) => code);
  return [response.status, ...new Set(codes)].join(' ');
}

const request = (target: Target, path: string, init: RequestInit): Promise<string> =>
  fetch(target.address + path, {
    ...init,
    headers: { authorization: `Bearer ${target.token}`, ...(init.headers as Record<string, string>) },
  }).then(said);

const post = (target: Target, body: unknown, headers: Record<string, string> = {}): Promise<string> =>
  request(target, '/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? (body as never) : JSON.stringify(body),
  });

const query =
  (text: (n: number) => string): Attack['strike'] =>
  (target, n) =>
    post(target, { query: text(n) });

/** A connection on which only what is written is sent; resolves with the first line that comes, or `cut`, when it is closed. */
function wire({ address }: Target, work: (socket: Socket) => void): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => work(socket));
    socket.on('data', (chunk: Buffer) => (answer = (answer + chunk.toString('latin1')).slice(0, 500)));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer === '' ? 'cut' : answer.slice(9, answer.indexOf('\r\n'))));
  });
}

const head = ({ token }: Target, path: string, more = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${more}`;

/** A connection that is written to little by little until it is cut. */
const trickle =
  (start: (target: Target) => string, drop: string): Attack['strike'] =>
  (target) =>
    wire(target, (socket) => {
      socket.write(start(target));
      const timer = setInterval(() => socket.write(drop), 400);
      socket.once('close', () => clearInterval(timer));
    });

/** A connection that asks for much and reads nothing of it; resolves when it is cut. */
function unread(target: Target, asked: string): Promise<string> {
  const { hostname, port } = new URL(target.address);
  return new Promise((resolve) => {
    const socket = connect({ port: Number(port), host: hostname, highWaterMark: 1_024 } as never);
    socket.pause();
    socket.on('error', () => {});
    socket.once('close', () => resolve('cut'));
    // a refusal ends it as well
    socket.write(asked.replace('\r\n', '\r\nConnection: close\r\n'));
    // a connection that was cut is only found out about by writing or reading
    const timer = setInterval(() => socket.write('\r\n'), 500);
    socket.once('close', () => clearInterval(timer));
  });
}

const large = `{ ${times(4, (n) => `a${n}: customers(first: 500) { nodes { ${times(200, (m) => `name${m}: name`)} } }`)} }`;

/** A socket of graphql-ws; resolves with what it is closed with. */
function socketOf(
  { address, token }: Target,
  work: (socket: WebSocket, close: (said: string) => void) => void,
  init = true,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${address.replace(/^http/, 'ws')}/graphql`, ['graphql-transport-ws']);
    const close = (what: string): void => {
      socket.terminate();
      resolve(what);
    };
    socket.on('error', () => {});
    socket.once('close', (code) => resolve(`closed ${code}`));
    socket.once('open', () => {
      if (!init) return work(socket, close);
      socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } }));
      socket.once('message', () => work(socket, close));
    });
  });
}

const subscribe = (id: string, text: string): string =>
  JSON.stringify({ id, type: 'subscribe', payload: { query: text } });

let bomb: Buffer | undefined;
/** 200 MB of white space in 200 KB. */
const gzipBomb = (): Buffer => (bomb ??= gzipSync(Buffer.alloc(200_000_000, 32)));

const cycle = (depth: number): string => (depth === 0 ? 'name' : `fields { type { ${cycle(depth - 1)} } }`);

export const attacks: readonly Attack[] = [
  {
    name: 'aliases of what costs much',
    refused: '400 before it runs: its cost is over the limit',
    strike: query(
      (n) =>
        `{ ${times(20, (r) => `r${r}: customers(first: 500) { nodes { ${times(9, (a) => `b${a}: behaviorAnalysis { loginCount } h${a}x${n}: healthTrend { direction }`)} } }`)} }`,
    ),
    outcome: /^400 MAX_COST_EXCEEDED$/,
  },
  {
    name: 'the same under 20 names',
    refused: 'answered: worked out once',
    strike: query((n) => `{ ${times(20, (r) => `r${r}x${n}: customers(first: 20) { totalCount nodes { name } }`)} }`),
    outcome: /^(?:200|429 RATE_LIMITED)$/,
  },
  {
    name: 'as much as one operation may cost, at once',
    refused: "answered in turn, within the tenant's share of the connections; 429 or 503 behind it",
    strike: query(
      (n) =>
        `{ x${n}: customers(first: 40) { nodes { behaviorAnalysis { loginCount loginTrend engagement } healthTrend { direction stability } valueAnalysis { revenueTrend } } } }`,
    ),
    outcome: /^(?:200|429 RATE_LIMITED|503 (?:TIMED_OUT|UNAVAILABLE))$/,
  },
  {
    name: 'field duplication',
    refused: '400 before it is parsed: 100,000 characters at most',
    strike: query((n) => `{ a${n}: ${times(50_000, () => '__typename')} }`),
    outcome: /^400 BAD_REQUEST$/,
  },
  {
    name: 'directive overloading',
    refused: '400 while it is parsed: 10,000 tokens at most',
    strike: query((n) => `{ a${n}: viewer { roles ${times(24_000, () => '@aa')} } }`),
    outcome: /^400 GRAPHQL_PARSE_FAILED$/,
  },
  {
    name: 'directive overloading within the tokens',
    refused: '400 before it is validated: 20 directives at one place',
    strike: query((n) => `{ a${n}: viewer { roles ${times(4_900, () => '@aa')} } }`),
    outcome: /^400 (?:GRAPHQL_VALIDATION_FAILED|BAD_REQUEST)/,
  },
  {
    name: 'array batch',
    refused: '400: one operation per request',
    strike: (target, n) =>
      post(
        target,
        Array.from({ length: 5_000 }, () => ({ query: `{ a${n}: __typename }` })),
      ),
    outcome: /^400 BAD_REQUEST$/,
  },
  {
    name: 'circular introspection',
    refused: '400: introspection is off in production, and nested too deep elsewhere',
    strike: query((n) => `{ a${n}: __schema { types { ${cycle(12)} } } }`),
    outcome: /^400 (?:BAD_REQUEST|GRAPHQL_VALIDATION_FAILED)/,
  },
  {
    name: 'introspection under 20 names',
    refused: '400: introspection is off in production, and counts as rows elsewhere',
    strike: query(
      (n) => `{ ${times(20, (a) => `a${a}x${n}: __schema { types { name fields { name args { name } } } }`)} }`,
    ),
    outcome: /^400 (?:BAD_REQUEST|GRAPHQL_VALIDATION_FAILED)/,
  },
  {
    name: 'fragment cycle',
    refused: '400: a fragment cannot hold itself',
    strike: query(
      (n) =>
        `{ a${n}: customers { nodes { ...A } } } ${times(100, (f) => `fragment ${f === 0 ? 'A' : `F${f}`} on Customer { name ...${f === 99 ? 'A' : `F${f + 1}`} }`)}`,
    ),
    outcome: /^400 (?:GRAPHQL_VALIDATION_FAILED|BAD_REQUEST)/,
  },
  {
    name: 'fragments that double',
    refused: '400: fields count where they are spread',
    strike: query(
      (n) =>
        `{ a${n}: customers { nodes { ...F0 } } } ${times(30, (f) => `fragment F${f} on Customer { name ${f === 29 ? '' : `...F${f + 1} ... { ...F${f + 1} }`} }`)}`,
    ),
    outcome: /^400 (?:GRAPHQL_VALIDATION_FAILED|BAD_REQUEST)/,
  },
  {
    name: 'field suggestions',
    refused: '400 without a suggestion, where introspection is off',
    strike: async (target, n) => {
      const response = await fetch(`${target.address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${target.token}` },
        body: JSON.stringify({ query: `{ a${n}: custmers { totalCoun } }` }),
      });
      return (await response.text()).includes('Did you mean') ? 'a suggestion' : String(response.status);
    },
    outcome: /^400$/,
  },
  {
    name: 'mutation by GET',
    refused: '405',
    strike: (target, n) =>
      request(
        target,
        `/graphql?query=${encodeURIComponent(`mutation { customerCreate(input: { name: "attack ${n}" }) { customer { id } } }`)}`,
        { headers: { 'apollo-require-preflight': '1' } },
      ),
    outcome: /^405 BAD_REQUEST$/,
  },
  {
    name: 'operation by form (CSRF)',
    refused: '400: a form cannot send what is needed',
    strike: async (target, n) => {
      const text = `mutation { customerCreate(input: { name: "attack ${n}" }) { customer { id } } }`;
      const found = new Set<string>();
      for (const [type, body] of [
        ['application/x-www-form-urlencoded', `query=${encodeURIComponent(text)}`],
        ['text/plain', JSON.stringify({ query: text })],
        [
          'multipart/form-data; boundary=x',
          `--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n${text}\r\n--x--`,
        ],
      ] as const)
        found.add(await post(target, body, { 'content-type': type }));
      found.add(await request(target, `/graphql?query=${encodeURIComponent('{ customers { totalCount } }')}`, {}));
      return [...found].join();
    },
    outcome: /^400 BAD_REQUEST$/,
  },
  {
    name: 'APQ flooding',
    refused: 'answered: the 1,000 texts used last are remembered',
    strike: async (target, n) => {
      const found = new Set<string>();
      for (let m = 0; m < 20; m += 1) {
        const text = `{ viewer { roles } } # ${n} ${m} ${'x'.repeat(20_000)}`;
        const sha256Hash = createHash('sha256').update(text).digest('hex');
        found.add(await post(target, { query: text, extensions: { persistedQuery: { version: 1, sha256Hash } } }));
      }
      const sha256Hash = createHash('sha256').update(`unknown ${n}`).digest('hex');
      found.add(await post(target, { extensions: { persistedQuery: { version: 1, sha256Hash } } }));
      return [...found].join();
    },
    outcome: /^200(?:,(?:200|404) PERSISTED_QUERY_NOT_FOUND|,429 RATE_LIMITED)*$/,
  },
  {
    name: 'deep JSON',
    refused: '400: values lie at most 32 deep',
    strike: (target, n) =>
      post(
        target,
        `{"query":"query($v:CustomerFilter){a${n}:customers(filter:$v){totalCount}}","variables":{"v":${'{"not":'.repeat(5_000)}{}${'}'.repeat(5_000)}}}`,
      ),
    outcome: /^400 /,
  },
  {
    name: 'body of 100 MB',
    refused: '413 by its announced length',
    strike: (target) =>
      wire(target, (socket) =>
        socket.write(`${head(target, '/graphql', 'Content-Length: 100000000\r\nConnection: close\r\n')}\r\n{"query":`),
      ),
    outcome: /^(?:413|cut)/,
  },
  {
    name: 'gzip bomb',
    refused: '413: 2 MB at most, unpacked; 429 while too many of the same caller wait',
    strike: async (target) => {
      const found = new Set<string>();
      for (const path of ['/graphql', '/api/v1/crm/accounts', '/customers/import'])
        found.add(
          await request(target, path, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
            body: gzipBomb() as never,
          }).then((answer) => answer.slice(0, 3)),
        );
      return [...found].join();
    },
    outcome: /^(?:413|400|415|429)(?:,(?:413|400|415|429))*$/,
  },
  {
    name: 'header bomb',
    refused: '431: 16 KB of headers at most',
    strike: (target) =>
      wire(target, (socket) =>
        socket.write(
          `${head(target, '/graphql', times(2_000, (m) => `X-${m}: ${'x'.repeat(100)}\r\n`).replaceAll(' X-', 'X-'))}\r\n`,
        ),
      ),
    outcome: /^(?:431|cut)/,
  },
  {
    name: 'long address',
    refused: '431: 16 KB of headers at most',
    strike: (target) =>
      wire(target, (socket) => socket.write(`GET /graphql?query=${'x'.repeat(1_000_000)} HTTP/1.1\r\n\r\n`)),
    outcome: /^(?:431|cut)/,
  },
  {
    name: 'slow headers',
    refused: '408 after 15 s',
    strike: trickle((target) => head(target, '/graphql'), 'X-A: b\r\n'),
    outcome: /^(?:408|cut)/,
    holds: true,
  },
  {
    name: 'slow body',
    refused: '408 after `CRM_CLIENT_SECONDS`',
    strike: trickle((target) => `${head(target, '/graphql', 'Content-Length: 100000\r\n')}\r\n{"query":"`, 'x'),
    outcome: /^(?:408|cut)/,
    holds: true,
  },
  {
    name: 'slow reader of an answer',
    refused: 'cut after `CRM_CLIENT_SECONDS`',
    strike: (target, n) => {
      const body = JSON.stringify({ query: large.replace('{', `{ x${n}: __typename `) });
      return unread(target, `${head(target, '/graphql', `Content-Length: ${Buffer.byteLength(body)}\r\n`)}\r\n${body}`);
    },
    outcome: /^cut$/,
    holds: true,
  },
  {
    name: 'slow reader of a file',
    refused: 'cut after `CRM_CLIENT_SECONDS`; 429 while the tenant has as many as it may',
    strike: (target) =>
      unread(target, `GET /export/customers.csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${target.token}\r\n\r\n`),
    outcome: /^cut$/,
    holds: true,
  },
  {
    name: 'slow reader of a socket',
    refused: 'closed after `CRM_CLIENT_SECONDS`; 20 operations at once, until their answers are read',
    strike: (target, n) =>
      socketOf(target, (socket) => {
        socket.pause();
        for (let m = 0; m < 100; m += 1) socket.send(subscribe(`${m}`, large.replace('{', `{ x${n}: __typename `)));
        const timer = setInterval(() => socket.ping(), 300);
        socket.once('close', () => clearInterval(timer));
      }),
    outcome: /^closed (?:1006|1013)$/,
    holds: true,
  },
  {
    name: 'socket that never says who it is',
    refused: 'closed (4408) after 3 s',
    strike: (target) => socketOf(target, () => {}, false),
    outcome: /^closed 4408$/,
    holds: true,
  },
  {
    name: 'subscribe flood',
    refused: 'RATE_LIMITED beyond 100 of one socket, which is closed (1013) after 300 refusals',
    strike: (target) =>
      socketOf(target, (socket, close) => {
        let refused = 0;
        socket.on('message', (text) => {
          if (String(text).includes('RATE_LIMITED')) refused += 1;
          if (refused > 300) close(`${refused} RATE_LIMITED`);
        });
        for (let m = 0; m < 500; m += 1) socket.send(subscribe(`${m}`, 'subscription { customerChanged { kind } }'));
      }),
    outcome: /^closed 1013$/,
  },
  {
    name: 'operations flood of a socket',
    refused: 'RATE_LIMITED beyond 20 at once; closed (1013) after 300 refusals',
    strike: (target) =>
      socketOf(target, (socket, close) => {
        let answers = 0;
        socket.on('message', (text) => {
          if (/"type":"(?:next|error)"/.test(String(text))) answers += 1;
          if (answers === 1_000) close('1000 answers');
        });
        for (let m = 0; m < 1_000; m += 1) socket.send(subscribe(`${m}`, '{ customers { totalCount } }'));
      }),
    outcome: /^(?:1000 answers|closed 1013)$/,
  },
];
