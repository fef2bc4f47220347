import { send, type Answer } from './http.js';
import { type Data, type Dialect, type TestTenant } from './tenant.js';

/** A parameter of a row that answers a list or a report, as the dialect's document has it. */
export interface Parameter {
  path: string;
  name: string;
  schema: Data;
  /** the other parameters that the row must have, as a query that begins with `&` */
  rest: string;
}

/** Every parameter of every row of a dialect that is read; `format` decides on a file and is left out. */
export async function parametersOf(dialect: Dialect, isMeant: (path: string) => boolean): Promise<Parameter[]> {
  const { paths } = (await send('GET', `/api/v1/schema/?format=json&dialect=${dialect}`)).body;
  return (Object.entries(paths as Data) as Array<[string, Data]>)
    .filter(([path, { get }]) => get && isMeant(path))
    .flatMap(([path, { get }]) => {
      const parameters: Data[] = get.parameters.filter(
        ({ in: place, name }: Data) => place === 'query' && name !== 'format',
      );
      return parameters.map(({ name, schema }) => ({
        path,
        name,
        schema,
        rest: parameters
          .filter((other) => other['required'] && other['name'] !== name)
          .map((other) => `&${other['name']}=${encodeURIComponent(valueFor(other['schema']))}`)
          .join(''),
      }));
    });
}

/** A value that a parameter takes; one that is no list of words. */
export const valueFor = ({ items, enum: values, type, default: preset, anyOf }: Data): string =>
  items
    ? valueFor(items)
    : String(
        values?.[0] ?? preset ?? (anyOf ? valueFor(anyOf[0]) : type === 'integer' || type === 'number' ? 1 : '甲'),
      );

/** Reads as whoever administers the tenant. */
export const ask = (t: TestTenant, dialect: Dialect, path: string): Promise<Answer> =>
  send('GET', path, {
    authorization: `Bearer ${t.admin.token}`,
    'x-api-dialect': dialect,
    ...(dialect === 'cell' && { 'x-tenant-id': t.code }),
  });

/** An answer without what is of its request alone, and without brackets in addresses. */
export const timeless = ({ status, body }: Answer): string =>
  JSON.stringify([status, body])
    .replace(/"(timestamp|trace_id|requestId)":"[^"]*"/g, '')
    .replace(/%5B\d*%5D|\[\d*\]/g, '');
