import { Field, ID, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { containsWords, isTrue, Where } from '../read/filter.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { refersTo } from '../read/references.js';
import { Department } from '../departments/department.entity.js';
import { User } from '../identity/user.entity.js';
import { Pool, PoolHiddenField, PoolMember, PoolRole } from './pool.entity.js';
import { isWorkedWith } from './pool.sql.js';
import './pool.policy.js';

@InputType({ description: 'Conditions on pools; all given ones hold.' })
export class PoolFilter extends filterFrom('PoolColumnFilter', Pool) {
  @Where(containsWords('name'), () => String, 'Each of its words is contained in the name.')
  search?: string;

  @Where(
    isTrue(isWorkedWith),
    () => Boolean,
    'Whether the caller works with it, as a member or as one of its administrators.',
  )
  mine?: boolean;
}

export const pools = list(Pool, {
  filter: PoolFilter,
  order: {
    createdAt: 'When it was created.',
    number: 'The integer `number`.',
  },
  defaultOrder: [
    ['POSITION', 'ASC'],
    ['NAME', 'ASC'],
  ],
  restorable: true,
});

@InputType({ description: 'Conditions on those who work with pools; all given ones hold.' })
export class PoolMemberFilter extends filterFrom('PoolMemberColumnFilter', PoolMember) {
  @Where(refersTo('pool', Pool), () => [ID], 'Who works with one of these pools.')
  pool?: string[];

  @Where(refersTo('user', User), () => [ID], 'One of these users, by id, number or login; `ME` is the caller.')
  user?: string[];

  @Where(
    refersTo('department', Department),
    () => [ID],
    'One of these departments; `MY_DEPARTMENT` is where the caller works.',
  )
  department?: string[];
}

export const poolMembers = list(PoolMember, {
  filter: PoolMemberFilter,
  order: { createdAt: 'Since when they work with the pool.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'ASC']],
});

@InputType({ description: 'What to store of a pool. Fields left out stay unchanged; null clears a field.' })
export class PoolInput extends inputFrom(
  'PoolValues',
  Pool,
  written<Pool, 'kind' | 'name'>(Pool),
  'Fields of a pool that are written as they are.',
) {
  @Field(() => [PoolHiddenField], {
    nullable: true,
    description:
      'What of its records only its administrators see, and those who see everything, until one is picked; of a pool of leads, what leads have.',
  })
  hidesUntilPicked?: PoolHiddenField[] | null;
}

@InputType({ description: 'Somebody who is to work with a pool: a user or a department.' })
export class PoolMemberInput {
  @Field(() => ID, { nullable: true, description: 'The user, by opaque id, number or login.' })
  user?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The department, by opaque id or number: all who work in it or in one below it.',
  })
  department?: string | null;

  @Field(() => PoolRole, { defaultValue: 'MEMBER', description: 'What they may do in it.' })
  role!: PoolRole;
}
