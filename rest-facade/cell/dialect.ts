import type { Answer, Dialect, Refusal, RestRequest, WireIssue } from '../engine/dialect.js';
import { refuse, type ErrorCode } from '../engine/errors.js';
import { codes, told, type Converter } from '../engine/shapes.js';

/** The dialect's own error word, where it does not follow from the HTTP status. */
const wordOfCode: Partial<Record<ErrorCode, string>> = { NAME_TAKEN: 'DUPLICATE_NAME', IDEMPOTENT_CONFLICT: 'IDEMPOTENT_CONFLICT', IDEMPOTENCY_KEY_REUSED: 'IDEMPOTENT_CONFLICT' };
const wordOfStatus: Record<number, string> = { 400: 'BAD_REQUEST', 401: 'UNAUTHORIZED', 403: 'FORBIDDEN', 404: 'NOT_FOUND', 409: 'CONFLICT', 429: 'RATE_LIMITED' };

/** Statuses that the dialect does not have, and what it says instead. */
const insteadOf: Record<number, number> = { 413: 400, 501: 404 };

function error({ status, issues, first: before }: Refusal, request: RestRequest): Answer {
  const [first] = issues;
  const { word } = first!;
  const answered = word?.status ?? insteadOf[status] ?? status;
  return {
    status: answered,
    body: {
      code: word?.code ?? wordOfCode[first!.code] ?? wordOfStatus[answered] ?? 'INTERNAL_ERROR',
      message: word?.message ?? first!.message,
      details: before ?? issues.map(detail).filter(Boolean).join('；'),
      requestId: request.requestId,
    },
    ...(answered === 401 && { headers: { 'WWW-Authenticate': 'Bearer' } }),
  };
}

/** Names the member as the client sent it. */
function detail({ member, message, word }: WireIssue): string {
  if (word?.details !== undefined) return word.details;
  if (member === undefined) return '';
  return message.includes(member) ? message : `${member}: ${message}`;
}

/** Absent texts are empty; an empty text clears, null leaves alone. */
const plain: Converter = { out: (value) => value ?? '', in: (value) => (value === null ? undefined : value === '' ? null : value) };

/** Phones are masked for everybody: first three and last four digits, `***` below seven digits. */
export const phone: Converter = {
  ...plain,
  out(value) {
    if (value === null || value === '') return '';
    const digits = String(value).replace(/\D/g, '');
    return digits.length < 7 ? '***' : `${digits.slice(0, 3)}****${digits.slice(-4)}`;
  },
};

/** An instant to the second, written with milliseconds: `2026-03-01T08:30:00.000Z`. */
export const instant: Converter = { ...plain, out: (value) => (value === null ? '' : `${String(value).slice(0, 19)}.000Z`) };

export const customerStatus = codes([1, 'ACTIVE', 'POTENTIAL'], [2, 'INACTIVE', 'LOST']);

/** A flag; null leaves alone. */
export const flag: Converter = { out: (value) => value ?? false, in: (value) => (value === null ? undefined : value) };

/** Code of the tenant that answers. */
export const tenantCode = told(({ ctx }) => ctx.tenant.code);

/** The user whom the caller names: themselves as anybody may, another one only if the caller sees everybody's records. */
export const user: Converter = {
  out: (value) => value,
  in(value, { ctx }) {
    const named = String(value).trim();
    if (named === ctx.user.login || named === ctx.user.id || named === String(ctx.user.number)) return ctx.user.id;
    if (ctx.rights.see !== 'all') throw refuse('FORBIDDEN');
    return named;
  },
};

/** The manners of the dialect, for its rows to be added. */
export const manners: Omit<Dialect, 'rows'> = {
  name: 'cell',
  label: '客户关系细胞',
  example: '/api/v1/crm/customers',
  mounts: [{ base: '/api/v1/crm' }, { base: '' }],
  locale: 'zh',
  plain,
  paging: { page: 'page', size: ['pageSize'], usual: 20, most: 500, outside: 'refuse' },
  words: {
    UNAUTHENTICATED: { message: '缺少 Authorization 或 Bearer' },
  },
  requestIdFor: ['POST', 'PUT', 'PATCH'],
  repeat: 'conflict',
  success: (value) => value,
  page: ({ items, total, page, size }) => ({ data: items, total, page, pageSize: size }),
  error,
};
