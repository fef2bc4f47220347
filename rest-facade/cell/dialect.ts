import { type ErrorCode, refuse } from '../engine/errors.js';
import { codes, computed, hundredths, wrong, phoneAs } from '../engine/shapes.js';
import type {
  Answer,
  Computed,
  Converter,
  Dialect,
  Messages,
  Refusal,
  Render,
  RestRequest,
  RowOptions,
  WireIssue,
} from '../engine/types.js';
import { dayIn, isDay } from '../engine/times.js';

/** The dialect's own error code, where it does not follow from the HTTP status. */
const nameOfCode: Partial<Record<ErrorCode, string>> = {
  NAME_TAKEN: 'DUPLICATE_NAME',
  IDEMPOTENT_CONFLICT: 'IDEMPOTENT_CONFLICT',
  IDEMPOTENCY_KEY_REUSED: 'IDEMPOTENT_CONFLICT',
};
const nameOfStatus: Record<number, string> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  503: 'SERVICE_UNAVAILABLE',
};

/** Statuses that the dialect does not have, and the ones it answers instead. */
const insteadOf: Record<number, number> = { 412: 409, 413: 400, 501: 404 };

function error({ status, issues, first: before, current }: Refusal, request: RestRequest): Answer {
  const [first] = issues;
  const { override } = first!;
  const answered = override?.status ?? insteadOf[status] ?? status;
  return {
    status: answered,
    body: {
      code: override?.code ?? nameOfCode[first!.code] ?? nameOfStatus[answered] ?? 'INTERNAL_ERROR',
      message: override?.message ?? first!.message,
      details: before ?? (current && { current: current.value }) ?? issues.map(detail).filter(Boolean).join('；'),
      requestId: request.requestId,
    },
    ...(answered === 401 && { headers: { 'WWW-Authenticate': 'Bearer' } }),
  };
}

/** Names the field as the client sent it. */
function detail({ field, message, override }: WireIssue): string {
  if (override?.details !== undefined) return override.details;
  if (field === undefined) return '';
  return message.includes(field) ? message : `${field}: ${message}`;
}

/** Absent texts are empty; an empty text clears, null leaves alone. */
const plain: Converter = {
  out: (value) => value ?? '',
  in: (value) => (value === null ? undefined : value === '' ? null : value),
};

/** Phones are masked for everybody: first three and last four digits, `***` below seven digits. */
export const phone: Converter = phoneAs({
  ...plain,
  wire: { type: 'string', examples: ['138****8000'] },
  out(value) {
    if (value === null || value === '') return '';
    const digits = String(value).replace(/\D/g, '');
    return digits.length < 7 ? '***' : `${digits.slice(0, 3)}****${digits.slice(-4)}`;
  },
});

/** An instant to the second, written with milliseconds: `2026-03-01T08:30:00.000Z`. */
export const instant: Converter = {
  ...plain,
  wire: { type: 'string', format: 'date-time' },
  out: (value) => (value === null ? '' : `${String(value).slice(0, 19)}.000Z`),
};

export const customerStatus = codes([1, 'ACTIVE', 'POTENTIAL'], [2, 'INACTIVE', 'LOST']);

/** A flag; null leaves alone. */
export const flag: Converter = {
  wire: { type: 'boolean' },
  out: (value) => value ?? false,
  in: (value) => (value === null ? undefined : value),
};

/** How an amount is shown to those who may not see it; written back, it leaves the stored one alone. */
const hidden = '***';

/** Exact decimals as whole cents. What is not there is 0 to those who see every amount, and hidden from all others. */
export const cents: Converter = {
  wire: { anyOf: [{ type: 'integer' }, { type: 'string', enum: [hidden] }] },
  out: (value, call) =>
    value === null ? (call.ctx.rights.amounts === 'all' ? 0 : hidden) : hundredths.out(value, call),
  in: (value, call) => (value === hidden || value === null ? undefined : hundredths.in(value, call)),
};

/** Currency of an amount; where there is none, or an empty text, that of the tenant. */
export const currency: Converter = {
  ...plain,
  wire: { type: 'string' },
  out: (value, { ctx }) => value ?? ctx.tenant.currency,
  in: (value, call) => (value === '' ? undefined : plain.in(value, call)),
};

export const stage = codes(
  [1, 'QUALIFICATION', 'PROSPECTING'],
  [2, 'NEEDS_ANALYSIS'],
  [3, 'PROPOSAL'],
  [4, 'NEGOTIATION'],
  [5, 'CLOSED_WON'],
  [6, 'CLOSED_LOST'],
);

/** Whether an opportunity is open (1), won (2) or lost (3), derived from its stage. Written, 2 and 3 close it; 1 opens it again at the open stage that is sent with it, or, of a new one, is what it is anyway. */
export const opportunityStatus: Converter = {
  wire: { type: 'integer', enum: [1, 2, 3] },
  out: (value) => (value === 'CLOSED_WON' ? 2 : value === 'CLOSED_LOST' ? 3 : 1),
  in(value, { request }) {
    if (value === null) return undefined;
    const sent = Number((request.body as { stage?: unknown } | undefined)?.stage ?? 0);
    const isNew = request.method === 'POST';
    const fits = {
      '1': (sent >= 1 && sent <= 4) || (isNew && sent === 0),
      '2': sent === 0 || sent === 5,
      '3': sent === 0 || sent === 6,
    }[String(value)];
    if (!fits) throw wrong();
    return { '1': undefined, '2': 'CLOSED_WON', '3': 'CLOSED_LOST' }[String(value)];
  },
};

export const contractStatus = codes([1, 'DRAFT'], [2, 'IN_FORCE'], [3, 'EXPIRED'], [4, 'TERMINATED']);

/** A calendar day; of an instant, its day in the time zone of the tenant. */
export const day: Converter = { ...plain, wire: { type: 'string' } };

/** An instant; a bare day means its noon in UTC or, where that is another day for the tenant, the tenant's noon. */
export const moment: Converter = {
  ...instant,
  in(value, call) {
    const given = typeof value === 'string' ? value.trim() : '';
    if (!isDay(given)) return plain.in(value, call);
    const noon = `${given}T12:00:00`;
    return dayIn(call.ctx.tenant.timeZone, new Date(`${noon}Z`)) === given ? `${noon}Z` : noon;
  },
};

/** Kinds of follow-ups that the graph knows; any other word is kept as it is. */
const kinds = ['call', 'meeting', 'email', 'chat', 'note', 'visit'];
const kindOf = (word: unknown): string => (kinds.includes(String(word)) ? String(word).toUpperCase() : 'NOTE');

/** The kind that a free word stands for. */
export const followUpKind: Converter = {
  wire: { type: 'string' },
  out: (value) => value,
  in: (value) => (value === null ? undefined : kindOf(value === '' ? 'call' : value)),
};

/** The word that a follow-up was written with, as long as it stands for its kind. */
export const followUpWord = ({ kind, word }: Record<string, unknown>): unknown =>
  word !== null && kindOf(word) === kind ? word : String(kind).toLowerCase();

/** Code of the tenant that answers. */
export const tenantCode: Computed = { ...computed(({ ctx }) => ctx.tenant.code), wire: { type: 'string' } };

/** The user whom the caller names: themselves as anybody may, another one only if the caller sees everybody's records. */
export const user: Converter = {
  wire: { type: 'string' },
  out: (value) => value,
  in(value, { ctx }) {
    const named = String(value).trim();
    if (named === ctx.user.login || named === ctx.user.id || named === String(ctx.user.number)) return ctx.user.id;
    if (ctx.rights.see !== 'all') throw refuse('FORBIDDEN');
    return named;
  },
};

/** A record that another one refers to is as missing as one that is asked for. */
export const missing = (field: string, message: string): Messages => ({
  [`UNKNOWN_REFERENCE ${field}`]: { status: 404, code: 'NOT_FOUND', message },
});
export const customerMissing = missing('customerId', '客户不存在');

/**
 * An export: a CSV file where `format=csv` asks for it (the whole list, or the page that is named), else a page in JSON.
 * `byDefault` is the format of requests that name none.
 */
export const asFile = (render: Render, byDefault: 'csv' | 'json' = 'json'): RowOptions => ({
  right: 'export',
  paging: { defaultSize: 1000, maxSize: 5000 },
  file: ({ request: { query } }) =>
    (query['format']?.at(-1)?.trim().toLowerCase() || byDefault) === 'csv'
      ? { render, whole: !query['page']?.at(-1) }
      : undefined,
});

/** The settings of the dialect; index.ts adds its rows. */
export const settings: Omit<Dialect, 'rows'> = {
  name: 'cell',
  label: '客户关系细胞',
  example: '/api/v1/crm/customers',
  mounts: [{ base: '/api/v1/crm' }, { base: '' }],
  locale: 'zh',
  plain,
  paging: { page: 'page', size: ['pageSize'], defaultSize: 20, maxSize: 500, outside: 'refuse' },
  messages: {
    UNAUTHENTICATED: { message: '缺少 Authorization 或 Bearer' },
  },
  ignoresNull: true,
  requestIdFor: ['POST', 'PUT', 'PATCH'],
  requestIdIsKey: true,
  repeat: 'conflict',
  success: (value) => value,
  page: ({ items, total, page, size }) => ({ data: items, total, page, pageSize: size }),
  error,
};
