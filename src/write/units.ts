import { areAstray, inUnits } from '../model/comparable.js';
import { allModels, comparedIn } from '../model/model.js';
import type { Context } from '../core/context.js';
import { command } from './command.js';
import type { DueCondition } from './due.js';

/** Most rows that are put right in one transaction. */
const batchSize = 500;

/** An exact number of which lists compare units beside it. */
interface Compared extends DueCondition {
  /** SQL: what puts the units right */
  setting: string;
}

const compared = (): Compared[] =>
  allModels().flatMap((model) =>
    comparedIn([model]).map(({ column, units }) => ({
      table: model.table,
      column: 'id',
      condition: `t.tenant_id = $1 and ${areAstray(`t.${column}`, `t.${units.column}`, units.scale)}`,
      setting: `${units.column} = ${inUnits(`t.${column}`, units.scale)}`,
    })),
  );

/** The conditions under which units are not those of their number: a server of a release without them has written it. */
export const astrayConditions = (): DueCondition[] => compared();

/** Puts such units right, so that lists have these records in their place. The number, which is all that is shown, stays as it is. */
export async function setAstray(ctx: Context): Promise<void> {
  for (const { table, condition, setting } of compared())
    while ((await setSome(ctx, table, condition, setting)) === batchSize);
}

const setSome = (ctx: Context, table: string, condition: string, setting: string): Promise<number> =>
  command(ctx, 'units', async (change) => {
    // what another process has in hand is left to it
    const rows = await change.query(
      `with a as (select t.id from "${table}" t where ${condition} order by t.id limit ${batchSize} for no key update skip locked)
        update "${table}" t set ${setting} from a where t.tenant_id = $1 and t.id = a.id returning t.id`,
      [ctx.tenant.id],
    );
    return rows.length;
  });
