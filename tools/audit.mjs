// npm run audit: what the registry knows of the packages in the lockfile. Fails for a finding that is not explained here; where no
// registry answers, or it has no such service, it says so and is done.
import { spawnSync } from 'node:child_process';

/** Packages with a finding that does not concern this project, and why. */
const explained = {};

const { stdout } = spawnSync('npm', ['audit', '--package-lock-only', '--json'], { encoding: 'utf8' });
let report = {};
try {
  report = JSON.parse(stdout);
} catch {
  // no report at all
}
if (!report.vulnerabilities) {
  process.stdout.write(`The registry gave no report: ${report.message ?? report.error?.summary ?? 'no answer'}\n`);
} else {
  const found = Object.values(report.vulnerabilities).filter(({ name }) => !(name in explained));
  for (const { name, severity, range } of found) process.stderr.write(`${name} ${range}: ${severity}\n`);
  process.stdout.write(`${found.length} findings are not explained.\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
