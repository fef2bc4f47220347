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

const digits = (text: string): string => `regexp_replace(${text}, '\\D', '', 'g')`;
const domain = (email: string): string => `lower(split_part(${email}, '@', 2))`;
const host = (website: string): string =>
  `regexp_replace(lower(${website}), '^[a-z]+://|^www\\.|^[a-z]+://www\\.|[/:?#].*$', '', 'g')`;
const folded = (text: string): string => `lower(trim(${text}))`;

/**
 * SQL condition: the customer may be whom the lead with that id stands for. The customer's side is taken as the caller
 * may see it, so a guessed phone finds nothing that the caller could not read.
 */
export function matches(customer: Scope, leadId: string): string {
  const { from, where, row: lead } = customer.rows(Lead);
  const sameName = `${folded(customer.shown('name'))} = ${folded(`coalesce(${lead.col('company')}, ${lead.col('name')})`)}`;
  const samePhone = `(length(${digits(lead.col('phone'))}) >= ${telling} and ${digits(customer.shown('phone'))} = ${digits(lead.col('phone'))})`;
  const sameEmail = `lower(${customer.shown('email')}) = lower(${lead.col('email')})`;
  const shared = sharedDomains.map((name) => `'${name}'`).join(', ');
  const sameDomain = `(${domain(lead.col('email'))} not in (${shared}) and ${domain(lead.col('email'))} in (${domain(customer.shown('email'))}, ${host(customer.shown('website'))}))`;
  return `exists (select 1 from ${from} where ${where} and ${lead.col('id')} = ${leadId} and (${[sameName, samePhone, sameEmail, sameDomain].join(' or ')}))`;
}
