import { restoreRecord } from '../write/restore.js';
import { command, type Change, type Stored } from '../write/command.js';
import { SeriesNumber } from '../write/insert.js';
import { now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { check, type Action } from '../model/actions.js';
import type { EntityClass } from '../model/model.js';
import { permit } from '../core/needs.js';
import { checked } from '../write/validation.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';
import { Case, CaseComment, ratings, type CaseStatus } from './case.entity.js';
import type { CaseCloseInput, CaseCommentInput, CaseInput, CaseRatingInput } from './case.inputs.js';
import { caseActions as can, caseStates } from './case.policy.js';
import './case.events.js';

const eventOf: Record<CaseStatus, string> = {
  NEW: 'created',
  IN_PROGRESS: 'started',
  RESOLVED: 'resolved',
  CLOSED: 'closed',
};

const required = ['subject', 'customer', 'kind', 'priority'];

/** Opens a case. Refuses REQUIRED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: CaseInput): Promise<string> {
  permit(ctx.rights, 'caseCreate');
  return command(ctx, 'case.create', async (change) => {
    for (const field of ['subject', 'customer'] as const)
      if (input[field] === undefined) throw refuse('REQUIRED', [field]);
    const values = await prepared(change, input);
    const status = input.status ?? 'NEW';
    return change.insert(
      Case,
      { ...values, status, ...momentsOf(status), code: new SeriesNumber('case', 'CAS', 3) } as never,
      { data: { status } },
    );
  });
}

/** Changes fields of a case; a new status is a move. Refuses NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED and invalid fields. */
export function update(ctx: Context, id: string, input: CaseInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'case.update', async (change) => {
    const found = await change.get(Case, id, { version });
    move(change, found, input.status ?? (found.status as CaseStatus), await prepared(change, input));
    return found.id;
  });
}

/** Moves a case to another state. Refuses NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED. */
export function changeStatus(
  ctx: Context,
  id: string,
  status: CaseStatus,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  return changeState(ctx, can.changeStatus, id, status, {}, reason, version);
}

/** Closes a case, with how it was solved and what the customer says. Refuses as `changeStatus` does, OUT_OF_RANGE, TOO_LONG. */
export function close(ctx: Context, id: string, input: CaseCloseInput, version?: number | null): Promise<string> {
  can.close.demand(ctx.rights);
  const { resolution } = checked(Case, { resolution: input.resolution ?? undefined }, { create: false, required });
  return changeState(
    ctx,
    can.close,
    id,
    'CLOSED',
    { resolution, ...judged(input) } as Partial<Stored<Case>>,
    null,
    version,
  );
}

/** Takes a resolved or closed case up again. Refuses as `changeStatus` does. */
export function reopen(ctx: Context, id: string, reason?: string | null, version?: number | null): Promise<string> {
  return changeState(ctx, can.reopen, id, 'IN_PROGRESS', {}, reason, version);
}

/** Stores what the customer says of a case that is resolved or closed. Refuses NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED, OUT_OF_RANGE. */
export function rate(ctx: Context, id: string, input: CaseRatingInput, version?: number | null): Promise<string> {
  can.rate.demand(ctx.rights);
  const values = judged(input);
  return command(ctx, 'case.rate', async (change) => {
    const found = await change.get(Case, id, { version });
    can.rate.check(found.status);
    change.update(Case, found, values, { event: 'rated' });
    return found.id;
  });
}

/** Adds a remark; the first one by somebody else than who entered the case is the response to it. Refuses UNKNOWN_REFERENCE, REQUIRED, TOO_LONG. */
export function comment(ctx: Context, input: CaseCommentInput): Promise<{ caseComment: string; case: string }> {
  permit(ctx.rights, 'caseCommentCreate');
  const { content } = checked(CaseComment, { content: input.content }, { create: true, required: ['content'] });
  return command(ctx, 'caseComment.create', async (change) => {
    const found = await change.find(Case, parseKey(String(input.case)));
    if (!found) throw refuse('UNKNOWN_REFERENCE', ['case']);
    const caseComment = change.insert(CaseComment, { case: found.id, content, author: ctx.user.id } as never, {
      event: null,
    });
    const respondedAt = found.respondedAt ?? (found.createdBy === ctx.user.id ? null : now().toISOString());
    const responded = change.update(
      Case,
      found,
      { respondedAt },
      { event: 'commented', data: { comment: caseComment } },
    );
    if (!responded) change.announce(Case, 'commented', found.id, { comment: caseComment });
    return { caseComment, case: found.id };
  });
}

/** Hides a case. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'case.delete', async (change) => {
    const found = await change.get(Case, id, { version });
    change.hide(Case, found);
    return found.id;
  });
}

/** Brings a deleted case back. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE, INVALID. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version);

function changeState(
  ctx: Context,
  action: Action,
  id: string,
  status: CaseStatus,
  values: Partial<Stored<Case>>,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  action.demand(ctx.rights);
  return command(ctx, { operation: `case.${action.name}`, reason }, async (change) => {
    const found = await change.get(Case, id, { version });
    action.check(found.status, status);
    move(change, found, status, values, { reason: reason ?? null });
    return found.id;
  });
}

/** The one place where a case changes its state: asks the table, notes the moments. A move to where it stands is none. */
function move(
  change: Change,
  found: Stored<Case>,
  to: CaseStatus,
  values: Partial<Stored<Case>> = {},
  data: Record<string, unknown> = {},
): void {
  const from = found.status as CaseStatus;
  if (from === to) {
    change.update(Case, found, values);
    return;
  }
  check(caseStates.refusal(from, to));
  const reopened = to === 'IN_PROGRESS' && from !== 'NEW';
  change.update(
    Case,
    found,
    { ...values, status: to, ...momentsOf(to, found) },
    { event: reopened ? 'reopened' : eventOf[to], data: { fromStatus: from, toStatus: to, ...data } },
  );
}

/** The moments that go with a state: what has been reached keeps its moment, what lies ahead has none. */
function momentsOf(status: CaseStatus, before?: Stored<Case>): Partial<Stored<Case>> {
  const at = now().toISOString();
  return {
    respondedAt: status === 'NEW' ? null : (before?.respondedAt ?? at),
    resolvedAt: status === 'RESOLVED' || status === 'CLOSED' ? (before?.resolvedAt ?? at) : null,
    closedAt: status === 'CLOSED' ? at : null,
  };
}

/** A judgement as columns. Refuses OUT_OF_RANGE, naming the parts as the input does. */
function judged(input: CaseRatingInput): Partial<Stored<Case>> {
  const values: Record<string, unknown> = checked(
    Case,
    { satisfaction: input.satisfaction },
    { create: false, required: [] },
  );
  for (const [part, column] of Object.entries(ratings) as Array<[keyof typeof ratings, string]>) {
    const value = input[part];
    if (value === undefined) continue;
    if (value !== null && (value < 1 || value > 5)) throw refuse('OUT_OF_RANGE', [part], { min: 1, max: 5 });
    values[column] = value;
  }
  return values;
}

async function prepared(change: Change, input: CaseInput): Promise<Partial<Stored<Case>>> {
  const values = checked(
    Case,
    { ...(input as Record<string, unknown>), status: undefined },
    { create: false, required },
  );
  const references: ReadonlyArray<['customer' | 'contact', EntityClass]> = [
    ['customer', Customer],
    ['contact', Contact],
  ];
  for (const [field, entity] of references) {
    const id = await change.reference(entity, input[field], [field]);
    if (id !== undefined) values[field] = id;
  }
  const assignee = await change.reference(User, input.assignee, ['assignee'], 'login');
  if (assignee !== undefined) values['assignee'] = assignee;
  return values as Partial<Stored<Case>>;
}
