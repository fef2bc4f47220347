import { ID, InputType } from 'type-graphql';
import { Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { list } from '../read/list.js';
import { ownerHistoryFilter } from '../pools/held.inputs.js';
import { LeadOwnerChange } from './history.entity.js';
import { Lead } from './lead.entity.js';
import './lead.policy.js';

@InputType({ description: 'Conditions on changes of owner of leads; all given ones hold.' })
export class LeadOwnerChangeFilter extends ownerHistoryFilter('LeadOwnerChangeColumnFilter', LeadOwnerChange) {
  @Where(refersTo('lead', Lead), () => [ID], 'Of one of these leads.')
  lead?: string[];
}

export const leadOwnerChanges = list(LeadOwnerChange, {
  filter: LeadOwnerChangeFilter,
  order: { createdAt: 'When the owner was changed.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});
