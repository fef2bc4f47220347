import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { migrations } from '../../src/database/migrations/index.js';
import { digestOf } from '../../tools/migrations.js';

// Databases out there have run what was released: it is never changed, and what is new follows it without a gap.

const directory = resolve(__dirname, '../../src/database/migrations');
const released = JSON.parse(readFileSync(join(directory, 'released.json'), 'utf8')) as Record<string, string>;
const names = migrations.map(({ name }) => name);
/** The last number before which numbers were left out. */
const gapsUntil = 21;

test('released migrations are the first ones, and do what they did when they were released', () => {
  expect(names.slice(0, Object.keys(released).length)).toEqual(Object.keys(released));
  expect(Object.fromEntries(migrations.filter(({ name }) => name in released).map(digestOf))).toEqual(released);
});

test('another statement would be seen', () => {
  const [first] = migrations;
  class Changed extends first!.class {
    override up(): void {
      super.up();
      this.addSql('select 1');
    }
  }
  expect(digestOf({ name: first!.name, class: Changed })[1]).not.toBe(released[first!.name]);
});

test('every file of a migration is in the list, under its own name', () => {
  const files = readdirSync(directory).filter((file) => /^\d/.test(file));
  expect(files.toSorted()).toEqual(names.map((name) => `${name}.ts`));
});

test('numbers go up, and from here on without gaps', () => {
  const numbers = names.map((name) => Number(/^(\d{4})-[a-z-]+$/.exec(name)?.[1]));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  const recent = numbers.filter((number) => number >= gapsUntil);
  expect(recent).toEqual(recent.map((_, index) => gapsUntil + index));
});
