import { Field, ObjectType } from 'type-graphql';
import { childList, rootField } from '../graphql/fields.js';
import { contacts } from '../contacts/contact.inputs.js';
import { customers } from '../customers/customer.inputs.js';
import { opportunities } from '../opportunities/opportunity.inputs.js';
import { foundBy } from '../read/filter.js';
import { sought } from './search.sql.js';

@ObjectType({
  description: 'What a text was found in, ignoring case and the width of signs; only in what the caller may see.',
})
class SearchResult {
  @Field(() => String, { description: 'The text, without the white space around it.' })
  text!: string;
}

const Search = rootField(
  'search',
  () => SearchResult,
  {
    description:
      'Looks for a text in customers, contacts and opportunities at once; of several words each must be found.',
  },
  {
    kind: 'report',
    of: sought,
  },
  {
    text: [
      () => String,
      'What to look for, e.g. a name, one Chinese character of it, a number, a phone or an e-mail, or a part of one.',
    ],
  },
);

const Customers = childList(
  SearchResult,
  'customers',
  customers,
  'Customers with each of the words in name, numbers, contact person, phone, e-mail, licence or tax number.',
  foundBy,
  'text',
);
const Contacts = childList(
  SearchResult,
  'contacts',
  contacts,
  'Contacts with each of the words in name, phones, e-mail or department.',
  foundBy,
  'text',
);
const Opportunities = childList(
  SearchResult,
  'opportunities',
  opportunities,
  'Opportunities with each of the words in name or number.',
  foundBy,
  'text',
);

export const searchResolvers = [Search, Customers, Contacts, Opportunities];
