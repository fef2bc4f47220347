import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { Graph } from './graph.js';
import { forms } from './schema-rules.js';
import { verbs, words } from './schema-words.js';

// `schema.graphql` is what the server serves (test/graphql/schema.test.ts), so this reads it instead of building the graph.
const graph = new Graph(buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8')));
const rules = [...words, ...forms];

test('the graph is all there', () => {
  expect(graph.places.length).toBeGreaterThan(2_000);
  expect(graph.mutations.length).toBeGreaterThan(80);
  expect(graph.outputs.filter(({ name }) => name.endsWith('Connection')).length).toBeGreaterThan(20);
  expect(
    graph.outputs
      .find(({ name }) => name === 'Customer')!
      .getInterfaces()
      .map(String),
  ).toEqual(['Node']);
});

test.each(rules)('$rule', ({ broken }) => {
  expect(broken(graph)).toEqual([]);
});

test.each(rules)('a schema that breaks it is found: $rule', ({ broken, seed }) => {
  const seeded = new Graph(buildSchema(seed.sdl, { assumeValidSDL: true }));
  expect([...new Set(broken(seeded))].toSorted()).toEqual(seed.breaks);
});

test('each verb is used', () => {
  const unused = Object.keys(verbs).filter((verb) => !graph.mutations.some(({ name }) => name.endsWith(verb)));
  expect(unused).toEqual([]);
});
