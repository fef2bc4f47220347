import { isDisclosed } from '../model/derived.js';
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
 * SQL condition: the customer may be whom the lead with that id stands for. Phones and e-mails are compared where the
 * caller sees both, so a guessed one finds nothing that the caller could not read. Domains are part of what masks show.
 */
export function matches(customer: Scope, leadId: string): string {
  const { from, where, row: lead } = customer.rows(Lead);
  const sameName = `text_key(${customer.shown('name')}) = text_key(coalesce(${lead.col('company')}, ${lead.col('name')}))`;
  const both = [customer, lead].map((row) => isDisclosed(row, 'Lead.matches')).join(' and ');
  const seen = (property: string): string =>
    [customer, lead]
      .map((row) => row.hidden(property))
      .filter((hidden) => hidden !== 'false')
      .map((hidden) => ` and (${hidden}) is not true`)
      .join('');
  const [phone, email] = [lead.stored('phone'), lead.stored('email')];
  const samePhone = `(${both}${seen('phone')} and length(phone_key(${phone})) >= ${telling} and phone_key(${customer.stored('phone')}) = phone_key(${phone}))`;
  const sameEmail = `(${both}${seen('email')} and fold(${customer.stored('email')}) = fold(${email}))`;
  const shared = sharedDomains.map((name) => `'${name}'`).join(', ');
  const sameDomain = `(${domain(lead.shown('email'))} not in (${shared}) and ${domain(lead.shown('email'))} in (${domain(customer.shown('email'))}, ${host(customer.shown('website'))}))`;
  return `exists (select 1 from ${from} where ${where} and ${lead.col('id')} = ${leadId} and (${[sameName, samePhone, sameEmail, sameDomain].join(' or ')}))`;
}
