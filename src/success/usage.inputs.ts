import { ID, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { Day } from '../model/scalars.js';
import { among, equals, fromDay, untilDay, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Customer } from '../customers/customer.entity.js';
import { UsageEvent, UsageKind } from './usage-event.entity.js';
import './success.policy.js';

@InputType({ description: 'Conditions on usage events; all given ones hold.' })
export class UsageEventFilter extends filterFrom('UsageEventColumnFilter', UsageEvent) {
  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];

  @Where(equals('person'), () => String, 'Of exactly this person.')
  person?: string;

  @Where(among('kind'), () => [UsageKind], 'Of one of these kinds.')
  kind?: string[];

  @Where(equals('feature'), () => String, 'Of exactly this feature.')
  feature?: string;

  @Where(fromDay('at'), () => Day, 'On this day or later, in the time zone of the tenant.')
  from?: string;

  @Where(untilDay('at'), () => Day, 'On this day or earlier, in the time zone of the tenant.')
  until?: string;
}

export const usageEvents = list(UsageEvent, {
  filter: UsageEventFilter,
  order: { at: 'When it was.', number: 'The integer `number`.' },
  defaultOrder: [['AT', 'DESC']],
});

@InputType({ description: 'Something that somebody at a customer did.' })
export class UsageEventInput extends inputFrom(
  'UsageEventFields',
  UsageEvent,
  [...written(UsageEvent), 'customer', 'person', 'kind', 'feature', 'at', 'durationSeconds'],
  'Fields of a usage event that are written as they are.',
  { required: ['customer', 'kind'] },
) {}
