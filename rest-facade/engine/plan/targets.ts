import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Converter, Leaf, Field, Nested, Shape } from '../types.js';
import type { Source, Target } from './plan.js';
import { segments } from './selection.js';

/** Compiles the fields of a source. `types` knows the variables; `base` is where plain paths begin. Throws an Error for a path that does not exist. */
export function targetsOf(
  shape: Shape,
  source: Source,
  base: string[],
  types: ReadonlyMap<string, GraphQLInputType>,
  plain: Converter,
): Target[] {
  return Object.entries(shape).flatMap(([wire, field]) =>
    placesOf(field).map((one) => {
      const [root, ...rest] = pathOf(one, base);
      const type = types.get(root!);
      if (!type) throw new Error(`${wire} fills $${root}, which no field of the operation takes.`);
      const found = target(wire, source, [root!, ...rest], typeAt(type, rest, wire), one, plain);
      return { ...found, ...partOf(type, found.type, [root!], rest, wire) };
    }),
  );
}

/** The places that a field of a request fills: one, or two where it says `also`. Throws an Error for a field that is computed when read. */
export function placesOf(field: Field): Array<string | Leaf | Nested> {
  if (typeof field === 'string') return [field];
  if (!('path' in field)) throw new Error('a field that is computed when read cannot be sent.');
  const { also } = field as Leaf;
  if (also === undefined) return [field];
  return [field, typeof also === 'string' ? { ...(field as Leaf), path: also } : also];
}

/** Where a place lies, from the arguments on. */
export function pathOf(field: string | Leaf | Nested, base: readonly string[]): string[] {
  const path = typeof field === 'string' ? field : field.path;
  return path.startsWith('$') ? segments(path.slice(1)) : [...base, ...segments(path)];
}

function target(
  wire: string,
  source: Source,
  path: string[],
  type: GraphQLInputType,
  field: Field,
  plain: Converter,
): Target {
  const plainly: Target = {
    wire,
    source,
    path,
    type: takenOne(type, source, field, plain),
    converter: plain,
    required: false,
  };
  if (typeof field === 'string') return plainly;
  if (field.kind === 'leaf')
    return {
      ...plainly,
      converter: field.converter ?? plain,
      required: field.required ?? false,
      unset: field.unset,
      ...(field.where && { where: field.where }),
    };
  const { shape } = field as { shape: Shape };
  const item = field.kind === 'list' ? itemType(type, wire) : type;
  const fields = Object.entries(shape).map(([name, below]) => {
    const inside = segments(typeof below === 'string' ? below : (below as Leaf).path);
    const found = target(name, source, inside, typeAt(item, inside, `${wire}.${name}`), below, plain);
    return { ...found, ...partOf(item, found.type, [], inside, `${wire}.${name}`) };
  });
  return {
    ...plainly,
    required: field.kind === 'list' && (field.required ?? false),
    fields,
    ...(field.kind === 'list' && field.maxItems !== undefined && { maxItems: field.maxItems }),
  };
}

/** A parameter is one name or one text, where the graph takes several of them as well and the dialect has no words of its own. */
function takenOne(type: GraphQLInputType, source: Source, field: Field, plain: Converter): GraphQLInputType {
  const bare = getNullableType(type);
  if (source === 'body' || !isListType(bare)) return type;
  const { name } = getNamedType(type);
  const isPlain = typeof field === 'string' || ((field as Leaf).converter ?? plain) === plain;
  return name === 'ID' || (name === 'String' && isPlain) ? (getNullableType(bare.ofType) as GraphQLInputType) : type;
}

/** Which object null clears, if the field is a part of one that has no other way to be null. */
function partOf(
  root: GraphQLInputType,
  type: GraphQLInputType,
  before: string[],
  path: string[],
  wire: string,
): Pick<Target, 'partOf'> {
  const whole = path.slice(0, -1);
  if (whole.length === 0 || !isNonNullType(type) || isNonNullType(typeAt(root, whole, wire))) return {};
  return { partOf: [...before, ...whole] };
}

export function itemType(type: GraphQLInputType, wire: string): GraphQLInputType {
  const nullable = getNullableType(type);
  if (!isListType(nullable)) throw new Error(`${wire} is a list, but the graph takes ${String(type)} there.`);
  return nullable.ofType as GraphQLInputType;
}

function typeAt(type: GraphQLInputType, path: string[], wire: string): GraphQLInputType {
  return path.reduce<GraphQLInputType>((at, name) => {
    const named = getNullableType(at);
    const field = isInputObjectType(named) ? named.getFields()[name] : undefined;
    if (!field) throw new Error(`${wire} fills ${path.join('.')}, but ${String(named)} has no field ${name}.`);
    return field.type;
  }, type);
}
