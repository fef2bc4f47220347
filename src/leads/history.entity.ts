import { To } from '../model/columns.js';
import { Table } from '../model/entity.js';
import { OwnerHistory } from '../pools/held.entity.js';
import { Lead } from './lead.entity.js';

@Table({
  description: 'One change of who follows a lead, or of its pool.',
  indexes: [['lead']],
  indexesWhere: { lead_owner_change_pick: [['toOwner', 'createdAt'], "kind = 'PICK'"] },
  audited: false,
  orders: ['createdAt'],
})
export class LeadOwnerChange extends OwnerHistory {
  @To(() => Lead, { belongs: true, description: 'The lead; null if it is deleted or hidden from the caller.' })
  lead!: Lead;
}
