import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import type { Context } from '../core/context.js';
import type { UserError } from './payload.js';

type Fields = Readonly<Record<string, { type: GraphQLInputType }>>;

/** A path as rules give it, from the part of the arguments that they see on, as one from these fields on. */
function rooted(fields: Fields, path: readonly string[]): string[] {
  const [first = ''] = path;
  if (first in fields) return [...path];
  const within = Object.keys(fields).find((name) => {
    const type = getNullableType(fields[name]!.type);
    return isInputObjectType(type) && first in type.getFields();
  });
  return within === undefined ? [...path] : [within, ...path];
}

/** The argument of a change of many that lists its items. */
const itemsOf = ({ args }: GraphQLField<unknown, unknown>): { name: string; type: GraphQLInputType } | undefined =>
  args.find(({ type }) => isListType(getNullableType(type)));

interface Answered {
  userErrors: UserError[];
  results?: Array<{ index: number; userErrors: UserError[] }>;
}

/**
 * Lets the fields that errors of mutations name be paths from the arguments' root, whatever part of the arguments a rule
 * has seen. To be called when the schema has its resolvers.
 */
export function attachPaths(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()!.getFields())) {
    const { resolve } = field;
    const args = Object.fromEntries(field.args.map((arg) => [arg.name, arg]));
    const items = itemsOf(field);
    const item = items && getNamedType(items.type);
    const inItem = isInputObjectType(item) ? item.getFields() : undefined;
    const payload = getNamedType(field.type);
    const isBulk = isObjectType(payload) && 'results' in payload.getFields();
    field.resolve = async (source, given: object, ctx: Context, info): Promise<unknown> => {
      const answered = (await resolve!(source, given, ctx, info)) as Answered;
      const at = (errors: UserError[], path: (of: string[]) => string[]): UserError[] =>
        errors.map((error) => (error.field ? { ...error, field: path(error.field) } : error));
      return {
        ...answered,
        userErrors: at(answered.userErrors, (path) => rooted(args, path)),
        ...(isBulk &&
          items &&
          answered.results && {
            results: answered.results.map((result) => ({
              ...result,
              userErrors: at(result.userErrors, (path) =>
                !inItem && path[0]! in args
                  ? path
                  : [items.name, String(result.index), ...(inItem ? rooted(inItem, path) : [])],
              ),
            })),
          }),
      };
    };
  }
}
