import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { subset } from 'semver';

// What `npm ci` warns of as EBADENGINE: a package that does not take a Node which the project promises.

const read = (path: string): string => readFileSync(join(process.cwd(), path), 'utf8');
const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
const { packages } = JSON.parse(read('package-lock.json')) as {
  packages: Record<string, { engines?: { node?: string } }>;
};

test('every package takes every Node that the project takes', () => {
  const ranges = Object.entries(packages).flatMap(([path, { engines: { node } = {} }]) => (node ? [[path, node]] : []));
  expect(ranges.length).toBeGreaterThan(300);
  expect(ranges.filter(([, range]) => !subset(engines.node, range!))).toEqual([]);
});

test('these are the versions that README.md names, and that the lockfile repeats', () => {
  expect(packages['']!.engines).toEqual(engines);
  const [, first, ...others] = /needs Node (\d+\.\d+) or later, (\d+) or (\d+)/.exec(read('README.md'))!;
  expect(engines.node).toBe(`^${first} || ^${others[0]} || >=${others[1]}`);
});

test('a package that takes less would be found', () => {
  expect(subset(engines.node, '>=24')).toBe(false);
  expect(subset(engines.node, '^22.13||^24')).toBe(false);
});
