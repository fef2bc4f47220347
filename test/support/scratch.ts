import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const project = resolve(__dirname, '../..');

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A copy of this tree, as it would be committed now, in a directory of its own and with the packages of this one. */
export class Scratch {
  readonly directory = mkdtempSync(join(tmpdir(), 'crm-scratch-'));

  constructor() {
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: project,
    });
    for (const file of files.toString().split('\0')) {
      // one that was removed is listed until that is committed
      if (file === '' || !existsSync(join(project, file))) continue;
      mkdirSync(dirname(this.path(file)), { recursive: true });
      cpSync(join(project, file), this.path(file));
    }
    symlinkSync(join(project, 'node_modules'), this.path('node_modules'));
  }

  path(file: string): string {
    return join(this.directory, file);
  }

  /** Makes a repository of it with one commit and without tags, as a shallow clone is one. */
  committed(): void {
    const git = (...args: string[]): void =>
      void execFileSync('git', ['-c', 'init.defaultBranch=main', ...args], { cwd: this.directory, stdio: 'ignore' });
    git('init');
    git('config', 'user.name', 'Test');
    git('config', 'user.email', 'test@example.com');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'All of it');
  }

  /** What has been changed since it was committed, as git says it. */
  changed(): string[] {
    return execFileSync('git', ['status', '--porcelain'], { cwd: this.directory, encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => line.trim());
  }

  /** Changes a file of it; throws where nothing is changed by that. */
  edit(file: string, change: (text: string) => string): void {
    const text = readFileSync(this.path(file), 'utf8');
    const changed = change(text);
    if (changed === text) throw new Error(`Nothing was changed in ${file}.`);
    writeFileSync(this.path(file), changed);
  }

  /** Runs one of its npm scripts. */
  run(script: string, args: string[] = [], env: Record<string, string> = {}): Promise<Ended> {
    return new Promise((settle) => {
      execFile(
        'npm',
        ['run', '--silent', script, ...(args.length > 0 ? ['--', ...args] : [])],
        { cwd: this.directory, env: { ...process.env, ...env }, maxBuffer: 1 << 26 },
        (error, stdout, stderr) => settle({ code: error ? Number(error.code) || 1 : 0, stdout, stderr }),
      );
    });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
