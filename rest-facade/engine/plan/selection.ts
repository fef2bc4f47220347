import type { Call, Converter, Field, Shape } from '../types.js';

type Graph = Record<string, unknown>;

/** A selection set under construction. Paths that share segments share fields; a segment with arguments gets an alias of its own. */
export class Selection {
  private readonly fields = new Map<string, { alias: string; below: Selection }>();

  /** Selects a path; gives the selection at its end and how to read the value there: a list, where the path goes through one. */
  add(path: string): { below: Selection; read: (record: Graph | null) => unknown } {
    const [first, ...rest] = segments(path);
    if (first === undefined) return { below: this, read: (record) => record };
    const { alias, below } = this.field(first);
    if (rest.length === 0) return { below, read: (record) => record?.[alias] ?? null };
    const inner = below.add(rest.join('.'));
    const read = (record: Graph | null): unknown => {
      const value = record?.[alias] ?? null;
      return Array.isArray(value) ? value.map(inner.read) : inner.read(value as Graph | null);
    };
    return { below: inner.below, read };
  }

  private field(segment: string): { alias: string; below: Selection } {
    const known = this.fields.get(segment);
    if (known) return known;
    const name = /^\w+/.exec(segment)?.[0] ?? segment;
    const made = { alias: segment === name ? name : `${name}_${this.fields.size}`, below: new Selection() };
    this.fields.set(segment, made);
    return made;
  }

  /** `{ … }`, or nothing for a scalar. */
  toString(): string {
    if (this.fields.size === 0) return '';
    const fields = [...this.fields].map(([segment, { alias, below }]) =>
      `${alias === segment ? '' : `${alias}: `}${segment} ${below.toString()}`.trim(),
    );
    return `{ ${fields.join(' ')} }`;
  }
}

/** Splits at the points outside of arguments. */
export function segments(path: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < path.length; at += 1) {
    if (path[at] === '(') depth += 1;
    if (path[at] === ')') depth -= 1;
    if (path[at] !== '.' || depth > 0) continue;
    parts.push(path.slice(from, at));
    from = at + 1;
  }
  return path === '' ? [] : [...parts, path.slice(from)];
}

/** Turns a record of the graph into wire form. */
export type Reader = (record: Graph | null, call: Call) => unknown;

/** Selects a shape's fields and gives a reader for each. */
export function readers(shape: Shape, selection: Selection, plain: Converter): Map<string, Reader> {
  return new Map(Object.entries(shape).map(([name, field]) => [name, readerOf(field, selection, plain)]));
}

/** Selects a shape and gives the reader of the whole. */
export function shaped(shape: Shape, selection: Selection, plain: Converter): Reader {
  const fields = readers(shape, selection, plain);
  if (selection.toString() === '') selection.add('__typename');
  return objectOf([...fields.keys()], [...fields.values()]);
}

/** A reader of an object: these names with what these readers read. It is run for every record that is shown, so it makes nothing else. */
function objectOf(names: readonly string[], reads: readonly Reader[]): Reader {
  return (record, call) => {
    if (record === null) return null;
    const object: Graph = {};
    for (let at = 0; at < names.length; at += 1) object[names[at]!] = reads[at]!(record, call);
    return object;
  };
}

function readerOf(field: Field, selection: Selection, plain: Converter): Reader {
  if (typeof field === 'string') return leaf(field, plain, selection);
  switch (field.kind) {
    case 'leaf':
      return leaf(field.path, field.converter ?? plain, selection);
    case 'computed':
      return (_record, call) => field.value(call);
    case 'derived': {
      const parts = Object.entries(field.from).map(([name, path]) => [name, selection.add(path).read] as const);
      return (record, call) => field.out(Object.fromEntries(parts.map(([name, read]) => [name, read(record)])), call);
    }
    case 'object':
    case 'list': {
      const { below, read } = selection.add(field.path);
      const item = shaped(field.shape, below, plain);
      if (field.kind === 'object') return (record, call) => item(firstOf(read(record)), call);
      return (record, call) => ((read(record) ?? []) as Graph[]).map((each) => item(each, call));
    }
  }
}

/** Where a list is read as one object, its first item counts. */
const firstOf = (value: unknown): Graph | null =>
  Array.isArray(value) ? ((value[0] ?? null) as Graph | null) : (value as Graph | null);

function leaf(path: string, converter: Converter, selection: Selection): Reader {
  const { read } = selection.add(path);
  return (record, call) => converter.out(read(record), call);
}
