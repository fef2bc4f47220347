import { isInterfaceType, isObjectType, type GraphQLField, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { Context } from '../core/context.js';
import type { Row, Statement } from '../core/database.js';
import type { ReadSpec } from '../model/fields.js';
import { allModels, entityNamed, type EntityClass, type EntityModel } from '../model/model.js';

/** The declared SQL of a field that is neither a column nor a reference. */
export const readSpec = (field: { extensions: GraphQLField<unknown, unknown>['extensions'] }): ReadSpec | undefined =>
  field.extensions['read'] as ReadSpec | undefined;

/** Connections and edges carry rows, not references to them. */
export const isPagePart = (type: GraphQLObjectType): boolean => /(Connection|Edge)$/.test(type.name);

/** The entity whose records a type of the graph shows. */
export const entityOf = (type: GraphQLObjectType): EntityClass => entityNamed(type.name)!;

const ofNodes = new WeakMap<GraphQLSchema, EntityModel[]>();

/** The entities that `node` looks through: those with rows of a tenant that the graph shows as records of their own. */
export function nodeModels(schema: GraphQLSchema): EntityModel[] {
  if (!ofNodes.has(schema))
    ofNodes.set(
      schema,
      allModels().filter((model) => model.owned && isRecord(schema, model.name)),
    );
  return ofNodes.get(schema)!;
}

function isRecord(schema: GraphQLSchema, name: string): boolean {
  const [node, type] = [schema.getType('Node'), schema.getType(name)];
  return isInterfaceType(node) && isObjectType(type) && schema.isSubType(node, type);
}

/** What an operation can cost, in points, whose statements may keep a processor busy for long: a tenth of a second. */
const costly = 10_000;
/** Of how many characters a statement takes PostgreSQL as long before it begins. */
const longStatement = 100_000;

/** Sends a statement for the request and counts it. */
export async function ask(ctx: Context, statement: Statement): Promise<Row[]> {
  ctx.stats.statements += 1;
  const { cost = 0, reading } = ctx.stats;
  const isCostly = cost >= costly || statement.text.length > longStatement;
  const noted = isCostly || reading ? { ...statement, reading, ...(isCostly && { isCostly }) } : statement;
  return ctx.database.read(ctx.tenant.id, noted, ctx.presence);
}
