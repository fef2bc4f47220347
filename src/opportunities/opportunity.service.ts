import { bulk, type ItemResult } from '../write/bulk.js';
import { restoreRecord } from '../write/restore.js';
import { command, type Change, type Stored } from '../write/command.js';
import { SeriesNumber } from '../write/insert.js';
import { beginningOf, dayIn, now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { check, type Action } from '../model/actions.js';
import type { MoneyInput } from '../model/money.js';
import { amountIn, currencyIn, isMoney, keepCurrency, placesOf } from '../write/amounts.js';
import { checked, reasonIn } from '../write/validation.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';
import { likelihood, Opportunity, StageChange, type OpportunityStage } from './opportunity.entity.js';
import type {
  OpportunityCorrectInput,
  OpportunityInput,
  OpportunityLoseInput,
  OpportunityWinInput,
} from './opportunity.inputs.js';
import { isClosed, opportunityActions as can, stageRefusal } from './opportunity.policy.js';
import './opportunity.events.js';

type Stage = OpportunityStage;

const required = ['name', 'customer', 'probability', 'currency'];

/** Creates an opportunity; a salesperson's is their own unless they say otherwise. Refuses REQUIRED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: OpportunityInput): Promise<string> {
  permit(ctx.rights, 'opportunityCreate');
  return command(ctx, 'opportunity.create', (change) => add(change, input));
}

/** Creates many opportunities; what is refused is reported, the rest is kept. */
export const createMany = (ctx: Context, inputs: readonly OpportunityInput[]): Promise<ItemResult[]> =>
  bulk(ctx, 'opportunitiesCreate', 'opportunity.create', 'inputs', inputs, add);

/** As `create`, inside a change that is under way. */
export async function add(change: Change, input: OpportunityInput): Promise<string> {
  const { ctx } = change;
  const stage = input.stage ?? 'PROSPECTING';
  const { values } = await prepared(change, input, true);
  checkClosing(stage, values, input.closedOn);
  const id = change.insert(
    Opportunity,
    {
      owner: ctx.rights.write === 'own' ? ctx.user.id : undefined,
      probability: likelihood[stage],
      currency: ctx.tenant.currency,
      ...values,
      stage,
      ...(isClosed(stage) && { closedAt: closingMoment(ctx, input.closedOn) }),
      ...(stage === 'CLOSED_WON' && { wonAmount: values.wonAmount ?? values.expectedAmount }),
      code: new SeriesNumber('opportunity', 'OPP', 3),
    } as never,
    { data: { fromStage: null, toStage: stage } },
  );
  change.insert(StageChange, { opportunity: id, fromStage: null, toStage: stage, changedBy: ctx.user.id } as never, {
    event: null,
  });
  return id;
}

/** Changes fields of an opportunity; a new stage is a move. Refuses NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT and invalid fields. */
export function update(ctx: Context, id: string, input: OpportunityInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'opportunity.update', async (change) => {
    const opportunity = await change.get(Opportunity, id, { version });
    const { values, place } = await prepared(change, input, false);
    checkCurrency(opportunity, values, place);
    const stage = input.stage ?? (opportunity.stage as Stage);
    const moved = stage !== opportunity.stage;
    // the day of what is closed already is corrected, not updated
    checkClosing(stage, values, input.closedOn, moved);
    if (moved) await move(change, opportunity, stage, values, null, closingMoment(ctx, input.closedOn));
    else change.update(Opportunity, opportunity, values);
    return opportunity.id;
  });
}

/** Moves an opportunity to another stage; a closing stage closes it. The likelihood follows the stage. Refuses NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT. */
export function changeStage(
  ctx: Context,
  id: string,
  stage: Stage,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  return moveTo(ctx, can.changeStage, id, version, stage, { reason: reason ?? null });
}

/** Wins an opportunity, with its expected amount unless another is given. Refuses as `changeStage` does, and wrong amounts and days. */
export function win(
  ctx: Context,
  id: string,
  input: OpportunityWinInput = {},
  version?: number | null,
): Promise<string> {
  return moveTo(ctx, can.win, id, version, 'CLOSED_WON', input);
}

/** Loses an opportunity. Refuses as `changeStage` does, and wrong days. */
export function lose(
  ctx: Context,
  id: string,
  input: OpportunityLoseInput = {},
  version?: number | null,
): Promise<string> {
  return moveTo(ctx, can.lose, id, version, 'CLOSED_LOST', input);
}

/** Corrects the amount that an opportunity was won with, or the day on which it was closed. Refuses NOT_FOUND, TRANSITION_NOT_ALLOWED for an open one, VERSION_CONFLICT, and wrong amounts and days. */
export function correct(
  ctx: Context,
  id: string,
  input: OpportunityCorrectInput,
  version?: number | null,
): Promise<string> {
  can.correct.demand(ctx.rights);
  const values = won(input);
  return command(ctx, { operation: 'opportunity.correct', reason: input.reason }, async (change) => {
    const opportunity = await change.get(Opportunity, id, { version });
    const stage = opportunity.stage as Stage;
    can.correct.check(stage);
    if (stage !== 'CLOSED_WON' && values.wonAmount !== undefined) throw refuse('INVALID', ['amount']);
    checkCurrency(opportunity, values, 'amount.currency');
    // the day that it has already leaves the moment alone
    const present = opportunity.closedAt && dayIn(ctx.tenant.timeZone, new Date(opportunity.closedAt));
    const closedAt = input.closedOn && input.closedOn !== present ? closingMoment(ctx, input.closedOn) : undefined;
    const data = { reason: reasonIn(input.reason) };
    change.update(Opportunity, opportunity, { ...values, ...(closedAt && { closedAt }) }, { event: 'corrected', data });
    return opportunity.id;
  });
}

/** Hides an opportunity. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'opportunity.delete', async (change) => {
    const opportunity = await change.get(Opportunity, id, { version });
    change.hide(Opportunity, opportunity);
    return opportunity.id;
  });
}

/** Brings a deleted opportunity back. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE, INVALID, IN_USE. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version);

function moveTo(
  ctx: Context,
  action: Action,
  id: string,
  version: number | null | undefined,
  stage: Stage,
  input: OpportunityWinInput,
): Promise<string> {
  action.demand(ctx.rights);
  const reason = reasonIn(input.reason);
  const values = won(input);
  return command(ctx, { operation: `opportunity.${action.name}`, reason }, async (change) => {
    const opportunity = await change.get(Opportunity, id, { version });
    checkCurrency(opportunity, values, 'amount.currency');
    const moment = closingMoment(ctx, input.closedOn);
    await move(change, opportunity, stage, values, reason, moment);
    return opportunity.id;
  });
}

/** The amount that something was won with as a column. */
function won(input: { amount?: MoneyInput | null }): Partial<Stored<Opportunity>> {
  const { currency, place } = currencyIn({ amount: input.amount });
  return checked(
    Opportunity,
    { wonAmount: amountIn(input.amount) ?? undefined, currency },
    { create: false, required: [], named: placesOf({ wonAmount: 'amount' }, place) },
  );
}

/** The instant at which something is closed that was on that day: now where none is given, else the beginning of the day. Refuses INVALID for a day that has not come. */
function closingMoment(ctx: Context, closedOn: string | null | undefined): string {
  const today = dayIn(ctx.tenant.timeZone);
  if (!closedOn || closedOn === today) return now().toISOString();
  if (closedOn > today) throw refuse('INVALID', ['closedOn']);
  return beginningOf(closedOn, ctx.tenant.timeZone).toISOString();
}

/** A closed opportunity is as likely as its stage says; only what is closed has a day of closing, and only what is won an amount for that. */
function checkClosing(
  stage: Stage,
  { probability, wonAmount }: Partial<Stored<Opportunity>>,
  closedOn: string | null | undefined,
  moves = true,
): void {
  if (isClosed(stage) && probability !== undefined && Number(probability) !== likelihood[stage])
    throw refuse('INVALID', ['probability']);
  if (closedOn && !(isClosed(stage) && moves)) throw refuse('INVALID', ['closedOn']);
  if ((wonAmount ?? null) !== null && stage !== 'CLOSED_WON') throw refuse('INVALID', ['actualAmount']);
}

const checkCurrency = (opportunity: Stored<Opportunity>, values: Partial<Stored<Opportunity>>, place: string): void =>
  keepCurrency(
    opportunity.currency,
    values.currency,
    isMoney(opportunity.expectedAmount) || isMoney(opportunity.wonAmount),
    place,
  );

/** The one place where an opportunity changes its stage: asks the table, writes the history, says so to the world. A move to where it stands is none. */
export async function move(
  change: Change,
  opportunity: Stored<Opportunity>,
  stage: Stage,
  values: Partial<Stored<Opportunity>> = {},
  reason: string | null = null,
  closedAt: string = now().toISOString(),
): Promise<void> {
  const from = opportunity.stage as Stage;
  if (from === stage && !isClosed(stage)) return;
  check(stageRefusal(from, stage));
  const closing = isClosed(stage);
  const data = { fromStage: from, toStage: stage };
  change.update(
    Opportunity,
    opportunity,
    {
      ...values,
      stage,
      probability: (closing ? undefined : values.probability) ?? likelihood[stage],
      closedAt: closing ? closedAt : null,
      closeReason: closing ? reason : null,
      wonAmount:
        stage === 'CLOSED_WON' ? (values.wonAmount ?? values.expectedAmount ?? opportunity.expectedAmount) : null,
    },
    { event: closing ? 'closed' : 'updated', data },
  );
  change.insert(
    StageChange,
    {
      opportunity: opportunity.id,
      fromStage: from,
      toStage: stage,
      reason,
      changedBy: change.ctx.user.id,
      ...(await before(change, opportunity.id, stage)),
    } as never,
    { event: null },
  );
}

/** How long an opportunity, which is locked, has been where it is, and whether it was at a stage before. */
async function before(change: Change, id: string, stage: Stage): Promise<Partial<Stored<StageChange>>> {
  const [row] = await change.query(
    `select greatest(0, extract(epoch from now()::timestamptz(3) - (array_agg(s.created_at order by s.number desc))[1]))::text, coalesce(bool_or(s.to_stage = $3::text), false)
      from stage_change s where s.tenant_id = $1 and s.opportunity_id = $2`,
    [change.ctx.tenant.id, id, stage],
  );
  return { stayed: row![0]!, returned: row![1] as unknown as boolean };
}

async function prepared(
  change: Change,
  input: OpportunityInput,
  creating: boolean,
): Promise<{ values: Partial<Stored<Opportunity>>; place: string }> {
  const { amount, actualAmount, ...fields } = input as OpportunityInput & Record<string, unknown>;
  const { currency, place } = currencyIn({ amount, actualAmount });
  const values = checked(
    Opportunity,
    {
      ...fields,
      stage: undefined,
      closedAt: undefined,
      expectedAmount: amountIn(amount),
      wonAmount: amountIn(actualAmount),
      currency,
    },
    { create: creating, required, named: placesOf({ expectedAmount: 'amount', wonAmount: 'actualAmount' }, place) },
  );
  const customer = await change.reference(Customer, input.customer, ['customer']);
  if (customer) values['customer'] = customer;
  const owner = await change.reference(User, input.owner, ['owner'], 'login');
  if (owner !== undefined) values['owner'] = owner;
  const campaign = await change.reference(Campaign, input.campaign, ['campaign']);
  if (campaign !== undefined) values['campaign'] = campaign;
  return { values: values as Partial<Stored<Opportunity>>, place };
}
