import { readdirSync, readFileSync } from 'node:fs';

const directory = new URL('../../docs/decisions/', import.meta.url);
const files = readdirSync(directory);

test('each decision has a number of its own, which stands in its title as in its name', () => {
  const numbers = files.map((file) => /^(\d{3})-[a-z0-9-]+\.md$/.exec(file)?.[1]);
  expect(files.filter((_, index) => numbers[index] === undefined)).toEqual([]);
  expect(numbers).toEqual([...new Set(numbers)]);
  const titles = files.map((file) => readFileSync(new URL(file, directory), 'utf8').split(' ', 2)[1]);
  expect(titles).toEqual(numbers);
});
