import { Field, ObjectType } from 'type-graphql';
import type { Context } from '../core/context.js';
import { meets, type Need, type Rights } from '../core/rights.js';
import { allActions } from '../model/actions.js';
import { enumeration } from '../model/enumeration.js';
import { rootField } from '../graphql/fields.js';
import { Tenant } from '../tenants/tenant.entity.js';
import { Role, User } from './user.entity.js';

const Reaches = enumeration('Reach', 'Which records something holds for.', {
  NONE: 'None.',
  OWN: "The caller's own records and what belongs to them; where it is about seeing them, unassigned ones as well.",
  ALL: 'All records of the tenant.',
});

@ObjectType({
  description:
    'What the caller may do with records of one kind; what the state of a record allows is said by its `viewerCan…`.',
})
class ActionReach {
  @Field(() => String, {
    description: 'What is done, as the name of the mutation ends: create, update, delete, changeStatus and so on.',
  })
  action!: string;

  @Field(() => Reaches, { description: 'With which records.' })
  reach!: string;
}

@ObjectType({ description: 'What the caller may do with records of one kind.' })
class RecordAccess {
  @Field(() => String, { description: 'Name of the type of the records, as `__typename` gives it.' })
  typeName!: string;

  @Field(() => [ActionReach], { description: 'What can be done with them at all, and how far the caller may.' })
  actions!: ActionReach[];
}

@ObjectType({ description: 'What the caller may do, whichever record it is about.' })
class ViewerAccess {
  @Field(() => Reaches, { description: 'Which records they see.' })
  see!: string;

  @Field(() => Reaches, { description: 'Of which records they see phones, e-mails and what else reaches people.' })
  contactData!: string;

  @Field(() => Reaches, { description: 'Of which records they see the amounts.' })
  amounts!: string;

  @Field(() => Boolean, { description: 'Whether they read the audit log of the whole tenant.' })
  audit!: boolean;

  @Field(() => Boolean, { description: 'Whether they may export lists as files.' })
  export!: boolean;

  @Field(() => Boolean, { description: 'Whether they administer the tenant.' })
  administer!: boolean;

  @Field(() => [RecordAccess], { description: 'What they may do with the records of each kind.' })
  records!: RecordAccess[];
}

const reachOf = (rights: Rights, need: Need): string =>
  !meets(rights, need) ? 'NONE' : need === 'write' ? rights.write.toUpperCase() : 'ALL';

function permissionsOf({ rights }: Context): ViewerAccess {
  const records = new Map<string, ActionReach[]>();
  for (const { entity, name, need } of allActions()) {
    const known = records.get(entity.name) ?? [];
    // records of a kind are created by those who may change them, or who may delete them where they are never changed
    if (name === 'update' || (name === 'delete' && known.length === 0))
      known.push({ action: 'create', reach: reachOf(rights, need) });
    known.push({ action: name, reach: reachOf(rights, need) });
    records.set(entity.name, known);
  }
  const { see, contactData, amounts, audit, export: exports, administer } = rights;
  return {
    see: see.toUpperCase(),
    contactData: contactData.toUpperCase(),
    amounts: amounts.toUpperCase(),
    audit,
    export: exports,
    administer,
    records: [...records].map(([typeName, actions]) => ({ typeName, actions })),
  };
}

@ObjectType({ description: 'Who is asking.' })
class Viewer {
  @Field(() => User, { nullable: true, description: 'The user behind the token.' })
  user?: string;

  @Field(() => Tenant, { nullable: true, description: 'The tenant of this request.' })
  tenant?: string;

  @Field(() => [Role], { description: 'Roles of the user in it.' })
  roles!: string[];

  @Field(() => [String], { description: 'Scopes of the token, which say what a service may do; empty for people.' })
  scopes!: string[];

  @Field(() => ViewerAccess, { description: 'What the caller may do, before it is about a certain record.' })
  permissions!: ViewerAccess;
}

export const IdentityQueries = rootField(
  'viewer',
  () => Viewer,
  { description: 'Who is asking, in which tenant, with which roles.' },
  {
    kind: 'caller',
    of: (ctx) => ({
      user: ctx.user.id,
      tenant: ctx.tenant.id,
      roles: ctx.roles.map((role) => role.toUpperCase()),
      scopes: ctx.scopes,
      permissions: permissionsOf(ctx),
    }),
  },
);
