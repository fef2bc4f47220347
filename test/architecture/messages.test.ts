import { readFileSync } from 'node:fs';
import { buildSchema, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { errorTable, messageOf, requestReasons, type ErrorCode } from '../../src/core/errors.js';
import { permissionReasons } from '../../src/core/permissions.js';
import { fieldLabel, fieldLabels, recordLabels, stateLabels, withFieldName } from '../../src/core/labels.js';

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

test('every record, every field that can be sent and every state of a move has a Chinese name', () => {
  expect(records.map(({ name }) => name).filter((name) => !recordLabels[name])).toEqual([]);
  expect([...new Set(sent)].filter((name) => !fieldLabels[name])).toEqual([]);
  const labels = [
    ...Object.values(fieldLabels),
    ...Object.values(stateLabels),
    ...Object.values(recordLabels).map(({ zh }) => zh),
  ];
  expect(labels.filter((label) => /[A-Za-z]/.test(label) || !/\p{Script=Han}/u.test(label))).toEqual([]);
});

test.each(codes)(
  'the Chinese message of %s has neither a class name nor a field name in it, whatever it is about',
  (code) => {
    const params = { max: 20, min: 1, expected: 3, actual: 4 };
    for (const { name: record } of records)
      for (const field of sent)
        for (const path of [[field], ['inputs', '3', field], [`${field}Unknown`]]) {
          const message = messageOf(
            { code, field: path, params: { ...params, record, from: 'DRAFT', to: 'IN_FORCE' } },
            'zh',
          );
          const words = message.match(/[A-Za-z]\w+/g) ?? [];
          if (words.some((word) => !['If', 'Match'].includes(word))) throw new Error(`${code}: ${message}`);
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
  ['NAME_TAKEN', ['name'], {}, 'An active record already has this name.', '名称已存在'],
  [
    'TRANSITION_NOT_ALLOWED',
    ['stage'],
    { from: 'CLOSED_LOST', to: 'CLOSED_WON' },
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
  expect(zh).toBe(`${fieldLabel(['input', 'name'])}长度不能超过 5 个字符`);
  expect(withFieldName(zh, ['input', 'name'], 'contactName')).toBe('contactName 长度不能超过 5 个字符');
  expect(withFieldName('input.name is required.', ['input', 'name'], 'contactName')).toBe('contactName is required.');
});
