import { refuse } from '../engine/errors.js';
import { as, codes, computed, decimalNumber, wrong, phoneAs } from '../engine/shapes.js';
import type {
  Answer,
  Call,
  Converter,
  Dialect,
  Leaf,
  Refusal,
  RestRequest,
  Computed,
  WireIssue,
} from '../engine/types.js';
import { isDay } from '../engine/times.js';

/** The dialect's names for failures without a business number, by HTTP status. */
const nameOfStatus: Record<number, string> = {
  400: 'INVALID_PARAMETER',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  503: 'SERVICE_UNAVAILABLE',
};

/** Statuses that the document does not know, and the ones it answers instead. */
const insteadOf: Record<number, number> = { 413: 400, 501: 404 };

function error({ status, issues, current }: Refusal, request: RestRequest): Answer {
  const [first] = issues;
  const answered = first!.override?.status ?? insteadOf[status] ?? status;
  return {
    status: answered,
    body: {
      success: false,
      code: answered,
      message: messageOfIssue(first!),
      error: issues.map(detail).join('；'),
      error_code: String(first!.override?.code ?? nameOfStatus[answered] ?? 'INTERNAL_ERROR'),
      errors: issues
        .filter(({ field }) => field !== undefined)
        .map((issue) => ({ field: issue.field, message: messageOfIssue(issue) })),
      ...(current && { current: current.value }),
      timestamp: new Date().toISOString(),
      trace_id: request.requestId,
    },
    ...(answered === 401 && { headers: { 'WWW-Authenticate': 'Bearer' } }),
  };
}

const messageOfIssue = ({ override, message }: WireIssue): string => override?.message ?? message;

/** One sentence that names the field. */
function detail(issue: WireIssue): string {
  const { override, field } = issue;
  const message = messageOfIssue(issue);
  if (override?.details !== undefined) return override.details;
  return field === undefined || message.includes(field) ? message : `${field}: ${message}`;
}

/** Values as they are; null clears. */
const plain: Converter = { out: (value) => value, in: (value) => value };

/** A text of at most so many characters, where the document allows fewer than the graph. */
export const text = (max: number): Converter => ({
  ...plain,
  in(value) {
    if (typeof value === 'string' && [...value.trim()].length > max) throw refuse('TOO_LONG', undefined, { max });
    return value;
  },
});

/** A phone number of at most 20 characters; what cannot be one is refused by the graph, as everywhere. */
export const phone: Converter = phoneAs(text(20));

/** A web address; the scheme may be left out. */
export const uri: Converter = {
  ...plain,
  in(value) {
    if (typeof value === 'string' && value.trim() !== '' && !isAddress(value.trim())) throw wrong();
    return value;
  },
};

const isAddress = (address: string): boolean =>
  !/\s/.test(address) &&
  URL.canParse(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`) &&
  /[.:]/.test(address);

/** Key of a record: its integer number; the opaque id of the other dialects is accepted too. */
export const key: Converter = {
  ...plain,
  in(value) {
    if (
      value === null ||
      Number.isSafeInteger(value) ||
      (typeof value === 'string' && /^(\d{1,19}|[0-9a-f-]{36})$/i.test(value.trim()))
    )
      return typeof value === 'string' ? value.trim() : value;
    throw wrong();
  },
};

/** A flag as the integer 0 or 1. */
export const flag: Converter = {
  out: (value) => (value === null ? null : value ? 1 : 0),
  in(value) {
    if (value === null) return undefined;
    const given = ['0', '1', 'false', 'true'].indexOf(String(value));
    if (given === -1 || typeof value === 'object') throw wrong();
    return given % 2 === 1;
  },
};

/** A decimal as JSON number, between two bounds. */
export const between = (min: number, max: number): Converter => ({
  ...decimalNumber,
  in(value) {
    const number = value === null || value === '' ? null : Number(value);
    if (number !== null && (number < min || number > max)) throw refuse('OUT_OF_RANGE', undefined, { min, max });
    return value === '' ? null : value;
  },
});

/** A calendar day; of an instant, its day in the time zone of the tenant. An empty text clears. */
export const day: Converter = { ...plain, in: (value) => (value === '' ? null : value) };

/** An instant in UTC; a day is understood as its beginning, which, like a time without a zone, is the tenant's. */
export const instant: Converter = {
  ...plain,
  in(value) {
    if (typeof value !== 'string' || value === '') return value === '' ? null : value;
    return isDay(value.trim()) ? `${value.trim()}T00:00:00` : value;
  },
};

export const customerType = codes([1, 'ENTERPRISE', 'NONPROFIT', 'EDUCATION'], [2, 'GOVERNMENT'], [3, 'INDIVIDUAL']);
export const customerStatus = codes([1, 'POTENTIAL'], [2, 'ACTIVE', 'INACTIVE'], [3, 'LOST']);
export const customerLevel = codes([1, 'BRONZE'], [2, 'SILVER'], [3, 'GOLD'], [4, 'PLATINUM']);
export const influence = codes([1, 'LOW'], [2, 'MEDIUM'], [3, 'HIGH']);

export const contractType = codes([1, 'SERVICE'], [2, 'PURCHASE'], [3, 'FRAMEWORK']);
export const contractStatus = codes([1, 'DRAFT'], [2, 'IN_FORCE'], [3, 'EXPIRED'], [4, 'TERMINATED']);
export const renewalType = codes([1, 'MANUAL'], [2, 'AUTOMATIC']);
export const tagType = codes([1, 'MANUAL'], [2, 'AUTOMATIC'], [3, 'SYSTEM']);
export const communicationType = codes([1, 'CALL'], [2, 'EMAIL'], [3, 'MEETING', 'VISIT'], [4, 'CHAT', 'NOTE']);
export const directionOfTalk = codes([1, 'IN'], [2, 'OUT']);
export const sentiment = codes([1, 'NEGATIVE'], [2, 'NEUTRAL'], [3, 'POSITIVE']);
export const importance = codes([1, 'LOW'], [2, 'MEDIUM'], [3, 'HIGH']);
export const serviceType = codes(
  ['咨询', 'QUESTION'],
  ['投诉', 'COMPLAINT'],
  ['建议', 'SUGGESTION'],
  ['故障', 'ISSUE'],
);

export const riskLevel = codes([1, 'LOW'], [2, 'MEDIUM'], [3, 'HIGH'], [4, 'VERY_HIGH']);
export const taskType = codes([1, 'HEALTH_IMPROVEMENT'], [2, 'RENEWAL'], [3, 'SATISFACTION'], [4, 'PROBLEM']);
export const taskPriority = codes([1, 'LOW'], [2, 'MEDIUM'], [3, 'HIGH'], [4, 'URGENT']);
export const taskStatus = codes([1, 'PENDING'], [2, 'IN_PROGRESS'], [3, 'DONE'], [4, 'CANCELLED']);
export const stability = codes(['稳定', 'STABLE'], ['波动', 'FLUCTUATING'], ['剧烈波动', 'VOLATILE']);
export const channel = codes(
  ['电话', 'CALL'],
  ['邮件', 'EMAIL'],
  ['会议', 'MEETING'],
  ['拜访', 'VISIT'],
  ['在线沟通', 'CHAT'],
  ['备注', 'NOTE'],
);

/** How far back an analysis looks; the value sent is shown again in the answer. */
export const period = codes(['1m', 'ONE_MONTH'], ['3m', 'THREE_MONTHS'], ['6m', 'SIX_MONTHS'], ['1y', 'ONE_YEAR']);
export const periodSent = (defaultPeriod: string): Computed =>
  computed(({ request }) => request.query['period']?.at(-1)?.trim() ?? defaultPeriod);

export const trend = codes(['上升', 'UP'], ['下降', 'DOWN'], ['稳定', 'STABLE']);

/** A list in this order, whatever the request says. */
export const inOrderOf = (field: string, direction: 'ASC' | 'DESC'): Leaf =>
  as('$orderBy', { out: (value) => value, in: () => undefined, every: () => [{ field, direction }] }, { unset: field });

/** Integer number of the tenant that answers. */
export const tenantNumber = computed(({ ctx }) => ctx.tenant.number);

/**
 * The order of a list: a field, and its direction either behind a comma or in the parameter `order` (see `direction`);
 * descending by default.
 */
export const sorting = (fields: Readonly<Record<string, string>>): Converter => ({
  out: (value) => value,
  in: () => undefined,
  every(given, call) {
    const word = String(given).toLowerCase();
    if (directions.includes(word)) return [];
    const field = Object.hasOwn(fields, word) ? fields[word] : undefined;
    if (!field) throw wrong();
    return [{ field, direction: directionOf(call) }];
  },
});

const directions = ['asc', 'desc'];

/** The parameter beside `sort`; it is only checked here, the sort itself reads it. */
export const direction: Converter = {
  wire: { type: 'string', enum: directions },
  out: (value) => value,
  in: () => undefined,
  every(given) {
    if (!directions.includes(String(given).toLowerCase())) throw wrong();
    return [];
  },
};

function directionOf({ request: { query } }: Call): string {
  const inSort = query['sort']?.join(',').split(',').at(-1)?.trim().toLowerCase();
  const given = inSort && directions.includes(inSort) ? inSort : query['order']?.at(-1)?.trim().toLowerCase();
  return given === 'asc' ? 'ASC' : 'DESC';
}

/** The answer of operations that the document gives no data. */
export const nothing = (): null => null;

/** The settings of the dialect; index.ts adds its rows. */
export const settings: Omit<Dialect, 'rows'> = {
  name: 'lifecycle',
  openapi: '3.0.3',
  label: '客户全生命周期',
  example: '/api/v1/customers',
  mounts: [{ base: '/api/v1', sections: ['customers', 'contracts'], slash: 'never' }],
  locale: 'zh',
  plain,
  key,
  paging: { page: 'page', size: ['size'], defaultSize: 20, maxSize: 100, outside: 'refuse' },
  repeat: 'replay',
  success: (data, { request }, row) => ({
    success: true,
    code: 200,
    message: row.message ?? '操作成功',
    data,
    timestamp: new Date().toISOString(),
    trace_id: request.requestId,
  }),
  page: ({ items, total, page, size }) => ({ items, total, page, size, pages: Math.ceil(total / size) }),
  error,
};
