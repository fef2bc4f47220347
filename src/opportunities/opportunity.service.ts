import { bulk, type ItemResult } from '../write/bulk.js';
import { command, type Change, type Stored } from '../write/command.js';
import { SeriesNumber } from '../write/insert.js';
import { now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { mayWrite } from '../core/rights.js';
import { checked } from '../write/validation.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';
import { likelihood, Opportunity, StageChange, type OpportunityStage } from './opportunity.entity.js';
import type { OpportunityInput } from './opportunity.inputs.js';
import './opportunity.policy.js';

type Stage = OpportunityStage;

const open = ['PROSPECTING', 'QUALIFICATION', 'NEEDS_ANALYSIS', 'PROPOSAL', 'NEGOTIATION'] as const satisfies Stage[];
const closed = ['CLOSED_WON', 'CLOSED_LOST'] as const satisfies Stage[];

/** Where an opportunity may go from where. An open one goes anywhere; a closed one can be taken up again, but not turned into its opposite. */
export const transitions: Record<Stage, readonly Stage[]> = {
  PROSPECTING: [...open, ...closed],
  QUALIFICATION: [...open, ...closed],
  NEEDS_ANALYSIS: [...open, ...closed],
  PROPOSAL: [...open, ...closed],
  NEGOTIATION: [...open, ...closed],
  CLOSED_WON: open,
  CLOSED_LOST: open,
};

const required = ['name', 'customer', 'probability', 'currency'];
const isClosed = (stage: Stage): boolean => (closed as readonly Stage[]).includes(stage);

/** Creates an opportunity; a salesperson's is their own unless they say otherwise. Refuses REQUIRED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: OpportunityInput): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'opportunity.create', (change) => add(change, input));
}

/** Creates many opportunities; what is refused is reported, the rest is kept. */
export const createMany = (ctx: Context, inputs: readonly OpportunityInput[]): Promise<ItemResult[]> =>
  bulk(ctx, 'opportunity.create', 'inputs', inputs, add);

/** As `create`, inside a change that is under way. */
export async function add(change: Change, input: OpportunityInput): Promise<string> {
  const { ctx } = change;
  const stage = input.stage ?? 'PROSPECTING';
  const values = await prepared(change, input, true);
  const id = change.insert(
    Opportunity,
    {
      owner: ctx.rights.write === 'own' ? ctx.user.id : undefined,
      probability: likelihood[stage],
      ...values,
      stage,
      ...(isClosed(stage) && { closedAt: now().toISOString() }),
      ...(stage === 'CLOSED_WON' && { wonAmount: values.expectedAmount }),
      code: new SeriesNumber('opportunity', 'OPP', 3),
    } as never,
    { data: { fromStage: null, toStage: stage } },
  );
  change.insert(StageChange, { opportunity: id, fromStage: null, toStage: stage, changedBy: ctx.user.id } as never, {
    event: null,
  });
  return id;
}

/** Changes fields of an opportunity; a new stage is a move. Refuses NOT_FOUND, MOVE_NOT_ALLOWED, VERSION_CONFLICT and invalid fields. */
export function update(ctx: Context, id: string, input: OpportunityInput, version?: number | null): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'opportunity.update', async (change) => {
    const opportunity = await change.get(Opportunity, id, { version });
    const values = await prepared(change, input, false);
    if (input.stage && input.stage !== opportunity.stage) move(change, opportunity, input.stage, values);
    else change.update(Opportunity, opportunity, values);
    return opportunity.id;
  });
}

/** Moves an opportunity to another stage; a closing stage closes it. The likelihood follows the stage. Refuses NOT_FOUND, MOVE_NOT_ALLOWED, VERSION_CONFLICT. */
export function advance(
  ctx: Context,
  id: string,
  stage: Stage,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  return changeStage(ctx, 'opportunity.advance', id, version, stage, {}, reason);
}

/** Wins an opportunity, with its expected amount unless another is given. Refuses as `advance` does. */
export function win(
  ctx: Context,
  id: string,
  amount?: string | null,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  const { wonAmount } = checked(
    Opportunity,
    { wonAmount: amount ?? undefined },
    { create: false, required: [], named: { wonAmount: 'amount' } },
  );
  return changeStage(
    ctx,
    'opportunity.win',
    id,
    version,
    'CLOSED_WON',
    wonAmount === undefined ? {} : { wonAmount: String(wonAmount) },
    reason,
  );
}

/** Loses an opportunity. Refuses as `advance` does. */
export function lose(ctx: Context, id: string, reason?: string | null, version?: number | null): Promise<string> {
  return changeStage(ctx, 'opportunity.lose', id, version, 'CLOSED_LOST', {}, reason);
}

/** Hides an opportunity. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'opportunity.delete', async (change) => {
    const opportunity = await change.get(Opportunity, id, { version });
    change.hide(Opportunity, opportunity);
    return opportunity.id;
  });
}

function changeStage(
  ctx: Context,
  name: string,
  id: string,
  version: number | null | undefined,
  stage: Stage,
  values: { wonAmount?: string },
  reason?: string | null,
): Promise<string> {
  mayWrite(ctx.rights);
  const { closeReason } = checked(
    Opportunity,
    { closeReason: reason ?? undefined },
    { create: false, required: [], named: { closeReason: 'reason' } },
  );
  return command(ctx, name, async (change) => {
    const opportunity = await change.get(Opportunity, id, { version });
    move(change, opportunity, stage, values, (closeReason as string | null | undefined) ?? null);
    return opportunity.id;
  });
}

/** The one place where an opportunity changes its stage: asks the table, writes the history, says so to the world. A move to where it stands is none. */
export function move(
  change: Change,
  opportunity: Stored<Opportunity>,
  stage: Stage,
  values: Partial<Stored<Opportunity>> = {},
  reason: string | null = null,
): void {
  const from = opportunity.stage as Stage;
  if (from === stage && !isClosed(stage)) return;
  if (!transitions[from].includes(stage)) throw refuse('MOVE_NOT_ALLOWED', ['stage'], { from, to: stage });
  const closing = isClosed(stage);
  const data = { fromStage: from, toStage: stage };
  change.update(
    Opportunity,
    opportunity,
    {
      ...values,
      stage,
      probability: (closing ? undefined : values.probability) ?? likelihood[stage],
      closedAt: closing ? now().toISOString() : null,
      closeReason: closing ? reason : null,
      wonAmount:
        stage === 'CLOSED_WON' ? (values.wonAmount ?? values.expectedAmount ?? opportunity.expectedAmount) : null,
    },
    { event: closing ? 'closed' : 'updated', data },
  );
  change.insert(
    StageChange,
    { opportunity: opportunity.id, fromStage: from, toStage: stage, reason, changedBy: change.ctx.user.id } as never,
    { event: null },
  );
}

async function prepared(
  change: Change,
  input: OpportunityInput,
  creating: boolean,
): Promise<Partial<Stored<Opportunity>>> {
  const { amount, ...fields } = input as OpportunityInput & Record<string, unknown>;
  const values = checked(
    Opportunity,
    { ...fields, stage: undefined, expectedAmount: amount },
    { create: creating, required, named: { expectedAmount: 'amount' } },
  );
  const customer = await change.reference(Customer, input.customer, ['customer']);
  if (customer) values['customer'] = customer;
  const owner = await change.reference(User, input.owner, ['owner'], 'login');
  if (owner !== undefined) values['owner'] = owner;
  const campaign = await change.reference(Campaign, input.campaign, ['campaign']);
  if (campaign !== undefined) values['campaign'] = campaign;
  return values as Partial<Stored<Opportunity>>;
}
