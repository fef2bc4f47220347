import { At, Flag, Text } from '../model/columns.js';
import { entityRegistry, Owned, Table } from '../model/entity.js';

/** A user appears when their first token is seen; the token stays the authority on name and roles. */
@Table({
  description: 'Somebody (or a service) who works in the tenant, known from their token.',
  table: 'user_account',
  unique: [['subject']],
  audited: false,
})
export class User extends Owned {
  @Text({ max: 200, hidden: true, description: 'Subject of the token.' })
  subject!: string;

  @Text({ max: 200, description: 'Login name.' })
  login!: string;

  @Text({ max: 200, description: 'Display name.' })
  name!: string;

  @Text({
    max: 200,
    nullable: true,
    mask: 'email',
    format: 'email',
    description: 'E-mail address, shown in part to callers who may not see contact data.',
  })
  email?: string | null;

  @Text({
    max: 50,
    nullable: true,
    mask: 'phone',
    description: 'Phone, shown in part to callers who may not see contact data.',
  })
  phone?: string | null;

  @Flag({ description: 'False if the user may no longer sign in.', default: true })
  active!: boolean;

  @At({ description: 'When the server last saw a token of the user.', default: 'now()' })
  seenAt!: string;
}

entityRegistry.user = User;
