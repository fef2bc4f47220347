import {
  getNamedType,
  GraphQLError,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
  type ValueNode,
} from 'graphql';
import { defaultPageSize } from '../read/list.js';
import { nullVariable } from './variables.js';

/** How large one operation may be. The same for every channel and either executor. */
export const limits = {
  /** words, names and signs of a document; what has more is not parsed to its end */
  tokens: 20_000,
  /** operations and fragments of a document */
  definitions: 200,
  /** fields below one another */
  depth: 15,
  /** fields in all, fragments counted where they are spread */
  fields: 2_000,
  /** fields at the root */
  rootFields: 20,
  /** maximum number of rows of its pages, nested pages multiplied */
  rows: 100_000,
  /** values of variables within each other */
  nesting: 32,
} as const;

type Variables = Record<string, unknown>;
/** How many rows a part of an operation can have, given the variables. */
type Rows = (variables: Variables) => number;

/** Refuses operations that are too deep or too broad, whatever their variables say. */
export const limitsRule: ValidationRule = (context) => ({
  Document(node) {
    if (node.definitions.length <= limits.definitions) return undefined;
    context.reportError(
      exceeded(`more than ${limits.definitions} definitions.`, node.definitions[limits.definitions]!),
    );
    return false;
  },
  OperationDefinition(node) {
    const mistake = measured(context.getSchema(), context.getDocument(), node).mistake;
    if (mistake) context.reportError(mistake);
  },
});

/** What keeps a valid operation from being executed with these variables: a null where none is allowed, or a limit on its size. */
export function requestError(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): GraphQLError | undefined {
  const misplaced = nullVariable(schema, document, operation, variables);
  if (misplaced) return misplaced;
  const { mistake, rows } = measured(schema, document, operation);
  if (mistake) return mistake;
  if (isNestedDeeper(variables, limits.nesting))
    return exceeded(`its variables are nested more than ${limits.nesting} deep.`, operation);
  const count = rows(variables);
  return count > limits.rows
    ? exceeded(`Its pages can have ${count} rows; the limit is ${limits.rows}.`, operation)
    : undefined;
}

const isNestedDeeper = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, depth - 1)));

interface Measured {
  mistake?: GraphQLError;
  rows: Rows;
}

const known = new WeakMap<OperationDefinitionNode, Measured>();

/** Walks an operation once; what it can cost is kept as a function of its variables. */
function measured(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Measured {
  let found = known.get(operation);
  if (!found) {
    try {
      found = { rows: new Walk(schema, document, operation).rows() };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      found = { mistake: error, rows: none };
    }
    known.set(operation, found);
  }
  return found;
}

const exceeded = (reason: string, node: ASTNode): GraphQLError =>
  new GraphQLError(`The operation is too large: ${reason}`, {
    nodes: node,
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });

const ofDocuments = new WeakMap<DocumentNode, ReadonlyMap<string, FragmentDefinitionNode>>();

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  let found = ofDocuments.get(document);
  if (!found) {
    const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    ofDocuments.set(document, (found = new Map(fragments.map((node) => [node.name.value, node]))));
  }
  return found;
}

class Walk {
  private fields = 0;
  private rootFields = 0;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
  ) {
    this.fragments = fragmentsOf(document);
  }

  rows(): Rows {
    const type = this.schema.getRootType(this.operation.operation);
    return type ? this.selection(this.operation.selectionSet, type, 1, []) : none;
  }

  private selection(set: SelectionSetNode, type: GraphQLCompositeType, depth: number, within: readonly string[]): Rows {
    const parts: Rows[] = [];
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        parts.push(this.field(node, type, depth));
        continue;
      }
      const name = node.kind === Kind.FRAGMENT_SPREAD ? node.name.value : undefined;
      // a fragment within itself is refused by another rule
      if (name !== undefined && within.includes(name)) continue;
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(node.name.value) : node;
      if (!fragment) continue;
      const condition = fragment.typeCondition && this.schema.getType(fragment.typeCondition.name.value);
      parts.push(
        this.selection(
          fragment.selectionSet,
          isCompositeType(condition) ? condition : type,
          depth,
          name === undefined ? within : [...within, name],
        ),
      );
    }
    return sum(parts);
  }

  private field(node: FieldNode, type: GraphQLCompositeType, depth: number): Rows {
    this.fields += 1;
    if (depth === 1) this.rootFields += 1;
    if (this.fields > limits.fields) throw exceeded(`more than ${limits.fields} fields.`, this.operation);
    if (this.rootFields > limits.rootFields)
      throw exceeded(`more than ${limits.rootFields} fields at the root.`, this.operation);
    // GraphQL has a rule of its own for the depth of what asks for the schema
    if (depth > limits.depth && !type.name.startsWith('__'))
      throw exceeded(`fields more than ${limits.depth} deep.`, this.operation);
    if (node.name.value.startsWith('__')) return this.ofSchema(node, depth);
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
    const target = field && getNamedType(field.type);
    if (!node.selectionSet || !isCompositeType(target)) return none;
    const below = this.selection(node.selectionSet, target, depth + 1, []);
    if (type.name.startsWith('__')) {
      const count = partsOf(this.schema)[node.name.value] ?? 0;
      return count === 0 ? below : (variables) => count * (1 + below(variables));
    }
    if (!isPage(field!)) return below;
    const size = this.pageSize(node);
    return (variables) => size(variables) * (1 + below(variables));
  }

  /** What asks for the schema: each part of it counts as several rows, since none is found by an index. */
  private ofSchema(node: FieldNode, depth: number): Rows {
    const name = { __schema: '__Schema', __type: '__Type' }[node.name.value];
    const type = name === undefined ? undefined : this.schema.getType(name);
    if (!node.selectionSet || !isObjectType(type)) return none;
    const below = this.selection(node.selectionSet, type, depth + 1, []);
    return (variables) => rowsPerPart * (1 + below(variables));
  }

  /** Maximum number of rows of the page of a connection. */
  private pageSize(node: FieldNode): Rows {
    const given = (name: string): ((variables: Variables) => number | undefined) => {
      const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
      return (variables) => this.integer(value, variables);
    };
    const [first, last] = [given('first'), given('last')];
    return (variables) => Math.max(0, last(variables) ?? first(variables) ?? defaultPageSize);
  }

  private integer(value: ValueNode | undefined, variables: Variables): number | undefined {
    if (value?.kind === Kind.INT) return Number(value.value);
    if (value?.kind !== Kind.VARIABLE) return undefined;
    const name = value.name.value;
    if (Object.hasOwn(variables, name)) return typeof variables[name] === 'number' ? variables[name] : undefined;
    return this.integer(
      this.operation.variableDefinitions?.find(({ variable }) => variable.name.value === name)?.defaultValue,
      {},
    );
  }
}

/** As how many rows a type, a field or another part of the schema counts. */
const rowsPerPart = 4;

const partsOfSchemas = new WeakMap<GraphQLSchema, Readonly<Record<string, number>>>();

/** How many items the lists have that tell of the schema, on average, by their names. */
function partsOf(schema: GraphQLSchema): Readonly<Record<string, number>> {
  let found = partsOfSchemas.get(schema);
  if (!found) {
    const types = Object.values(schema.getTypeMap());
    const fields = types.flatMap((type) =>
      isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [],
    );
    const args = fields.flatMap((field) => field.args);
    const inputs = types.flatMap((type) => (isInputObjectType(type) ? Object.values(type.getFields()) : []));
    const values = types.flatMap((type) => (isEnumType(type) ? type.getValues() : []));
    const perType = (count: number): number => Math.ceil(count / types.length);
    found = {
      types: types.length,
      directives: schema.getDirectives().length,
      fields: perType(fields.length),
      args: Math.ceil(args.length / fields.length),
      inputFields: perType(inputs.length),
      enumValues: perType(values.length),
      interfaces: 1,
      possibleTypes: 1,
    };
    partsOfSchemas.set(schema, found);
  }
  return found;
}

const isPage = (field: GraphQLField<unknown, unknown>): boolean =>
  field.args.some(({ name }) => name === 'first') && field.args.some(({ name }) => name === 'last');

function sum(parts: readonly Rows[]): Rows {
  const counted = parts.filter((part) => part !== none);
  if (counted.length === 0) return none;
  return (variables) => counted.reduce((total, part) => total + part(variables), 0);
}

const none: Rows = () => 0;
