import { Property } from '@mikro-orm/decorators/legacy';
import { Field, Int } from 'type-graphql';
import { At, Flag, Text, To } from '../model/columns.js';
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

/** Whether a subject is that of a person, and neither of the server itself nor of the user of an API key. */
export const isPerson = (subject: string): boolean => subject !== systemSubject && !subject.startsWith(keyPrefix);

/**
 * A user appears when their first token is seen, or before, where they were entered; the token stays the authority on
 * name, e-mail and phone where it carries these, and on roles.
 */
@Table({
  description: 'Somebody (or a service) who works in the tenant, known from their token or entered before.',
  table: 'user_account',
  unique: [['subject']],
  indexes: [['department'], ['manager']],
})
export class User extends Owned {
  @Text({ max: 200, hidden: true, description: 'Subject of the token.' })
  subject!: string;

  @Text({ max: 200, description: 'Login name.' })
  login!: string;

  @Text({ max: 200, input: true, description: 'Display name.' })
  name!: string;

  @Text({
    max: 200,
    nullable: true,
    input: true,
    mask: 'email',
    format: 'email',
    description: 'E-mail address, shown in part to callers who may not see contact data.',
  })
  email?: string | null;

  @Text({
    max: 50,
    nullable: true,
    input: true,
    mask: 'phone',
    description: 'Phone, shown in part to callers who may not see contact data.',
  })
  phone?: string | null;

  @Flag({ filter: true, description: 'False if the user may no longer sign in.', default: true })
  active!: boolean;

  @At({
    description: 'When the server last saw a token of the user; when they were entered, until it first sees one.',
    default: 'now()',
  })
  seenAt!: string;

  @To(() => entityRegistry.department as never, {
    nullable: true,
    input: true,
    description: 'The department that they work in; null for none.',
  })
  department?: object | null;

  @To(() => User, { nullable: true, input: true, description: 'Who they report to; null for nobody.' })
  manager?: User | null;

  @Property({ type: 'integer', default: 1 })
  @Field(() => Int, {
    description:
      'Rises by one with each change by a mutation, not with what a token says; send it back with an update to detect a change in between.',
  })
  version!: number;

  @At({ description: 'When a mutation last changed the user.', default: 'now()' })
  updatedAt!: string;

  @To(() => User, { nullable: true, description: 'Who changed the user last; null if nobody or the server did.' })
  updatedBy?: User | null;
}

entityRegistry.user = User;
