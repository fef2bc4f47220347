import { Field, ObjectType } from 'type-graphql';
import type { Context } from '../core/context.js';
import { capitalized, uncapitalized } from '../core/names.js';
import { fieldNeeds, isPermitted } from '../core/needs.js';
import { meets, ownedKinds, type Need, type Rights } from '../core/rights.js';
import { allActions } from '../model/actions.js';
import { rootField } from '../graphql/fields.js';
import { Tenant } from '../tenants/tenant.entity.js';
import { ReachOfRecords, ReachRecord } from './role-reach.entity.js';
import { Role, User } from './user.entity.js';

@ObjectType({
  description:
    'What the caller may do with records of one kind; what the state of a record allows is said by its `viewerCan…`.',
})
class ActionReach {
  @Field(() => String, {
    description: 'What is done, as the name of the mutation ends: create, update, delete, changeStatus and so on.',
  })
  action!: string;

  @Field(() => ReachOfRecords, { description: 'With which records.' })
  reach!: string;
}

@ObjectType({ description: 'What the caller may do with records of one kind.' })
class RecordAccess {
  @Field(() => String, { description: 'Name of the type of the records, as `__typename` gives it.' })
  typeName!: string;

  @Field(() => [ActionReach], { description: 'What can be done with them at all, and how far the caller may.' })
  actions!: ActionReach[];
}

@ObjectType({
  description:
    'How far the caller reaches among records of one kind; of several reaches each takes in records that the others do not.',
})
class ViewerReach {
  @Field(() => ReachRecord, { description: 'The kind of records.' })
  record!: string;

  @Field(() => [ReachOfRecords], { description: 'Which of them they see; none for an empty list.' })
  see!: readonly string[];

  @Field(() => [ReachOfRecords], { description: 'Which of these they may change; none for an empty list.' })
  write!: readonly string[];
}

@ObjectType({ description: 'What the caller may do, whichever record it is about.' })
class ViewerAccess {
  @Field(() => ReachOfRecords, {
    description: 'Which records they see: ALL, NONE, or OWN where it depends on the record; `reaches` says more.',
  })
  see!: string;

  @Field(() => [ViewerReach], {
    description:
      'How far they reach among records that have an owner; what hangs on a customer is seen with it, or by who works on it.',
  })
  reaches!: ViewerReach[];

  @Field(() => ReachOfRecords, {
    description: 'Of which records they see phones, e-mails and what else reaches people.',
  })
  contactData!: string;

  @Field(() => ReachOfRecords, { description: 'Of which records they see the amounts.' })
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

/** How far the caller may do something with records of an entity: of several reaches the one that tends to take in most. */
function reachOf(rights: Rights, need: Need, entity: string): string {
  if (!meets(rights, need)) return 'NONE';
  if (!need.startsWith('write') || need === 'writeAll') return 'ALL';
  const kind = ownedKinds.find((name) => capitalized(name) === entity);
  return kind ? (rights.reaches[kind].write.at(-1) ?? 'NONE') : rights.write.toUpperCase();
}

function permissionsOf({ rights }: Context): ViewerAccess {
  const records = new Map<string, ActionReach[]>();
  for (const { entity, name, need } of allActions()) {
    const known = records.get(entity.name) ?? [];
    const creating = fieldNeeds.get(`${uncapitalized(entity.name)}Create`);
    if (creating && known.length === 0) known.push({ action: 'create', reach: reachOf(rights, creating, entity.name) });
    known.push({ action: name, reach: reachOf(rights, need, entity.name) });
    records.set(entity.name, known);
  }
  const { see, contactData, amounts, audit, export: exports, administer } = rights;
  return {
    see: see.toUpperCase(),
    reaches: ownedKinds.map((kind) => ({ record: kind.toUpperCase(), ...rights.reaches[kind] })),
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

  @Field(() => [String], {
    description:
      'Names of the mutations that the rights of the caller allow, and of the queries among those that are not for everybody; whatever is not named answers FORBIDDEN to them. Whether they may use one on a certain record is said by its `viewerCan…`.',
  })
  can!: string[];
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
      can: [...fieldNeeds.keys()].filter((name) => isPermitted(ctx.rights, name)),
    }),
  },
);
