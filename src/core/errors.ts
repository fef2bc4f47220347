import {
  datesReasons,
  eventTypeReasons,
  invalidReasons,
  requestReasons,
  tenantReasons,
  type Sentences,
} from './error-reasons.js';
import { pathInMessages, pathLabel, recordLabel, valueLabel } from './labels.js';

/**
 * The one table of what can go wrong. `user` errors are answered as data (`userErrors`) because the caller can put
 * them right; all others are top-level errors. `status` is the HTTP status that REST and plain HTTP answers use.
 * Messages take `{name}` placeholders from the issue's `params` and never contain phones, names of people or amounts.
 */
export const errorTable = {
  REQUIRED: { status: 400, user: true, en: '{field} is required.', zh: '{field}为必填项' },
  INVALID: { status: 400, user: true, en: '{field} is not valid.', zh: '{field}的值无效' },
  TOO_LONG: {
    status: 400,
    user: true,
    en: '{field} is longer than {max} characters.',
    zh: '{field}长度不能超过 {max} 个字符',
  },
  OUT_OF_RANGE: {
    status: 400,
    user: true,
    en: '{field} must be between {min} and {max}.',
    zh: '{field}必须在 {min} 到 {max} 之间',
  },
  UNKNOWN_REFERENCE: {
    status: 400,
    user: true,
    en: '{field} names a record that does not exist.',
    zh: '{field}指向的记录不存在',
  },
  UNKNOWN_EVENT_TYPE: {
    status: 400,
    user: true,
    en: '{field} is no type of event; /asyncapi lists them.',
    zh: '{field}不是已有的事件类型，全部类型见事件文档',
  },
  DATES_REVERSED: { status: 400, user: true, en: '{field} is before the start.', zh: '{field}早于开始日期' },
  CURSOR_INVALID: {
    status: 400,
    user: false,
    en: 'The cursor belongs to another order or filter, or is malformed.',
    zh: '游标与当前排序或筛选不符，或格式错误',
  },
  CURSOR_EXPIRED: {
    status: 410,
    user: false,
    en: 'The feed no longer reaches back to this cursor: read the records again and start without a cursor.',
    zh: '游标已过期，请重新读取数据后从头开始',
  },
  BAD_REQUEST: { status: 400, user: false, en: 'The request is not valid: {reason}', zh: '请求无效：{reason}' },
  UNAUTHENTICATED: { status: 401, user: false, en: 'A valid bearer token is required.', zh: '缺少有效的访问令牌' },
  FORBIDDEN: { status: 403, user: false, en: 'You are not allowed to do this.', zh: '没有权限执行此操作' },
  TENANT_FORBIDDEN: {
    status: 403,
    user: false,
    en: 'Your token does not allow this tenant.',
    zh: '令牌不允许访问该租户',
  },
  NOT_FOUND: { status: 404, user: true, en: '{record} does not exist.', zh: '{record}不存在' },
  NAME_TAKEN: { status: 409, user: true, en: 'An active record already has this name.', zh: '名称已存在' },
  NUMBER_TAKEN: { status: 409, user: true, en: 'The number is already in use.', zh: '编号已存在' },
  ALREADY_LINKED: { status: 409, user: true, en: 'The two records are already linked.', zh: '两条记录已建立关系' },
  ALREADY_EXISTS: { status: 409, user: true, en: 'There is such a record already.', zh: '已存在相同的记录' },
  VERSION_CONFLICT: {
    status: 409,
    user: true,
    en: 'The record has been changed: its version is {actual}, you sent {expected}.',
    zh: '记录已被他人修改：当前版本 {actual}，提交版本 {expected}',
  },
  PRECONDITION_FAILED: {
    status: 412,
    user: false,
    en: 'The record has been changed and no longer matches If-Match.',
    zh: '记录已被他人修改，与 If-Match 不符',
  },
  TRANSITION_NOT_ALLOWED: {
    status: 409,
    user: true,
    en: 'Cannot change {field} from {from} to {to}.',
    zh: '不允许将{field}从“{from}”变更为“{to}”',
  },
  OVERPAYMENT: {
    status: 409,
    user: true,
    en: 'The payment exceeds the outstanding amount.',
    zh: '付款金额超过未付金额',
  },
  REFUND_TOO_LARGE: {
    status: 409,
    user: true,
    en: 'The refund is more than what was received.',
    zh: '退款金额超过已收金额',
  },
  CURRENCY_FIXED: {
    status: 409,
    user: true,
    en: 'There are amounts in {currency}, so the currency cannot be changed any more.',
    zh: '已有 {currency} 金额，不能更改币种',
  },
  CIRCULAR: {
    status: 409,
    user: true,
    en: '{field} would make a circle: what it names is below the record, or is the record itself.',
    zh: '{field}会形成循环：所指向的是该记录本身或其下级',
  },
  IN_USE: { status: 409, user: true, en: 'Other records still depend on it.', zh: '仍有其他记录依赖该记录' },
  BUILT_UPON: {
    status: 409,
    user: true,
    en: 'Other records were built on it: {records}',
    zh: '已有其他记录建立在该记录之上：{records}',
  },
  ALREADY_PICKED: {
    status: 409,
    user: true,
    en: 'Somebody else looks after the record already.',
    zh: '该记录已被他人领取',
  },
  NOT_IN_POOL: { status: 409, user: true, en: 'The record lies in no pool.', zh: '该记录不在公海中' },
  IN_POOL: { status: 409, user: true, en: 'The record lies in a pool already.', zh: '该记录已在公海中' },
  NOT_POOL_MEMBER: {
    status: 403,
    user: true,
    en: 'Only those who work with the pool pick from it.',
    zh: '只有公海成员可以领取',
  },
  POOL_DISABLED: { status: 409, user: true, en: 'The pool is not enabled.', zh: '该公海未启用' },
  PICK_LIMIT: {
    status: 409,
    user: true,
    en: 'No more than {max} records may be picked from the pool on one day.',
    zh: '每日最多可从该公海领取 {max} 条记录',
  },
  VIEW_LIMIT: {
    status: 409,
    user: true,
    en: 'What the pool hides may be shown of no more than {max} records on one day.',
    zh: '每日最多可查看该公海中 {max} 条记录的隐藏信息',
  },
  SAVED_VIEW_LIMIT: { status: 409, user: true, en: 'Nobody has more than {max} views.', zh: '最多保存 {max} 个视图' },
  HOLDING_LIMIT: {
    status: 409,
    user: true,
    en: 'Nobody may look after more records at once than their holding limit says.',
    zh: '已达到持有上限，不能再增加',
  },
  FORMER_OWNER: {
    status: 409,
    user: true,
    en: 'Whoever has looked after the record cannot pick it again for {days} days.',
    zh: '前负责人在 {days} 天内不能再次领取该记录',
  },
  RESTING: {
    status: 409,
    user: true,
    en: 'The record can be picked {hours} hours after it has come into the pool.',
    zh: '该记录进入公海满 {hours} 小时后才能领取',
  },
  IDEMPOTENT_CONFLICT: {
    status: 409,
    user: false,
    en: 'A request with this key has already been processed.',
    zh: '幂等冲突：该请求已处理过',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 409,
    user: false,
    en: 'The key has already been used for another request.',
    zh: '该幂等键已用于另一请求',
  },
  TARGET_REFUSED: {
    status: 400,
    user: true,
    en: '{field} resolves to a private address; the configuration key CRM_WEBHOOK_NETWORKS says which of them may be reached.',
    zh: '{field}指向内网地址，不允许发送；可访问的内网网段由配置项 CRM_WEBHOOK_NETWORKS 指定',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    user: false,
    en: 'The answer comes as {types}, and the Accept header takes none of these.',
    zh: '请求不接受可返回的媒体类型：{types}',
  },
  PAYLOAD_TOO_LARGE: { status: 413, user: false, en: 'The request body is larger than {max}.', zh: '请求体超过 {max}' },
  FILE_TYPE_NOT_ALLOWED: {
    status: 415,
    user: false,
    en: 'The file type is not accepted, or the content does not match the file name.',
    zh: '不支持该类型的文件，或文件内容与扩展名不符',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    user: false,
    en: 'Bodies of type {type} are not accepted here.',
    zh: '不支持请求体类型 {type}',
  },
  OPERATION_NOT_TRUSTED: {
    status: 403,
    user: false,
    en: 'The operation is not one of the documents that this server carries out.',
    zh: '该操作不在服务端允许的操作清单中',
  },
  RATE_LIMITED: { status: 429, user: false, en: 'Too many requests.', zh: '请求过于频繁' },
  INTERNAL: { status: 500, user: false, en: 'Internal server error.', zh: '服务器内部错误' },
  NOT_IMPLEMENTED: { status: 501, user: false, en: 'The operation does not exist.', zh: '接口未实现' },
  AUTH_UNAVAILABLE: {
    status: 503,
    user: false,
    en: 'Tokens cannot be checked right now; try again.',
    zh: '认证服务暂时不可用，请稍后重试',
  },
  CONTENDED: {
    status: 503,
    user: false,
    en: 'Other requests are changing the same records; nothing was changed, try again.',
    zh: '其他请求正在修改相同的数据，本次未作任何更改，请稍后重试',
  },
  TIMED_OUT: {
    status: 503,
    user: false,
    en: 'The request took too long and was stopped; nothing was changed. Ask for less at once, or try again.',
    zh: '处理时间过长，已停止，未作任何更改；请减少单次请求的数据量或稍后重试',
  },
  UNAVAILABLE: {
    status: 503,
    user: false,
    en: 'The database cannot be reached right now; try again.',
    zh: '数据库暂时不可用，请稍后重试',
  },
} as const satisfies Record<string, { status: number; user: boolean; en: string; zh: string }>;

export type ErrorCode = keyof typeof errorTable;
export type Locale = 'en' | 'zh';

/** One thing that is wrong: a code of the table, the path of the field it concerns, and values for the message. */
export interface Issue {
  code: ErrorCode;
  /** path from the input's root, e.g. `['contacts', '0', 'email']`; absent when it concerns the whole record */
  field?: string[];
  params?: Record<string, string | number>;
}

/** A refusal with one or more issues. Everything that a caller did wrong or may not do is thrown as this. */
export class DomainError extends Error {
  readonly issues: Issue[];

  constructor(issues: Issue[]) {
    // it says what the caller did, not where in the program: a refusal costs little, however many there are
    const frames = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(issues.map((issue) => messageOf(issue, 'en')).join(' '));
    Error.stackTraceLimit = frames;
    this.name = 'DomainError';
    this.issues = issues;
  }

  /** the first issue's code: what decides status and kind */
  get code(): ErrorCode {
    return this.issues[0]!.code;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  /** true if the caller can put it right, so that it is answered as `userErrors` */
  get byUser(): boolean {
    return this.issues.every((issue) => errorTable[issue.code].user);
  }
}

/** The record has been changed since the version that the caller sent; names the record, so that it can be shown as it is now. */
export class VersionConflict extends DomainError {
  constructor(
    readonly record: { type: string; id: string },
    versions: { expected: number; actual: number },
  ) {
    super([{ code: 'VERSION_CONFLICT', field: ['version'], params: versions }]);
  }
}

/** Makes the error to throw: `throw refuse('REQUIRED', ['name'])`. */
export function refuse(code: ErrorCode, field?: string[], params?: Record<string, string | number>): DomainError {
  return new DomainError([{ code, ...(field && { field }), ...(params && { params }) }]);
}

/** Codes of which the whole message follows from the `reason` of the issue, where it has one. */
const reasonsOf: Partial<Record<ErrorCode, Sentences>> = {
  TENANT_FORBIDDEN: tenantReasons,
  UNKNOWN_EVENT_TYPE: eventTypeReasons,
  DATES_REVERSED: datesReasons,
  INVALID: invalidReasons,
};

/** Makes the error TENANT_FORBIDDEN for a tenant that is not there to work in. */
export const tenantRefused = (reason: keyof typeof tenantReasons, tenant: string): DomainError =>
  refuse('TENANT_FORBIDDEN', undefined, { reason, tenant: [...tenant].slice(0, 64).join('') });

/** Makes the error BAD_REQUEST for a reason of the table; `params` fills its placeholders. */
export const badRequest = (
  reason: keyof typeof requestReasons,
  field?: string[],
  params?: Record<string, string | number>,
): DomainError => refuse('BAD_REQUEST', field, { reason, ...params });

/** The value of a placeholder of a message. */
function textFor(name: string, { field = [], params = {} }: Issue, locale: Locale): string {
  const value = String(params[name] ?? '');
  switch (name) {
    case 'field':
      return value || (locale === 'zh' ? pathLabel(field) : pathInMessages(field).join('.'));
    case 'record':
      return recordLabel(value)?.[locale] ?? (value || (locale === 'zh' ? '记录' : 'The record'));
    case 'from':
    case 'to':
      return (locale === 'zh' && valueLabel(String(params['states']), value)?.zh) || value;
    case 'place': {
      const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(String(params['detail'] ?? '')) ?? [];
      return line === undefined ? '' : `：第 ${line} 行第 ${column} 列有误`;
    }
    default:
      return value;
  }
}

/** The issue as a sentence in the caller's language. A `field` among its params names the field instead of its path. */
export function messageOf(issue: Issue, locale: Locale): string {
  const given = String(issue.params?.['reason'] ?? '');
  const reasons: Sentences = requestReasons;
  const reason = reasons[given]?.[locale] ?? given;
  return (reasonsOf[issue.code]?.[given] ?? errorTable[issue.code])[locale]
    .replace('{reason}', () => reason)
    .replace(/\{(\w+)\}(?=(.?))/gu, (_, name: string, next: string) => {
      const text = textFor(name, issue, locale);
      // Latin letters and digits are set apart from Chinese
      return /\w$/.test(text) && /\p{Script=Han}/u.test(next) ? `${text} ` : text;
    });
}
