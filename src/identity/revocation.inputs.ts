import { ID, InputType } from 'type-graphql';
import { equals, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { TokenRevocation } from './revocation.entity.js';
import './revocation.policy.js';
import { User } from './user.entity.js';

@InputType({ description: 'Conditions on revocations of tokens; all given ones hold.' })
export class TokenRevocationFilter extends filterFrom('TokenRevocationColumnFilter', TokenRevocation) {
  @Where(equals('jti'), () => String, 'Of the token with exactly this id.')
  jti?: string;

  @Where(
    refersTo('user', User),
    () => [ID],
    'Of the tokens of one of these users, by id, number or login; `ME` is the caller.',
  )
  user?: string[];
}

export const tokenRevocations = list(TokenRevocation, {
  filter: TokenRevocationFilter,
  order: {
    createdAt: 'When the tokens were revoked.',
    number: 'The integer `number`.',
    expiresAt: 'When the last of the tokens ends.',
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
});
