import { Field, ObjectType } from 'type-graphql';
import { enumeration } from '../model/enumeration.js';
import { rootField } from '../graphql/fields.js';
import { Tenant } from '../tenants/tenant.entity.js';
import { User } from './user.entity.js';

const Roles = enumeration('Role', 'What a user is in the tenant; decides what they see and may do.', {
  PLATFORM_ADMIN: 'Works on the platform: every tenant, everything.',
  TENANT_ADMIN: 'Administers the tenant: everything in it.',
  MANAGER: 'Reads and writes the whole tenant, unmasked.',
  SALES: 'Reads and writes their own and the unassigned customers and what hangs on them.',
  VIEWER: 'Reads the whole tenant, masked.',
  SERVICE: "A program; its token's scopes say what it may do.",
});

@ObjectType({ description: 'Who is asking.' })
class Viewer {
  @Field(() => User, { nullable: true, description: 'The user behind the token.' })
  user?: string;

  @Field(() => Tenant, { nullable: true, description: 'The tenant of this request.' })
  tenant?: string;

  @Field(() => [Roles], { description: 'Roles of the user in it.' })
  roles!: string[];
}

export const IdentityQueries = rootField(
  'viewer',
  () => Viewer,
  { description: 'Who is asking, in which tenant, with which roles.' },
  {
    kind: 'caller',
    of: ({ user, tenant, roles }) => ({
      user: user.id,
      tenant: tenant.id,
      roles: roles.map((role) => role.toUpperCase()),
    }),
  },
);
