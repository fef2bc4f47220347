import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestReasons } from '../../src/core/error-reasons.js';
import { errorTable, messageOf, type ErrorCode } from '../../src/core/errors.js';
import { chineseOf } from '../../src/graphql/chinese.js';
import { dialects } from '../../rest-facade/index.js';
import { refusalOf } from '../../rest-facade/engine/errors.js';
import { refuse } from '../../src/core/errors.js';
import { send } from '../support/http.js';
import { rawSocket } from '../support/socket.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Who asks for Chinese, or for nothing, gets Chinese sentences: in them stands no word of another language but what the
// caller has written, and names of formats and headers.

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
});

/** Names that a Chinese sentence calls as everybody does, and the key that an operator sets. */
const terms =
  /CRM_WEBHOOK_NETWORKS|U\+0000|UTF-8|JSON|ID(?!\w)|multipart(?:\/form-data)?|application\/json|If-Match|X-Request-ID|WebSocket|graphql-ws|\/graphql|Authorization|Bearer/g;

/** Words of a sentence in Latin letters that are not among those written by the caller. */
function foreign(sentence: string, written: string): string[] {
  const known = new Set(written.match(/\w+/g));
  return (sentence.replace(terms, '').match(/[A-Za-z]\w*/g) ?? []).filter((word) => !known.has(word));
}

const create = 'mutation M($in: CustomerInput!) { customerCreate(input: $in) { customer { id } } }';
const comment = 'mutation M($in: CaseCommentInput!) { caseCommentCreate(input: $in) { userErrors { code } } }';
const onboard =
  'mutation M($v: [CustomerOnboardInput!]!) { customersOnboard(inputs: $v) { results { id } userErrors { code } } }';

const mistakes: Array<[body: Data, field: string | undefined, sentence: string]> = [
  [{ query: create, variables: {} }, 'in', '缺少变量 $in'],
  [{ query: create, variables: { in: null } }, 'in', '变量 $in 不能为空值'],
  [{ query: create, variables: { in: '甲' } }, 'in', '变量 $in 的值无效：必须为对象'],
  [{ query: comment, variables: { in: { case: '1' } } }, 'in', '变量 $in 的值无效：缺少必填项“内容”'],
  [{ query: create, variables: { in: { name: 1 } } }, 'in.name', '变量 $in 中的名称无效：必须为文本'],
  [
    { query: create, variables: { in: { name: '"; Field "x" is', tier: 'S' } } },
    'in.tier',
    '变量 $in 中的等级无效：不是允许的选项',
  ],
  [{ query: create, variables: { in: { name: '甲', nam: 1 } } }, 'in', '变量 $in 的值无效：没有字段“nam”'],
  [
    { query: create, variables: { in: { name: '甲', establishedOn: '昨天' } } },
    'in.establishedOn',
    '变量 $in 中的成立日期无效：必须为日期',
  ],
  [
    { query: onboard, variables: { v: [{ customer: { name: '甲' } }, { customer: { name: [] } }] } },
    'v.1.customer.name',
    '变量 $v 中的第 2 项的客户的名称无效：必须为文本',
  ],
  [
    { query: 'query ($n: Int) { customers(offset: $n) { totalCount } }', variables: { n: 2 ** 40 } },
    'n',
    '变量 $n 的值无效：超出整数的取值范围',
  ],
  [{ query: '{ customers(first: "x") { totalCount } }' }, 'first', '必须为整数'],
  [{ query: '{ customers(filter: { status: [GONE] }) { totalCount } }' }, 'filter.status', '不是允许的选项'],
  [{ query: 'mutation { customerCreate(input: { name: 7 }) { customer { id } } }' }, 'input.name', '必须为文本'],
  [
    { query: 'mutation { caseCommentCreate(input: { case: 1 }) { userErrors { code } } }' },
    'input',
    '缺少必填项“内容”',
  ],
  [{ query: 'mutation { customerCreate { customer { id } } }' }, 'input', '字段 customerCreate 缺少参数“输入”'],
  [{ query: '{ customer(id: null) { id } }' }, 'id', '不能为空值'],
  [{ query: '{ customers(frist: 1) { totalCount } }' }, 'frist', '没有参数 frist'],
  [{ query: '{ customers { total } }' }, undefined, '没有字段 total'],
  [{ query: '{ customers }' }, undefined, '字段 customers 须选择下级字段'],
  [{ query: '{ viewer { roles { x } } }' }, undefined, '字段 roles 没有下级字段'],
  [{ query: '{ viewer { roles @gone } }' }, undefined, '没有指令 @gone'],
  [{ query: '{ ...F }' }, undefined, '没有片段 F'],
  [{ query: '{ viewer { roles } } fragment F on Viewer { roles }' }, undefined, '片段 F 未被使用'],
  [{ query: 'query ($x: Int) { viewer { roles } }' }, 'x', '变量 $x 未被使用'],
  [{ query: '{ customers(first: $x) { totalCount } }' }, 'x', '变量 $x 未声明'],
  [
    { query: 'query ($x: String) { customers(first: $x) { totalCount } }', variables: {} },
    'x',
    '变量 $x 的类型与使用处要求的类型不一致',
  ],
  [{ query: '{ viewer { roles }' }, undefined, '请求文本存在语法错误'],
  [{ query: '' }, undefined, '请求中没有操作'],
  [{ query: 7 }, undefined, '操作必须为文本'],
  [{}, undefined, '请求体缺失或格式错误'],
  [{ query: '{ viewer { roles } }', variables: '甲' }, undefined, '请求体中的 variables 必须为对象'],
  [{ query: '{ viewer { roles } }', operationName: 'B' }, undefined, '请求中没有名为“B”的操作'],
  [
    { query: 'query A { viewer { roles } } query B { viewer { roles } }' },
    undefined,
    '有多个操作时，须指明要执行的操作',
  ],
  [
    { query: 'subscription { customerChanged { kind } }' },
    undefined,
    '请求无效：订阅须通过 WebSocket (graphql-ws) 访问 /graphql',
  ],
  [
    { query: '{ customers(first: 500) { nodes { contacts(first: 500) { totalCount } } } }' },
    undefined,
    '操作过大：各分页合计可达 250500 条，上限为 100000 条',
  ],
];

test.each(mistakes)('%j', async (body, field, sentence) => {
  const { status, body: answer } = await send(
    'POST',
    '/graphql',
    { authorization: `Bearer ${t.admin.token}`, 'accept-language': 'zh-CN' },
    body,
  );
  const [{ message, extensions }] = answer.errors;
  expect([status, message, extensions.field?.join('.')]).toEqual([400, sentence, field]);
  expect(extensions.code).toMatch(/^(?:BAD_REQUEST|BAD_USER_INPUT|GRAPHQL_\w+|OPERATION_RESOLUTION_FAILURE)$/);
  expect(foreign(message, JSON.stringify(body))).toEqual([]);
});

test('a body that is no JSON is refused with the place of the mistake', async () => {
  const { status, body } = await send(
    'POST',
    '/graphql',
    { authorization: `Bearer ${t.admin.token}`, 'accept-language': 'zh' },
    '{"query": "{ customers\n}"}',
  );
  expect([status, body.errors[0].message]).toEqual([400, '请求无效：请求体不是有效的 JSON：第 1 行第 23 列有误']);
});

test('on a socket as well', async () => {
  const raw = await rawSocket();
  raw.send({ type: 'connection_init', payload: { Authorization: `Bearer ${t.admin.token}` } });
  expect((await raw.next()).type).toBe('connection_ack');
  for (const [n, [payload, field, sentence]] of mistakes.entries()) {
    if (!/^(?:变量|缺少|没有|必须|不)/.test(sentence)) continue;
    raw.send({ id: `${n}`, type: 'subscribe', payload: { variables: {}, ...payload } });
    const { payload: errors } = await raw.next();
    expect([errors[0].message, errors[0].extensions.field?.join('.')]).toEqual([sentence, field]);
  }
});

test('a caller of a persisted query is answered with the word that its protocol has', async () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } };
  const { body } = await send(
    'POST',
    '/graphql',
    { authorization: `Bearer ${t.admin.token}`, 'accept-language': 'zh' },
    { extensions },
  );
  expect(body.errors[0]).toEqual({
    message: 'PersistedQueryNotFound',
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
  });
});

test('a hundred mistakes in variables are reported as the first few', async () => {
  const query = 'query ($ids: [ID!]) { customers(filter: { ids: $ids }) { totalCount } }';
  const { status, body } = await t.admin.graph.raw(query, { ids: Array.from({ length: 200_000 }, () => ({})) });
  expect([status, body.data, body.errors.length]).toEqual([400, undefined, 6]);
  expect(new Set(body.errors.map(({ extensions }: Data) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']));
});

/** Texts that a file of a library makes errors of; what is put into them is `x`. */
function errorTexts(file: string): string[] {
  const source = readFileSync(file, 'utf8').replace(/^\s*\*.*$/gm, '');
  return [
    ...source.matchAll(/(?:GraphQLError|BadRequestError)\(\s*((?:\w+\s*\?\s*)?(?:`[^`]*`|'(?:[^'\\]|\\.)*'|"[^"]*"))/g),
  ]
    .map(([, text]) =>
      text!
        .replace(/^\w+\s*\?\s*/, '')
        .slice(1, -1)
        .replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, 'x')
        .replace(/\\'/g, "'"),
    )
    .filter((text) => /[a-z] [a-z]/.test(text));
}

const modules = join(__dirname, '../../node_modules');
const rules = join(modules, 'graphql/validation/rules');
/** Rules for schemas, which no caller meets. */
const ofSchemas =
  /Unique(?:OperationTypes|TypeNames|EnumValueNames|FieldDefinitionNames|ArgumentDefinitionNames|DirectiveNames)|LoneSchema|PossibleTypeExt/;

test.each([
  ...readdirSync(rules)
    .filter((name) => name.endsWith('Rule.js') && !ofSchemas.test(name))
    .map((name) => join(rules, name)),
  ...['utilities/coerceInputValue.js', 'execution/values.js', 'type/scalars.js'].map((name) =>
    join(modules, 'graphql', name),
  ),
  ...['runHttpQuery.js', 'preventCsrf.js', 'requestPipeline.js', 'httpBatching.js'].map((name) =>
    join(modules, '@apollo/server/dist/cjs', name),
  ),
])('every sentence of %s has a Chinese one', (file) => {
  expect(errorTexts(file).filter((text) => chineseOf(text) === undefined)).toEqual([]);
});

test('the sentences of those libraries are found', () => {
  const all = readdirSync(rules)
    .filter((name) => name.endsWith('Rule.js'))
    .flatMap((name) => errorTexts(join(rules, name)));
  expect(all.length).toBeGreaterThan(40);
});

const codes = Object.keys(errorTable) as ErrorCode[];
const params = { max: 20, min: 1, expected: 3, actual: 4, others: '1', currency: '', type: '', detail: 'no' };

test.each(codes)('no sentence of %s has a foreign word, in the graph or in a dialect', (code) => {
  const reasons = code === 'BAD_REQUEST' ? Object.keys(requestReasons) : [''];
  const others = new Set<unknown>();
  for (const reason of reasons)
    expect(foreign(messageOf({ code, params: { ...params, reason } }, 'zh'), 'filter orderBy')).toEqual([]);
  for (const dialect of dialects.filter(({ locale }) => locale === 'zh'))
    for (const row of [undefined, ...dialect.rows])
      for (const field of [undefined, ...Object.keys(row?.shape ?? {}), ...Object.keys(row?.params ?? {})])
        for (const reason of reasons) {
          const refusal = refusalOf(
            refuse(code, field === undefined ? undefined : [field], { ...params, reason }),
            dialect,
            row,
          );
          for (const { message, override } of refusal.issues)
            for (const sentence of [message, override?.message, override?.details])
              if (foreign(String(sentence ?? ''), `${field} filter orderBy`).length > 0) others.add(sentence);
        }
  expect([...others]).toEqual([]);
});

test('messages that rows and dialects have of their own name at most the list that is asked for', () => {
  const own = dialects
    .filter(({ locale }) => locale === 'zh')
    .flatMap(({ messages, rows }) => [messages, ...rows.map((row) => row.messages)])
    .flatMap((messages) => Object.values(messages ?? {}));
  expect(own.length).toBeGreaterThan(50);
  for (const { message } of own) expect([message, foreign(message ?? '', 'items')]).toEqual([message, []]);
});
