import { ID, InputType } from 'type-graphql';
import { Day } from '../model/scalars.js';
import { among, fromDay, untilDay, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { ownerHistoryFilter } from '../pools/held.inputs.js';
import { Customer, CustomerStatus } from './customer.entity.js';
import { OwnerChange, StatusChange } from './history.entity.js';
import './customer.policy.js';

@InputType({ description: 'Conditions on changes of state; all given ones hold.' })
export class StatusChangeFilter extends filterFrom('StatusChangeColumnFilter', StatusChange) {
  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];

  @Where(among('toStatus'), () => [CustomerStatus], 'To one of these states.')
  toStatus?: string[];

  @Where(fromDay('createdAt'), () => Day, 'On this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'On this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;
}

export const statusChanges = list(StatusChange, {
  filter: StatusChangeFilter,
  order: { createdAt: 'When the state was changed.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});

@InputType({ description: 'Conditions on changes of owner; all given ones hold.' })
export class OwnerChangeFilter extends ownerHistoryFilter('OwnerChangeColumnFilter', OwnerChange) {
  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];
}

export const ownerChanges = list(OwnerChange, {
  filter: OwnerChangeFilter,
  order: { createdAt: 'When the owner was changed.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});
