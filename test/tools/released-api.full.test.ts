import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scratch } from '../support/scratch.js';
import { version } from '../support/version.js';
import { announcedPlaces, isAnnounced, isLater, mayBreak, unreleased } from '../../tools/api/changelog.js';

// `npm run check:api` and `npm run release`, in a copy of this tree that is a repository with one commit and no tags.

let tree: Scratch;
/** What is given as released: the documents of the last release with more in them than the program has. */
let seeded: string;

beforeAll(() => {
  tree = new Scratch();
  tree.committed();
  seeded = mkdtempSync(join(tmpdir(), 'crm-released-'));
  cpSync(tree.path('docs/api'), seeded, { recursive: true });
  const graph = readFileSync(join(seeded, 'schema.graphql'), 'utf8');
  writeFileSync(
    join(seeded, 'schema.graphql'),
    graph.replace('\ntype File implements Node {', '\ntype File implements Node {\n  fax: String\n'),
  );
  const erp = JSON.parse(readFileSync(join(seeded, 'erp.json'), 'utf8'));
  erp.paths['/api/v1/crm/accounts'].put = erp.paths['/api/v1/crm/accounts'].post;
  erp.paths['/api/v1/crm/faxes'] = { get: erp.paths['/api/v1/crm/accounts'].get };
  writeFileSync(join(seeded, 'erp.json'), JSON.stringify(erp));
  const events = JSON.parse(readFileSync(join(seeded, 'asyncapi.json'), 'utf8'));
  events.components.messages['crm.fax.received'] = events.components.messages['crm.customer.created'];
  writeFileSync(join(seeded, 'asyncapi.json'), JSON.stringify(events));
});

afterAll(() => {
  tree.remove();
  rmSync(seeded, { recursive: true, force: true });
});

const seeds = ['`File.fax`', '`PUT /api/v1/crm/accounts`', '`GET /api/v1/crm/faxes`', '`crm.fax.received`'];
const changelogWith = (...entries: string[]): string => {
  const changelog = readFileSync(tree.path('CHANGELOG.md'), 'utf8');
  const file = join(seeded, 'CHANGELOG.md');
  writeFileSync(
    file,
    changelog.replace('## [Unreleased]\n', `## [Unreleased]\n\n### Removed\n\n${entries.join('\n')}\n`),
  );
  return file;
};
const silent = async (changelog: string): Promise<[code: number, places: string[]]> => {
  const { code, stderr } = await tree.run('check:api', [seeded, changelog]);
  const reported = stderr.split('\n').flatMap((line) => /^(`[^`]+`): /.exec(line)?.[1] ?? []);
  return [code, reported.filter((place) => seeds.includes(place)).toSorted()];
};

jest.setTimeout(120_000);

test('nothing that was released is broken without a word in the changelog', async () => {
  expect(await tree.run('check:api')).toMatchObject({ code: 0, stderr: '' });
});

test('a field, an operation, a path and a type of event that are gone fail the check by their places, until the changelog names them as breaking', async () => {
  const [field, operation, path, event] = seeds;
  expect(await silent(changelogWith(`- ${field} is gone.`, `- **Breaking:** ${operation}`, '  is gone.'))).toEqual([
    1,
    [field, path, event].toSorted(),
  ]);
  expect(await silent(changelogWith(`- **Breaking:** ${seeds.join(', ')} are gone.`))).toEqual([0, []]);
});

test.each<[place: string, announced: string, boolean]>([
  ['Customer.fax', 'Customer.fax', true],
  ['Customer.fax', 'Customer', true],
  ['Query.customers.fax', 'Query.customers', true],
  ['Customer.fax', 'Customer.fa', false],
  ['CustomerFilter.fax', 'Customer', false],
  ['GET /api/v1/crm/accounts/{id}', 'GET /api/v1/crm/accounts/{id}', true],
  ['GET /api/v1/crm/accounts/{id}', '/api/v1/crm/accounts', true],
  ['GET /api/v1/crm/accounts/{id}', 'GET /api/v1/crm/accounts', false],
  ['GET /api/v1/crm/accounts', '/api/v1/crm/acc', false],
])('%s is announced by `%s`: %s', (place, announced, is) => {
  expect(isAnnounced({ place, change: '' }, announcedPlaces(`- **Breaking:** \`${announced}\` is gone.`))).toBe(is);
  expect(isAnnounced({ place, change: '' }, announcedPlaces(`- \`${announced}\` is gone.`))).toBe(false);
});

test('what was released earlier is announced no more', () => {
  expect(
    unreleased('# Changelog\n\n## [Unreleased]\n\n- New.\n\n## [0.1.0] - 2026-01-01\n\n- **Breaking:** `x`\n'),
  ).toBe('- New.');
  expect(() => unreleased('# Changelog\n')).toThrow('no section');
});

test.each([
  ['0.1.0', '0.1.1', true, false],
  ['0.1.0', '0.2.0', true, true],
  ['1.2.3', '1.3.0', true, false],
  ['1.2.3', '2.0.0', true, true],
  ['0.10.0', '0.9.0', false, false],
  ['0.1.0', '0.1.0', false, false],
])('from %s to %s: later %s, may break %s', (present, next, later, breaks) => {
  expect([isLater(next, present), mayBreak(present, next)]).toEqual([later, breaks]);
});

const later = version.replace(/\.(\d+)\.\d+$/, (_all, minor: string) => `.${Number(minor) + 1}.0`);
const files = (): string[] =>
  ['package.json', 'CHANGELOG.md', 'docs/api/erp.json'].map((file) => readFileSync(tree.path(file), 'utf8'));

test.each<[string, string, () => void, RegExp]>([
  ['no version', '', () => {}, /later than/],
  ['the present version', version, () => {}, /later than/],
  ['something else', 'next', () => {}, /later than/],
  ['changes that are not committed', later, () => writeFileSync(tree.path('note'), ''), /not committed/],
])('a release is refused for %s, and nothing is written', async (_name, wanted, before, reason) => {
  before();
  const was = files();
  const { code, stderr } = await tree.run('release', [wanted]);
  expect([code, reason.test(stderr)]).toEqual([1, true]);
  expect(files()).toEqual(was);
  rmSync(tree.path('note'), { force: true });
});

test('a release puts its version in one place, its changes under it, its documents where the next check looks, and a tag on it', async () => {
  expect(await tree.run('release', [later])).toMatchObject({ code: 0, stderr: '' });
  const [manifest, changelog, erp] = files();
  expect([JSON.parse(manifest!).version, JSON.parse(erp!).info.version]).toEqual([later, later]);
  expect(changelog).toMatch(new RegExp(`## \\[Unreleased\\]\n\n## \\[${later}\\] - \\d{4}-\\d{2}-\\d{2}\n\n### `));
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: tree.directory, encoding: 'utf8' }).trim();
  expect([git('status', '--porcelain'), git('describe', '--tags'), git('log', '-1', '--format=%s')]).toEqual([
    '',
    `v${later}`,
    `Release ${later}`,
  ]);
  expect(await tree.run('check:api')).toEqual({
    code: 0,
    stdout: 'Nothing that was released is broken.\n',
    stderr: '',
  });
});
