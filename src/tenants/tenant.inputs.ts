import { Field, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { filterFrom } from '../read/column-filter.js';
import { among, containsWords, Where } from '../read/filter.js';
import { list } from '../read/list.js';
import { Tenant } from './tenant.entity.js';

@InputType({ description: 'Conditions on tenants; all given ones hold.' })
export class TenantFilter extends filterFrom('TenantColumnFilter', Tenant) {
  @Where(containsWords('code', 'name'), () => String, 'Each of its words is contained in code or name.')
  search?: string;

  @Where(among('code'), () => [String], 'With exactly one of these codes.')
  code?: string[];
}

export const tenants = list(Tenant, {
  filter: TenantFilter,
  order: { number: 'The integer `number`.', code: 'Code.', createdAt: 'When it was created.' },
  defaultOrder: [['NUMBER', 'ASC']],
});

@InputType({
  description:
    'What to store of the tenant. Fields left out stay as they are. The time zone is one of IANA, e.g. `Asia/Shanghai`; it decides what a day is, which day an instant belongs to, and how times are shown in files. The currency is that of amounts that name none, from now on, and of sums in reports, which follow at once; records keep theirs. `active` is for platform administrators.',
})
export class TenantInput extends inputFrom(
  'TenantFields',
  Tenant,
  [...written(Tenant), 'name', 'timeZone', 'currency', 'language', 'active'],
  'Fields of a tenant that are written as they are.',
) {}

@InputType({
  description:
    'A new tenant. The name is its code where it is left out, the time zone `Asia/Shanghai`, the currency `CNY`, the language Chinese.',
})
export class TenantCreateInput extends inputFrom(
  'TenantCreateFields',
  Tenant,
  ['name', 'timeZone', 'currency', 'language'],
  'Fields of a new tenant that are written as they are.',
) {
  @Field(() => String, {
    description:
      'Short name that tokens and headers use: up to 64 letters, digits, `.`, `_` and `-`, the first a letter or digit; unique on this server, and never changed.',
  })
  code!: string;
}
