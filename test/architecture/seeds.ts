// Small projects laid out like this one, in the system's temporary directory, to prove that a rule finds what it should.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type Files = Record<string, string>;

const planted: string[] = [];

export function plant(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'crm-graph-seed-'));
  planted.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

export function uproot(): void {
  for (const root of planted.splice(0)) rmSync(root, { recursive: true, force: true });
}

/** Runs a script with this Node and returns what it printed; a checker that finds something may exit with an error. */
export function output(
  script: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const { cwd = process.cwd(), env = {} } = options;
  return new Promise((done, fail) => {
    execFile(
      process.execPath,
      [script, ...args],
      { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        if (stdout === '') fail(error ?? new Error(stderr || 'The script printed nothing.'));
        else done(stdout);
      },
    );
  });
}
