import { At, Text, To } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { User } from './user.entity.js';

@Table({
  description:
    'What keeps tokens from working before they end: one token by its id, or all that a user had at a moment.',
  indexes: [['createdAt'], ['user']],
})
export class TokenRevocation extends Owned {
  @Text({
    max: 200,
    nullable: true,
    description: 'Id (`jti`) of the token that is revoked; null where it is all of a user.',
  })
  jti?: string | null;

  @To(() => User, {
    nullable: true,
    description: 'The user all of whose tokens are revoked; null where it is a single token.',
  })
  user?: User | null;

  @Text({ max: 200, nullable: true, hidden: true, description: 'Subject of the tokens of that user.' })
  subject?: string | null;

  @At({
    nullable: true,
    description: 'Tokens that were issued until then, or do not say when, are revoked; null where it is a single one.',
  })
  issuedUntil?: string | null;

  @Text({ max: 500, nullable: true, description: 'Why, as far as it was said.' })
  reason?: string | null;

  @At({
    nullable: true,
    description:
      'When the last of the tokens ends: the entry is removed then. Null if that is not known, which keeps the entry; of a single token it becomes known when somebody tries to use it.',
  })
  expiresAt?: string | null;

  @To(() => User, { description: 'Who revoked them.' })
  revokedBy!: User;
}
