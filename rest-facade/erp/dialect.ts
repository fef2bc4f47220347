import { as, codes, computed, decimalNumber, each, phoneAs } from '../engine/shapes.js';
import type { Answer, Converter, Dialect, Refusal, Shape, Computed, WireIssue } from '../engine/types.js';
/** Statuses that the dialect does not have, and the ones it answers instead. */
const insteadOf: Record<number, number> = { 409: 400, 413: 400, 415: 400 };

function error({ status, issues, current }: Refusal): Answer {
  const { override } = issues[0]!;
  const answered = override?.status ?? insteadOf[status] ?? status;
  return {
    status: answered,
    body: {
      code: override?.code ?? answered,
      message: issues.map(sentence).join('；'),
      data: null,
      ...(current && { current: current.value }),
    },
    ...(answered === 401 && { headers: { 'WWW-Authenticate': 'Bearer' } }),
  };
}

/** The envelope has no place for a field of its own, so the message names it. */
function sentence({ field, message, override }: WireIssue): string {
  const text = override?.message ?? message;
  // the record of the address is no field that the client sends
  if (override?.status === 404 && field === 'id') return text;
  return field === undefined || text.includes(field) ? text : `${text}：${field}`;
}

/** What is not there is null; null clears. */
const plain: Converter = { out: (value) => value ?? null, in: (value) => value };

/** A phone number. */
export const phone = phoneAs(plain);

/** An instant to the second: `2020-01-01T08:00:00Z`. */
export const instant: Converter = {
  out: (value) => (value === null ? null : `${String(value).slice(0, 19)}Z`),
  in: (value) => (value === '' ? null : value),
};

/** A calendar day; an empty text clears. */
export const day: Converter = { ...plain, in: (value) => (value === '' ? null : value) };

/** An amount of money as a JSON number. */
export const amount = decimalNumber;

/** A whole number of percent. */
export const wholePercent: Converter = {
  ...plain,
  out: (value) => ((value ?? null) === null ? null : Math.round(Number(value))),
};

/** A count; what was not counted yet is nought. */
export const count: Converter = { out: (value) => Number(value ?? 0), in: (value) => value };

/** A total made of amounts: nought where there is nothing to count, null for callers to whom amounts are hidden. */
export const total: Converter = {
  ...amount,
  out: (value, call) => (value === null && call.ctx.rights.amounts === 'all' ? 0 : amount.out(value, call)),
};

/** Such a total cut to a whole number. */
export const wholeNumber: Converter = {
  ...total,
  out: (value, call) => {
    const shown = total.out(value, call);
    return typeof shown === 'number' ? Math.trunc(shown) : shown;
  },
};

export const accountType = codes(
  ['corporate', 'ENTERPRISE', 'NONPROFIT', 'EDUCATION'],
  ['individual', 'INDIVIDUAL'],
  ['government', 'GOVERNMENT'],
);
export const accountStatus = codes(['active', 'ACTIVE', 'POTENTIAL'], ['inactive', 'INACTIVE', 'LOST']);
export const loyaltyLevel = codes(
  ['platinum', 'PLATINUM'],
  ['gold', 'GOLD'],
  ['silver', 'SILVER'],
  ['bronze', 'BRONZE'],
);
export const stage = codes(
  ['prospecting', 'PROSPECTING'],
  ['qualification', 'QUALIFICATION', 'NEEDS_ANALYSIS'],
  ['proposal', 'PROPOSAL'],
  ['negotiation', 'NEGOTIATION'],
  ['closed_won', 'CLOSED_WON'],
  ['closed_lost', 'CLOSED_LOST'],
);
/** Visits are meetings to the ERP, chats are written messages. */
export const activityType = codes(
  ['call', 'CALL'],
  ['meeting', 'MEETING', 'VISIT'],
  ['email', 'EMAIL', 'CHAT'],
  ['note', 'NOTE'],
);
export const activityStatus = codes(['planned', 'PLANNED'], ['completed', 'COMPLETED'], ['cancelled', 'CANCELLED']);
export const priority = codes(['low', 'LOW'], ['medium', 'MEDIUM'], ['high', 'HIGH'], ['urgent', 'URGENT']);
export const caseType = codes(
  ['question', 'QUESTION'],
  ['complaint', 'COMPLAINT'],
  ['suggestion', 'SUGGESTION'],
  ['issue', 'ISSUE'],
);
export const caseStatus = codes(
  ['new', 'NEW'],
  ['in_progress', 'IN_PROGRESS'],
  ['resolved', 'RESOLVED'],
  ['closed', 'CLOSED'],
);
export const leadStatus = codes(
  ['new', 'NEW'],
  ['qualified', 'QUALIFIED'],
  ['unqualified', 'UNQUALIFIED'],
  ['converted', 'CONVERTED'],
);
export const leadSource = codes(
  ['website', 'WEBSITE'],
  ['referral', 'REFERRAL'],
  ['event', 'EVENT'],
  ['cold_call', 'COLD_CALL'],
);
export const campaignType = codes(
  ['email', 'EMAIL'],
  ['social', 'SOCIAL'],
  ['event', 'EVENT'],
  ['advertisement', 'ADVERTISEMENT'],
);
export const campaignStatus = codes(
  ['planning', 'PLANNING'],
  ['active', 'ACTIVE'],
  ['completed', 'COMPLETED'],
  ['cancelled', 'CANCELLED'],
);
export const period = codes(['week', 'WEEK'], ['month', 'MONTH'], ['quarter', 'QUARTER'], ['year', 'YEAR']);
export const metric = codes(
  ['customers', 'CUSTOMERS'],
  ['opportunities', 'OPPORTUNITIES'],
  ['revenue', 'REVENUE'],
  ['activities', 'ACTIVITIES'],
);
export const dimension = codes(['industry', 'INDUSTRY'], ['region', 'REGION'], ['size', 'SIZE'], ['loyalty', 'TIER']);

/** What the client sent for a parameter, or what holds where nothing was sent. */
export const sent = (name: string, unless: string | null = null): Computed =>
  computed(({ request }) => request.query[name]?.at(-1) ?? unless);

/** The first day of a period as its label: `2023`, `2023-Q1`, `2023-01`; a week is called by its Monday. */
export const periodLabel: Converter = {
  out(value, { request }) {
    const [year, month] = String(value).split('-') as [string, string];
    switch (request.query['period']?.at(-1)) {
      case 'year':
        return year;
      case 'quarter':
        return `${year}-Q${Math.ceil(Number(month) / 3)}`;
      case 'week':
        return value;
      default:
        return `${year}-${month}`;
    }
  },
  in: (value) => value,
};

const nameless = '其他';

/** A segment's name: free text, or the dialect's word where the segments are those of an enumeration. */
export const segmentName: Converter = {
  out(value, { request }) {
    const isWord = ['size', 'loyalty'].includes(request.query['segmentBy']?.at(-1) ?? '');
    return value === null ? nameless : isWord ? String(value).toLowerCase() : value;
  },
  in: (value) => value,
};

/** With whom a record is: the account and the person there. */
export const parties: Shape = {
  accountId: 'customer.id',
  accountName: 'customer.name',
  contactId: 'contact.id',
  contactName: 'contact.name',
};

/** Files with the links they are fetched from. */
export const attachments = each('attachments(first: 500).nodes', { id: 'id', name: 'name', url: 'url' });

/** Who wrote a record, by login, and when: at the end of every item and detail. */
export const written: Shape = {
  createdBy: 'createdBy.login',
  createdAt: as('createdAt', instant),
  updatedBy: 'updatedBy.login',
  updatedAt: as('updatedAt', instant),
};

/** Changes are answered without data. */
export const nothing = (): null => null;

/** The settings of the dialect; index.ts adds its rows. */
export const settings: Omit<Dialect, 'rows'> = {
  name: 'erp',
  label: 'ERP 客户关系管理',
  example: '/api/v1/crm/accounts',
  mounts: [{ base: '/api/v1/crm' }],
  locale: 'zh',
  plain,
  paging: { page: 'page', size: ['pageSize'], defaultSize: 10, maxSize: 100, outside: 'refuse' },
  messages: {
    'UNKNOWN_REFERENCE accountId': { status: 404, code: 4001, message: '客户不存在' },
    'UNKNOWN_REFERENCE contactId': { status: 404, code: 4002, message: '联系人不存在' },
    'UNKNOWN_REFERENCE campaignId': { status: 404, message: '营销活动不存在' },
  },
  unknownMethod: 'NOT_IMPLEMENTED',
  repeat: 'replay',
  success: (value) => ({ code: 200, message: 'success', data: value }),
  page: ({ items, total, page, size }) => ({ list: items, total, page, pageSize: size }),
  error,
};
