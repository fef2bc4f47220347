import { InputType } from 'type-graphql';
import { filterFrom } from '../read/column-filter.js';
import { among, containsWords, fromDay, untilDay, Where } from '../read/filter.js';
import { list } from '../read/list.js';
import { Day } from '../model/scalars.js';
import { EndpointUse } from './endpoint-use.entity.js';
import './endpoint-use.policy.js';

@InputType({ description: 'Conditions on uses of endpoints; all given ones hold.' })
export class EndpointUseFilter extends filterFrom('EndpointUseColumnFilter', EndpointUse) {
  @Where(among('endpoint'), () => [String], 'Of exactly one of these endpoints, e.g. `GET /customers/:id`.')
  endpoint?: string[];

  @Where(
    containsWords('endpoint', 'userAgent'),
    () => String,
    'Each of its words is contained in endpoint or user agent.',
  )
  search?: string;

  @Where(fromDay('lastUsedAt'), () => Day, 'Last called on this day or later, in the time zone of the tenant.')
  lastUsedFrom?: string;

  @Where(untilDay('lastUsedAt'), () => Day, 'Last called on this day or earlier, in the time zone of the tenant.')
  lastUsedUntil?: string;
}

export const endpointUses = list(EndpointUse, {
  filter: EndpointUseFilter,
  order: {
    lastUsedAt: 'When it was called last.',
    createdAt: 'When it was called first.',
    number: 'The integer `number`.',
  },
  defaultOrder: [['LAST_USED_AT', 'DESC']],
});
