import { columnsOf, type ColumnSpec } from '../model/columns.js';
import { isDay } from '../core/clock.js';
import { isStorable } from '../core/utf8.js';
import { DomainError, refuse, type Issue } from '../core/errors.js';
import { modelOf, type EntityClass } from '../model/model.js';
import { parseCurrency } from '../model/currency.js';
import { parseDecimal } from '../model/scalars.js';
import { isBlank, isMasked, isPhone } from '../model/texts.js';

/** What a caller sent for a record: fields left out are undefined (unchanged), null clears. */
export type Input = Record<string, unknown>;

const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/**
 * Checks an input against the columns of an entity and returns what to store: texts trimmed, empty texts as null.
 * `required` fields can never be cleared and, unless the column has a default, must be given on creation. Fields that
 * are not columns are ignored. Throws one refusal with an issue for every wrong field; `path` is put before their
 * names, and `named` maps columns to other names in the input.
 */
export function checked(
  entity: EntityClass,
  input: Input,
  options: { create: boolean; required: readonly string[]; path?: string[]; named?: Record<string, string> },
): Input {
  const issues: Issue[] = [];
  const values: Input = {};
  const at = (property: string): string[] => [
    ...(options.path ?? []),
    ...(options.named?.[property] ?? property).split('.'),
  ];
  for (const [property, spec] of columnsOf(entity)) {
    const given = input[property];
    if (given === undefined) continue;
    const value = typeof given === 'string' && (spec.kind === 'text' || spec.kind === 'enum') ? stored(given) : given;
    if (value === null) {
      if (options.required.includes(property)) issues.push({ code: 'REQUIRED', field: at(property) });
      else values[property] = null;
      continue;
    }
    const issue = wrong(spec, value, at(property), options.create);
    if (issue) issues.push(issue);
    else values[property] = spec.format === 'currency' ? parseCurrency(String(value)) : value;
  }
  const needed = options.create
    ? options.required.filter((property) => !modelOf(entity).fields.get(property)!.hasDefault)
    : [];
  for (const property of needed)
    if (input[property] === undefined) issues.push({ code: 'REQUIRED', field: at(property) });
  if (issues.length > 0) throw new DomainError(issues);
  return values;
}

/** A text as it is stored: as it was written, without white space around it; null where nothing of it is seen. */
const stored = (text: string): string | null => (isBlank(text) ? null : text.trim());

/**
 * Refuses DATES_REVERSED where the end of a term lies before its start: for whichever of the two the caller has sent, for
 * the end where both were.
 */
export function inOrder(start: string, end: string, sent: Input, values: object): void {
  const { [start]: from, [end]: to } = values as Record<string, string | null | undefined>;
  if (!from || !to || to >= from) return;
  const isOfStart = isGiven(sent[start]) && !isGiven(sent[end]);
  throw isOfStart ? refuse('DATES_REVERSED', [start], { reason: 'START' }) : refuse('DATES_REVERSED', [end]);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Most characters of a reason. */
export const maxReason = 500;

/** Why something is done, as it is kept: null where nothing was said. Refuses TOO_LONG, INVALID. */
export function reasonIn(why: string | null | undefined): string | null {
  const reason = stored(why ?? '');
  if (reason && !isStorable(reason)) throw refuse('INVALID', ['reason']);
  if (reason && [...reason].length > maxReason) throw refuse('TOO_LONG', ['reason'], { max: maxReason });
  return reason;
}

function wrong(spec: ColumnSpec, value: unknown, field: string[], creating: boolean): Issue | undefined {
  switch (spec.kind) {
    case 'text':
      return wrongText(spec, value, field, creating);
    case 'integer':
      return Number.isInteger(value) ? outside(spec, Number(value), field) : { code: 'INVALID', field };
    case 'decimal':
      return isKeptExactly(spec, String(value)) ? outside(spec, Number(value), field) : { code: 'INVALID', field };
    case 'day':
      return typeof value === 'string' && isDay(value) ? undefined : { code: 'INVALID', field };
    case 'enum':
      return spec.values!.includes(String(value)) ? undefined : { code: 'INVALID', field };
    case 'flag':
      return typeof value === 'boolean' ? undefined : { code: 'INVALID', field };
    default:
      return undefined;
  }
}

/** Whether the column can hold the number as it is: with as many decimals as it has. */
const isKeptExactly = ({ scale = 0 }: ColumnSpec, text: string): boolean =>
  parseDecimal(text) !== undefined && (text.split('.')[1] ?? '').replace(/0+$/, '').length <= scale;

/** What looks like the mask of a value is refused, or left to the change of a record, which knows the value. */
function wrongText(spec: ColumnSpec, value: unknown, field: string[], creating: boolean): Issue | undefined {
  if (typeof value !== 'string' || !isStorable(value)) return { code: 'INVALID', field };
  if (spec.format === 'currency') return parseCurrency(value) === undefined ? { code: 'INVALID', field } : undefined;
  if (spec.max !== undefined && [...value].length > spec.max)
    return { code: 'TOO_LONG', field, params: { max: spec.max } };
  if (isMasked(value, spec.mask)) return creating ? { code: 'INVALID', field } : undefined;
  if (spec.mask === 'phone' && !isPhone(value)) return { code: 'INVALID', field };
  if (spec.format === 'email' && !email.test(value)) return { code: 'INVALID', field };
  return undefined;
}

function outside(spec: ColumnSpec, value: number, field: string[]): Issue | undefined {
  if (!spec.range || (value >= spec.range[0] && value <= spec.range[1])) return undefined;
  return { code: 'OUT_OF_RANGE', field, params: { min: spec.range[0], max: spec.range[1] } };
}
