import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

// a document is data of any shape here
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

/** What is looked at of an answer. */
interface Answer {
  request: { method: string; url: string };
  status: number;
  headers: Headers;
  body: unknown;
}

interface Checked {
  document: Any;
  validators: Map<string, ValidateFunction>;
  ajv: Ajv2020;
}

const checked = new Map<string, Promise<Checked>>();

/** Says where a JSON answer of a dialect differs from what the document of the server at `origin` says, members too many included; null where nowhere. Files are no rows of a dialect. */
export async function complaintOf(answer: Answer, origin: string): Promise<string | null> {
  const dialect = answer.headers.get('x-api-dialect');
  if (
    dialect === null ||
    answer.request.url.includes('/api/v1/files') ||
    !/\bjson\b/.test(answer.headers.get('content-type') ?? '') ||
    answer.request.method === 'HEAD'
  )
    return null;
  if (!checked.has(dialect)) checked.set(dialect, open(dialect, origin));
  const { document, validators, ajv } = await checked.get(dialect)!;
  const place = placeOf(document, answer);
  const validate = validators.get(place) ?? ajv.compile({ $ref: `document#${place}` });
  validators.set(place, validate);
  return validate(answer.body)
    ? null
    : `The document of ${dialect} has it otherwise at ${place}:\n${ajv.errorsText(validate.errors, { dataVar: 'body', separator: '\n' })}`;
}

async function open(dialect: string, origin: string): Promise<Checked> {
  const response = await fetch(`${origin}/api/v1/schema/?format=json&dialect=${dialect}`);
  const document = (await response.json()) as Any;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(closed(document), 'document');
  return { document, validators: new Map(), ajv };
}

/** Where the schema of an answer lies, as a JSON pointer; that of errors for paths that the document does not have. */
function placeOf({ paths }: Any, { request, status }: Answer): string {
  const { pathname } = new URL(request.url, 'http://server');
  const fitting = Object.keys(paths).filter(
    (path) => matches(path, pathname) || matches(path, `/api/v1/crm${pathname}`),
  );
  const [path] = fitting.sort((a, b) => rankOf(a).localeCompare(rankOf(b)));
  const responses = path === undefined ? undefined : paths[path][request.method.toLowerCase()]?.responses;
  if (!responses) return '/components/schemas/Error';
  const key = responses[status] ? String(status) : 'default';
  return ['', 'paths', path!, request.method.toLowerCase(), 'responses', key, 'content', 'application/json', 'schema']
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
}

const matches = (path: string, pathname: string): boolean =>
  new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
const rankOf = (path: string): string =>
  path
    .split('/')
    .map((part) => (part.startsWith('{') ? 'p' : 'l'))
    .join('');

/** The document with every object closed, so that a member that is not documented is found; the null of OpenAPI 3.0 in words of JSON Schema. */
function closed(value: Any): Any {
  if (Array.isArray(value)) return value.map(closed);
  if (value === null || typeof value !== 'object') return value;
  const { nullable, example: _, ...own } = value;
  const fields = Object.fromEntries(Object.entries(own).map(([name, each]) => [name, closed(each)]));
  const isObject = fields.type === 'object' && fields.properties && !fields.additionalProperties;
  const schema = { ...fields, ...(isObject && { additionalProperties: false }) };
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}
