import type { Scope } from '../model/fields.js';
import type { Condition } from '../read/filter.js';
import { firstUnknown, namesIn } from '../read/references.js';
import { isBlank } from '../read/value.js';
import { CustomerTenant } from './tenant-link.entity.js';

/** SQL condition: the tenant of a link is the one that a text names, by its opaque id, integer number or code. */
const isTenantOf = (link: Scope, name: string): string =>
  `exists (select 1 from tenant x where x.id = ${link.col('linkedTenant')} and ${name} in (x.id::text, x.number::text, x.code))`;

/** With one of the tenants that a list names. One to which no link leads is as unknown as one that does not exist. */
export const withTenant: Condition = (link, value) => {
  if (value.is(isBlank)) return 'true';
  const names = (): string => value.bind('text[]', namesIn);
  const { from, where, row: other } = link.rows(CustomerTenant);
  const isKnown = `exists (select 1 from ${from} where ${where} and ${isTenantOf(other, 'u.name')})`;
  value.mustNameSome(firstUnknown([names()], ['name'], isKnown));
  return `exists (select 1 from unnest(${names()}) n(name) where ${isTenantOf(link, 'n.name')})`;
};
