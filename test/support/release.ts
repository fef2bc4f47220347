import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const project = resolve(__dirname, '../..');

/** Releases from before releases had tags. */
const untagged: Record<string, string> = { '0.1.0': 'a7dc16b3b14ec55ce54768ba884a2b98f7b6b019' };

/** What stands for the last release until one is tagged whose servers can work beside later ones: the last commit before the rules for that. */
const beforeTheRules = '3b3100ceda3665ade10a3b3ce873ca9261d05162';

const git = (...args: string[]): Buffer =>
  execFileSync('git', args, { cwd: project, stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 30 });

/** The sources of an earlier version, as git has them. */
export class Release {
  private made: string | undefined;

  constructor(
    readonly name: string,
    private readonly commit: string,
  ) {}

  /** Whether this clone has them; a shallow one has not. */
  get isThere(): boolean {
    try {
      git('cat-file', '-e', `${this.commit}^{tree}`);
      return true;
    } catch {
      return false;
    }
  }

  /** A directory with them, and with the packages of this version. */
  get directory(): string {
    if (this.made) return this.made;
    this.made = mkdtempSync(join(tmpdir(), 'crm-release-'));
    execFileSync('tar', ['-x', '-C', this.made], { input: git('archive', this.commit) });
    symlinkSync(join(project, 'node_modules'), join(this.made, 'node_modules'));
    return this.made;
  }

  /** Runs one of its npm scripts, with that environment and nothing else of configuration. */
  run(script: string, args: string[], environment: Record<string, string>): string {
    const { PATH, HOME } = process.env;
    return execFileSync('npm', ['run', '--silent', script, '--', ...args], {
      cwd: this.directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH, HOME, LOG_LEVEL: 'warn', ...environment },
    });
  }

  remove(): void {
    if (this.made && existsSync(this.made)) rmSync(this.made, { recursive: true, force: true });
  }
}

const tagged = (): Release[] => {
  let names: string[];
  try {
    names = git('tag', '--list', 'v*', '--sort', 'version:refname').toString().trim().split('\n').filter(Boolean);
  } catch {
    names = [];
  }
  return names.map((name) => new Release(name.slice(1), name));
};

/** Every release, the first one first. */
export const releases = (): Release[] => [
  ...Object.entries(untagged).map(([name, commit]) => new Release(name, commit)),
  ...tagged().filter(({ name }) => !(name in untagged)),
];

/** The last release whose servers can work beside those of this version. */
export const lastThatRolls = (): Release =>
  tagged()
    .filter(({ name }) => !(name in untagged))
    .at(-1) ?? new Release('the last commit before the rules', beforeTheRules);
