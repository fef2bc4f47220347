import { readFileSync } from 'node:fs';
import { buildSchema, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { requestReasons } from '../../src/core/error-reasons.js';
import { errorTable, messageOf, type ErrorCode } from '../../src/core/errors.js';
import { permissionReasons } from '../../src/core/permissions.js';
import { pathLabel, withFieldName } from '../../src/core/labels.js';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const records = types.filter(isObjectType).filter((type) => type.getInterfaces().some(isInterfaceType));

/** Names of what a caller can send: arguments of mutations and fields of their inputs. */
const sent = [
  ...Object.values(schema.getMutationType()!.getFields()).flatMap(({ args }) => args.map(({ name }) => name)),
  ...types
    .filter(isInputObjectType)
    .filter(({ name }) => /(Input|Edit)$/.test(name))
    .flatMap((type) => Object.keys(type.getFields())),
];

const codes = Object.keys(errorTable) as ErrorCode[];

test.each(codes)(
  'the Chinese message of %s has neither a class name nor a field name in it, whatever it is about',
  (code) => {
    const params = { max: 20, min: 1, expected: 3, actual: 4 };
    for (const [index, field] of sent.entries())
      for (const path of [[field], ['inputs', '3', field], [`${field}Unknown`]]) {
        // the name of the record and that of the field stand in a message independently of each other
        const record = records[index % records.length]!.name;
        const message = messageOf(
          {
            code,
            field: path,
            params: { ...params, record, from: 'DRAFT', to: 'IN_FORCE', states: 'ContractStatus' },
          },
          'zh',
        );
        const words = message.match(/[A-Za-z]\w+/g) ?? [];
        if (words.some((word) => !['If', 'Match', 'CRM_WEBHOOK_NETWORKS'].includes(word)))
          throw new Error(`${code}: ${message}`);
      }
  },
);

test.each(Object.entries(permissionReasons).filter(([reason]) => reason !== 'WRONG_STATE'))(
  'the reason %s for which something is not allowed is said in both languages',
  (_, { en, zh, error }) => {
    expect(en).toMatch(/^[A-Z][a-z].*\.$/);
    expect(zh).toMatch(/^[\p{Script=Han}，]+$/u);
    expect(codes).toContain(error);
  },
);

test.each(Object.keys(requestReasons))('the reason %s is said in both languages', (reason) => {
  const issue = { code: 'BAD_REQUEST' as const, field: ['first'], params: { reason, max: 500, others: 'after' } };
  expect(messageOf(issue, 'en')).toMatch(/^The request is not valid: [A-Za-z].*\.$/);
  expect(messageOf(issue, 'zh')).toMatch(/^请求无效：.*\p{Script=Han}/u);
});

test.each([
  ['REQUIRED', ['name'], {}, 'name is required.', '名称为必填项'],
  ['REQUIRED', ['contacts', '0', 'email'], {}, 'contacts.0.email is required.', '联系人列表第 1 项的邮箱为必填项'],
  ['NOT_FOUND', ['id'], { record: 'ContractRenewal' }, 'Contract renewal does not exist.', '续约记录不存在'],
  ['NOT_FOUND', ['id'], {}, 'The record does not exist.', '记录不存在'],
  ['NAME_TAKEN', ['name'], {}, 'An active record already has this name.', '名称已存在'],
  [
    'TRANSITION_NOT_ALLOWED',
    ['stage'],
    { from: 'CLOSED_LOST', to: 'CLOSED_WON', states: 'OpportunityStage' },
    'Cannot change stage from CLOSED_LOST to CLOSED_WON.',
    '不允许将阶段从“已输单”变更为“已赢单”',
  ],
  ['OUT_OF_RANGE', ['inputs'], { min: 1, max: 20 }, 'inputs must be between 1 and 20.', '列表必须在 1 到 20 之间'],
  ['INVALID', ['x'], { field: 'customer_type' }, 'customer_type is not valid.', 'customer_type 的值无效'],
] as const)('%s of %j %j', (code, field, params, en, zh) => {
  const issue = { code, field: [...field], params };
  expect([messageOf(issue, 'en'), messageOf(issue, 'zh')]).toEqual([en, zh]);
});

test('a message can name the field as a client of another interface knows it', () => {
  const zh = messageOf({ code: 'TOO_LONG', field: ['input', 'name'], params: { max: 5 } }, 'zh');
  expect(zh).toBe(`${pathLabel(['input', 'name'])}长度不能超过 5 个字符`);
  expect(withFieldName(zh, ['input', 'name'], 'contactName')).toBe('contactName 长度不能超过 5 个字符');
  const en = messageOf({ code: 'REQUIRED', field: ['input', 'name'] }, 'en');
  expect(withFieldName(en, ['input', 'name'], 'contactName')).toBe('contactName is required.');
});
