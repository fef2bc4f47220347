import type { Dialect, Field, Method, Row, Shape } from '../types.js';

/** Wire names with where they lie in the graph; nested shapes nested. */
export interface Names {
  [wire: string]: string | Names;
}

/** A row as plain data: for documents made from rows, and for comparing rows with documents. */
export interface Outline {
  dialect: string;
  method: Method;
  /** as clients write it behind the dialect's first mount, e.g. `/api/v1/crm/customers/{id}` */
  path: string;
  kind: Row['kind'];
  operation: string;
  status: number;
  query: Names;
  headers: Names;
  body: Names;
  /** fields that must be sent */
  required: string[];
  answer: Names;
}

/** All rows of a dialect as plain data. */
export function outline(dialect: Dialect): Outline[] {
  return dialect.rows.map((row) => ({
    dialect: dialect.name,
    method: row.method,
    path: `${dialect.mounts[0]!.base}${row.pattern.replace(/:(\w+)/g, '{$1}')}`,
    kind: row.kind,
    operation: row.operation,
    status: row.status ?? 200,
    query: {
      ...(row.kind === 'list' && (row.formats ? { format: '' } : pagingNames(dialect, row))),
      ...names(row.params.query ?? {}),
    },
    headers: names(row.params.headers ?? {}),
    body: names(row.params.body ?? {}),
    required: [row.params.query, row.params.headers, row.params.body].flatMap((shape) =>
      Object.entries(shape ?? {})
        .filter(([, field]) => isRequired(field))
        .map(([name]) => name),
    ),
    answer: names(row.shape),
  }));
}

function pagingNames({ paging }: Dialect, row: Row): Names {
  const { page, size } = { ...paging, ...row.paging };
  return Object.fromEntries([page, ...size].map((name) => [name, '']));
}

const names = (shape: Shape): Names =>
  Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, placeOf(field)]));

function placeOf(field: Field): string | Names {
  if (typeof field === 'string') return field;
  if (field.kind === 'leaf') return field.path;
  return 'shape' in field ? names(field.shape) : '';
}

const isRequired = (field: Field): boolean =>
  typeof field !== 'string' && 'required' in field && field.required === true;
