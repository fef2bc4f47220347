import type { Context } from '../core/context.js';
import { heldCustomers } from '../customers/customer.service.js';
import { heldLeads } from '../leads/lead.service.js';
import type { Held } from '../pools/held.entity.js';
import type { HeldRecords } from '../pools/held.service.js';
import type { ItemResult } from '../write/bulk.js';
import { assign, transfer, type TransferOptions } from './assign.service.js';
import type { AssignTo } from './ownership.inputs.js';
import { pick } from './pick.service.js';
import { protect } from './protect.service.js';
import { reveal } from './reveal.service.js';
import { giveBack, movePool } from './return.service.js';

type Results = Promise<ItemResult[]>;
type Ids = readonly string[];

/** By what records of one kind get owners and pools. */
export interface Ownership {
  pick: (ctx: Context, ids: Ids) => Results;
  reveal: (ctx: Context, ids: Ids) => Results;
  protect: (ctx: Context, ids: Ids, until: string | null) => Results;
  giveBack: (ctx: Context, ids: Ids, pool: string, reason?: string | null) => Results;
  movePool: (ctx: Context, ids: Ids, pool: string, reason?: string | null) => Results;
  assign: (ctx: Context, ids: Ids, to: AssignTo, reason?: string | null) => Results;
  transfer: (ctx: Context, ids: Ids, to: string, options: TransferOptions) => Results;
}

const of = <E extends Held>(records: HeldRecords<E>): Ownership => ({
  pick: (ctx, ids) => pick(ctx, records, ids),
  reveal: (ctx, ids) => reveal(ctx, records, ids),
  protect: (ctx, ids, until) => protect(ctx, records, ids, until),
  giveBack: (ctx, ids, pool, reason) => giveBack(ctx, records, ids, pool, reason),
  movePool: (ctx, ids, pool, reason) => movePool(ctx, records, ids, pool, reason),
  assign: (ctx, ids, to, reason) => assign(ctx, records, ids, to, reason),
  transfer: (ctx, ids, to, options) => transfer(ctx, records, ids, to, options),
});

export const ownership = { customers: of(heldCustomers), leads: of(heldLeads) };
