import { getNamedType, type FieldNode, type GraphQLObjectType } from 'graphql';
import type { Locale } from '../core/errors.js';
import { meets } from '../core/rights.js';
import type { ReadSpec } from '../model/fields.js';
import { refusalKey, refusalMessages, type Action } from '../model/actions.js';
import { guarded, leaf } from './leaf.js';
import { parentsExist } from './parents.js';
import { answeredByCode, json, select, type Field, type Parts } from './parts.js';
import type { RowScope } from './query.js';
import type { Value } from './value.js';

/** A field that says whether the caller may do something. */
type PermissionSpec = Extract<ReadSpec, { kind: 'permission' }>;

const among = (expression: string, states: readonly string[]): string =>
  `${expression} in (${states.map((state) => `'${state}'`).join(', ')})`;

/**
 * Why the caller cannot do something with a row, as SQL: the key of the refusal (see `refusalKey`), null where nothing
 * stands in the way. It goes by what the mutation goes by, in the same order: rights, deletion, ownership, state.
 */
export function refusalSql(row: RowScope, { action, refusal }: PermissionSpec, to?: string): string {
  const { rights, query } = row;
  if (!meets(rights, action.need)) return `'${refusalKey(rights.scoped ? 'MISSING_SCOPE' : 'MISSING_ROLE')}'::text`;
  const cases: string[] = [];
  if (action.deleted && row.seen) return `'${refusalKey('NOT_DELETED')}'::text`;
  if (!row.seen) cases.push(...deletionCases(row, action));
  const changeable = refusal ? '' : query.changeable(row);
  if (changeable) cases.push(`when (${changeable}) is not true then '${refusalKey('NOT_OWNER')}'`);
  cases.push(...stateCases(row, action, to));
  const last = refusal?.(row) ?? 'null::text';
  return cases.length > 0 ? `case ${cases.join(' ')} else ${last} end` : last;
}

/** Only those who administer the tenant are shown deleted records, and records of deleted ones. */
function deletionCases(row: RowScope, action: Action): string[] {
  const deleted = row.model.soft ? `${row.col('deletedAt')} is not null` : 'false';
  return action.deleted
    ? [
        `when not (${deleted}) then '${refusalKey('NOT_DELETED')}'`,
        `when not (${parentsExist(row) || 'true'}) then '${refusalKey('PARENT_DELETED')}'`,
      ]
    : [`when ${deleted} or not (${row.query.exists(row) || 'true'}) then '${refusalKey('DELETED')}'`];
}

function stateCases(row: RowScope, { state }: Action, to: string | undefined): string[] {
  if (!state) return [];
  const cases: string[] = [];
  const present = row.shown(state.property);
  const refused = state.states.filter((from) => state.refusal(from, to));
  if (refused.length > 0)
    cases.push(`when ${among(present, refused)} then '${refusalKey('WRONG_STATE', state.property, '')}' || ${present}`);
  const { along } = state;
  const changed = along ? state.states.filter((from) => !refused.includes(from) && !along.unless(from, to)) : [];
  if (along && changed.length > 0) {
    const { from, where, row: other } = row.rows(row.model.fields.get(along.reference)!.refersTo!);
    const stage = other.shown(along.property);
    const standing = among(stage, along.states.filter(along.refusal));
    cases.push(
      `when ${among(present, changed)} then (select '${refusalKey('WRONG_STATE', along.reference, '')}' || ${stage} from ${from} where ${where} and ${other.col('id')} = ${row.col(along.reference)} and ${standing})`,
    );
  }
  return cases;
}

/** What the graph shows of it. */
export interface Permission {
  allowed: boolean;
  reason: string | null;
  message: string | null;
}

/** A refusal's key as the object that the graph shows. */
export const permissionOf = (
  key: string | null,
  action: Action,
  to: string | undefined,
  locale: Locale,
): Permission => ({
  allowed: key === null,
  reason: key && key.split(' ')[0]!,
  message: key && refusalMessages(action, to, locale)[key]!,
});

/** The same as SQL, for the fields that are selected. */
export function permissionSql(
  parts: Parts,
  field: Field,
  nodes: readonly FieldNode[],
  row: RowScope,
  spec: PermissionSpec,
): string {
  const { action } = spec;
  const to = action.state?.argument && askedFor(action, parts.selection.args(field, nodes[0]!).value);
  const type = getNamedType(field.type) as GraphQLObjectType;
  const columns = parts.columns(type, parts.selection.below(type, nodes), (inner) => {
    switch (inner.name) {
      case 'allowed':
        return 'refusal.key is null';
      case 'reason':
        return leaf(inner.type, `split_part(refusal.key, ' ', 1)`);
      case 'message':
        return `${row.query.bind(({ ctx }) => JSON.stringify(refusalMessages(action, to, ctx.locale)), 'jsonb')} ->> refusal.key`;
      default:
        throw answeredByCode(type, inner);
    }
  });
  const found = `(select ${refusalSql(row, spec, to)} as key offset 0) refusal`;
  return guarded(field.type, `(${json(select(columns, ` from ${found}`))})`, 'json');
}

/** The state that the field's argument names; each gives a statement of its own. */
const askedFor = ({ state }: Action, args: Value): string => {
  const value = args.field(state!.argument!.name);
  return state!.states.find((name) => value.is((given) => given === name))!;
};

/** The keys of a row's refusals for the plain executor: one, or one for each state that can be asked for. */
export function refusalColumn(row: RowScope, spec: PermissionSpec): string {
  const { state } = spec.action;
  if (!state?.argument) return refusalSql(row, spec);
  return `json_build_object(${state.states.map((to) => `'${to}', ${refusalSql(row, spec, to)}`).join(', ')})`;
}

/** What the plain executor answers from that column. */
export function permissionIn(
  column: unknown,
  action: Action,
  args: Record<string, unknown>,
  locale: Locale,
): Permission {
  const to = action.state?.argument && String(args[action.state.argument.name]);
  const key = to === undefined ? column : (column as Record<string, unknown>)[to];
  return permissionOf((key ?? null) as string | null, action, to, locale);
}
