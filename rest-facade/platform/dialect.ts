import { refuse, Refused } from '../engine/errors.js';
import { as, codes, derived, computed, wrong } from '../engine/shapes.js';
import type {
  Answer,
  Call,
  Converter,
  Dialect,
  Finished,
  ItemOutcome,
  Leaf,
  Page,
  Refusal,
  RestRequest,
  Row,
  Shape,
  WireIssue,
} from '../engine/types.js';
/** Statuses that the dialect does not have, and the ones it answers instead. */
const insteadOf: Record<number, number> = { 409: 400 };

/** The general message where single fields are wrong. */
const general: Record<number, string> = { 400: '请求参数错误', 413: '请求体过大' };

function error({ status, issues, current }: Refusal): Answer {
  const [first] = issues;
  const answered = first!.override?.status ?? insteadOf[status] ?? status;
  const body = {
    success: false,
    code: answered,
    message: general[answered] ?? messageOfIssue(first!),
    errors: answered === 400 || first!.field !== undefined ? errorsOf(issues) : {},
    data: null,
    ...(current && { current: current.value }),
  };
  return { status: answered, body, ...(answered === 401 && { headers: { 'WWW-Authenticate': 'Bearer' } }) };
}

const messageOfIssue = ({ override, message }: WireIssue): string => override?.message ?? message;

/** Texts by field; what concerns no single field goes under `non_field_errors`. */
function errorsOf(issues: readonly WireIssue[]): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  for (const issue of issues)
    (errors[issue.code === 'ALREADY_LINKED' ? 'non_field_errors' : (issue.field ?? 'non_field_errors')] ??= []).push(
      messageOfIssue(issue),
    );
  return errors;
}

/** Both forms of a page that clients know, side by side. Refuses a page beyond the end. */
function page({ items, total, page: number, size }: Page, { request }: Call): object {
  const last = Math.max(1, Math.ceil(total / size));
  if (number > last) throw new Refused([{ code: 'NOT_FOUND', field: 'page' }]);
  const next = number < last ? addressOf(request, number + 1) : null;
  const previous = number > 1 ? addressOf(request, number - 1) : null;
  return {
    count: total,
    next,
    previous,
    results: items,
    pagination: { count: total, next, previous, page_size: size, current_page: number, total_pages: last },
  };
}

/** Absolute address of another page of the same list. */
function addressOf({ origin, url }: RestRequest, number: number): string {
  const [path, ...query] = url.split('?');
  const parameters = new URLSearchParams(query.join('?'));
  parameters.set('page', String(number));
  return `${origin}${path}?${parameters.toString()}`;
}

const view = '/customers/tenants/view/';
const relations = '/customers/tenants/relations/';

/** The tenant named beside the token: `tenant_id`, except where it names the other side of a relation, or the header. */
function namedTenant({ path, query, headers }: RestRequest): string | undefined {
  const parameter = path.startsWith(relations) ? undefined : query['tenant_id']?.at(-1)?.trim();
  return parameter || [headers['x-tenant-id']].flat()[0]?.trim() || undefined;
}

/** Everything is for administrators (`IsAdmin`); a tenant's view for its own, and for a platform's who names the tenant (`IsTenantAdmin`). */
function admit({ ctx, request }: Call, { pattern }: Row): void {
  if (!ctx.rights.administer) throw refuse('FORBIDDEN');
  const ofPlatform = ctx.roles.includes('platform_admin') && !ctx.roles.includes('tenant_admin');
  if (pattern.startsWith(view) && ofPlatform && !namedTenant(request)) throw refuse('FORBIDDEN');
}

/** What is not there is null; null clears. */
const plain: Converter = { out: (value) => value ?? null, in: (value) => value };

/** A text of at most so many characters, where the dialect allows fewer than the graph. */
export const text = (max: number): Converter => ({
  ...plain,
  in(value) {
    if (typeof value === 'string' && [...value.trim()].length > max) throw refuse('TOO_LONG', undefined, { max });
    return value;
  },
});

/** An absolute web address of at most 200 characters. */
export const url: Converter = {
  ...plain,
  in(value) {
    if (
      typeof value === 'string' &&
      value.trim() !== '' &&
      !(/^(https?|ftps?):\/\/[^\s/]+/i.test(value.trim()) && URL.canParse(value.trim()))
    )
      throw wrong();
    return text(200).in(value, undefined as never);
  },
};

/** A record by its integer number; the opaque id of the other dialects is accepted too. */
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

/** A tenant by its integer number, opaque id or code. */
export const tenantKey: Converter = {
  ...plain,
  in(value) {
    if (typeof value === 'object' && value !== null) throw wrong();
    return value;
  },
};

/** A field that is given at creation and stays: the same value may be sent back, no other. */
export const fixed = (path: string): Leaf =>
  as(path, {
    ...plain,
    in() {
      throw wrong();
    },
  });

/** A condition that the endpoint implies; a value sent by the client is ignored. */
export const always = (path: string, value: unknown): Leaf => as(path, { ...plain, in: () => value }, { unset: true });

/** A flag; null and an empty text are none. */
export const flag: Converter = {
  out: (value) => value ?? false,
  in(value) {
    if (value === null || value === '') throw wrong();
    return value;
  },
};

/** A calendar day; an empty text clears. */
export const day: Converter = { ...plain, in: (value) => (value === '' ? null : value) };

/** An instant with six decimals: `2026-03-01T08:30:00.123000Z`. */
export const instant: Converter = {
  ...plain,
  out: (value) => (value === null ? null : String(value).replace(/\.(\d{3})Z$/, '.$1000Z')),
};

/** True of a record that has an instant of deletion. */
export const isThere: Converter = { ...plain, out: (value) => value !== null };

export const customerType = codes(
  ['enterprise', 'ENTERPRISE'],
  ['government', 'GOVERNMENT'],
  ['individual', 'INDIVIDUAL'],
  ['nonprofit', 'NONPROFIT'],
  ['education', 'EDUCATION'],
  ['company', 'ENTERPRISE'],
  ['personal', 'INDIVIDUAL'],
);
export const valueLevel = codes(
  ['platinum', 'PLATINUM'],
  ['gold', 'GOLD'],
  ['silver', 'SILVER'],
  ['bronze', 'BRONZE'],
  ['premium', 'PLATINUM'],
  ['vip', 'GOLD'],
  ['normal', 'BRONZE'],
);
export const customerStatus = codes(
  ['active', 'ACTIVE'],
  ['inactive', 'INACTIVE'],
  ['potential', 'POTENTIAL'],
  ['lost', 'LOST'],
);
export const companySize = codes(['micro', 'MICRO'], ['small', 'SMALL'], ['medium', 'MEDIUM'], ['large', 'LARGE']);
export const relationType = codes(
  ['provider', 'PROVIDER'],
  ['client', 'CLIENT'],
  ['partner', 'PARTNER'],
  ['distributor', 'DISTRIBUTOR'],
  ['supplier', 'SUPPLIER'],
  ['other', 'OTHER'],
);

/** Whether a relation has begun and not ended. */
export const relationStatus: Converter = {
  out: (value) => (value ? 'active' : 'inactive'),
  in(value) {
    if (value !== 'active' && value !== 'inactive') throw wrong();
    return value === 'active';
  },
};

/** What a relation type is called on screens. */
export const relationTypeDisplay = codes(
  ['服务提供商', 'PROVIDER'],
  ['客户', 'CLIENT'],
  ['合作伙伴', 'PARTNER'],
  ['分销商', 'DISTRIBUTOR'],
  ['供应商', 'SUPPLIER'],
  ['其他', 'OTHER'],
);

/** The order of a list: names behind a comma, `-` for descending; unknown names are ignored. */
export const ordering = (fields: Readonly<Record<string, string>>): Converter => {
  const step = (word: string): object[] => {
    const [, minus, name] = /^(-?)(.*)$/.exec(word.trim())!;
    return Object.hasOwn(fields, name!) ? [{ field: fields[name!], direction: minus ? 'DESC' : 'ASC' }] : [];
  };
  return { ...plain, every: (value) => step(String(value)), in: (value) => String(value).split(',').flatMap(step)[0] };
};

/** When a record was written, and by whom, as login. */
export const written: Shape = {
  created_at: as('createdAt', instant),
  updated_at: as('updatedAt', instant),
  created_by: 'createdBy.login',
  updated_by: 'updatedBy.login',
};

export const tenantNumber = computed(({ ctx }) => ctx.tenant.number);
export const tenantName = computed(({ ctx }) => ctx.tenant.name);

/** Counts by value, under the dialect's codes: only values that occur; no value is `None`. */
export const countsBy = (list: string, field: string, names: Converter) =>
  derived({ values: `${list}.${field}`, counts: `${list}.count` }, ({ values, counts }, call) =>
    Object.fromEntries(
      (values as unknown[]).map((value, index) => [
        value === null ? 'None' : String(names.out(value, call)),
        (counts as number[])[index],
      ]),
    ),
  );

/** The count of one value. */
export const countOf = (list: string, field: string, value: string) =>
  derived(
    { values: `${list}.${field}`, counts: `${list}.count` },
    ({ values, counts }) => (counts as number[])[(values as unknown[]).indexOf(value)] ?? 0,
  );

/** What a batch came to: how many were `done` and failed, both as lists under `of`; a status for all good, some bad, all bad. */
export function outcome(
  status: number,
  done: string,
  of: string,
  good: (item: ItemOutcome) => unknown,
  bad: (item: ItemOutcome) => unknown,
): (outcomes: readonly ItemOutcome[]) => Finished {
  return (outcomes) => {
    const failed = outcomes.filter(({ issues }) => issues.length > 0);
    const succeeded = outcomes.filter(({ issues }) => issues.length === 0);
    const mixed = succeeded.length > 0 ? 207 : 400;
    const value = {
      [`${done}_count`]: succeeded.length,
      failed_count: failed.length,
      [`${done}_${of}`]: succeeded.map(good),
      [`failed_${of}`]: failed.map(bad),
    };
    return { status: failed.length === 0 ? status : mixed, value };
  };
}

/** A good item as the record that came of it. */
export const asRecord = ({ record }: ItemOutcome): unknown => record;

/** A good item as it was sent. */
export const asSent = ({ item }: ItemOutcome): unknown => item;

/** A failed item with what was sent and what is wrong with it. */
export const failedItem = ({ index, item, issues }: ItemOutcome): object => ({
  index,
  data: item,
  errors: errorsOf(issues),
});

/** A failed key with what is wrong with it, in one sentence. */
export const failedKey = ({ item, issues }: ItemOutcome): object => ({ id: item, error: messageOfIssue(issues[0]!) });

/** The same shape one step further away. */
export const below = (path: string, shape: Shape): Shape =>
  Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [
      name,
      typeof field === 'string' ? `${path}.${field}` : ({ ...field, path: `${path}.${(field as Leaf).path}` } as Leaf),
    ]),
  );

/** The first of a list. Refuses NOT_FOUND where it is empty. */
export function firstOf(items: unknown): unknown {
  const [first] = items as unknown[];
  if (first === undefined) throw refuse('NOT_FOUND');
  return first;
}

/** The answer of deletions. */
export const nothing = (): null => null;

const partly: Record<number, { success: boolean; code: number; message: string }> = {
  207: { success: true, code: 207, message: '部分操作成功' },
  400: { success: false, code: 400, message: '操作全部失败' },
};

/** The settings of the dialect; index.ts adds its rows. */
export const settings: Omit<Dialect, 'rows'> = {
  name: 'platform',
  label: '客户管理平台',
  example: '/api/v1/customers/',
  mounts: [{ base: '/api/v1', sections: ['customers'], slash: 'always' }],
  locale: 'zh',
  plain,
  paging: { page: 'page', size: ['page_size', 'limit'], defaultSize: 10, maxSize: 100, outside: 'refuse' },
  messages: {
    'NOT_FOUND page': { message: '页码超出范围' },
    NOT_IMPLEMENTED: { status: 405, message: '不支持该请求方法' },
    ALREADY_LINKED: { message: '该关系已存在' },
  },
  unknownMethod: 'NOT_IMPLEMENTED',
  repeat: 'replay',
  tenant: namedTenant,
  admit,
  success: (data, _call, row, status) => ({
    ...(partly[status] ?? { success: true, code: 200, message: row.message ?? '操作成功' }),
    data,
    ...(status === 400 && { errors: {} }),
  }),
  page,
  error,
};
