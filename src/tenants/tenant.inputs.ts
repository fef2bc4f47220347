import { InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { Tenant } from './tenant.entity.js';

@InputType({
  description:
    'What to store of the tenant. Fields left out stay as they are. The time zone is one of IANA, e.g. `Asia/Shanghai`; it decides what a day is, which day an instant belongs to, and how times are shown in files. The currency is that of amounts that name none, from now on, and of sums in reports, which follow at once; records keep theirs.',
})
export class TenantInput extends inputFrom(
  'TenantFields',
  Tenant,
  [...written(Tenant), 'name', 'timeZone', 'currency'],
  'Fields of a tenant that are written as they are.',
) {}
