import type { Scope } from '../model/fields.js';
import { access } from '../read/query.js';
import { Lead } from './lead.entity.js';

const isOwner = (lead: Scope): string => `${lead.col('owner')} = ${lead.me()}`;

/** As with customers: sales see their own leads and those that nobody follows; contact data of their own is unmasked. */
access(Lead, { visible: (lead) => `${isOwner(lead)} or ${lead.col('owner')} is null`, own: isOwner });
