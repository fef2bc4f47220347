import { At, Flag, Text } from '../model/columns.js';
import { entityRegistry, Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';

export const Role = enumeration('Role', 'What a user is in the tenant; decides what they see and may do.', {
  PLATFORM_ADMIN: 'Works on the platform: every tenant, everything.',
  TENANT_ADMIN: 'Administers the tenant: everything in it.',
  MANAGER: 'Reads and writes the whole tenant, unmasked.',
  SALES: 'Reads and writes their own and the unassigned customers and what hangs on them.',
  VIEWER: 'Reads the whole tenant, masked.',
  SERVICE: "A program; its token's scopes say what it may do.",
});
export type Role = keyof typeof Role;

/** Subject of the server itself, where it works in a tenant. */
export const systemSubject = 'system';

/** How the subjects of users begin that API keys act as. */
export const keyPrefix = 'api-key:';

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

  @Flag({ filter: true, description: 'False if the user may no longer sign in.', default: true })
  active!: boolean;

  @At({ description: 'When the server last saw a token of the user.', default: 'now()' })
  seenAt!: string;
}

entityRegistry.user = User;
