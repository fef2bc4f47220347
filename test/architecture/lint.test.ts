import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { output, plant, uproot } from './seeds.js';

interface Finding {
  filename: string;
  code: string;
  severity: string;
}

const project = process.cwd();
const need = createRequire(join(project, 'package.json'));
const script = (name: string, path: string): string => join(dirname(need.resolve(`${name}/package.json`)), path);

const ENVIRONMENT = 'export const home = process.env.HOME;';
const CONSOLE = "console.log('hello');";
const FLOATING = 'async function later(): Promise<void> {}\nexport function now(): void { later(); }';
const FOCUSED = "test.only('one', () => { expect(1).toBe(1); });";

const refused: Array<[rule: string, file: string, text: string]> = [
  ['eslint(eqeqeq)', 'src/core/loose.ts', 'export const same = (a: number, b: number): boolean => a == b;'],
  ['eslint(no-console)', 'src/core/talk.ts', CONSOLE],
  ['eslint(no-console)', 'rest-facade/engine/talk.ts', CONSOLE],
  ['eslint(no-debugger)', 'src/core/stop.ts', 'export function stop(): void { debugger; }'],
  ['eslint(no-unused-vars)', 'src/core/unused.ts', 'export function waste(): void { const left = 1; }'],
  ['eslint(prefer-const)', 'src/core/let.ts', 'let fixed = 1;\nexport const copy = fixed;'],
  ['node(no-process-env)', 'src/core/environment.ts', ENVIRONMENT],
  ['node(no-process-env)', 'rest-facade/engine/environment.ts', ENVIRONMENT],
  ['node(no-process-env)', 'mikro-orm.config.ts', ENVIRONMENT],
  ['typescript(no-explicit-any)', 'src/core/any.ts', 'export const loose = (value: any): string => String(value);'],
  ['typescript(no-floating-promises)', 'src/core/floating.ts', FLOATING],
  ['typescript(no-floating-promises)', 'test/core/floating.ts', FLOATING],
  [
    'typescript(no-misused-promises)',
    'src/core/misused.ts',
    'async function ready(): Promise<boolean> { return true; }\nexport const state = (): string => (ready() ? "yes" : "no");',
  ],
  ['jest(no-focused-tests)', 'test/core/focused.test.ts', FOCUSED],
];

const accepted: Array<[file: string, text: string]> = [
  ['src/config.ts', ENVIRONMENT],
  ['src/main.ts', CONSOLE],
  ['src/core/log.ts', CONSOLE],
  ['tools/token.ts', `${CONSOLE}\n${ENVIRONMENT}`],
  ['test/support/talk.ts', CONSOLE],
  [
    'src/core/awaited.ts',
    'async function later(): Promise<void> {}\nexport async function now(): Promise<void> { await later(); }',
  ],
  ['src/core/ignored.ts', 'export const pick = (_context: unknown, id: string): string => id;'],
];

let findings: Finding[];

beforeAll(async () => {
  const root = plant({
    '.oxlintrc.json': readFileSync(join(project, '.oxlintrc.json'), 'utf8'),
    'tsconfig.json': JSON.stringify({
      compilerOptions: { strict: true, module: 'nodenext', target: 'es2023', types: [] },
    }),
    ...Object.fromEntries(refused.map(([, file, text]) => [file, `${text}\n`])),
    ...Object.fromEntries(accepted.map(([file, text]) => [file, `${text}\n`])),
  });
  const text = await output(script('oxlint', 'bin/oxlint'), ['--format', 'json'], {
    cwd: root,
    env: { OXLINT_TSGOLINT_PATH: tsgolint() },
  });
  findings = (JSON.parse(text) as { diagnostics: Finding[] }).diagnostics;
});

afterAll(uproot);

test.each(refused)('%s in %s', (rule, file) => {
  expect(
    findings.filter(({ filename }) => filename === file).map(({ code, severity }) => `${severity} ${code}`),
  ).toEqual([`error ${rule}`]);
});

test.each(accepted)('nothing against %s', (file) => {
  expect(findings.filter(({ filename }) => filename === file)).toEqual([]);
});

/** The linter looks for its type-aware half beside the project it lints; the seeded one has none. */
function tsgolint(): string {
  const { optionalDependencies } = need('oxlint-tsgolint/package.json') as {
    optionalDependencies: Record<string, string>;
  };
  const name = `@oxlint-tsgolint/${process.platform}-${process.arch}`;
  if (!(name in optionalDependencies))
    throw new Error(`oxlint-tsgolint has no build for ${process.platform}-${process.arch}`);
  return script(name, process.platform === 'win32' ? 'tsgolint.exe' : 'tsgolint');
}
