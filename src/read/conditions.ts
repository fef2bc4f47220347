import type { Context } from '../core/context.js';
import { asWriting } from '../core/rights.js';
import type { Scope } from '../model/fields.js';
import { modelOf, type EntityClass, type EntityModel } from '../model/model.js';
import { accessOf, restricts } from './access.js';
import { Query, RowScope } from './query.js';

/** The condition on rows of an entity that a caller may see, over a statement's own parameters; what commands lock rows with. */
export const visibleRows = (ctx: Context): RowCondition =>
  conditionFor(ctx, (query, row, deleted) =>
    [deleted ? '' : query.exists(row), query.visible(row)].filter(restricts).join(' and '),
  );

/** The condition on visible rows that the caller may change as well; empty where these are all of them. */
export const changeableRows = (ctx: Context): RowCondition => conditionFor(ctx, (query, row) => query.changeable(row));

/** The condition on rows that are the caller's own, whose masked values they see; 'false' where an entity has none. */
export const ownRows = (ctx: Context): RowCondition =>
  conditionFor(ctx, (_, row) => accessOf(row.model.type)?.own?.(row) ?? 'false');

/** A condition on rows of an entity, with the rights of a caller who asks which of them they may change. */
export const changeableWhere =
  (ctx: Context, condition: (row: Scope) => string) =>
  (entity: EntityClass, alias: string, params: unknown[]): string =>
    conditionFor(ctx, (_, row) => condition(row), asWriting(ctx.rights))(modelOf(entity), alias, params);

type RowCondition = (model: EntityModel, alias: string, params: unknown[], deleted?: boolean) => string;

/** A condition with parameters that follow those of the statement that it becomes part of. */
function conditionFor(
  ctx: Context,
  conditionOf: (query: Query, row: RowScope, deleted: boolean) => string,
  rights = ctx.rights,
): RowCondition {
  return (model, alias, params, deleted = false) => {
    const query = new Query(rights);
    const condition = conditionOf(query, new RowScope(query, model, alias), deleted);
    const offset = params.length;
    params.push(...query.values({ ctx, variables: {} }));
    return condition.replace(/\$(\d+)::/g, (_, index: string) => `$${Number(index) + offset}::`);
  };
}
