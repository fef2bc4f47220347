import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

// The benchmark measures contenders that give the same answers. What it asks, and what the contenders read from the
// tables, follows the schema by hand: here it is asked over a small database.

const project = resolve(__dirname, '../..');

test('all contenders of the benchmark give the same answers', () => {
  rmSync(resolve(project, 'bench/.data/compare'), { recursive: true, force: true });
  const said = execFileSync('npm', ['run', '--silent', 'bench', '--', '--compare'], { cwd: project, encoding: 'utf8' });
  expect(said).toContain('Answers are equal: {"W1":200,"W2":20,"W3":3,"W4":20,"W5":50}');
}, 300_000);
