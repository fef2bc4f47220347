import { readFileSync, writeFileSync } from 'node:fs';
import { settings } from './config.js';

// Writes the table of configuration keys into README.md; with --check it only compares, for `npm run check`.
const file = new URL('../README.md', import.meta.url);
const rows = Object.entries(settings).map(
  ([key, { description, unset }]) => `| \`${key}\` | ${description} | ${unset} |`,
);
const table = [
  '<!-- configuration -->',
  '| key | meaning | unset |',
  '| --- | --- | --- |',
  ...rows,
  '<!-- /configuration -->',
].join('\n');
const readme = readFileSync(file, 'utf8');
const wanted = readme.replace(/<!-- configuration -->[^]*<!-- \/configuration -->/, () => table);
if (!process.argv.includes('--check')) writeFileSync(file, wanted);
else if (wanted !== readme) {
  process.stderr.write('The configuration table of README.md is out of date; run `npm run readme`.\n');
  process.exitCode = 1;
}
