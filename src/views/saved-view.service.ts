import { command, type Change, type Stored } from '../write/command.js';
import type { Context } from '../core/context.js';
import { DomainError, refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { recordsWhere } from '../write/many.js';
import { checked } from '../write/validation.js';
import { described } from '../read/described.js';
import { typesOfList, used } from '../read/schema-names.js';
import { Department } from '../departments/department.entity.js';
import { departmentsAndBelowOf } from '../identity/reach.sql.js';
import type { Role } from '../identity/user.entity.js';
import { listsOfKinds, maxFilter, SavedView, type SavedViewKind } from './saved-view.entity.js';
import type { SavedViewInput } from './saved-view.inputs.js';
import { savedViewActions as can } from './saved-view.policy.js';
import './saved-view.events.js';

/** Most views of one user. */
export const maxViews = 200;
const maxColumns = 50;
const maxSteps = 10;

/** A view as it is stored; its lists are lists. */
type View = Omit<Stored<SavedView>, 'columns' | 'defaultFor' | 'uses'> &
  Pick<SavedView, 'columns' | 'defaultFor' | 'uses'>;
type Values = Partial<View>;

/** Saves a list as a view of the caller's. Refuses FORBIDDEN, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, UNKNOWN_REFERENCE, and SAVED_VIEW_LIMIT to whoever has too many. */
export function create(ctx: Context, input: SavedViewInput): Promise<string> {
  permit(ctx.rights, 'savedViewCreate');
  return command(ctx, 'savedView.create', async (change) => {
    const values = await prepared(change, input);
    await checkCount(change);
    return change.insert(SavedView, {
      filter: '{}',
      columns: [],
      uses: [],
      defaultFor: [],
      ...values,
      owner: ctx.user.id,
    } as never);
  });
}

/** Changes a view; its kind stays. Refuses as `create` does, and NOT_FOUND, VERSION_CONFLICT. */
export function update(ctx: Context, id: string, input: SavedViewInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'savedView.update', async (change) => {
    const view = await change.get(SavedView, id, { version });
    const values = await prepared(change, input, view as unknown as View);
    change.update(SavedView, view, values as never);
    return view.id;
  });
}

/** Deletes a view. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'savedView.delete', async (change) => {
    const view = await change.get(SavedView, id, { version });
    change.hide(SavedView, view);
    return view.id;
  });
}

/** Says with which view the caller opens the list of a kind, or with null that they have no default of their own. Refuses FORBIDDEN, NOT_FOUND, and INVALID for a view of another kind. */
export function setDefault(ctx: Context, kind: SavedViewKind, view: string | null | undefined): Promise<string | null> {
  permit(ctx.rights, 'savedViewSetDefault');
  return command(ctx, 'savedView.setDefault', async (change) => {
    const place = [ctx.tenant.id, ctx.user.id, kind];
    const chosen = await viewOfKind(change, kind, view, false);
    if (chosen)
      await change.query(
        'insert into saved_view_default (tenant_id, user_id, kind, view_id) values ($1, $2, $3, $4) on conflict (tenant_id, user_id, kind) do update set view_id = excluded.view_id',
        [...place, chosen.id],
      );
    else
      await change.query('delete from saved_view_default where tenant_id = $1 and user_id = $2 and kind = $3', place);
    return chosen?.id ?? null;
  });
}

/** Says with which view whoever has a role opens the list of a kind, or with null that the role has no default. Refuses FORBIDDEN, NOT_FOUND, and INVALID for a view of another kind, or one that is not shared with the tenant. */
export function setRoleDefault(
  ctx: Context,
  role: Role,
  kind: SavedViewKind,
  view: string | null | undefined,
): Promise<string | null> {
  permit(ctx.rights, 'savedViewSetRoleDefault');
  return command(ctx, 'savedView.setRoleDefault', async (change) => {
    // whoever decides on defaults at the same time waits here
    await change.query('select 1 from tenant where id = $1 for no key update', [ctx.tenant.id]);
    const chosen = await viewOfKind(change, kind, view, true);
    if (chosen && chosen.sharing !== 'TENANT') throw refuse('INVALID', ['view'], { reason: 'NOT_SHARED' });
    const former = (await recordsWhere(change, SavedView, 't.kind = $2 and $3 = any(t.default_for)', [
      kind,
      role,
    ])) as unknown as View[];
    for (const one of former)
      if (one.id !== chosen?.id)
        setRoles(
          change,
          one,
          one.defaultFor.filter((other) => other !== role),
        );
    if (chosen && !chosen.defaultFor.includes(role)) setRoles(change, chosen, [...chosen.defaultFor, role]);
    return chosen?.id ?? null;
  });
}

const setRoles = (change: Change, view: View, roles: Role[]): unknown =>
  change.update(SavedView, view as never, { defaultFor: roles });

async function viewOfKind(
  change: Change,
  kind: SavedViewKind,
  id: string | null | undefined,
  lock: boolean,
): Promise<View | null> {
  if (id === null || id === undefined) return null;
  const view = (await change.get(SavedView, id, { lock, field: 'view' })) as unknown as View;
  if (view.kind !== kind) throw refuse('INVALID', ['view']);
  return view;
}

/** What is saved at the same time by the same user waits. */
async function checkCount(change: Change): Promise<void> {
  const { tenant, user } = change.ctx;
  await change.query('select 1 from user_account where tenant_id = $1 and id = $2 for no key update', [
    tenant.id,
    user.id,
  ]);
  const [row] = await change.query(
    'select count(*) from saved_view where tenant_id = $1 and owner_id = $2 and deleted_at is null',
    [tenant.id, user.id],
  );
  if (Number(row![0]) >= maxViews) throw refuse('SAVED_VIEW_LIMIT', undefined, { max: maxViews });
}

/** The input as columns: checked against the schema, and shared as the caller may share. */
async function prepared(change: Change, input: SavedViewInput, before?: View): Promise<Values> {
  const { filter, orderBy, columns, department, ...fields } = input as SavedViewInput & Record<string, unknown>;
  const values = checked(SavedView, fields, {
    create: !before,
    required: ['kind', 'name', 'sharing'],
  }) as Values;
  if (before && values.kind !== undefined && values.kind !== before.kind) throw refuse('INVALID', ['kind']);
  const kind = (before?.kind ?? values.kind)!;
  return {
    ...values,
    ...listOf(kind, { filter, orderBy, columns }, change.ctx.tenant.timeZone, before),
    ...(await sharedWith(
      change,
      { sharing: values.sharing, department: department as string | null | undefined },
      before,
    )),
  };
}

/** What of the list is saved, in the form in which it is stored, and which names of the schema all of it uses. */
function listOf(
  kind: SavedViewKind,
  { filter, orderBy, columns }: Pick<SavedViewInput, 'filter' | 'orderBy' | 'columns'>,
  zone: string,
  before?: View,
): Values {
  const types = typesOfList(listsOfKinds[kind]);
  const values: Values = {};
  const replaced: string[] = [];
  const uses: string[] = [];
  const take = (part: string, added: readonly string[]): void => {
    replaced.push(part);
    uses.push(...added);
  };
  if (filter !== undefined) {
    const { json, uses: added } = described(filter ?? 'null', types.filter, 'filter', zone);
    if (json && json.length > maxFilter) throw refuse('TOO_LONG', ['filter'], { max: maxFilter });
    values.filter = json ?? '{}';
    take('filter', added);
  }
  if (orderBy !== undefined) {
    const { json, uses: added } = described(orderBy ?? 'null', types.orderBy, 'orderBy', zone);
    if (json && (JSON.parse(json) as unknown[]).length > maxSteps)
      throw refuse('OUT_OF_RANGE', ['orderBy'], { min: 0, max: maxSteps });
    values.orderBy = json;
    take('orderBy', added);
  }
  if (columns !== undefined) {
    const names = checkedColumns(columns ?? [], types.columns);
    values.columns = names;
    take(
      'columns',
      names.map((name) => `columns.${name} ${used.column(types.record, name)}`),
    );
  }
  if (replaced.length === 0) return values;
  const kept = (before?.uses ?? []).filter((one) => !replaced.includes(/^\w+/.exec(one)![0]));
  return { ...values, uses: [...kept, ...uses] };
}

function checkedColumns(given: readonly string[], known: ReadonlySet<string>): string[] {
  if (given.length > maxColumns) throw refuse('OUT_OF_RANGE', ['columns'], { min: 0, max: maxColumns });
  const issues = given.flatMap((name, index) =>
    known.has(name)
      ? []
      : [{ code: 'INVALID' as const, field: ['columns', String(index)], params: { reason: 'UNKNOWN_NAME' } }],
  );
  if (issues.length > 0) throw new DomainError(issues);
  return [...new Set(given)];
}

/**
 * With whom it is shared from now on. Administrators share as they like; others with the departments that they work in or lead
 * and those below these, and never with the tenant: FORBIDDEN.
 */
async function sharedWith(
  change: Change,
  given: { sharing: Values['sharing'] | undefined; department: string | null | undefined },
  before?: View,
): Promise<Values> {
  if (given.sharing === undefined && given.department === undefined) return {};
  const { tenant, user, rights } = change.ctx;
  const sharing = given.sharing ?? before?.sharing ?? 'PRIVATE';
  if (sharing === 'TENANT' && !rights.administer) throw refuse('FORBIDDEN');
  const named = await change.reference(Department, given.department, ['department']);
  if (sharing !== 'DEPARTMENT') {
    if (named) throw refuse('INVALID', ['department']);
    return { sharing, department: null, ...(sharing !== 'TENANT' && before && { defaultFor: [] }) } as Values;
  }
  const department = named === undefined ? (before?.department ?? null) : named;
  if (!department) throw refuse('REQUIRED', ['department']);
  if (!rights.administer) {
    const [reached] = await change.query(`${departmentsAndBelowOf('$1', '$2')} and descendant_id = $3`, [
      tenant.id,
      user.id,
      department,
    ]);
    if (!reached) throw refuse('FORBIDDEN');
  }
  return { sharing, department, ...(before && { defaultFor: [] }) } as Values;
}
