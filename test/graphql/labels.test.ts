import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type GraphQLNamedType,
  type GraphQLObjectType,
} from 'graphql';
import { send } from '../support/http.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const everything =
  'query ($language: Language) { enumLabels(language: $language) { name values { value label position } } recordLabels(language: $language) { type label } fieldLabels(language: $language) { type fields { name label position } } }';

let t: TestTenant;
let types: GraphQLNamedType[];
let zh: Data;
let en: Data;
beforeAll(async () => {
  t = await tenant();
  const schema = buildSchema((await send('GET', '/schema.graphql')).body);
  types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  zh = await t.viewer.graph(everything, { language: 'ZH' });
  en = await t.viewer.graph(everything, { language: 'EN' });
});

/** Every label with what it is the name of. */
const all = ({ enumLabels, recordLabels, fieldLabels }: Data): Array<[place: string, label: string]> => [
  ...enumLabels.flatMap(({ name, values }: Data) =>
    values.map(({ value, label }: Data) => [`${name}.${value}`, label]),
  ),
  ...recordLabels.map(({ type, label }: Data) => [type, label]),
  ...fieldLabels.flatMap(({ type, fields }: Data) => fields.map(({ name, label }: Data) => [`${type}.${name}`, label])),
];

const records = (): GraphQLObjectType[] =>
  types.filter(isObjectType).filter((type) => type.getInterfaces().some(isInterfaceType));

test('every value, every kind of record and every field of records and inputs has a label', () => {
  const wanted = [
    ...types.filter(isEnumType).flatMap((type) => type.getValues().map(({ name }) => `${type.name}.${name}`)),
    ...records().map(({ name }) => name),
    ...[...records(), ...types.filter(isInputObjectType)].flatMap((type) =>
      Object.keys(type.getFields()).map((field) => `${type.name}.${field}`),
    ),
  ];
  expect(wanted.length).toBeGreaterThan(2_000);
  for (const labels of [zh, en]) {
    const known = new Map(all(labels));
    expect(wanted.filter((place) => !known.get(place))).toEqual([]);
  }
});

test('Chinese labels are Chinese alone, English ones plain words', () => {
  const chinese = /^[\p{Script=Han}\d（） ]+$/u;
  expect(all(zh).filter(([, label]) => !chinese.test(label) || !/\p{Script=Han}/u.test(label))).toEqual([]);
  const plain =
    /^(?:[A-Z][a-z]+|E-mail|API|ERP|ID|IDs|URL|SHA-256|[A-Z])(?:[ -](?:[a-z]+(?:'s)?|[A-Z]{2,3}|\d+|Pay|ID|URL)|'s|Chat)*$/;
  expect(all(en).filter(([, label]) => !plain.test(label))).toEqual([]);
});

test.each(['zh', 'en'])('a screen in %s can tell the values of an enumeration apart', (language) => {
  const { enumLabels } = language === 'zh' ? zh : en;
  expect(enumLabels).toHaveLength(types.filter(isEnumType).length);
  const twice = enumLabels.filter(
    ({ values }: Data) => new Set(values.map(({ label }: Data) => label)).size < values.length,
  );
  expect(twice.map(({ name }: Data) => name)).toEqual([]);
});

test('values stand in the order of their meaning, each with its place', () => {
  const valuesOf = (wanted: string): string[] =>
    zh.enumLabels.find(({ name }: Data) => name === wanted).values.map(({ label }: Data) => label);
  expect(valuesOf('OpportunityStage')).toEqual([
    '初步接触',
    '资格确认',
    '需求分析',
    '方案报价',
    '商务谈判',
    '已赢单',
    '已输单',
  ]);
  expect(valuesOf('CustomerTier')).toEqual(['普通', '重要', '非常重要', '战略']);
  for (const { values } of zh.enumLabels)
    expect(values.map(({ position }: Data) => position)).toEqual([...values.keys()]);
  const { fields } = zh.fieldLabels.find(({ type }: Data) => type === 'Opportunity');
  expect(fields.slice(-8).map(({ name }: Data) => name)).toEqual([
    'createdAt',
    'createdBy',
    'updatedAt',
    'updatedBy',
    'deletedAt',
    'version',
    'hiddenFields',
    'history',
  ]);
});

test("labels are in the caller's language unless another one is asked for, and ask no database", async () => {
  const ask = (language: string, variables: object): Promise<Data> =>
    t.viewer.graph.raw(everything, variables, { 'accept-language': language, 'x-crm-cost': '1' });
  const [inChinese, inEnglish, asked] = [
    await ask('zh-CN', {}),
    await ask('en', {}),
    await ask('zh-CN', { language: 'EN' }),
  ];
  expect([inChinese.body.data, inEnglish.body.data, asked.body.data]).toEqual([zh, en, en]);
  expect([inChinese.statements, inEnglish.statements, asked.statements]).toEqual([0, 0, 0]);
  expect(inChinese.body.extensions.cost.requested).toBeLessThan(5_000);
});

test('a name that is none is refused', async () => {
  const { body } = await t.viewer.graph.raw(
    '{ enumLabels(names: ["CustomerTier", "Tier"]) { name } fieldLabels(types: ["Customer", "Account"]) { type } recordLabels { type } }',
    {},
    { 'accept-language': 'zh' },
  );
  expect(body.errors.map(({ path, extensions: { code, field } }: Data) => [...path, code, ...field])).toEqual([
    ['enumLabels', 'INVALID', 'names', '1'],
    ['fieldLabels', 'INVALID', 'types', '1'],
  ]);
  expect(body.data).toMatchObject({ enumLabels: null, fieldLabels: null });
  expect(body.data.recordLabels.length).toBeGreaterThan(25);
});
