import { getNamedType, isInputObjectType, isNonNullType, type GraphQLNamedType } from 'graphql';
import { argumentsOf, Fresh, mutations } from '../support/mutations.js';
import { tenant, type Data } from '../support/tenant.js';

// Where an input is only for creating, the schema says what is required: what it lets out, the server does not ask for.

const inputOf = (mutation: string): GraphQLNamedType | undefined => {
  const argument = mutations[mutation]!.args.find(({ name }) => /^inputs?$/.test(name));
  return argument && getNamedType(argument.type);
};

const creating = Object.keys(mutations).filter((name) => {
  const type = inputOf(name);
  return (
    type &&
    isInputObjectType(type) &&
    Object.keys(mutations).every((other) => inputOf(other) !== type || other.endsWith('Create'))
  );
});

test('there are such inputs', () => {
  expect(creating.length).toBeGreaterThan(5);
});

test.each(creating)('%s takes what its input requires, and needs no more', async (mutation) => {
  const f = new Fresh(await tenant());
  const args = await argumentsOf[mutation]!(f);
  const type = inputOf(mutation);
  const fields = isInputObjectType(type) ? type.getFields() : {};
  const least = (input: object): object =>
    Object.fromEntries(Object.entries(input).filter(([name]) => isNonNullType(fields[name]!.type)));
  const reduced = Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      name === 'input' ? least(value as object) : (value as object[]).map(least),
    ]),
  );
  const { body } = await f.mutate(mutation, reduced, 'id');
  expect([body.errors, body.data[mutation].userErrors]).toEqual([undefined, []]);
  const [result] = (body.data[mutation].results ?? []) as Data[];
  expect(result?.userErrors ?? []).toEqual([]);
});
