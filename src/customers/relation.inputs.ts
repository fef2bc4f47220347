import { ID, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { among, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Customer } from './customer.entity.js';
import { CustomerRelation, RelationKind } from './relation.entity.js';
import { withCustomer } from './relation.sql.js';
import './customer.policy.js';

@InputType({ description: 'Conditions on relations between customers; all given ones hold.' })
export class CustomerRelationFilter extends filterFrom('CustomerRelationColumnFilter', CustomerRelation) {
  @Where(withCustomer, () => [ID], 'With one of these customers on either side.')
  customer?: string[];

  @Where(refersTo('from', Customer), () => [ID], 'From one of these customers.')
  from?: string[];

  @Where(refersTo('to', Customer), () => [ID], 'To one of these customers.')
  to?: string[];

  @Where(among('kind'), () => [RelationKind], 'Of one of these kinds.')
  kind?: string[];
}

export const customerRelations = list(CustomerRelation, {
  filter: CustomerRelationFilter,
  order: {
    createdAt: 'When it was entered.',
    number: 'The integer `number`.',
    kind: 'Kind of the relation, alphabetically.',
  },
  defaultOrder: [['CREATED_AT', 'ASC']],
});

@InputType({ description: 'A relation to enter.' })
export class CustomerRelationInput extends inputFrom(
  'CustomerRelationFields',
  CustomerRelation,
  [...written(CustomerRelation), 'from', 'to', 'kind', 'remarks'],
  'Fields of a relation that are written as they are.',
  { required: ['from', 'to', 'kind'] },
) {}
