import { getNullableType, isListType } from 'graphql';
import type { Target } from '../plan/plan.js';

/** The client's name of a field of the graph: a path from the root of the arguments, or from `input` or `filter`. */
export function wireName(targets: readonly Target[], field: readonly string[]): string | undefined {
  return match(targets, field) ?? match(targets, ['input', ...field]) ?? match(targets, ['filter', ...field]);
}

function match(targets: readonly Target[], field: readonly string[]): string | undefined {
  for (const { path, wire, fields, type } of targets) {
    if (!path.every((name, index) => field[index] === name)) continue;
    const rest = field.slice(path.length);
    if (!fields || rest.length === 0) return wire;
    const listed = isListType(getNullableType(type));
    const below = match(fields, listed ? rest.slice(1) : rest);
    if (path.length === 0 && below === undefined) continue;
    return [wire, ...(listed ? [rest[0]!] : []), ...(below === undefined ? [] : [below])].join('.');
  }
  return undefined;
}

/** The client's name of a field of a batch item: a path from the item on, or from one of the inputs in it. */
export function itemWireName({ fields = [] }: Target, field: readonly string[]): string | undefined {
  const inputs = new Set(fields.filter(({ path }) => path.length > 1).map(({ path }) => path[0]!));
  return (
    match(fields, field) ??
    [...inputs].map((input) => match(fields, [input, ...field])).find((name) => name !== undefined)
  );
}
