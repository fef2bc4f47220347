import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { send } from '../support/http.js';

test('the server serves the graph that schema.graphql says, and needs no token for it', async () => {
  const { status, headers, body } = await send('GET', '/schema.graphql');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch('text/plain');
  expect(body).toBe(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
});

test('schema.graphql is a valid schema', () => {
  expect(() => buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'))).not.toThrow();
});
