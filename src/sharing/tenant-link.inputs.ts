import { Field, ID, InputType, ObjectType, Int } from 'type-graphql';
import { columnsOf } from '../model/columns.js';
import { enumeration } from '../model/enumeration.js';
import { inputFrom, written } from '../model/inputs.js';
import { among, isTrue, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list, SortDirection, type Direction } from '../read/list.js';
import { Customer, CustomerKind, CustomerStatus, CustomerTier } from '../customers/customer.entity.js';
import { CustomerTenant, isActive, TenantName, TenantRelationType } from './tenant-link.entity.js';
import './tenant-link.policy.js';
import { withTenant } from './tenant-link.sql.js';

@InputType({ description: 'Conditions on links between customers and tenants; all given ones hold.' })
export class CustomerTenantFilter extends filterFrom('CustomerTenantColumnFilter', CustomerTenant) {
  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];

  @Where(withTenant, () => [ID], 'With one of these tenants: its opaque id, integer number or code.')
  tenant?: string[];

  @Where(among('relationType'), () => [TenantRelationType], 'Of one of these types.')
  relationType?: string[];

  @Where(isTrue((link) => link.col('primary')), () => Boolean, 'Main ones of their type, or the others.')
  primary?: boolean;

  @Where(isTrue(isActive), () => Boolean, 'Begun and not ended, or the others.')
  active?: boolean;
}

export const customerTenants = list(CustomerTenant, {
  filter: CustomerTenantFilter,
  order: {
    createdAt: 'When it was created.',
    number: 'The integer `number`.',
    primary: 'Whether it is the main one of its type.',
    startsOn: 'First day of the link.',
  },
  defaultOrder: [
    ['PRIMARY', 'DESC'],
    ['CREATED_AT', 'DESC'],
  ],
});

@InputType({
  description:
    'What to store of a link between a customer and a tenant. Fields left out stay unchanged; null clears a field. `customer` and `tenant` are required at creation and stay.',
})
export class CustomerTenantInput extends inputFrom(
  'CustomerTenantMembers',
  CustomerTenant,
  [
    ...written(CustomerTenant),
    'customer',
    'relationType',
    'primary',
    'contractNumber',
    'startsOn',
    'endsOn',
    'description',
  ],
  'Fields of a link.',
) {
  @Field(() => ID, { nullable: true, description: 'The tenant: its opaque id, integer number or code.' })
  tenant?: string | null;
}

@ObjectType({ description: 'One link of a customer of another tenant with this one.' })
class LinkedRelation {
  @Field(() => ID, { description: 'Opaque id of the link.' })
  id!: string;

  @Field(() => Int, { description: 'Integer key of the link.' })
  number!: number;

  @Field(() => Boolean, {
    description: 'True if it has begun and not ended, by calendar day in the time zone of the owner.',
  })
  active!: boolean;
}

/** A customer of another tenant as the linked tenant may read it. */
@ObjectType({ description: 'A customer that another tenant has linked to this one: read only, as it is there.' })
export class LinkedCustomer {
  @Field(() => ID, { description: 'Opaque id of the customer.' })
  id!: string;

  @Field(() => Int, { description: 'Integer key of the customer.' })
  number!: number;

  @Field(() => TenantName, { description: 'The tenant whose customer it is.' })
  ownerTenant!: TenantName;

  @Field(() => [LinkedRelation], {
    description: 'The links with this tenant that the filter lets through, the main ones first.',
  })
  links!: LinkedRelation[];
}

/**
 * What another tenant reads of a customer that is linked with it, and of the link: these fields and no others. A new
 * column of the customer is not among them until it is named here.
 */
export const sharedFieldsOfCustomer = [
  'accountNo',
  'address',
  'bankAccount',
  'bankName',
  'businessScope',
  'code',
  'contactPerson',
  'createdAt',
  'creditRating',
  'currency',
  'description',
  'email',
  'establishedOn',
  'healthScore',
  'industry',
  'kind',
  'lastContactAt',
  'legalRepresentative',
  'licenseNo',
  'name',
  'paymentTerms',
  'phone',
  'region',
  'registeredAddress',
  'registeredCapital',
  'remarks',
  'scale',
  'size',
  'source',
  'specialRequirements',
  'status',
  'taxNo',
  'tier',
  'updatedAt',
  'website',
] as const;
export const sharedFieldsOfLink = [
  'relationType',
  'primary',
  'contractNumber',
  'startsOn',
  'endsOn',
  'description',
  'createdAt',
  'updatedAt',
] as const;
share(Customer, LinkedCustomer, sharedFieldsOfCustomer);
share(CustomerTenant, LinkedRelation, sharedFieldsOfLink);

function share(
  entity: typeof Customer | typeof CustomerTenant,
  view: new () => object,
  names: readonly string[],
): void {
  const columns = columnsOf(entity);
  for (const name of names) {
    const { type, nullable, description } = columns.get(name)!;
    Field(type as () => typeof String, { nullable, description })(view.prototype, name);
  }
}

@ObjectType({ description: 'A page of customers that other tenants have linked to this one.' })
export class LinkedCustomerPage {
  @Field(() => [LinkedCustomer], { description: 'The rows of the page.' })
  nodes!: LinkedCustomer[];

  @Field(() => Int, { description: 'How many there are in all.' })
  totalCount!: number;
}

@InputType({ description: 'Conditions on linked customers; all given ones hold.' })
export class LinkedCustomerFilter {
  @Field(() => String, {
    nullable: true,
    description: 'Each of its words is contained in name, code, contact person, phone or e-mail, ignoring case.',
  })
  search?: string | null;

  @Field(() => [TenantRelationType], { nullable: true, description: 'Linked in one of these ways.' })
  relationType?: TenantRelationType[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Linked with a link that has begun and not ended, or with one that is not so.',
  })
  active?: boolean | null;

  @Field(() => [CustomerKind], { nullable: true, description: 'Of one of these kinds.' })
  kind?: CustomerKind[] | null;

  @Field(() => [CustomerStatus], { nullable: true, description: 'In one of these states.' })
  status?: CustomerStatus[] | null;

  @Field(() => [CustomerTier], { nullable: true, description: 'Of one of these tiers.' })
  tier?: CustomerTier[] | null;
}

export const LinkedCustomerOrderField = enumeration(
  'LinkedCustomerOrderField',
  'What linked customers can be ordered by.',
  {
    CREATED_AT: 'When the customer was created.',
    UPDATED_AT: 'When it was last changed.',
    NAME: 'Name of the customer.',
  },
);

@InputType({ description: 'One step of the order of linked customers.' })
export class LinkedCustomerOrder {
  @Field(() => LinkedCustomerOrderField, { description: 'What to order by.' })
  field!: keyof typeof LinkedCustomerOrderField;

  @Field(() => SortDirection, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: Direction;
}
