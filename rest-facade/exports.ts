import { getVariableValues, type GraphQLObjectType, type OperationDefinitionNode } from 'graphql';
import { Router, type Request, type Response } from 'express';
import type { Context } from '../src/core/context.js';
import type { InProcessClient, StoredOperation } from '../src/schema/in-process-client.js';
import { badRequest, type Locale, refuse, DomainError, isStorable } from '../src/core/errors.js';
import { csv } from './engine/files/csv.js';
import { jsonFile } from './engine/files/json.js';
import type { Write } from './engine/files/streamed.js';
import { type Column, xlsx } from './engine/files/xlsx.js';
import { sendChunks } from './engine/http/send.js';
import type { FacadeOptions } from './engine/http/serve.js';
import { type NextRows, streamAll } from './engine/run/whole-list.js';
import { shownIn } from './engine/times.js';
import { exported, type Exported, type ExportedColumn, type ValueNames } from './exported.js';

type Row = Record<string, unknown>;

/** What is exported of a list, with the columns that the graph gives headings. */
type Resolved = Omit<Exported, 'columns'> & { columns: readonly ExportedColumn[] };

/** What a column says of itself in the graph (`heading` of its decorator). */
interface InGraph {
  heading: readonly [zh: string, en: string];
  kind: string;
  mask?: string;
}

const typeOf = ({ kind, mask }: InGraph): Column['type'] => {
  if (kind === 'decimal') return mask === 'amount' ? 'amount' : 'number';
  return kind === 'integer' ? 'number' : kind === 'day' || kind === 'instant' ? kind : undefined;
};

function resolved(client: InProcessClient, declared: Exported): Resolved {
  const fields = Object.values((client.schema.getType(declared.type) as GraphQLObjectType).getFields());
  const own = new Map(
    fields.flatMap(({ name, extensions }) => {
      const inGraph = extensions['export'] as InGraph | undefined;
      return inGraph ? [[name, [name, ...inGraph.heading, typeOf(inGraph)] as const]] : [];
    }),
  );
  const named = declared.columns.filter((column) => typeof column === 'string');
  const rest = [...own.keys()].filter((name) => !named.includes(name));
  return {
    ...declared,
    selection: [...own.keys(), declared.selection].join(' '),
    columns: [...declared.columns, ...rest].map((column) => (typeof column === 'string' ? own.get(column)! : column)),
  };
}

/** The columns of a list with their headings in the caller's language. */
const columnsOf = ({ columns }: Resolved, locale: Locale): Column[] =>
  columns.map(([field, zh, en, form]) => ({
    heading: locale === 'zh' ? zh : en,
    field,
    width: form === 'instant' ? 20 : typeof form === 'string' ? 14 : 18,
    ...(typeof form === 'string' && { type: form }),
  }));

/** A form that a list can be exported in: how rows of the graph become those of the file, and what writes it. */
interface Form {
  row: (of: Resolved, ctx: Context) => (node: unknown) => unknown;
  write: (name: string, of: Resolved, ctx: Context) => Write;
}

const forms: Readonly<Record<string, Form>> = {
  csv: {
    row: flat,
    write: (name, of, { locale }) => csv(`${name}.csv`, columnsOf(of, locale)),
  },
  xlsx: {
    row: withNumbers,
    write: (name, of, { locale }) =>
      xlsx(`${name}.xlsx`, locale === 'zh' ? of.title[0] : of.title[1], columnsOf(of, locale)),
  },
  json: { row: withLocalTimes, write: (name) => jsonFile(`${name}.json`) },
};

/** The value at a path through objects and lists; null where there is none. */
const at = (node: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, step) => (value as Row | null)?.[step] ?? null, node);

/** A node as a row for people: in Chinese with the names of values that have one. */
function flat({ columns }: Resolved, { locale }: Context): (node: unknown) => Row {
  const cell = (value: unknown, names: ValueNames): unknown =>
    value === null ? null : (names[String(value)] ?? value);
  return (node) =>
    Object.fromEntries(
      columns.map(([path, , , form]) => {
        const value = at(node, path);
        return [path, typeof form === 'object' && locale === 'zh' ? cell(value, form) : value];
      }),
    );
}

/** Exact numbers are texts in the graph; in a sheet they are numbers, so that it can sum them up. */
function withNumbers(of: Resolved, ctx: Context): (node: unknown) => Row {
  const row = flat(of, ctx);
  const numbers = of.columns.filter(([, , , form]) => form === 'amount' || form === 'number').map(([path]) => path);
  return (node) => {
    const values = row(node);
    for (const path of numbers) if (values[path] !== null) values[path] = Number(values[path]);
    return values;
  };
}

/** Instants are shown as the tenant's clocks show them, with their offset. They stand at the top of a record. */
function withLocalTimes({ columns }: Resolved, { tenant }: Context): (node: unknown) => unknown {
  const instants = columns.flatMap(([path, , , form]) => (form === 'instant' ? [path] : []));
  return (node) => ({
    ...(node as Row),
    ...Object.fromEntries(instants.map((path) => [path, shownIn(tenant.timeZone, at(node, path))])),
  });
}

const operationOf = (client: InProcessClient, name: string, { type, selection }: Resolved): StoredOperation =>
  client.store(
    `query ($filter: ${type}Filter, $orderBy: [${type}Order!], $first: Int, $after: String) { list: ${name}(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { nodes { ${selection} } pageInfo { endCursor } } }`,
  );

export type ExportOptions = Pick<FacadeOptions, 'client' | 'asRefusal'> & {
  contextOf: (request: Request) => Promise<Context>;
};

/**
 * `GET /export/customers.csv`, `.xlsx`, `.json`, and the same of contacts, opportunities and contracts: the whole list of
 * the graph with its `filter` and `orderBy` (JSON, as the graph takes them) as it was at one moment, for those who may
 * export, masked as the list is for them.
 */
export function exportsRouter(options: ExportOptions): Router {
  const { client, asRefusal, contextOf } = options;
  const router = Router({ strict: true });
  const answer = async (
    of: Resolved,
    operation: StoredOperation,
    name: string,
    form: Form,
    request: Request,
    response: Response,
  ): Promise<void> => {
    const ctx = await contextOf(request);
    if (!ctx.rights.export) throw refuse('FORBIDDEN');
    const variables = variablesOf(client, operation, request);
    const row = form.row(of, ctx);
    const next: NextRows = async (inside, first, after) => {
      const { data, errors } = await client.run(operation, { ...variables, first, after }, inside);
      if (errors?.[0]) throw errors[0].originalError ?? errors[0];
      const { nodes, pageInfo } = data!['list'] as { nodes: unknown[]; pageInfo: { endCursor: string | null } };
      return { rows: nodes.map(row), cursor: pageInfo.endCursor };
    };
    const body = await streamAll(client, ctx, next, form.write(name, of, ctx));
    await sendChunks(response.status(200), body, (error) => void asRefusal(error, ctx.requestId));
  };
  for (const [name, declared] of Object.entries(exported)) {
    const of = resolved(client, declared);
    const operation = operationOf(client, name, of);
    for (const [ending, form] of Object.entries(forms)) {
      router.get(`/export/${name}.${ending}`, (request, response) =>
        answer(of, operation, name, form, request, response),
      );
    }
  }
  return router;
}

/** Refuses a text that no column can hold, before the list's snapshot is opened: an error of the database would end it. */
function storable(_key: string, value: unknown): unknown {
  if (typeof value === 'string' && !isStorable(value)) throw badRequest('UNSTORABLE_TEXT');
  return value;
}

/** Filter and order as they were sent; an empty text is as good as none. Refuses BAD_REQUEST for what is no JSON, or not what the graph takes. */
function variablesOf(client: InProcessClient, { document }: StoredOperation, { originalUrl }: Request): Row {
  const sent = new URLSearchParams(originalUrl.split('?').slice(1).join('?'));
  const variables: Row = {};
  for (const [name, text] of sent) {
    if (name !== 'filter' && name !== 'orderBy') throw badRequest('UNKNOWN_PARAMETER', [name]);
    if (text.trim() === '') continue;
    try {
      variables[name] = JSON.parse(text, storable) as unknown;
    } catch (error) {
      throw error instanceof DomainError ? error : badRequest('JSON_EXPECTED', [name], { field: name });
    }
  }
  const { errors } = getVariableValues(
    client.schema,
    (document.definitions[0] as OperationDefinitionNode).variableDefinitions!,
    variables,
    { maxErrors: 1 },
  );
  if (errors)
    throw badRequest('PARAMETER_TYPE', [/^Variable "\$(\w+)"/.exec(errors[0]!.message)?.[1] ?? 'filter'], {
      detail: errors[0]!.message.replace(/\.$/, ''),
    });
  return variables;
}
