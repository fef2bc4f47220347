import { Entity, ManyToOne, PrimaryKey } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Flag, OnDay, OneOf, Text, To } from '../model/columns.js';
import { Editable, entityRegistry, OfTenant, Table } from '../model/entity.js';
import { Computed, embedded, today, type Scope } from '../model/fields.js';
import { enumeration } from '../model/enumeration.js';
import { Customer } from '../customers/customer.entity.js';

export const TenantRelationType = enumeration('TenantRelationType', 'What a tenant is to a customer.', {
  PROVIDER: 'The tenant provides services to the customer.',
  CLIENT: 'The tenant is a client of the customer.',
  PARTNER: 'The tenant works together with the customer.',
  DISTRIBUTOR: 'The tenant distributes for the customer.',
  SUPPLIER: 'The tenant supplies the customer.',
  OTHER: 'Something else; see the description.',
});
export type TenantRelationType = keyof typeof TenantRelationType;

@ObjectType({ description: 'What may be known of another tenant: what it is called.' })
export class TenantName {
  @Field(() => ID, { description: 'Opaque id of the tenant.' })
  id!: string;

  @Field(() => Int, { description: 'Integer key of the tenant.' })
  number!: number;

  @Field(() => String, { description: 'Short name, unique on this server.' })
  code!: string;

  @Field(() => String, { description: 'Display name.' })
  name!: string;
}

/** SQL condition: its term has begun and not ended, by calendar day. */
export const isActive = (link: Scope): string =>
  `(coalesce(${link.col('startsOn')} <= ${today(link)}, true) and coalesce(${link.col('endsOn')} >= ${today(link)}, true))`;

const nameOf = (link: Scope, field: string): string =>
  `(select x.${field} from tenant x where x.id = ${link.col('linkedTenant')})`;

/** The link lives with the tenant that owns the customer. Links are removed for good. */
@Table({
  description: 'A tenant that works with a customer: as what, since when, and whether as the main one of its kind.',
  unique: [['customer', 'linkedTenant', 'relationType']],
  indexes: [['linkedTenant']],
  uniqueWhere: { customer_tenant_primary: [['customer', 'relationType'], '"primary"'] },
  orders: ['createdAt', 'primary', 'startsOn'],
})
export class CustomerTenant extends Editable {
  @To(() => Customer, { belongs: true, description: 'The customer; null if it is deleted or hidden from the caller.' })
  customer!: Customer;

  @ManyToOne({
    entity: () => entityRegistry.tenant as never,
    joinColumn: 'linked_tenant_id',
    deleteRule: 'no action',
    updateRule: 'no action',
  })
  @embedded(() => TenantName, 'The tenant that works with the customer.', {
    kind: 'embed',
    light: true,
    present: () => 'true',
    fields: (link) => ({
      id: link.col('linkedTenant'),
      number: nameOf(link, 'number'),
      code: nameOf(link, 'code'),
      name: nameOf(link, 'name'),
    }),
  })
  linkedTenant!: TenantName;

  @OneOf(TenantRelationType, { description: 'What the tenant is to the customer.', default: 'CLIENT' })
  relationType!: TenantRelationType;

  @Flag({ description: 'True for the one main tenant of its relation type.', default: false })
  primary!: boolean;

  @Text({ max: 100, nullable: true, description: 'Number of the contract that it rests on, free text.' })
  contractNumber?: string | null;

  @OnDay({ nullable: true, description: 'First day; null for ever since.' })
  startsOn?: string | null;

  @OnDay({ nullable: true, description: 'Last day; null for no end.' })
  endsOn?: string | null;

  @Text({ max: 2000, nullable: true, description: 'What the relation is about, free text.' })
  description?: string | null;

  @Computed(() => Boolean, {
    description: 'True if it has begun and not ended, by calendar day in the time zone of the tenant.',
    sql: isActive,
  })
  active!: boolean;
}

/**
 * The other tenant's side of a link: only that it exists, and with whom. It grants nothing by itself; whoever reads
 * through it checks the link in the owner tenant. So it never needs changing, and one that was left over does no harm.
 */
@Entity({ tableName: 'customer_tenant_mirror' })
export class CustomerTenantMirror {
  @OfTenant()
  tenant!: object;

  /** id of the link */
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** the tenant where the link and its customer live */
  @ManyToOne({
    entity: () => entityRegistry.tenant as never,
    joinColumn: 'owner_tenant_id',
    deleteRule: 'no action',
    updateRule: 'no action',
  })
  ownerTenant!: object;
}
