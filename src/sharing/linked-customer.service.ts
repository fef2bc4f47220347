import type { Context } from '../core/context.js';
import type { Row, Statement } from '../core/database.js';
import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { modelOf, wireForm, type EntityClass } from '../model/model.js';
import { wordsIn } from '../read/filter.js';
import { maxPageSize } from '../read/list.js';
import { isGiven } from '../read/value.js';
import { Customer } from '../customers/customer.entity.js';
import { permit } from '../core/needs.js';
import { addedUp, breakdownOf } from '../customers/statistics.service.js';
import { countsSql } from '../customers/statistics.sql.js';
import type { LinkedCustomerBreakdown } from './statistics.inputs.js';
import { CustomerTenant } from './tenant-link.entity.js';
import {
  sharedFieldsOfCustomer,
  sharedFieldsOfLink,
  type LinkedCustomer,
  type LinkedCustomerFilter,
  type LinkedCustomerOrder,
} from './tenant-link.inputs.js';

/**
 * Customers of other tenants, read in two steps: which links this tenant has (its own mirror), then, inside each owner
 * tenant, exactly the customers behind those links that still exist there. Nothing of this tenant is in the second step
 * but its id, and nothing of the owner is read that no link leads to.
 */
export async function linkedCustomers(
  ctx: Context,
  filter: LinkedCustomerFilter,
  order: LinkedCustomerOrder,
  page: { first: number; offset: number },
): Promise<{ nodes: LinkedCustomer[]; totalCount: number }> {
  permit(ctx.rights, 'linkedCustomers');
  if (page.first < 0 || page.first > maxPageSize)
    throw refuse('BAD_REQUEST', ['first'], { reason: 'PAGE_SIZE', max: maxPageSize });
  if (page.offset < 0) throw refuse('BAD_REQUEST', ['offset'], { reason: 'NEGATIVE' });
  const found = (await Promise.all((await owners(ctx)).map((owner) => placesIn(ctx, owner, filter, order)))).flat();
  const sign = order.direction === 'DESC' ? -1 : 1;
  const compare = order.field === 'NAME' ? byName : inOrder;
  found.sort((a, b) => sign * (compare(a.place, b.place) || inOrder(a.id, b.id)));
  const wanted = found.slice(page.offset, page.offset + page.first);
  const involved = [...new Set(wanted.map(({ owner }) => owner))];
  const read = await Promise.all(
    involved.map((owner) =>
      detailsIn(
        ctx,
        owner,
        filter,
        wanted.filter((place) => place.owner === owner).map(({ id }) => id),
      ),
    ),
  );
  const details = new Map(read.flat().map((customer) => [customer.id, customer]));
  return { nodes: wanted.flatMap(({ id }) => details.get(id) ?? []), totalCount: found.length };
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order of names that the database has within a tenant: Chinese by pinyin, letters without regard to case. */
const byName = new Intl.Collator('zh').compare;

/** One linked customer by its id or integer number; null if no link leads to it. */
export async function linkedCustomer(ctx: Context, text: string): Promise<LinkedCustomer | null> {
  permit(ctx.rights, 'linkedCustomer');
  const key = parseKey(text);
  if (!key) return null;
  for (const owner of await owners(ctx)) {
    const [found] = await detailsIn(ctx, owner, {}, 'id' in key ? [key.id] : [], 'id' in key ? [] : [key.number]);
    if (found) return found;
  }
  return null;
}

/** Counts linked customers over all owners. Refuses FORBIDDEN to who does not administer the tenant. */
export async function linkedStatistics(ctx: Context, filter: LinkedCustomerFilter): Promise<LinkedCustomerBreakdown> {
  permit(ctx.rights, 'linkedCustomerStatistics');
  const rows = (await Promise.all((await owners(ctx)).map((owner) => countsIn(ctx, owner, filter)))).flat();
  const links = new Map(addedUp(rows, 'active'));
  return {
    ...breakdownOf(rows),
    byRelationType: addedUp(rows, 'relationType').map(([relationType, count]) => ({ relationType, count })),
    withActiveLink: links.get('true') ?? 0,
    withInactiveLink: links.get('false') ?? 0,
  };
}

async function countsIn(ctx: Context, owner: Owner, filter: LinkedCustomerFilter): Promise<Row[]> {
  const { tables, where, from, values } = linked(ctx, owner, filter);
  const byLink = ['relationType', 'active'].map(
    (name) =>
      `select '${name}', l.link->>'${name}', count(distinct c.id) from ${tables} cross join lateral json_array_elements(links.list) l(link) where ${where} group by 2`,
  );
  return ask(ctx, owner, { text: [countsSql('c', from), ...byLink].join(' union all '), values });
}

interface Owner {
  tenant: string;
  zone: string;
  /** ids of this tenant's links with it */
  links: string[];
}

async function owners(ctx: Context): Promise<Owner[]> {
  const rows = await ctx.database.read(ctx.tenant.id, {
    text: 'select m.owner_tenant_id, x.time_zone, json_agg(m.id) from customer_tenant_mirror m join tenant x on x.id = m.owner_tenant_id where m.tenant_id = $1 group by 1, 2 order by 1',
    values: [ctx.tenant.id],
  });
  return rows.map(([tenant, zone, links]) => ({ tenant: tenant!, zone: zone!, links: JSON.parse(links!) as string[] }));
}

interface Place {
  owner: Owner;
  id: string;
  place: string;
}

const placeOf = { CREATED_AT: 'createdAt', UPDATED_AT: 'updatedAt', NAME: 'name' } as const;

async function placesIn(
  ctx: Context,
  owner: Owner,
  filter: LinkedCustomerFilter,
  { field }: LinkedCustomerOrder,
): Promise<Place[]> {
  const { from, values } = linked(ctx, owner, filter);
  const rows = await ask(ctx, owner, {
    text: `select c.id, ${columnOf(Customer, 'c', placeOf[field])} ${from}`,
    values,
  });
  return rows.map(([id, place]) => ({ owner, id: id!, place: place! }));
}

async function detailsIn(
  ctx: Context,
  owner: Owner,
  filter: LinkedCustomerFilter,
  ids: string[],
  numbers: number[] = [],
): Promise<LinkedCustomer[]> {
  const { from, values } = linked(ctx, owner, filter);
  const columns = ['id', 'number', ...sharedFieldsOfCustomer].map(
    (property) => `${columnOf(Customer, 'c', property)} as "${property}"`,
  );
  const ownerName = `(select row_to_json(x) from (select id, number, code, name from tenant where id = c.tenant_id) x) as "ownerTenant"`;
  const chosen = `and (c.id = any($${values.length + 1}::uuid[]) or c.number = any($${values.length + 2}::int[]))`;
  const rows = await ask(ctx, owner, {
    text: `select row_to_json(r) from (select ${columns.join(', ')}, ${ownerName}, links.list as "links" ${from} ${chosen}) r`,
    values: [...values, ids, numbers],
  });
  return rows.map(([text]) => JSON.parse(text!) as LinkedCustomer);
}

/** The customers of the owner that these links lead to: `$1` owner, `$2` this tenant, `$3` the links, `$4` the owner's time zone; more for the filter. */
function linked(
  ctx: Context,
  owner: Owner,
  filter: LinkedCustomerFilter,
): { tables: string; where: string; from: string; values: unknown[] } {
  const values: unknown[] = [owner.tenant, ctx.tenant.id, owner.links, owner.zone];
  const bind = (value: unknown, cast: string): string => `$${values.push(value)}::${cast}`;
  const active = `(coalesce(l.starts_on <= (now() at time zone $4::text)::date, true) and coalesce(l.ends_on >= (now() at time zone $4::text)::date, true))`;
  const onLink = [
    'l.tenant_id = $1::uuid',
    'l.customer_id = c.id',
    'l.linked_tenant_id = $2::uuid',
    'l.id = any($3::uuid[])',
  ];
  if (filter.relationType) onLink.push(`l.relation_type = any(${bind(filter.relationType, 'text[]')})`);
  if (filter.active !== undefined && filter.active !== null) onLink.push(filter.active ? active : `not ${active}`);
  const onCustomer = ['c.tenant_id = $1::uuid', 'c.deleted_at is null', 'links.list is not null'];
  for (const property of ['kind', 'status', 'tier'] as const)
    if (filter[property]) onCustomer.push(`c.${property} = any(${bind(filter[property], 'text[]')})`);
  if (isGiven(filter.search)) {
    const columns = ['name', 'code', 'contact_person', 'phone', 'email'].map((column) => `c.${column}`);
    onCustomer.push(wordsIn(columns, ['c.phone'], bind(filter.search, 'text')));
  }
  const columns = ['id', 'number', ...sharedFieldsOfLink].map(
    (property) => `${columnOf(CustomerTenant, 'l', property)} as "${property}"`,
  );
  const list = `select json_agg(row_to_json(m) order by m."primary" desc, m.number) as list from (select ${columns.join(', ')}, ${active} as "active" from customer_tenant l where ${onLink.join(' and ')}) m`;
  const tables = `customer c cross join lateral (${list}) links`;
  const where = onCustomer.join(' and ');
  return { tables, where, from: `from ${tables} where ${where}`, values };
}

function columnOf(entity: EntityClass, alias: string, property: string): string {
  const { column, sqlType } = modelOf(entity).fields.get(property)!;
  return wireForm(`${alias}."${column}"`, sqlType);
}

/** Enters the owner tenant for exactly this read. */
async function ask(ctx: Context, owner: Owner, statement: Statement): Promise<Array<Array<string | null>>> {
  ctx.stats.statements += 1;
  return ctx.database.read(owner.tenant, statement);
}
