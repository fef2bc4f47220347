import { platform } from '../../../rest-facade/platform/index.js';
import { send, exchangeOf } from '../../support/http.js';
import { contact } from '../../support/records.js';
import { tenant, type Data } from '../../support/tenant.js';
import { documented, extras, instant, number } from './document.js';

test('the rows are the documented operations and the named ones beyond, each once', () => {
  const written = platform.rows.map(({ method, pattern }) => `${method} ${pattern.replace(/:(\w+)/g, '{$1}')}`);
  expect(written.toSorted()).toEqual([...documented.map(({ operation }) => operation), ...extras].toSorted());
  expect(documented).toHaveLength(30);
});

/** The value with the documented stand-ins where it has what they stand for. */
function like(value: Data, example: Data): Data {
  if (example === number && Number.isSafeInteger(value) && value > 0) return number;
  if (example === instant && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(String(value))) return instant;
  if (Array.isArray(value)) return value.map((item, index) => like(item, example?.[index]));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, like(part, example?.[key])]));
  return value;
}

test('the documented operations, sent in order on an empty tenant, are answered as documented', async () => {
  const { admin, outsider } = await tenant();
  await outsider.graph('{ viewer { user { id } } }');
  const { number: field } = await contact(admin, { name: '王五', phone: '13900139000', email: 'wangwu@example.com' });
  const ids: Record<string, unknown> = { member: field, partner: outsider.tenant };
  const filled = (text: string): string =>
    text.replace(/("?)\{(\w+)\}("?)/g, (_, open: string, name: string, close: string) =>
      open && close ? JSON.stringify(ids[name]) : `${open}${String(ids[name])}${close}`,
    );
  for (const { operation, example, body, status = 200, data, byPartner, keep } of documented) {
    const [method, path] = operation.split(' ') as [string, string];
    const answer = await send(
      method,
      `/api/v1${filled(example ?? path)}`,
      { authorization: `Bearer ${(byPartner ? outsider : admin).token}` },
      body && JSON.parse(filled(JSON.stringify(body))),
    );
    const expected = { success: true, code: 200, message: '操作成功', data: withPartner(data, outsider.tenant) };
    if (answer.status !== status) throw new Error(exchangeOf(answer));
    expect({ [operation]: like(answer.body, expected) }).toEqual({ [operation]: expected });
    expect(answer.headers.get('x-api-dialect')).toBe('platform');
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    if (keep) ids[keep] = answer.body.data.id ?? answer.body.data.created_customers[0].id;
  }
});

/** The documented data with the name of the partner's tenant in it; stand-ins stay the objects they are. */
function withPartner(data: Data, partner: string): Data {
  if (data === '{partner}') return partner;
  if (data === number || data === instant || data === null || typeof data !== 'object') return data;
  if (Array.isArray(data)) return data.map((part) => withPartner(part, partner));
  return Object.fromEntries(Object.entries(data).map(([key, part]) => [key, withPartner(part, partner)]));
}
