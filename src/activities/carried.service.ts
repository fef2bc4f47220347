import { carriedAlong } from '../leads/conversion.service.js';
import { lockWhere } from '../write/many.js';
import { Activity } from './activity.entity.js';
import { raiseLastContact } from './activity.service.js';
import { asLeadStands } from './of-lead.js';

/** Activities of a lead go along with its conversion, and are the last contact with its customer and person. */
carriedAlong(async (change, lead) => {
  const activities = await lockWhere(change, Activity, 'lead', [lead.id]);
  for (const activity of activities) change.update(Activity, activity, asLeadStands(activity, lead));
  const began = ({ startsAt, completedAt }: (typeof activities)[number]): number =>
    Date.parse(startsAt ?? completedAt ?? '');
  const [last] = activities
    .filter(({ status }) => status === 'COMPLETED')
    .toSorted((one, other) => began(other) - began(one));
  if (last) await raiseLastContact(change, last);
});
