import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type GraphQLField } from 'graphql';
import { filled } from '../support/filled.js';
import { countOf, repeatable, seed } from '../support/generated.js';
import { HostileWriter, type Generated } from '../support/generated-operations.js';
import { send, token, type Role } from '../support/http.js';
import { Random } from '../support/operations.js';
import { loggedServer } from '../support/server.js';
import { rawSocket, type RawSocket } from '../support/socket.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Operations that nobody wrote, of every field at the root of the graph: whatever is in its arguments, as variables or in
// the document, by whatever role, the answer is never a fault of the server.

const count = countOf({ few: 250, all: 6_000 });

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
const fields = [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!].flatMap((type) =>
  Object.values(type.getFields()).map((field) => ({ kind: type.name.toLowerCase(), field })),
);

const roles: Array<{ roles: Role[]; scope?: string }> = [
  { roles: ['tenant_admin'] },
  { roles: ['manager'] },
  { roles: ['sales'] },
  { roles: ['viewer'] },
  { roles: ['platform_admin'] },
  { roles: ['service'], scope: 'crm:read crm:write' },
];

let t: TestTenant;
let server: Awaited<ReturnType<typeof loggedServer>>;
let tokens: string[];
let sockets: RawSocket[];
let writer: HostileWriter;
const random = new Random(seed);
beforeAll(async () => {
  t = await tenant();
  const { ids } = await filled(t);
  writer = new HostileWriter(ids, random);
  server = await loggedServer();
  tokens = await Promise.all(
    roles.map((each, index) => token({ sub: `generated-${index}`, tenant_id: t.code, ...each })),
  );
}, 120_000);
beforeEach(async () => {
  sockets = await Promise.all(tokens.map((each) => rawSocket({ token: each, server: server.address })));
}, 60_000);

/** What of an answer is a fault of the server. */
const isFault = (status: number, errors: Data[] = []): boolean =>
  status >= 500 || errors.some(({ extensions }) => !extensions?.code || /INTERNAL/.test(extensions.code));

/** Bytes that are not UTF-8 in the place of a text's first sign. */
function spoilt(body: string): Uint8Array {
  const bytes = Buffer.from(body);
  bytes[bytes.indexOf('"', 12) + 1] = 0xff;
  return bytes;
}

async function overHttp(operation: Generated, who: number): Promise<object | undefined> {
  const body = JSON.stringify(operation);
  const { status, body: answer } = await send(
    'POST',
    `${server.address}/graphql`,
    {
      authorization: `Bearer ${tokens[who]}`,
      'x-crm-executor': random.of(['plain', 'compiled']),
      'accept-language': random.of(['en', 'zh']),
    },
    random.once(25) ? spoilt(body) : body,
  );
  return isFault(status, answer?.errors) ? { status, answer } : undefined;
}

/** The subscription is refused, or it begins: then an operation behind it on the same socket is answered first. */
async function overSocket(operation: Generated, who: number, id: string): Promise<object | undefined> {
  const raw = sockets[who]!;
  raw.send({ id, type: 'subscribe', payload: operation });
  raw.send({ id: `${id} behind`, type: 'subscribe', payload: { query: '{ viewer { user { id } } }' } });
  for (;;) {
    const message = await raw.next();
    if (message.id === id && message.type === 'error' && isFault(0, message.payload)) return message;
    if (message.id === id && message.type === 'next' && isFault(0, message.payload.errors)) return message;
    if (message.id === `${id} behind` && message.type === 'complete') break;
  }
  raw.send({ id, type: 'complete' });
  return undefined;
}

test(
  `${count} operations of all fields at the root, of which none is a fault`,
  () => repeatable(everyField),
  1_800_000,
);

async function everyField(): Promise<void> {
  const faults: string[] = [];
  for (let n = 0; n < count; n += 1) {
    // every field in turn, from a place of the seed's own
    const { kind, field } = fields[(seed + n) % fields.length]! as {
      kind: string;
      field: GraphQLField<unknown, unknown>;
    };
    const operation = writer.operation(kind, field);
    const who = random.below(roles.length);
    const fault = kind === 'subscription' ? await overSocket(operation, who, `${n}`) : await overHttp(operation, who);
    if (fault) faults.push(JSON.stringify({ n, fault, role: roles[who], ...operation }).slice(0, 3_000));
  }
  expect(faults).toEqual([]);
}

test('none of it is an error in the log', async () => {
  expect(await server.errors()).toEqual([]);
});
