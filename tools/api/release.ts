import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { version as present } from '../../src/version.js';
import { isLater, mayBreak, released, unreleased } from './changelog.js';

// npm run release -- 0.2.0: makes what is committed a release. Writes the version (package.json), the changelog's section,
// the documents that later changes are compared with (docs/api) and what the migrations do; commits and tags.
const root = resolve(import.meta.dirname, '../..');
const [version = ''] = process.argv.slice(2);

function refuse(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' });

if (!isLater(version, present))
  refuse(`A release needs a version later than ${present}, e.g. npm run release -- 0.2.0.`);
if (git('status', '--porcelain') !== '') refuse('There are changes that are not committed.');
const changelog = join(root, 'CHANGELOG.md');
const text = readFileSync(changelog, 'utf8');
if (unreleased(text) === '') refuse('The changelog says nothing under "Unreleased".');
// what takes time comes last
const [{ documentsIn, presentDocuments, releasedDirectory }, { breakingChanges }, { digests }] = await Promise.all([
  import('./documents.js'),
  import('./breaking.js'),
  import('../migrations.js'),
]);
const documents = presentDocuments(version);
const breaking = await breakingChanges(documentsIn(releasedDirectory), documents);
if (breaking.length > 0 && !mayBreak(present, version))
  refuse(`${breaking.length} changes may break a client: that takes a higher version than ${version}.`);

execFileSync('npm', ['version', version, '--no-git-tag-version', '--loglevel=error'], { cwd: root });
writeFileSync(changelog, released(text, version, new Date().toISOString().slice(0, 10)));
for (const [file, content] of Object.entries(documents)) writeFileSync(join(releasedDirectory, file), content);
writeFileSync(join(root, 'src/database/migrations/released.json'), `${JSON.stringify(digests(), null, 2)}\n`);
git('add', '--all');
git('commit', '--quiet', '--message', `Release ${version}`);
git('tag', '--annotate', `v${version}`, '--message', `Version ${version}`);
process.stdout.write(`Released ${version}; git push --follow-tags takes it to others.\n`);
