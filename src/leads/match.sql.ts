import type { Scope } from '../model/fields.js';
import { Lead } from './lead.entity.js';

/** Domains that many companies share: an address there says nothing about who somebody works for. */
const sharedDomains = [
  '163.com',
  '126.com',
  'qq.com',
  'foxmail.com',
  'sina.com',
  'sina.cn',
  'sohu.com',
  'yeah.net',
  'aliyun.com',
  '139.com',
  '189.cn',
  'gmail.com',
  'outlook.com',
  'hotmail.com',
  'live.com',
  'yahoo.com',
  'icloud.com',
];

/** Fewest digits by which a phone says who it belongs to. */
const telling = 7;

const domain = (email: string): string => `split_part(fold(${email}), '@', 2)`;
const host = (website: string): string =>
  `regexp_replace(fold(${website}), '^[a-z]+://|^www\\.|^[a-z]+://www\\.|[/:?#].*$', '', 'g')`;

/**
 * SQL condition: the customer may be whom the lead with that id stands for. The customer's side is taken as the caller
 * may see it, so a guessed phone finds nothing that the caller could not read.
 */
export function matches(customer: Scope, leadId: string): string {
  const { from, where, row: lead } = customer.rows(Lead);
  const sameName = `text_key(${customer.shown('name')}) = text_key(coalesce(${lead.col('company')}, ${lead.col('name')}))`;
  const isShown = customer.reach('phone') === 'all' ? '' : `${customer.shown('phone')} = ${customer.col('phone')} and `;
  const samePhone = `(${isShown}length(phone_key(${lead.col('phone')})) >= ${telling} and phone_key(${customer.shown('phone')}) = phone_key(${lead.col('phone')}))`;
  const sameEmail = `fold(${customer.shown('email')}) = fold(${lead.col('email')})`;
  const shared = sharedDomains.map((name) => `'${name}'`).join(', ');
  const sameDomain = `(${domain(lead.col('email'))} not in (${shared}) and ${domain(lead.col('email'))} in (${domain(customer.shown('email'))}, ${host(customer.shown('website'))}))`;
  return `exists (select 1 from ${from} where ${where} and ${lead.col('id')} = ${leadId} and (${[sameName, samePhone, sameEmail, sameDomain].join(' or ')}))`;
}
