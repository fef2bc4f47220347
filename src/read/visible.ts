import type { Context } from '../core/context.js';
import { isEntity, modelOf } from '../core/model.js';
import { ask } from './declared.js';
import { visibleRows } from './query.js';

/** Those of the ids whose records the caller may see at this moment, deleted ones included; asks the database only where that depends on the record. */
export async function visibleAmong(ctx: Context, type: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ctx.rights.see === 'all') return new Set(ids);
  if (ctx.rights.see === 'none' || ids.length === 0 || !isEntity(type)) return new Set();
  const model = modelOf(type);
  const params: unknown[] = [ctx.tenant.id, ids];
  const condition = visibleRows(ctx)(model, 't', params);
  const rows = await ask(ctx, { text: `select t.id from "${model.table}" t where t.tenant_id = $1::uuid and t.id = any($2::uuid[])${condition && ` and ${condition}`}`, values: params });
  return new Set(rows.map(([id]) => id!));
}
