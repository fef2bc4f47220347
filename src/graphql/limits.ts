import {
  getNamedType,
  GraphQLError,
  isCompositeType,
  isObjectType,
  Kind,
  NoFragmentCyclesRule,
  type ASTNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import {
  actualCost,
  fieldsOf,
  partOf,
  requestedCost,
  rowsOf,
  wholePoints,
  withinOf,
  type Part,
  type Variables,
  type Within,
} from './cost.js';
import { partsOf, rowsPerPart } from './introspection.js';
import { fragmentsOf } from '../read/fragments.js';
import { isNestedDeeper } from '../core/json-body.js';
import { nullVariable } from './variables.js';

/** How large one operation may be. The same for every channel and either executor. */
export const limits = {
  /** characters of a document; what has more is not parsed at all */
  characters: 100_000,
  /** words, names and signs of a document; what has more is not parsed to its end */
  tokens: 10_000,
  /** operations and fragments of a document */
  definitions: 200,
  /** directives at one place */
  directives: 20,
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
  /** mistakes that are looked for in a document */
  mistakes: 20,
} as const;

/** Refuses a document by its length, before anybody looks into it. */
export function refuseLong(text: string): void {
  if (text.length > limits.characters) throw exceeded(`more than ${limits.characters} characters.`);
}

/**
 * Refuses operations that are too deep or too broad, whatever their variables say, and fragments within themselves: what
 * other rules would take long to look at. Nothing else is looked for then, nor where every operation is refused all the same
 * before it runs, since it costs too much without any variables (see `requestError`).
 */
export const limitsRule =
  (maxCost: number): ValidationRule =>
  (context) => ({
    Document(node) {
      const mistake = tooLarge(context, node);
      if (mistake) context.reportError(mistake);
      return mistake || isTooCostly(context, node, maxCost) ? { ...node, definitions: [] } : undefined;
    },
  });

function tooLarge(context: ValidationContext, document: DocumentNode): GraphQLError | undefined {
  const { definitions } = document;
  if (definitions.length > limits.definitions)
    return exceeded(`more than ${limits.definitions} definitions.`, definitions[limits.definitions]!);
  for (const definition of definitions) {
    const place = crowded(definition);
    if (place) return exceeded(`more than ${limits.directives} directives at one place.`, place);
  }
  const cycle = cycleIn(context, document);
  if (cycle) return cycle;
  const fieldsIn = counting(fragmentsOf(document));
  for (const operation of operationsOf(document)) {
    if (fieldsIn(operation.selectionSet) > limits.fields)
      return exceeded(`more than ${limits.fields} fields.`, operation);
    const { mistake } = measured(context.getSchema(), document, operation);
    if (mistake) return mistake;
  }
  return undefined;
}

type Place = ASTNode & { readonly directives?: readonly DirectiveNode[]; readonly selectionSet?: SelectionSetNode };

/** A place at which there are more directives than there may be. */
function crowded(place: Place): Place | undefined {
  if ((place.directives?.length ?? 0) > limits.directives) return place;
  for (const inner of [
    ...(place.kind === Kind.OPERATION_DEFINITION ? (place.variableDefinitions ?? []) : []),
    ...(place.selectionSet?.selections ?? []),
  ]) {
    const found = crowded(inner);
    if (found) return found;
  }
  return undefined;
}

const operationsOf = ({ definitions }: DocumentNode): OperationDefinitionNode[] =>
  definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);

function isTooCostly(context: ValidationContext, document: DocumentNode, maxCost: number): boolean {
  const operations = operationsOf(document);
  return (
    operations.length > 0 &&
    operations.every(
      (operation) =>
        !operation.variableDefinitions?.length &&
        tooMuch(measured(context.getSchema(), document, operation).parts, {}, maxCost, operation),
    )
  );
}

/** A fragment that holds itself, in the words of GraphQL's own rule. */
function cycleIn(context: ValidationContext, document: DocumentNode): GraphQLError | undefined {
  let found: GraphQLError | undefined;
  const noting = Object.create(context, { reportError: { value: (error: GraphQLError) => (found ??= error) } });
  const { FragmentDefinition: look } = NoFragmentCyclesRule(noting as ValidationContext) as {
    FragmentDefinition: (node: FragmentDefinitionNode) => unknown;
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) look(definition);
    if (found) return found;
  }
  return undefined;
}

/** Counts the fields of selections, those of a fragment wherever it is spread; each fragment is looked at once. */
function counting(fragments: ReadonlyMap<string, FragmentDefinitionNode>): (set: SelectionSetNode) => number {
  const known = new Map<string, number>();
  const ofFragment = (name: string): number => {
    let count = known.get(name);
    if (count === undefined) {
      // what is spread within itself is refused already
      known.set(name, 0);
      const fragment = fragments.get(name);
      known.set(name, (count = fragment ? countIn(fragment.selectionSet) : 0));
    }
    return count;
  };
  const countIn = (set: SelectionSetNode): number => {
    let sum = 0;
    for (const node of set.selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) sum += ofFragment(node.name.value);
      else sum += (node.kind === Kind.FIELD ? 1 : 0) + (node.selectionSet ? countIn(node.selectionSet) : 0);
    }
    return sum;
  };
  return countIn;
}

/**
 * What keeps a valid operation from being executed with these variables: a null where none is allowed, a limit on its
 * size, or what it can cost. What it can cost is noted.
 */
export function requestError(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  maxCost: number,
  noted: { cost?: number },
): GraphQLError | undefined {
  const misplaced = nullVariable(schema, document, operation, variables);
  if (misplaced) return misplaced;
  const { mistake, parts } = measured(schema, document, operation);
  if (mistake) return mistake;
  if (isNestedDeeper(variables, limits.nesting))
    return exceeded(`its variables are nested more than ${limits.nesting} deep.`, operation);
  return tooMuch(parts, variables, maxCost, operation, noted);
}

/** What is too much of the rows that an operation can have, or of what they cost. */
function tooMuch(
  parts: readonly Part[],
  variables: Variables,
  maxCost: number,
  operation: OperationDefinitionNode,
  noted: { cost?: number } = {},
): GraphQLError | undefined {
  const count = rowsOf(parts, variables);
  if (count > limits.rows) return exceeded(`Its pages can have ${count} rows; the limit is ${limits.rows}.`, operation);
  const cost = (noted.cost = wholePoints(requestedCost(parts, variables)));
  return cost > maxCost ? tooCostly(cost, maxCost, operation) : undefined;
}

/** What an operation costs, in points: what it could cost at most, what its answer says that it did, and how far that is from the limit. */
export interface Cost {
  requested: number;
  /** not there where nothing was answered */
  actual?: number;
  limit: number;
  left: number;
}

/** What an operation costs that was answered with this data, if it was; undefined for one that is too large to be looked at. */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  maxCost: number,
  data: unknown,
): Cost | undefined {
  const { mistake, parts } = measured(schema, document, operation);
  if (mistake) return undefined;
  const requested = wholePoints(requestedCost(parts, variables));
  return {
    requested,
    ...(data !== undefined && data !== null && { actual: wholePoints(actualCost(parts, variables, data)) }),
    limit: maxCost,
    left: Math.max(0, maxCost - requested),
  };
}

const tooCostly = (requested: number, limit: number, node: ASTNode): GraphQLError =>
  new GraphQLError(`The operation is too costly: it can cost ${requested} points; the limit is ${limit}.`, {
    nodes: node,
    extensions: { code: 'MAX_COST_EXCEEDED', cost: { requested, limit }, http: { status: 400 } },
  });

interface Measured {
  mistake?: GraphQLError;
  parts: readonly Part[];
}

const known = new WeakMap<OperationDefinitionNode, Measured>();

/** Walks an operation once; what it can cost is kept as a function of its variables. */
function measured(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Measured {
  let found = known.get(operation);
  if (!found) {
    try {
      found = { parts: new Walk(schema, document, operation).parts() };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      found = { mistake: error, parts: [] };
    }
    known.set(operation, found);
  }
  return found;
}

const exceeded = (reason: string, node?: ASTNode): GraphQLError =>
  new GraphQLError(`The operation is too large: ${reason}`, {
    nodes: node ?? null,
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });

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

  parts(): Part[] {
    const type = this.schema.getRootType(this.operation.operation);
    return type ? this.selection(this.operation.selectionSet, type, 1, []) : [];
  }

  private selection(
    set: SelectionSetNode,
    type: GraphQLCompositeType,
    depth: number,
    spread: readonly string[],
    within?: Within,
  ): Part[] {
    const parts: Part[] = [];
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        const part = this.field(node, type, depth, within);
        if (part) parts.push(part);
        continue;
      }
      const name = node.kind === Kind.FRAGMENT_SPREAD ? node.name.value : undefined;
      // a fragment within itself is refused by another rule
      if (name !== undefined && spread.includes(name)) continue;
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(node.name.value) : node;
      if (!fragment) continue;
      const condition = fragment.typeCondition && this.schema.getType(fragment.typeCondition.name.value);
      parts.push(
        ...this.selection(
          fragment.selectionSet,
          isCompositeType(condition) ? condition : type,
          depth,
          name === undefined ? spread : [...spread, name],
          within,
        ),
      );
    }
    return parts;
  }

  private field(node: FieldNode, type: GraphQLCompositeType, depth: number, within?: Within): Part | undefined {
    this.fields += 1;
    if (depth === 1) this.rootFields += 1;
    if (this.fields > limits.fields) throw exceeded(`more than ${limits.fields} fields.`, this.operation);
    if (this.rootFields > limits.rootFields)
      throw exceeded(`more than ${limits.rootFields} fields at the root.`, this.operation);
    // GraphQL has a rule of its own for the depth of what asks for the schema
    if (depth > limits.depth && !type.name.startsWith('__'))
      throw exceeded(`fields more than ${limits.depth} deep.`, this.operation);
    if (node.name.value.startsWith('__')) return this.ofSchema(node, depth);
    const field = fieldsOf(type)[node.name.value];
    const target = field && getNamedType(field.type);
    if (!field || !target) return undefined;
    const inside = type.name.startsWith('__') ? undefined : withinOf(this.schema, this.operation, node, type, field);
    const below =
      node.selectionSet && isCompositeType(target)
        ? this.selection(node.selectionSet, target, depth + 1, [], inside)
        : [];
    if (!type.name.startsWith('__')) return partOf(this.schema, this.operation, node, type, field, below, within);
    const count = partsOf(this.schema)[node.name.value] ?? 0;
    return { key: keyOf(node), weight: 0, below, ...(count > 0 && { size: count }) };
  }

  /** What asks for the schema: each part of it counts as several rows, since none is found by an index, and as so many points. */
  private ofSchema(node: FieldNode, depth: number): Part | undefined {
    const name = { __schema: '__Schema', __type: '__Type' }[node.name.value];
    const type = name === undefined ? undefined : this.schema.getType(name);
    if (!node.selectionSet || !isObjectType(type)) return undefined;
    const below = this.selection(node.selectionSet, type, depth + 1, []);
    return { key: keyOf(node), weight: rowsPerPart * (1 + rowsOf(below, {})), size: rowsPerPart, below };
  }
}

const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value;
