import { Exact, OneOf, Text, To } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { User } from '../identity/user.entity.js';
import { Customer } from './customer.entity.js';

export const TagKind = enumeration('TagKind', 'How a tag came to be.', {
  MANUAL: 'Set by a person.',
  AUTOMATIC: 'Set by a rule or a model.',
  SYSTEM: 'Set by the system for its own purposes.',
});
export type TagKind = keyof typeof TagKind;

/** Tags are removed for good. */
@Table({
  description: 'A word by which a customer can be found and grouped.',
  unique: [['customer', 'nameKey']],
  orders: ['name', 'createdAt', 'confidence'],
})
export class CustomerTag extends Owned {
  @To(() => Customer, { belongs: true, description: 'The customer; null if it is deleted or hidden from the caller.' })
  customer!: Customer;

  @Text({
    max: 100,
    sorted: true,
    alike: true,
    description: 'The word: letters of any script, digits, spaces, hyphens and underscores; once per customer.',
  })
  name!: string;

  @OneOf(TagKind, { description: 'How it came to be.', default: 'MANUAL' })
  kind!: TagKind;

  @Text({ max: 50, nullable: true, description: 'Group of tags that it belongs to, free text.' })
  category?: string | null;

  @Text({ max: 200, nullable: true, description: 'Value, where the tag has one.' })
  value?: string | null;

  @Exact({
    compared: true,
    precision: 5,
    scale: 2,
    percent: true,
    nullable: true,
    range: [0, 100],
    description: 'How sure whoever set the tag was, 0 to 100; null where that was not said.',
  })
  confidence?: string | null;

  @To(() => User, { nullable: true, description: 'Who set it; null if the server did.' })
  addedBy?: User | null;
}
