import { ID, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { among, containsWords, equals, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Customer } from './customer.entity.js';
import { CustomerTag, TagKind } from './tag.entity.js';
import './customer.policy.js';

@InputType({ description: 'Conditions on tags; all given ones hold.' })
export class CustomerTagFilter extends filterFrom('CustomerTagColumnFilter', CustomerTag) {
  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];

  @Where(containsWords('name'), () => String, 'Each of its words is contained in the name.')
  search?: string;

  @Where(equals('name'), () => String, 'Exactly this name.')
  name?: string;

  @Where(equals('category'), () => String, 'Exactly this category.')
  category?: string;

  @Where(among('kind'), () => [TagKind], 'Of one of these kinds.')
  kind?: string[];
}

export const customerTags = list(CustomerTag, {
  filter: CustomerTagFilter,
  order: {
    name: 'Name of the tag.',
    createdAt: 'When it was set.',
    number: 'The integer `number`.',
    confidence: 'How sure it is.',
  },
  defaultOrder: [['CREATED_AT', 'ASC']],
});

@InputType({ description: 'A tag to set.' })
export class CustomerTagInput extends inputFrom(
  'CustomerTagFields',
  CustomerTag,
  [...written(CustomerTag), 'customer', 'name', 'kind', 'category', 'value', 'confidence'],
  'Fields of a tag that are written as they are.',
  { required: ['customer', 'name'], defaults: { kind: 'MANUAL' } },
) {}
