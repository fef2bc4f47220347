import { dialects } from '../../rest-facade/index.js';
import { filled } from '../support/filled.js';
import { countOf, repeatable, seed } from '../support/generated.js';
import { hostileTexts as texts, hostileValues as values } from '../support/hostile.js';
import { send, token, type Answer } from '../support/http.js';
import { Random } from '../support/operations.js';
import { loggedServer } from '../support/server.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Requests that nobody wrote, to every row of every dialect: whatever is in parameters and fields, the answer is never a
// fault of the server.

const count = countOf({ few: 250, all: 1_500 });

let t: TestTenant;
let server: Awaited<ReturnType<typeof loggedServer>>;
let authorization: string;
let ids: readonly string[];
const documents: Record<string, Data> = {};
beforeAll(async () => {
  t = await tenant();
  ({ ids } = await filled(t));
  server = await loggedServer();
  authorization = `Bearer ${await token({ sub: 'admin', tenant_id: t.code })}`;
  for (const { name } of dialects)
    documents[name] = (await send('GET', `${server.address}/api/v1/schema/?format=json&dialect=${name}`)).body;
}, 120_000);

const chance = new Random(seed);
const random = (below: number): number => chance.below(below);
const of = <T>(list: readonly T[]): T => chance.of(list);

const text = (): string => (random(4) === 0 ? of(ids) : of(texts));
const value = (depth = 0): unknown =>
  random(3) > 0
    ? text()
    : random(5) === 0 && depth < 3
      ? of([[value(depth + 1)], { [of(['name', 'id', 'amount', text()])]: value(depth + 1) }])
      : of(values);

/** A value that a schema describes, or anything. */
function fitting(schema: Data): unknown {
  if (random(3) === 0) return value();
  if (schema.enum) return of(schema.enum);
  if (schema.anyOf) return fitting(of(schema.anyOf));
  const type = [schema.type].flat()[0];
  if (type === 'array') return Array.from({ length: random(3) }, () => fitting(schema.items ?? {}));
  if (type === 'object')
    return Object.fromEntries(
      Object.entries((schema.properties ?? {}) as Data)
        .filter(() => random(2) === 0)
        .map(([name, inner]) => [name, fitting(inner as Data)]),
    );
  if (type === 'integer' || type === 'number') return of([0, 1, -1, 50, 1.5, 2_147_483_648, 1e15]);
  if (type === 'boolean') return random(2) === 0;
  return text();
}

function resolved(document: Data, schema: Data): Data {
  const name = (schema?.$ref as string | undefined)?.split('/').at(-1);
  return name ? document.components.schemas[name] : (schema ?? {});
}

test(`${count} requests to rows of every dialect, of which none is a fault`, () => repeatable(everyRow), 900_000);

async function everyRow(): Promise<void> {
  const rows = dialects.flatMap(({ name }) =>
    Object.entries(documents[name]!.paths as Data).flatMap(([path, item]) =>
      Object.entries(item as Data).map(([method, operation]) => ({
        name,
        path,
        method: method.toUpperCase(),
        operation: operation as Data,
      })),
    ),
  );
  const faults: object[] = [];
  for (let n = 0; n < count; n += 1) {
    // every row in turn, from a place of the seed's own
    const { name, path, method, operation } = rows[(seed + n) % rows.length]!;
    const parameters = (operation.parameters as Data[]).filter((parameter) => parameter.in === 'query');
    const query = [
      ...parameters.filter(() => random(2) === 0),
      ...(random(4) === 0 ? [{ name: text(), schema: {} }] : []),
    ]
      .map(
        (parameter) =>
          `${encodeURIComponent(toWellFormed(parameter.name))}=${encodeURIComponent(toWellFormed(String(fitting(parameter.schema))))}`,
      )
      .join('&');
    const place = path.replace(/\{\w+\}/g, () => encodeURIComponent(toWellFormed(text())) || '1');
    const schema =
      operation.requestBody && resolved(documents[name]!, operation.requestBody.content['application/json'].schema);
    const body = schema && (random(8) === 0 ? value() : fitting({ ...schema, type: 'object' }));
    const headers = { authorization, 'x-api-dialect': name, ...(name === 'cell' && { 'x-tenant-id': t.code }) };
    const answer: Answer = await send(
      method,
      `${server.address}${place}${query && `?${query}`}`,
      headers,
      body === undefined ? undefined : JSON.stringify(body),
    );
    if (answer.status >= 500 && answer.status !== 501 && answer.status !== 503)
      faults.push({ n, method, place, query, body, status: answer.status, answer: answer.body });
  }
  expect(faults).toEqual([]);
}

/** A text as a URL can hold it. */
function toWellFormed(given: string): string {
  return given.replace(/\p{Surrogate}/gu, '\uFFFD');
}

test('none of it is an error in the log', async () => {
  expect(await server.errors()).toEqual([]);
});
