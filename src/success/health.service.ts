import { command, type Change } from '../write/command.js';
import { dayIn, now } from '../core/clock.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { DomainError } from '../core/errors.js';
import { newId } from '../core/id.js';
import { log } from '../core/log.js';
import { afterwards } from '../write/idempotency.js';
import { permit } from '../core/needs.js';
import { Customer } from '../customers/customer.entity.js';
import { addAutomatic, type Judged } from './automatic-tasks.js';
import { lockScored, scoring, storeScores } from './health.js';
import { HealthRun } from './health-run.entity.js';
import { HealthScore, type RiskLevel } from './health-score.entity.js';
import { healthActions as can } from './success.policy.js';
import './success.events.js';

constraintMeans('health_run_running', 'IN_USE', []);

/** How many customers are scored in one transaction. */
const chunk = 1_000;

/** Scores a customer for today, stores the score and writes it to the customer. Refuses NOT_FOUND. */
export function calculate(ctx: Context, id: string): Promise<{ customer: string; healthScore: string }> {
  can.calculateHealth.demand(ctx.rights);
  return command(ctx, 'customer.calculateHealth', async (change) => {
    const customer = await change.get(Customer, id);
    const { scores } = await score(change, [customer.id]);
    return { customer: customer.id, healthScore: scores[0]!.id };
  });
}

/** Begins to score all customers, or goes on where an interrupted calculation was. Goes on in the background; `advance` does one step. */
export async function start(ctx: Context): Promise<string> {
  permit(ctx.rights, 'healthRunStart');
  return command(ctx, 'customer.calculateAllHealth', async (change) => {
    const [running] = await change.query("select id from health_run where tenant_id = $1 and status = 'RUNNING'", [
      ctx.tenant.id,
    ]);
    return running ? running[0]! : begin(change);
  });
}

/** After how many minutes without a step a calculation counts as abandoned. */
const abandonedAfterMinutes = 2;

/**
 * The calculation that is to be done now, if there is one: today's from `time` (HH:MM in the time zone of the tenant) on,
 * or one that nobody has taken further for two minutes. It is the caller's from then on: nobody else is given it.
 */
export async function due(ctx: Context, time: string): Promise<string | null> {
  const abandoned = `updated_at < now() - make_interval(mins => ${abandonedAfterMinutes})`;
  const today = '(now() at time zone $2)::date + $3::time';
  const last = `(${today} - case when now() at time zone $2 < ${today} then interval '1 day' else interval '0' end) at time zone $2`;
  const [state] = await ctx.database.read(ctx.tenant.id, {
    name: 'health-due',
    text: `select status = 'RUNNING', ${abandoned}, created_at >= ${last} from health_run where tenant_id = $1::uuid order by created_at desc limit 1`,
    values: [ctx.tenant.id, ctx.tenant.timeZone, time],
  });
  const [isRunning, isAbandoned, isOfToday] = (state ?? []).map((value) => value === 't');
  if (isRunning ? !isAbandoned : isOfToday) return null;
  try {
    return await command(ctx, 'customer.calculateAllHealth', async (change) => {
      if (!isRunning) return begin(change);
      const [taken] = await change.query(
        `update health_run set updated_at = now() where tenant_id = $1 and status = 'RUNNING' and ${abandoned} returning id`,
        [ctx.tenant.id],
      );
      return taken?.[0] ?? null;
    });
  } catch (error) {
    // another process was faster
    if (error instanceof DomainError && error.code === 'IN_USE') return null;
    throw error;
  }
}

async function begin(change: Change): Promise<string> {
  const [count] = await change.query('select count(*) from customer where tenant_id = $1 and deleted_at is null', [
    change.ctx.tenant.id,
  ]);
  return change.insert(HealthRun, { status: 'RUNNING', total: Number(count![0]), scored: 0, tasksCreated: 0 });
}

/** What a step of a calculation came to. */
export interface Progress {
  total: number;
  scored: number;
  finished: boolean;
}

/** Scores the next customers of a calculation. Steps at the same time wait for each other. */
export function advance(ctx: Context, id: string): Promise<Progress> {
  return command(ctx, 'customer.calculateAllHealth', async (change) => {
    const run = await change.get(HealthRun, id);
    if (run.status === 'DONE') return { total: run.total, scored: run.scored, finished: true };
    const next = await change.query(
      'select id from customer where tenant_id = $1 and deleted_at is null and ($2::uuid is null or id > $2::uuid) order by id limit $3::int',
      [ctx.tenant.id, run.lastCustomer ?? null, chunk],
    );
    const ids = next.map(([customer]) => customer!);
    const { scores, tasks } = ids.length > 0 ? await score(change, ids) : { scores: [], tasks: 0 };
    const finished = ids.length < chunk;
    const scored = run.scored + scores.length;
    change.update(HealthRun, run, {
      scored,
      tasksCreated: run.tasksCreated + tasks,
      lastCustomer: ids.at(-1) ?? run.lastCustomer,
      ...(finished && { status: 'DONE', finishedAt: now().toISOString() }),
    });
    return { total: run.total, scored, finished };
  });
}

const driven = new Set<string>();

/** Takes a calculation to its end in the background of this process. What fails is logged; starting again goes on from there. */
export function drive(ctx: Context, id: string): void {
  afterwards(ctx, (alone) => driveOn(alone, id));
}

function driveOn(ctx: Context, id: string): void {
  if (driven.has(id)) return;
  driven.add(id);
  const steps = async (): Promise<void> => {
    while (!(await advance(ctx, id)).finished);
  };
  steps()
    .catch((error: unknown) =>
      log.error({ event: 'job.healthFailed', err: error, run: id }, 'the computation of health was interrupted'),
    )
    .finally(() => driven.delete(id));
}

async function score(change: Change, customers: readonly string[]): Promise<{ scores: Judged[]; tasks: number }> {
  const { ctx } = change;
  const { id: tenantId, timeZone } = ctx.tenant;
  const today = dayIn(timeZone);
  await change.query(lockScored, [tenantId, customers]);
  const rows = await change.query(scoring, [tenantId, customers, today, timeZone, customers.map(() => newId())]);
  if (rows.length > 0) for (const statement of storeScores(tenantId, today, rows)) await change.send(statement);
  const scores = rows.map(([id, customer, overall, risk, , , , , , , , , before, had, endsIn, owner]) => ({
    id: id!,
    customer: customer!,
    overall: Number(overall),
    risk: risk as RiskLevel,
    before: had === 't' ? Number(before) : null,
    endsIn: endsIn === null ? null : Number(endsIn),
    owner: owner!,
    stored: Number(before),
  }));
  for (const { id, customer, overall, risk, stored } of scores) {
    change.recordChange(HealthScore, id, { customer: [null, customer], overall: [null, overall.toFixed(1)] }, null);
    if (overall !== stored)
      change.recordChange(
        Customer,
        customer,
        { healthScore: [stored.toFixed(1), overall.toFixed(1)] },
        'healthChanged',
        {
          healthScore: overall.toFixed(1),
          before: stored.toFixed(1),
          riskLevel: risk,
        },
      );
  }
  return { scores, tasks: await addAutomatic(change, scores) };
}
