import { address } from './http.js';
import { bases, type Data, type Dialect } from './tenant.js';

/** A field of a request's body: where it lies (`items.0.amountCents`), and its schema without references. */
export interface BodyField {
  path: string;
  schema: Data;
}

/** An operation of a dialect: `POST /accounts` with the path below its base, and the fields of its body. */
export interface Operation {
  row: string;
  fields: BodyField[];
}

/** The OpenAPI document of a dialect as the server gives it, and what it says of each operation. */
export async function documentOf(dialect: Dialect): Promise<{ document: Data; operations: Operation[] }> {
  const document: Data = await (await fetch(`${address()}/api/v1/schema/?format=json&dialect=${dialect}`)).json();
  const operations = Object.entries(document.paths as Data).flatMap(([path, methods]) =>
    Object.entries(methods as Data).map(([method, { requestBody }]: [string, Data]) => ({
      row: `${method.toUpperCase()} ${path.slice(bases[dialect].length)}`,
      fields: fieldsOf(document, requestBody?.content['application/json']?.schema),
    })),
  );
  return { document, operations };
}

function fieldsOf(document: Data, schema: Data, path: string[] = []): BodyField[] {
  if (!schema) return [];
  if (schema.$ref) return fieldsOf(document, document.components.schemas[schema.$ref.split('/').at(-1)], path);
  const { allOf = [], anyOf = [], oneOf = [], properties = {}, items } = schema as Data;
  return [
    ...(path.length > 0 ? [{ path: path.join('.'), schema }] : []),
    ...[...allOf, ...anyOf, ...oneOf].flatMap((part) => fieldsOf(document, part, path)),
    ...Object.entries(properties).flatMap(([name, part]) => fieldsOf(document, part, [...path, name])),
    ...fieldsOf(document, items, [...path, '0']),
  ];
}
