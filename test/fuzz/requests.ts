import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSchema, type GraphQLField } from 'graphql';
import { dialects } from '../../rest-facade/index.js';
import { HostileWriter } from '../support/generated-operations.js';
import { hostileTexts, hostileValues } from '../support/hostile.js';
import { randomQuery, type Random, type Words } from '../support/operations.js';

/** A request as it goes over the wire. */
export interface Wire {
  /** what it was before it was changed, e.g. `erp GET /accounts` */
  of: string;
  method: string;
  path: string;
  headers: Record<string, string | string[]>;
  body?: Buffer | undefined;
  /** more is announced than is sent; nobody can answer that */
  unfinished?: boolean;
}

/** Somebody who sends requests. */
export interface Sender {
  role: string;
  token: string;
  tenant: string;
}

// oxlint-disable-next-line typescript/no-explicit-any
type Data = any;

/** Writes requests that nobody wrote: valid ones of every operation and row, and what becomes of them when they are spoilt. */
export class RequestWriter {
  private readonly schema = buildSchema(readFileSync(join(process.cwd(), 'schema.graphql'), 'utf8'));
  private readonly fields: Array<{ kind: string; field: GraphQLField<unknown, unknown> }>;
  private readonly rows: Array<{ dialect: string; path: string; method: string; operation: Data; document: Data }>;
  private readonly writer: HostileWriter;
  private count = 0;

  constructor(
    private readonly random: Random,
    private readonly words: Words,
    documents: Readonly<Record<string, Data>>,
  ) {
    this.writer = new HostileWriter(words.ids, random);
    this.fields = [this.schema.getQueryType()!, this.schema.getMutationType()!].flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ kind: type.name.toLowerCase(), field })),
    );
    this.rows = dialects.flatMap(({ name }) =>
      Object.entries(documents[name].paths as Data).flatMap(([path, item]) =>
        Object.entries(item as Data).map(([method, operation]) => ({
          dialect: name,
          path,
          method: method.toUpperCase(),
          operation: operation as Data,
          document: documents[name],
        })),
      ),
    );
  }

  /** The next request: every field and row in turn, as it should be, or spoilt in one to three ways. */
  next(sender: Sender): Wire {
    const { random } = this;
    const n = (this.count += 1);
    const kinds = [() => this.ofGraph(n), () => this.ofRow(n), () => this.ofRow(n), () => this.ofGraph(n)];
    const wire = random.once(12) ? this.ofPlace() : random.once(10) ? this.validQuery() : kinds[n % 4]!();
    wire.headers = {
      authorization: `Bearer ${sender.token}`,
      'accept-language': random.of(['en', 'zh-CN']),
      ...wire.headers,
    };
    if (wire.of.startsWith('cell')) wire.headers['x-tenant-id'] = sender.tenant;
    if (!random.once(3)) for (let times = 1 + random.below(3); times > 0; times -= 1) random.of(this.mistakes)(wire);
    return wire;
  }

  private text = (): string => (this.random.once(3) ? this.random.of(this.words.ids) : this.random.of(hostileTexts));

  private ofGraph(n: number): Wire {
    const { kind, field } = this.fields[n % this.fields.length]!;
    const operation = this.writer.operation(kind, field);
    return json(`graphql ${field.name}`, '/graphql', this.random.once(30) ? [operation] : operation);
  }

  private validQuery(): Wire {
    const { query, variables } = randomQuery(this.schema, this.words, this.random.below(1e9));
    return json('graphql query', '/graphql', { query, variables: this.random.of(variables) });
  }

  private ofRow(n: number): Wire {
    const { random } = this;
    const { dialect, path, method, operation, document } = this.rows[n % this.rows.length]!;
    const query = ((operation.parameters ?? []) as Data[])
      .filter((parameter) => parameter.in === 'query' && random.once(2))
      .map(({ name, schema }) => `${encoded(name)}=${encoded(String(this.fitting(schema ?? {})))}`);
    const place = path.replace(/\{\w+\}/g, () => encoded(this.text()) || '1');
    const schema = operation.requestBody?.content['application/json']?.schema;
    const body = schema && this.fitting(resolved(document, schema), document);
    const wire = json(`${dialect} ${method} ${path}`, place + (query.length > 0 ? `?${query.join('&')}` : ''), body);
    return { ...wire, method, headers: { ...wire.headers, 'x-api-dialect': dialect } };
  }

  /** What is neither the graph nor a row. */
  private ofPlace(): Wire {
    const { random } = this;
    const path = random.of([
      `/export/${random.of(['customers', 'contacts', 'opportunities', 'contracts', encoded(this.text())])}.${random.of(['csv', 'json', 'xlsx', 'exe'])}?filter=${encoded(JSON.stringify(this.fitting({ type: 'object', properties: { search: {}, status: {} } })))}`,
      `/api/v1/events?after=${encoded(this.text())}&first=${encoded(this.text())}`,
      `/api/v1/files/${encoded(this.text())}`,
      '/api/v1/files',
      `/graphql?query=${encoded(random.of(['{ viewer { roles } }', '{', 'mutation { x }', this.text()]))}&variables=${encoded(this.text())}`,
      random.of([
        '/',
        '/livez',
        '/readyz',
        '/health',
        '/metrics',
        '/metrics/server',
        '/docs',
        '/schema.graphql',
        '/graphiql',
      ]),
      `/${encoded(this.text())}/${encoded(this.text())}`,
    ]);
    const body = random.once(3) ? Buffer.from(JSON.stringify(random.of(hostileValues)) ?? '') : undefined;
    return {
      of: `other ${path.split(/[?]/)[0]}`,
      method: random.of(['GET', 'GET', 'POST', 'HEAD']),
      path,
      headers: {},
      body,
    };
  }

  /** A value that a schema describes, or anything. */
  private fitting(schema: Data, document?: Data, depth = 0): unknown {
    const { random } = this;
    if (random.once(5) || depth > 5) return random.once(2) ? this.text() : random.of(hostileValues);
    const of = document ? resolved(document, schema) : schema;
    if (of.enum) return random.of(of.enum);
    const among = of.anyOf ?? of.oneOf ?? of.allOf;
    if (among) return this.fitting(random.of(among), document, depth + 1);
    const type = [of.type].flat()[0];
    if (type === 'array')
      return Array.from({ length: random.below(3) }, () => this.fitting(of.items ?? {}, document, depth + 1));
    if (type === 'object')
      return Object.fromEntries(
        Object.entries((of.properties ?? {}) as Data)
          .filter(() => !random.once(3))
          .map(([name, inner]) => [name, this.fitting(inner, document, depth + 1)]),
      );
    if (type === 'integer' || type === 'number') return random.of([0, 1, -1, 50, 1.5, 2_147_483_648, 1e15]);
    if (type === 'boolean') return random.once(2);
    return this.text();
  }

  private readonly mistakes: ReadonlyArray<(wire: Wire) => void> = [
    (wire) =>
      void (wire.method = this.random.of(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PURGE'])),
    (wire) => void (wire.body = wire.body?.subarray(0, this.random.below(wire.body.length + 1))),
    (wire) => {
      if (!wire.body || wire.body.length === 0) return;
      wire.body = Buffer.from(wire.body);
      for (let times = 1 + this.random.below(4); times > 0; times -= 1)
        wire.body[this.random.below(wire.body.length)] = this.random.below(256);
    },
    (wire) => void (wire.body = Buffer.from('{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000))),
    (wire) => void (wire.body = Buffer.from('['.repeat(1 + this.random.below(20_000)))),
    (wire) =>
      void (wire.body = Buffer.concat([wire.body ?? Buffer.alloc(0), Buffer.alloc(this.random.below(300_000), 0x20)])),
    (wire) => void (wire.body = Buffer.from(JSON.stringify(this.random.of(hostileValues)) ?? '')),
    (wire) => {
      const encoding = this.random.of(['gzip', 'deflate', 'br', 'zstd', 'identity', 'x']);
      wire.headers['content-encoding'] = encoding;
      if (encoding === 'gzip' && wire.body && !this.random.once(3)) wire.body = gzipSync(wire.body);
    },
    (wire) =>
      void (wire.headers['content-type'] = this.random.of([
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'multipart/form-data',
        'application/merge-patch+json',
        'application/json; charset=utf-16',
        'application/json; charset=x',
        'application/json;;',
        'x',
        '',
      ])),
    (wire) =>
      void (wire.headers[
        this.random.of([
          'accept',
          'accept-encoding',
          'authorization',
          'idempotency-key',
          'x-request-id',
          'x-trace-id',
          'if-match',
          'if-none-match',
          'x-api-dialect',
          'x-crm-executor',
          'x-crm-explain',
          'last-event-id',
          'range',
          'origin',
          'x-forwarded-for',
          'x-http-method-override',
          'traceparent',
          'cookie',
        ])
      ] = headerText(this.text())),
    (wire) => void (wire.headers['idempotency-key'] = `k${this.random.below(50)}`),
    (wire) => void (wire.headers['x-request-id'] = `k${this.random.below(50)}`),
    (wire) =>
      void (wire.headers['x-tenant-id'] = this.random.of([
        'demo',
        '1',
        'x',
        '"',
        '00000000-0000-0000-0000-000000000000',
      ])),
    (wire) => void (wire.headers['x-long'] = 'x'.repeat(this.random.below(20_000))),
    (wire) => void delete wire.headers['authorization'],
    (wire) =>
      void (wire.path = wire.path.replace('/', this.random.of(['//', '/./', '/../', '/%2e%2e/', '/%00/', '/%']))),
    (wire) =>
      void (wire.path += this.random.of([
        '/',
        '%',
        '%ff',
        '%00',
        ';a=b',
        '?',
        '#x',
        '//',
        '%2F',
        '?x=%',
        '&a[]=1&a[0]=2&a=3',
      ])),
    (wire) => void (wire.path = wire.path.replace(/\w(?=\w*$)/, (sign) => sign.toUpperCase())),
    (wire) => void (wire.path += `${wire.path.includes('?') ? '&' : '?'}${'x=1&'.repeat(this.random.below(1_000))}`),
    (wire) => void (wire.unfinished = true),
  ];
}

const json = (of: string, path: string, value: unknown): Wire => ({
  of,
  method: 'POST',
  path,
  headers: value === undefined ? {} : { 'content-type': 'application/json' },
  body: value === undefined ? undefined : Buffer.from(JSON.stringify(value) ?? ''),
});

const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));

/** A text as Node lets it into a header. */
const headerText = (text: string): string =>
  Buffer.from(text.replace(/\p{Cc}/gu, ' '))
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');

function resolved(document: Data, schema: Data): Data {
  const name = (schema?.$ref as string | undefined)?.split('/').at(-1);
  return name ? document.components.schemas[name] : (schema ?? {});
}
