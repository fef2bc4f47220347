import { isNestedDeeper, maxNesting } from '../src/core/json-body.js';
import { getVariableValues, type OperationDefinitionNode } from 'graphql';
import { Router, type Request, type Response } from 'express';
import type { Context } from '../src/core/context.js';
import type { InProcessClient, StoredOperation } from '../src/schema/in-process-client.js';
import { recordLabel, wordsOf, type Label } from '../src/core/labels.js';
import { isStorable } from '../src/core/utf8.js';
import { badRequest, type Locale, refuse } from '../src/core/errors.js';
import { csv } from './engine/files/csv.js';
import { jsonFile } from './engine/files/json.js';
import type { Streamed, Write } from './engine/files/streamed.js';
import { type Column, xlsx } from './engine/files/xlsx.js';
import { sendChunks } from './engine/http/send.js';
import type { FacadeOptions } from './engine/http/serve.js';
import { type NextRows, streamAll } from './engine/run/whole-list.js';
import { shownIn } from './engine/times.js';
import { exportColumns, selectionOf, type ExportColumn } from './export-columns.js';
import { exported, type Exported } from './exported.js';

type Row = Record<string, unknown>;

/** What is exported of a list. */
interface Resolved {
  type: string;
  /** name of the sheet */
  title: Label;
  columns: readonly ExportColumn[];
}

const resolved = (client: InProcessClient, name: string, declared: Exported): Resolved => ({
  type: declared.type,
  title: { zh: recordLabel(declared.type)!.zh, en: wordsOf(name) },
  columns: exportColumns(client.schema, declared),
});

/** The columns of a list with their headings in the caller's language. */
const columnsOf = ({ columns }: Resolved, locale: Locale): Column[] =>
  columns.map(({ path, label, type }) => ({
    heading: label[locale],
    field: path,
    width: type === 'instant' ? 20 : type ? 14 : 18,
    ...(type && { type }),
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
    write: (name, of, { locale }) => xlsx(`${name}.xlsx`, of.title[locale], columnsOf(of, locale)),
  },
  json: { row: withLocalTimes, write: (name) => jsonFile(`${name}.json`) },
};

/** The value at a path through objects and lists; null where there is none. */
const at = (node: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, step) => (value as Row | null)?.[step] ?? null, node);

/** A node as a row for people: values that have names are called by them. */
function flat({ columns }: Resolved, { locale }: Context): (node: unknown) => Row {
  return (node) =>
    Object.fromEntries(
      columns.map(({ path, nameOf }) => {
        const value = at(node, path);
        return [path, nameOf && value !== null ? nameOf(value, locale) : value];
      }),
    );
}

/** Exact numbers are texts in the graph; in a sheet they are numbers, so that it can sum them up. */
function withNumbers(of: Resolved, ctx: Context): (node: unknown) => Row {
  const row = flat(of, ctx);
  const numbers = of.columns.filter(({ type }) => type === 'amount' || type === 'number').map(({ path }) => path);
  return (node) => {
    const values = row(node);
    for (const path of numbers) if (values[path] !== null) values[path] = Number(values[path]);
    return values;
  };
}

/** Instants are shown as the tenant's clocks show them, with their offset. They stand at the top of a record. */
function withLocalTimes({ columns }: Resolved, { tenant }: Context): (node: unknown) => unknown {
  const instants = columns.flatMap(({ path, type }) => (type === 'instant' ? [path] : []));
  return (node) => ({
    ...(node as Row),
    ...Object.fromEntries(instants.map((path) => [path, shownIn(tenant.timeZone, at(node, path))])),
  });
}

const operationOf = (client: InProcessClient, name: string, { type, columns }: Resolved): StoredOperation =>
  client.store(
    `query ($filter: ${type}Filter, $orderBy: [${type}Order!], $first: Int, $after: String) { list: ${name}(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { nodes { ${selectionOf(columns.map(({ path }) => path))} } pageInfo { endCursor } } }`,
  );

export type ExportOptions = Pick<FacadeOptions, 'client' | 'asRefusal'> & {
  contextOf: (request: Request) => Promise<Context>;
};

/** What lists can be exported, and in which forms. */
export const exportedLists: readonly string[] = Object.keys(exported);
export const exportForms: readonly string[] = Object.keys(forms);

/**
 * Writes whole lists of the graph as files: `filter` and `orderBy` as JSON in the form in which the graph takes them, the
 * list as it was at one moment, masked as it is for the caller. Refuses FORBIDDEN without the right to export, and
 * BAD_REQUEST for parameters that are none.
 */
export function listExporter(
  client: InProcessClient,
): (list: string, form: string, ctx: Context, sent: URLSearchParams) => Promise<Streamed> {
  const lists = new Map(
    Object.entries(exported).map(([name, declared]) => {
      const of = resolved(client, name, declared);
      return [name, { of, operation: operationOf(client, name, of) }];
    }),
  );
  return async (name, ending, ctx, sent) => {
    const { of, operation } = lists.get(name)!;
    const form = forms[ending]!;
    if (!ctx.rights.export) throw refuse('FORBIDDEN');
    const variables = variablesOf(client, operation, sent);
    const row = form.row(of, ctx);
    const next: NextRows = async (inside, first, after) => {
      const { data, errors } = await client.run(operation, { ...variables, first, after }, inside);
      if (errors?.[0]) throw errors[0].originalError ?? errors[0];
      const { nodes, pageInfo } = data!['list'] as { nodes: unknown[]; pageInfo: { endCursor: string | null } };
      return { rows: nodes.map(row), cursor: pageInfo.endCursor };
    };
    return streamAll(client, ctx, next, form.write(name, of, ctx));
  };
}

/** `GET /export/customers.csv`, `.xlsx`, `.json`, and the same of contacts, opportunities and contracts. */
export function exportsRouter({ client, asRefusal, contextOf }: ExportOptions): Router {
  const write = listExporter(client);
  const router = Router({ strict: true });
  for (const name of exportedLists)
    for (const ending of exportForms)
      router.get(`/export/${name}.${ending}`, async (request: Request, response: Response) => {
        const ctx = await contextOf(request);
        const sent = new URLSearchParams(request.originalUrl.split('?').slice(1).join('?'));
        const body = await write(name, ending, ctx, sent);
        await sendChunks(response.status(200), body, (error) => void asRefusal(error, ctx.requestId));
      });
  return router;
}

/** A parameter in JSON. Refuses BAD_REQUEST, before the list's snapshot is opened, which an error of the database would end. */
function valueOf(name: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest('JSON_EXPECTED', [name], { field: name });
  }
  if (isNestedDeeper(value, maxNesting)) throw badRequest('NESTING', [name], { max: maxNesting });
  if (!areStorable(value)) throw badRequest('UNSTORABLE_TEXT');
  return value;
}

/** Whether a column can hold every text of a value that is not nested deeply. */
const areStorable = (value: unknown): boolean =>
  typeof value === 'string'
    ? isStorable(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(areStorable);

/** Filter and order as they were sent; an empty text is as good as none. Refuses BAD_REQUEST for what is no JSON, or not what the graph takes. */
function variablesOf(client: InProcessClient, { document }: StoredOperation, sent: URLSearchParams): Row {
  const variables: Row = {};
  for (const [name, text] of sent) {
    if (name !== 'filter' && name !== 'orderBy') throw badRequest('UNKNOWN_PARAMETER', [name]);
    if (text.trim() === '') continue;
    variables[name] = valueOf(name, text);
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
