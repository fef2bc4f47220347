import { getNamedType, isInputObjectType } from 'graphql';
import { argumentsOf, Fresh, mutations } from '../support/mutations.js';
import { tenant, type Data } from '../support/tenant.js';

// Whoever is named in an input as the one who looks after something may be named by login, as in filters.

const people = ['owner', 'assignee', 'staff', 'leader', 'manager', 'user'];

/** Mutations that make a record, and the fields of their input that name somebody. */
const naming = Object.entries(mutations).flatMap(([mutation, { args }]) => {
  const input = args.find(({ name }) => name === 'input');
  const type = input && getNamedType(input.type);
  if (!mutation.endsWith('Create') || !isInputObjectType(type)) return [];
  return people
    .filter((field) => String(type.getFields()[field]?.type) === 'ID')
    .map((field) => [mutation, field] as const);
});

test('there are such inputs', () => {
  expect(naming.length).toBeGreaterThan(6);
});

test.each(naming)('%s takes a login as %s', async (mutation, field) => {
  const t = await tenant();
  await t.sales.id();
  const f = new Fresh(t);
  const { input, ...more } = (await argumentsOf[mutation]!(f)) as { input: object };
  const alone = mutation === 'holdingLimitCreate' ? { department: undefined } : {};
  const { body } = await f.mutate(mutation, { ...more, input: { ...input, ...alone, [field]: 'sales' } }, 'id');
  const { userErrors } = body.data[mutation] as Data;
  expect(userErrors).toEqual([]);
});
