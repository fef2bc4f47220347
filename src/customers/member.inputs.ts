import { ID, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { filterFrom } from '../read/column-filter.js';
import { among, Where } from '../read/filter.js';
import { list } from '../read/list.js';
import { refersTo } from '../read/references.js';
import { User } from '../identity/user.entity.js';
import { Customer } from './customer.entity.js';
import { CustomerMember, MemberAccess } from './member.entity.js';
import './customer.policy.js';

@InputType({ description: 'Conditions on collaborators; all given ones hold.' })
export class CustomerMemberFilter extends filterFrom('CustomerMemberColumnFilter', CustomerMember) {
  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];

  @Where(refersTo('user', User), () => [ID], 'One of these users, by id, number or login; `ME` is the caller.')
  user?: string[];

  @Where(among('access'), () => [MemberAccess], 'With one of these kinds of access.')
  access?: string[];
}

export const customerMembers = list(CustomerMember, {
  filter: CustomerMemberFilter,
  order: {
    createdAt: 'When they became a collaborator.',
    number: 'The integer `number`.',
    until: 'The last day on which they are one.',
  },
  defaultOrder: [['CREATED_AT', 'ASC']],
});

@InputType({ description: 'A collaborator of a customer.' })
export class CustomerMemberInput extends inputFrom(
  'CustomerMemberFields',
  CustomerMember,
  [...written(CustomerMember), 'customer', 'user', 'access', 'until'],
  'Fields of a collaborator that are written as they are.',
  { required: ['customer', 'user'], defaults: { access: 'READ' } },
) {}

@InputType({ description: 'What to change of a collaborator. Fields left out stay unchanged; null clears a field.' })
export class CustomerMemberChange extends inputFrom(
  'CustomerMemberChanges',
  CustomerMember,
  ['access', 'until'],
  'Fields of a collaborator that can be changed.',
) {}
