import {
  getArgumentValues,
  isAbstractType,
  Kind,
  print,
  visit,
  type ASTNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { inZone } from '../model/zoned.js';
import type { Env, Source } from './env.js';
import type { Query } from './query.js';
import { Value } from './value.js';

/** Why an operation is left to the plain executor. The text is made of the program's own words only, never of the caller's. */
export class NotCompilable extends Error {}

/** The longest name PostgreSQL keeps; longer response keys would be cut. */
const maxKeyLength = 63;

const alwaysOn = ['skip', 'include'];

/**
 * The fields of an operation as the specification collects them: fragments spread, directives decided, fields with the
 * same response key merged. Every variable that decides a directive is inspected through the query's guard.
 */
export class Selection {
  constructor(
    readonly schema: GraphQLSchema,
    readonly operation: OperationDefinitionNode,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly query: Query,
    /** the request whose form decides the plan */
    readonly present: Env,
  ) {}

  /** The fields selected on an object of this type, by response key, each with all nodes that ask for it. */
  fields(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const found = new Map<string, FieldNode[]>();
    const seen = new Set<string>();
    for (const set of sets) this.collect(type, set, found, seen);
    return found;
  }

  /** The fields below a field: the selections of all its nodes. */
  below(type: GraphQLObjectType, nodes: readonly FieldNode[]): Map<string, FieldNode[]> {
    return this.fields(
      type,
      nodes.flatMap((node) => node.selectionSet ?? []),
    );
  }

  private collect(
    type: GraphQLObjectType,
    set: SelectionSetNode,
    found: Map<string, FieldNode[]>,
    seen: Set<string>,
  ): void {
    for (const node of set.selections) {
      if (!this.wanted(node)) continue;
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        if (key.length > maxKeyLength) throw new NotCompilable('a response key is too long');
        const nodes = found.get(key);
        if (nodes) nodes.push(node);
        else found.set(key, [node]);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (this.applies(node.typeCondition?.name.value, type)) this.collect(type, node.selectionSet, found, seen);
      } else if (!seen.has(node.name.value)) {
        seen.add(node.name.value);
        const fragment = this.fragments.get(node.name.value);
        if (fragment && this.applies(fragment.typeCondition.name.value, type))
          this.collect(type, fragment.selectionSet, found, seen);
      }
    }
  }

  private applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const other = this.schema.getType(condition);
    return isAbstractType(other) && this.schema.isSubType(other, type);
  }

  private wanted(node: { directives?: FieldNode['directives'] }): boolean {
    for (const directive of node.directives ?? []) {
      if (!alwaysOn.includes(directive.name.value))
        throw new NotCompilable(`the directive @${directive.name.value} is not compiled`);
    }
    return !this.decides(node, 'skip', false) && this.decides(node, 'include', true);
  }

  private decides(node: { directives?: FieldNode['directives'] }, name: string, unset: boolean): boolean {
    const given = node.directives?.find((directive) => directive.name.value === name)?.arguments?.[0]?.value;
    if (!given) return unset;
    if (given.kind === Kind.BOOLEAN) return given.value;
    if (given.kind !== Kind.VARIABLE) throw new NotCompilable(`@${name} is not decided by a boolean`);
    const variable = given.name.value;
    return new Value(this.query, ({ variables }) => variables[variable], this.present.variables[variable]).is(
      (value) => value === true,
    );
  }

  /** The arguments of a field as the executor would hand them to its resolver, and as a value for statements. */
  args(field: GraphQLField<unknown, unknown>, node: FieldNode): { args: Record<string, unknown>; value: Value } {
    const given = getArgumentValues(field, node, this.present.variables);
    const args = inZone(field, given, this.present.ctx.tenant.timeZone);
    // what depends on the time zone is read anew each time: a plan serves tenants of all zones
    const source: Source =
      usesVariables(node) || args !== given
        ? (env) =>
            remembered(env, node, () =>
              inZone(field, getArgumentValues(field, node, env.variables), env.ctx.tenant.timeZone),
            )
        : () => args;
    return { args, value: new Value(this.query, source, args) };
  }
}

function remembered(env: Env, node: FieldNode, make: () => unknown): unknown {
  env.memo ??= new Map();
  if (!env.memo.has(node)) env.memo.set(node, make());
  return env.memo.get(node);
}

function usesVariables(node: FieldNode): boolean {
  let found = false;
  for (const argument of node.arguments ?? []) visit(argument as ASTNode, { Variable: () => void (found = true) });
  return found;
}

/** The response keys that show what another one before them shows, with that one: the same field with the same arguments and selections. */
export function repeated(fields: ReadonlyMap<string, readonly FieldNode[]>): ReadonlyMap<string, string> {
  const names = [...fields.values()].map(([node]) => node!.name.value);
  const found = new Map<string, string>();
  if (new Set(names).size === names.length) return found;
  const known = new Map<string, string>();
  for (const [key, nodes] of fields) {
    const meaning = nodes.map(meaningOf).join('\n');
    const first = known.get(meaning);
    if (first === undefined) known.set(meaning, key);
    else found.set(key, first);
  }
  return found;
}

/** A field without its name in the answer, its arguments in one order; its directives have been decided. */
const meaningOf = ({ alias: _alias, directives: _directives, arguments: given = [], ...node }: FieldNode): string =>
  print({ ...node, arguments: given.toSorted((a, b) => (a.name.value < b.name.value ? -1 : 1)) });
