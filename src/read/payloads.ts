import {
  execute,
  getNamedType,
  GraphQLError,
  GraphQLSchema,
  isObjectType,
  Kind,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type OperationDefinitionNode,
} from 'graphql';
import { shownKey, type Context } from '../core/context.js';
import type { Row } from '../core/database.js';
import { entityNamed } from '../model/model.js';
import type { Compiler } from './compile.js';
import { readSpec } from './declared.js';
import { readElsewhere } from './plain.js';
import { answerIn, planOf, statementOf, type Plan } from './plans.js';
import type { Env } from './env.js';
import { NotCompilable } from './selection.js';

/** A mutation in two steps: the operation with the payload's records cut down to their ids, and a plan to read each of them. */
export interface MutationParts {
  document: DocumentNode;
  /** response key of the mutation's field */
  key: string;
  payload: GraphQLObjectType;
  /** plans by response key within the payload, with the nodes they answer */
  records: Map<string, { plan: Plan; nodes: readonly FieldNode[] }>;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  operation: OperationDefinitionNode;
}

/**
 * Splits a mutation. Only one with a single field is split: where there are several, each payload shows the state
 * between the changes, which reading afterwards would not.
 */
export function mutationParts(
  schema: GraphQLSchema,
  compiler: Compiler,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): MutationParts {
  const { selection } = compiler;
  const { operation } = selection;
  const root = schema.getMutationType()!;
  const fields = selection.fields(root, [operation.selectionSet]);
  const [[key, nodes] = [undefined, []]] = fields;
  const field = root.getFields()[nodes[0]?.name.value ?? ''];
  const payload = field && getNamedType(field.type);
  if (fields.size !== 1 || key === undefined || !isObjectType(payload))
    throw new NotCompilable('several changes in one operation');
  const records: MutationParts['records'] = new Map();
  const kept: FieldNode[] = [];
  for (const [inner, payloadNodes] of selection.below(payload, nodes)) {
    const payloadField = payload.getFields()[payloadNodes[0]!.name.value];
    const target = payloadField && getNamedType(payloadField.type);
    if (!isObjectType(target) || !entityNamed(target.name) || readSpec(payloadField!)) {
      kept.push(...payloadNodes);
      continue;
    }
    records.set(inner, { plan: planOf(compiler.record(target, payloadNodes), compiler.query), nodes: payloadNodes });
    kept.push(idOnly(payloadNodes[0]!));
  }
  if (records.size === 0) throw new NotCompilable('the payload asks for no record');
  const document = operationOver(
    operation,
    [{ ...nodes[0]!, directives: [], selectionSet: { kind: Kind.SELECTION_SET, selections: kept } }],
    fragments,
  );
  return { document, key, payload, records, fragments, operation };
}

function idOnly(node: FieldNode): FieldNode {
  const cut: FieldNode = {
    ...node,
    directives: [],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'id' } }],
    },
  };
  readElsewhere.add(cut);
  return cut;
}

const operationOver = (
  operation: OperationDefinitionNode,
  selections: FieldNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): DocumentNode => ({
  kind: Kind.DOCUMENT,
  definitions: [{ ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } }, ...fragments.values()],
});

/** Makes the change, then reads the payload's records and puts them in their places. */
export async function change(
  schema: GraphQLSchema,
  parts: MutationParts,
  env: Env,
  variables: Record<string, unknown>,
  send: (plan: Plan, env: Env) => Promise<string | null>,
): Promise<{ data: string; errors?: readonly GraphQLError[] }> {
  const written = await write(schema, parts, env, variables);
  const errors = [...(written.errors ?? [])];
  const payload = written.data?.[parts.key] as Record<string, unknown> | null | undefined;
  if (!payload) return { data: JSON.stringify(written.data ?? null), ...(errors.length > 0 && { errors }) };
  const payloadNodes: string[] = [];
  for (const [key, value] of Object.entries(payload)) {
    const record = parts.records.get(key);
    const id = (value as { id?: string } | null)?.id;
    let text: string | null = JSON.stringify(value);
    if (record && id) {
      try {
        text = readAlready(env.ctx, id) ?? (await send(record.plan, { ...env, id }));
      } catch {
        const plain = await readPlain(schema, parts, key, id, variables, env);
        errors.push(...(plain.errors ?? []));
        text = JSON.stringify(plain.data?.[key] ?? null);
      }
    }
    payloadNodes.push(`${JSON.stringify(key)}:${text ?? 'null'}`);
  }
  return { data: `{${JSON.stringify(parts.key)}:{${payloadNodes.join(',')}}}`, ...(errors.length > 0 && { errors }) };
}

/** Makes the change. Where its answer shows one record, that is read with the commit, in the same round trip. */
async function write(
  schema: GraphQLSchema,
  parts: MutationParts,
  env: Env,
  variables: Record<string, unknown>,
): Promise<ExecutionResult> {
  const { shown } = env.ctx;
  const [only, another] = parts.records.values();
  if (only && !another) shown.of = (id) => statementOf(only.plan, { ...env, id });
  try {
    return (await execute({
      schema,
      document: parts.document,
      variableValues: variables,
      contextValue: env.ctx,
    })) as ExecutionResult;
  } finally {
    shown.of = undefined;
  }
}

/** The record as it was read behind the last commit, if it was. */
function readAlready({ loaders }: Context, id: string): string | null | undefined {
  const [row] = (loaders.get(shownKey(id)) as Row[] | undefined) ?? [];
  return row && answerIn(row);
}

const payloadSchemas = new WeakMap<GraphQLObjectType, GraphQLSchema>();

/** The change is made and must not be made again: where a plan fails, the plain executor reads the record alone, with the payload as its root. */
async function readPlain(
  schema: GraphQLSchema,
  parts: MutationParts,
  key: string,
  id: string,
  variables: Record<string, unknown>,
  { ctx }: Env,
): Promise<ExecutionResult> {
  if (!payloadSchemas.has(parts.payload))
    payloadSchemas.set(
      parts.payload,
      new GraphQLSchema({ query: parts.payload, types: Object.values(schema.getTypeMap()) }),
    );
  const { nodes } = parts.records.get(key)!;
  const result = (await execute({
    schema: payloadSchemas.get(parts.payload)!,
    document: operationOver(
      { ...parts.operation, operation: 'query' as OperationDefinitionNode['operation'] },
      [...nodes],
      parts.fragments,
    ),
    rootValue: { [nodes[0]!.name.value]: id },
    variableValues: variables,
    contextValue: ctx,
  })) as ExecutionResult;
  const errors = result.errors?.map(
    (error) =>
      new GraphQLError(error.message, {
        nodes: error.nodes,
        path: [parts.key, ...(error.path ?? [])],
        originalError: error.originalError,
        extensions: error.extensions,
      }),
  );
  return { data: result.data ?? null, ...(errors && { errors }) };
}
