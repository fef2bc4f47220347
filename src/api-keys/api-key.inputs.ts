import { Field, ID, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { DateTime } from '../model/scalars.js';
import { among, containsWords, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { scopes } from '../core/rights.js';
import { Role, User } from '../identity/user.entity.js';
import { ApiKey, ApiKeyStatus } from './api-key.entity.js';
import './api-key.policy.js';

@InputType({ description: 'Conditions on API keys; all given ones hold.' })
export class ApiKeyFilter extends filterFrom('ApiKeyColumnFilter', ApiKey) {
  @Where(containsWords('name', 'prefix'), () => String, 'Each of its words is contained in name or prefix.')
  search?: string;

  @Where(among('status'), () => [ApiKeyStatus], 'In one of these states.')
  status?: string[];

  @Where(
    refersTo('owner', User),
    () => [ID],
    'A user who answers for the key, by id, number or login; `ME` is the caller.',
  )
  owner?: string[];
}

export const apiKeys = list(ApiKey, {
  filter: ApiKeyFilter,
  order: {
    createdAt: 'When it was created.',
    number: 'The integer `number`.',
    expiresAt: 'When it ends.',
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
});

@InputType({ description: 'What a new API key is.' })
export class ApiKeyInput extends inputFrom(
  'ApiKeyMembers',
  ApiKey,
  written<ApiKey, 'name'>(ApiKey),
  'Fields of an API key that are written as they are.',
  { required: ['name'] },
) {
  @Field(() => Role, {
    nullable: true,
    defaultValue: 'SERVICE',
    description: 'The role that it acts with: `SERVICE`, or one that allows no more than the caller may do.',
  })
  role?: Role | null;

  @Field(() => [String], {
    description: `What a key with the role \`SERVICE\` may do: ${scopes.map((scope) => `\`${scope}\``).join(', ')}. Empty for other roles.`,
  })
  scopes!: string[];

  @Field(() => ID, {
    nullable: true,
    description: 'Who answers for the key: opaque id, number or login of a user; the caller where nobody is named.',
  })
  owner?: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the key ends, a moment to come; null for one without an end.',
  })
  expiresAt?: string | null;
}
