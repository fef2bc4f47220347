import {
  getVariableValues,
  GraphQLError,
  isNonNullType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

/** How many mistakes in variables are reported at once; the rest is not looked at. */
const maxErrors = 5;

/** What is wrong with the values of an operation's variables, as the first few mistakes. */
export function variableErrors(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  hideSuggestions: boolean,
): readonly GraphQLError[] {
  const { errors = [] } = getVariableValues(schema, variableDefinitions, variables, { maxErrors, hideSuggestions });
  return errors.map(
    ({ message, nodes }) => new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } }),
  );
}

/** Variables that may be null themselves but are used where null is not allowed, each with the type that is expected there. */
type Strict = ReadonlyMap<string, string>;

const known = new WeakMap<OperationDefinitionNode, Strict>();
const none: Strict = new Map();

/**
 * The request error of an explicit null in a variable whose default value lets it stand where null is not allowed, e.g.
 * `query ($on: Boolean = true) { viewer @include(if: $on) { roles } }` with `{"on": null}`. Found before anything is
 * executed, so that every executor refuses it alike.
 */
export function nullVariable(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError | undefined {
  for (const [name, type] of strictVariables(schema, document, operation)) {
    if (!Object.hasOwn(variables, name) || variables[name] !== null) continue;
    return new GraphQLError(`Variable "$${name}" must not be null: it is used where "${type}" is expected.`, {
      nodes: operation.variableDefinitions?.find(({ variable }) => variable.name.value === name),
      extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
    });
  }
  return undefined;
}

function strictVariables(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Strict {
  let found = known.get(operation);
  if (!found) known.set(operation, (found = findStrict(schema, document, operation)));
  return found;
}

function findStrict(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Strict {
  const candidates = new Set(
    (operation.variableDefinitions ?? [])
      .filter(({ type, defaultValue }) => type.kind !== Kind.NON_NULL_TYPE && defaultValue)
      .map(({ variable }) => variable.name.value),
  );
  if (candidates.size === 0) return none;
  const found = new Map<string, string>();
  const info = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(info, {
    VariableDefinition: () => false,
    Variable: ({ name: { value } }) => {
      const type = info.getInputType();
      if (candidates.has(value) && isNonNullType(type)) found.set(value, String(type));
    },
  });
  const parts = document.definitions.filter((node) => node === operation || node.kind === Kind.FRAGMENT_DEFINITION);
  for (const part of parts) visit(part, visitor);
  return found;
}
