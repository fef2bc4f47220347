import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { token } from '../support/http.js';
import { rawSocket, type RawSocket } from '../support/socket.js';
import { bases, type Data, type Dialect } from '../support/tenant.js';

/** What came back, with what it says of replicas. */
export interface Answered {
  status: number;
  position: string;
  by: string;
  body: Data;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** One request; what it says is JSON, or nothing. */
export function ask(
  server: { address: string },
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(
      server.address + path,
      { agent, method, headers: { 'content-type': 'application/json', 'accept-language': 'en', ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            position: String(response.headers['x-crm-position'] ?? ''),
            by: String(response.headers['x-crm-replica'] ?? ''),
            body: text === '' ? undefined : JSON.parse(text),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

/** Somebody with a customer and a webhook of their own, who writes to these and reads them. */
export class Writer {
  private position = '';
  private n = 0;
  private customer!: { id: string; number: number };
  private hook!: string;
  private name = '';
  private description = '';
  private sockets: RawSocket[] = [];
  readonly answeredBy: string[] = [];
  readonly wrong: unknown[] = [];

  private constructor(
    private readonly servers: ReadonlyArray<{ address: string }>,
    private readonly bearer: string,
    private readonly key: string,
  ) {}

  static async in(servers: ReadonlyArray<{ address: string }>, tenant: string, n: number): Promise<Writer> {
    const writer = new Writer(servers, await token({ sub: `w${n}`, tenant_id: tenant }), `${tenant}-${n}`);
    await writer.begin();
    return writer;
  }

  private async begin(): Promise<void> {
    const made = await this.graph(
      0,
      'mutation ($name: String!, $url: String!) { customerCreate(input: { name: $name }) { customer { id number } } webhookCreate(input: { url: $url, types: ["crm.healthRun.created"] }) { webhook { id } } }',
      { name: `${this.key} 0`, url: `https://1.1.1.1/${this.key}` },
    );
    this.customer = made.body.data.customerCreate.customer;
    this.hook = made.body.data.webhookCreate.webhook.id;
    await this.write(0);
    this.sockets = await Promise.all(
      this.servers.map(({ address }) => rawSocket({ token: this.bearer, server: address })),
    );
  }

  private async send(
    at: number,
    method: string,
    path: string,
    body?: object,
    extra: Record<string, string> = {},
  ): Promise<Answered> {
    const answer = await ask(
      this.servers[at]!,
      method,
      path,
      {
        authorization: `Bearer ${this.bearer}`,
        ...(this.position && { 'x-crm-position': this.position }),
        ...extra,
      },
      body,
    );
    this.position = answer.position || this.position;
    if (answer.by) this.answeredBy.push(answer.by);
    return answer;
  }

  private graph(at: number, query: string, variables: object, extra?: Record<string, string>): Promise<Answered> {
    return this.send(at, 'POST', '/graphql', { query, variables }, extra);
  }

  private rest(at: number, dialect: Dialect, method: string, path: string, body?: object): Promise<Answered> {
    return this.send(at, method, bases[dialect] + path, body, { 'x-api-dialect': dialect });
  }

  /** Changes the customer's name through one of the faces, or the webhook's description, of which there is no event. */
  async write(kind: number): Promise<void> {
    const value = `${this.key} ${(this.n += 1)}`;
    const at = this.n % this.servers.length;
    const { id, number } = this.customer;
    const rename =
      'mutation ($id: ID!, $name: String!) { customerUpdate(id: $id, input: { name: $name }) { customer { name } userErrors { code } } }';
    const answer = await [
      () => this.graph(at, rename, { id, name: value }),
      () => this.graph(at, rename, { id, name: value }, { 'idempotency-key': value }),
      () => this.rest(at, 'erp', 'PUT', `/accounts/${id}`, { name: value }),
      () => this.rest(at, 'platform', 'PATCH', `/customers/${number}/`, { name: value }),
      () =>
        this.graph(
          at,
          'mutation ($id: ID!, $text: String!) { webhookUpdate(id: $id, input: { description: $text }) { webhook { description } userErrors { code } } }',
          { id: this.hook, text: value },
        ),
    ][kind]!();
    // changes of this dialect show nothing
    const isShown = kind === 2 || JSON.stringify(answer.body).includes(value);
    if (answer.status !== 200 || !isShown) this.wrong.push([kind, value, answer.status, answer.body]);
    if (kind === 4) this.description = value;
    else this.name = value;
  }

  /** Reads them through one of the faces; at the server that has written or the other one. */
  async read(kind: number, at: number): Promise<void> {
    const { id, number } = this.customer;
    const answer = await [
      () => this.graph(at, 'query ($id: ID!) { customer(id: $id) { name } }', { id }),
      () =>
        this.send(
          at,
          'GET',
          `/graphql?query=${encodeURIComponent('query ($id: ID!) { node(id: $id) { ... on Customer { name } } }')}&variables=${encodeURIComponent(JSON.stringify({ id }))}`,
          undefined,
          { 'x-apollo-operation-name': 'read' },
        ),
      () => this.rest(at, 'erp', 'GET', `/accounts/${id}`),
      () => this.rest(at, 'platform', 'GET', `/customers/${number}/`),
      () => this.rest(at, 'cell', 'GET', '/customers?pageSize=100'),
      () =>
        this.graph(at, 'query ($name: String!) { customers(filter: { name: $name }) { nodes { name } } }', {
          name: this.name,
        }),
      () => this.graph(at, 'query ($id: ID!) { webhook(id: $id) { description } }', { id: this.hook }),
      () => this.overSocket(at),
    ][kind]!();
    const wanted = kind === 6 ? this.description || null : this.name;
    if (answer.status !== 200 || !JSON.stringify(answer.body).includes(JSON.stringify(wanted)))
      this.wrong.push([kind, at, wanted, answer.by, answer.status, answer.body]);
  }

  /** Over the socket of the server that has written: a socket carries no position of later answers. */
  private async overSocket(_at: number): Promise<Answered> {
    const socket = this.sockets[this.n % this.servers.length]!;
    socket.send({
      id: randomUUID(),
      type: 'subscribe',
      payload: { query: 'query ($id: ID!) { customer(id: $id) { name } }', variables: { id: this.customer.id } },
    });
    const { payload } = await socket.next();
    await socket.next();
    return { status: 200, position: '', by: '', body: payload };
  }
}

/** How many ways to write and to read there are. */
export const writes = 5;
export const reads = 8;
